"""The accounts as the window shows and changes them; what takes time happens in a thread and arrives as an event."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE
from soroe.adapters.net.address import UnsafeAddress, check_address
from soroe.core.route import SyncName
from soroe.engine.accounts import health_fact, read_health
from soroe.engine.health import Health, HealthState, after_error
from soroe.engine.messages import CommandDone, HealthChanged, SyncNow, Wake
from soroe.ports.errors import PortError
from soroe.settings.edit import with_account, with_sync, without_account, without_sync
from soroe.settings.model import Account as ChosenAccount
from soroe.settings.model import AccountName, SyncSettings, kind_of
from soroe.settings.problems import SettingsError
from soroe.ui.ports import Account, AccountKind, FieldKind, FormField, Permission, Refused, Role, SyncSetup

from .connectors import now_utc
from .program import Program
from .sign_ins import Cancelled, SignIns
from .syncs import account_facts, identity_fact
from .workers import Workers

AVAILABLE = (AccountKind.GOOGLE, AccountKind.REST, AccountKind.PIPEDRIVE)
FIRST_SYNC = SyncName("work")
_FORMS: dict[AccountKind, tuple[FormField, ...]] = {
    AccountKind.GOOGLE: (
        FormField("name"),
        FormField("email", required=False),
        FormField("client_id"),
        FormField("client_secret", required=False),
    ),
    AccountKind.REST: (FormField("name"), FormField("base_url"), FormField("token", FieldKind.SECRET, required=False)),
    AccountKind.PIPEDRIVE: (FormField("name"), FormField("base_url"), FormField("token", FieldKind.SECRET)),
}


def _permissions(kind: AccountKind, health: Health) -> tuple[Permission, ...]:
    """What was granted: a sign-in without all of Google's boxes does not count as one, but a box can be lost later."""
    if kind is not AccountKind.GOOGLE:
        return ()
    missing = health.code if health.state is HealthState.PERMISSION_MISSING else ""
    return tuple(Permission(scope, scope != missing) for scope in (EVENTS_SCOPE, CALENDAR_LIST_SCOPE))


class WindowAccounts:
    """Accounts and syncs for the window. No call blocks."""

    def __init__(self, program: Program, workers: Workers, open_browser: Callable[[str], None]) -> None:
        self._program = program
        self._workers = workers
        self._open_browser = open_browser
        self._under_way: dict[str, SignIns | None] = {}
        self._again: set[str] = set()
        self._lock = threading.Lock()
        self._facts: Callable[[str], str | None] = lambda _key: None

    def reads_from(self, fact: Callable[[str], str | None]) -> None:
        """Where facts about accounts are read."""
        self._facts = fact

    # --- for display ---
    def accounts(self) -> Sequence[Account]:
        """All accounts, with the state of their connection."""
        return tuple(self._shown(account) for account in self._program.settings().accounts)

    def _shown(self, account: ChosenAccount) -> Account:
        fact = self._facts(health_fact(account.name))
        identity = self._facts(identity_fact(account.name))
        signed_in = identity is not None
        health = read_health(fact) if fact is not None or signed_in else Health(HealthState.NOT_CONNECTED)
        name = getattr(account, "email", "") or account.name
        kind = AccountKind(kind_of(account))
        return Account(account.name, kind, name, health, _permissions(kind, health) if signed_in else ())

    def syncs(self) -> Sequence[SyncSetup]:
        """All syncs that are configured."""
        return tuple(
            SyncSetup(sync.name, sync.crm, sync.calendar, sync.direction, sync.privacy, sync.conflicts)
            for sync in self._program.settings().syncs
        )

    def activity_types(self) -> Sequence[str]:
        """The activity types that meetings have, for the filter of Activities."""
        told = [self._facts(f"activity-types:{account.name}") for account in self._program.settings().accounts]
        return tuple(dict.fromkeys(kind for text in told if text for kind in json.loads(text)["types"]))

    def kinds(self) -> Sequence[AccountKind]:
        """The services that an account can be added for."""
        return AVAILABLE

    def form(self, kind: AccountKind) -> Sequence[FormField]:
        """What to ask for a new account; the names are those of config.toml. What IT has set is filled in."""
        return tuple(self._filled_in(kind, field) for field in _FORMS[kind])

    def _filled_in(self, kind: AccountKind, field: FormField) -> FormField:
        for set_ in self._program.policy.values:
            is_this = (set_.policy.target, set_.policy.key) == (f"accounts.{kind.value}", field.name)
            if is_this and isinstance(set_.value, str):
                return replace(field, value=set_.value, locked=set_.locked)
        return field

    # --- changes ---
    def add(self, kind: AccountKind, values: dict[str, str]) -> None:
        """Keep a new account and start its sign-in in the background; raises `Refused` for a value it can't use."""
        given = {name: value.strip() for name, value in values.items()}
        name, token = given.pop("name", ""), given.pop("token", "")
        self._check(kind, name, given)
        by_it = {field.name for field in self.form(kind) if field.value and field.value == given.get(field.name)}
        chosen = {key: value or None for key, value in given.items() if key not in by_it}
        table: dict[str, str | None] = {"kind": kind.value, **chosen}
        if kind is AccountKind.REST:
            table["auth"] = "api_key" if token else "oauth2"
        try:
            self._program.config.change(lambda text: with_account(text, name, table))
        except SettingsError as error:
            raise Refused(error.problems[0].key.rpartition(".")[2], error.problems[0].code) from error
        self._first_sync()
        self._begin(name, token)

    def _check(self, kind: AccountKind, name: str, given: dict[str, str]) -> None:
        if not name:
            raise Refused("name", "required")
        if self._program.settings().account(name) is not None:
            raise Refused("name", "taken")
        for field in _FORMS[kind]:
            if field.required and field.name not in {"name", "token"} and not given.get(field.name):
                raise Refused(field.name, "required")
        address = given.get("base_url")
        if address:
            try:
                check_address(address)
            except UnsafeAddress as error:
                raise Refused("base_url", "not_https") from error

    def _first_sync(self) -> None:
        """The first CRM and the first calendar are joined at once; nothing moves before the user presses Start."""
        settings = self._program.settings()
        if settings.syncs:
            return
        by_role = {AccountKind(kind_of(account)).role: account for account in settings.accounts}
        crm, calendar = by_role.get(Role.CRM), by_role.get(Role.CALENDAR)
        if crm is None or calendar is None:
            return
        dialect = "pipedrive" if kind_of(crm) == AccountKind.PIPEDRIVE else "generic"
        table = {"crm": str(crm.name), "calendar": str(calendar.name), "dialect": dialect, "incoming_type": "meeting"}
        self._program.config.change(lambda text: with_sync(text, FIRST_SYNC, table))
        self._workers.start()

    def remove(self, account: str) -> None:
        """Forget an account and its sign-in; meetings stay as they are."""
        settings = self._program.settings()
        chosen = settings.account(AccountName(account))
        for sync in settings.syncs:
            if account in {sync.crm, sync.calendar}:
                self._drop_sync(sync)
        self._program.config.change(lambda text: without_account(text, account))
        if chosen is not None:
            threading.Thread(target=self._forget, args=(chosen,), name="forget", daemon=True).start()

    def _drop_sync(self, sync: SyncSettings) -> None:
        self._workers.forget(sync.name)
        self._program.config.change(lambda text: without_sync(text, sync.name))

    def _forget(self, account: ChosenAccount) -> None:
        store = self._program.open_store()
        try:
            for key in account_facts(account.name):
                store.set_fact(key, None)
        finally:
            store.close()
        try:
            self._program.connectors.sign_out(account)
        except PortError as error:
            # Told to the log alone: the account is gone from this machine, and nobody waits for the service.
            self._workers.publish(CommandDone(Wake(), f"not_given_back:{type(error).__name__}"))

    # --- signing in ---
    def reconnect(self, account: str) -> None:
        """Start signing in again in the background; the result arrives as `HealthChanged`.

        One that is under way is given up for it: the browser's tab may have been closed.
        """
        self._begin(account, "")

    def close(self) -> None:
        """Give up every sign-in that is under way."""
        with self._lock:
            waiting = [signs for signs in self._under_way.values() if signs is not None]
        for signs in waiting:
            signs.cancel()

    def _begin(self, account: str, token: str) -> None:
        with self._lock:
            if account in self._under_way:
                self._again.add(account)
                earlier = self._under_way[account]
                if earlier is not None:
                    earlier.cancel()
                return
            self._under_way[account] = None
        threading.Thread(target=self._sign_in, args=(account, token), name=f"sign-in {account}", daemon=True).start()

    def _sign_in(self, name: str, token: str) -> None:
        again = True
        while again:
            try:
                health = self._attempt(name, token)
            finally:
                with self._lock:
                    again = name in self._again
                    self._again.discard(name)
                    if not again:
                        self._under_way.pop(name, None)
        self._workers.publish(HealthChanged(name, health))
        if health.state is HealthState.CONNECTED:
            self._wake(name)

    def _attempt(self, name: str, token: str) -> Health:
        account = self._program.settings().account(name)
        if account is None:
            return Health(HealthState.NOT_CONNECTED, now_utc(), "account_removed")
        store = self._program.open_store()
        try:
            signs = SignIns(self._program, store, self._open_browser)
            with self._lock:
                self._under_way[name] = signs
            fact = store.fact(health_fact(name))
            before = read_health(fact)
            try:
                if signs.needs_browser(account):
                    signs.with_browser(account)
                else:
                    signs.with_key(account, token or self._program.connectors.secret(name))
            except Cancelled:
                return (
                    before
                    if fact is not None or signs.known(account) is not None
                    else Health(HealthState.NOT_CONNECTED)
                )
            except PortError as error:
                return after_error(Health(HealthState.SIGN_IN_NEEDED, before.since), error, now_utc())
            return read_health(store.fact(health_fact(name)))
        finally:
            store.close()

    def _wake(self, account: str) -> None:
        """Waiting work resumes by itself."""
        for sync in self._program.settings().syncs:
            if account in {sync.crm, sync.calendar}:
                self._workers.send(SyncNow(sync.name))
