"""The accounts as the window shows and changes them; what takes time happens in a thread and arrives as an event."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence

from soroe.core.event import ContainerId
from soroe.core.route import SyncName
from soroe.engine.accounts import health_fact, read_health
from soroe.engine.forecast import forecast
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import Choice, CommandDone, Preview, Wake
from soroe.engine.sign_in_facts import known_sign_in
from soroe.ports.errors import LocalTrouble, PortError
from soroe.ports.log import Code
from soroe.settings.edit import with_account, with_sync, without_account, without_sync
from soroe.settings.model import Account as ChosenAccount
from soroe.settings.model import AccountName, SyncSettings, kind_of
from soroe.settings.syncs import usual_dialect
from soroe.settings.ways import Way, way_of
from soroe.ui.ports import Account, AccountKind, FormField, Outside, Refused, Role, SyncSetup

from .connectors import now_utc
from .forms import SECRETS, check, form_of, kinds, table_of
from .program import Program
from .registrations import permissions_of, registration_of
from .sign_ins import method_of
from .sync_offers import calendar_offers, colleagues_in, known_types, refusing
from .syncs import account_facts, identity_fact
from .window_sign_ins import Typed, WindowSignIns
from .workers import Workers

FIRST_SYNC = SyncName("work")
NEVER = "unlock"
"""The name of a keychain item that nothing is kept under: asking for it is enough to have the keychain unlocked."""


class WindowAccounts:
    """Accounts and syncs for the window. No call blocks."""

    def __init__(self, program: Program, workers: Workers, open_browser: Callable[[str], None]) -> None:
        self._program = program
        self._workers = workers
        self._sign_ins = WindowSignIns(program, workers, open_browser, self._tell)
        self._facts: Callable[[str], str | None] = lambda _key: None
        self._receivers: list[Callable[[Outside], None]] = []
        self._ways: dict[ChosenAccount, Way] = {}

    def subscribe(self, receiver: Callable[[Outside], None]) -> None:
        """Have it told where sign-ins wait and how they end, from the threads they happen in."""
        self._receivers.append(receiver)

    def _tell(self, event: Outside) -> None:
        for receiver in tuple(self._receivers):
            receiver(event)

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
        kind = kind_of(account)
        return Account(
            account.name,
            AccountKind(kind),
            getattr(account, "email", "") or (str(json.loads(identity)[1]) if identity else account.name),
            health,
            permissions_of(account, health) if signed_in else (),
            forecast(kind, known_sign_in(account.name, self._facts), now_utc()) if signed_in else None,
            self._way(account),
            getattr(account, "username", ""),
            registration_of(account),
        )

    def _way(self, account: ChosenAccount) -> Way:
        """How it is signed in to, found out once; a CRM whose profile cannot be read says why when it is tried."""
        if account not in self._ways:
            try:
                self._ways[account] = way_of(account, lambda crm: method_of(crm, self._program.connectors))
            except LocalTrouble:
                return Way.BROWSER
        return self._ways[account]

    def syncs(self) -> Sequence[SyncSetup]:
        """All syncs that are configured."""
        values = self._program.policy.values
        locked = frozenset(set_.policy.key for set_ in values if set_.locked and set_.policy.target == "syncs")
        return tuple(
            SyncSetup(
                sync.name, sync.crm, sync.calendar, sync.direction, sync.privacy, sync.conflicts, locked,
                sync.calendars, sync.activity_types, sync.incoming_type, sync.new_items_only, sync.backfill_from,
                calendar_offers(self._facts, sync.calendar), known_types(self._facts, sync.crm),
            )
            for sync in self._program.settings().syncs
        )  # fmt: skip # short values, several a line

    def activity_types(self) -> Sequence[str]:
        """The activity types that meetings have, for the filter of Activities."""
        told = [known_types(self._facts, account.name) for account in self._program.settings().accounts]
        return tuple(dict.fromkeys(kind for types in told for kind in types))

    def colleagues(self) -> Sequence[tuple[ContainerId, str]]:
        """Other people's calendars that are synced, with their names."""
        found = [colleagues_in(self._facts, sync) for sync in self._program.settings().syncs]
        return tuple(dict.fromkeys(each for some in found for each in some))

    def kinds(self) -> Sequence[AccountKind]:
        """The services that an account can be added for."""
        return kinds()

    def form(self, kind: AccountKind) -> Sequence[FormField]:
        """What to ask for a new account; the names are those of config.toml. What IT has set is filled in."""
        return form_of(kind, self._program.policy)

    # --- changes ---
    def add(self, kind: AccountKind, values: dict[str, str]) -> None:
        """Keep a new account and start its sign-in in the background; raises `Refused` for a value it can't use."""
        given = {name: value if name in SECRETS else value.strip() for name, value in values.items()}
        name = given.get("name", "")
        if not name:
            raise Refused("name", "required")
        if self._program.settings().account(name) is not None:
            raise Refused("name", "taken")
        check(kind, given)
        table = table_of(kind, given, self.form(kind))
        with refusing():
            self._program.config.change(lambda text: with_account(text, name, table))
        self._first_sync()
        secret = given.get("token", "").strip() or given.get("password", "")
        self._sign_ins.begin(name, Typed(given.get("username", ""), secret) if secret else None)

    def preview(self, command: Preview) -> None:
        """Ask the sync's thread what it would do under other choices; raises `Refused` for one that cannot be."""
        with refusing():
            self._program.config.tried(lambda text: with_sync(text, command.sync, dict(command.choices)))
        self._workers.send(command)

    def choose(self, sync: SyncName, values: dict[str, Choice]) -> None:
        """Change choices of a sync; its thread opens it anew with them at its next run. Raises `Refused`."""
        with refusing():
            self._program.config.change(lambda text: with_sync(text, sync, values))

    def _first_sync(self) -> None:
        """The first CRM and the first calendar are joined at once; nothing moves before the user presses Start."""
        settings = self._program.settings()
        if settings.syncs:
            return
        by_role = {AccountKind(kind_of(account)).role: account for account in settings.accounts}
        crm, calendar = by_role.get(Role.CRM), by_role.get(Role.CALENDAR)
        if crm is None or calendar is None:
            return
        kind = kind_of(crm)
        table = {
            "crm": str(crm.name),
            "calendar": str(calendar.name),
            "dialect": usual_dialect(kind, getattr(crm, "profile", "")),
        }
        if kind in {AccountKind.REST, AccountKind.PIPEDRIVE}:  # others have words of their own, and a usual one
            table["incoming_type"] = "meeting"
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
        """Start signing in again in the background; the result arrives as `HealthChanged` and `SignInEnded`."""
        self._sign_ins.begin(account, None)

    def sign_in(self, account: str, user: str, secret: str) -> None:
        """Start signing in with a password or a key in the background; it is kept only once the service takes it."""
        self._sign_ins.begin(account, Typed(user, secret))

    def cancel(self, account: str) -> None:
        """Give up a sign-in that is under way."""
        self._sign_ins.cancel(account)

    def unlock_keychain(self) -> None:
        """Have the system ask for the keychain's password, and look at once when it was given."""
        threading.Thread(target=self._unlock, name="unlock", daemon=True).start()

    def _unlock(self) -> None:
        try:
            self._program.keychain.get(NEVER, NEVER)
        except LocalTrouble as trouble:  # it stays locked, and the accounts go on saying so
            self._program.log.info("keychain_still_closed", code=Code(trouble.code))
            return
        self._workers.send(Wake())

    def close(self) -> None:
        """Give up every sign-in that is under way."""
        self._sign_ins.close()
