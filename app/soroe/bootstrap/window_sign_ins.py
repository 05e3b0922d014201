"""The sign-ins that run beside the window: one thread for each, told where they wait and how they end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from soroe.engine.accounts import HealthBook, health_fact, read_health
from soroe.engine.health import Health, HealthState, after_error
from soroe.engine.messages import HealthChanged, SyncNow
from soroe.ports.errors import AdminRequired, ConsentMissing, LocalTrouble, PortError, SignInRequired
from soroe.ports.store import Store
from soroe.settings.edit import with_account
from soroe.settings.model import LOCATION_KINDS, Account, ExchangeAccount, OracleAccount, kind_of
from soroe.ui.ports import SignInEnded, SignInPage, Way

from .connectors import now_utc
from .program import Program
from .sign_ins import Cancelled, OtherAccount, SignIns
from .workers import Workers

Told = Callable[[SignInPage | SignInEnded], None]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the user typed in: another user name than the account's, if any, and the password or key."""

    user: str
    secret: str


class WindowSignIns:
    """Signs accounts in, in threads of their own. A second one for an account takes the place of the first."""

    def __init__(self, program: Program, workers: Workers, open_browser: Callable[[str], None], tell: Told) -> None:
        self._program = program
        self._workers = workers
        self._open_browser = open_browser
        self._tell = tell
        self._under_way: dict[str, SignIns | None] = {}
        self._next: dict[str, Typed | None] = {}
        self._given_up: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, account: str, typed: Typed | None) -> None:
        """Start a sign-in; the browser's tab of one that is under way may have been closed, so that one is given up."""
        with self._lock:
            if account in self._under_way:
                self._next[account] = typed
                earlier = self._under_way[account]
                if earlier is not None:
                    earlier.cancel()
                return
            self._under_way[account] = None
        threading.Thread(target=self._run, args=(account, typed), name=f"sign-in {account}", daemon=True).start()

    def cancel(self, account: str) -> None:
        """Give up the sign-in of an account that is under way."""
        with self._lock:
            self._next.pop(account, None)
            signs = self._under_way.get(account)
            if account in self._under_way and signs is None:
                self._given_up.add(account)
        if signs is not None:
            signs.cancel()

    def close(self) -> None:
        """Give up every sign-in that is under way."""
        with self._lock:
            names = tuple(self._under_way)
        for name in names:
            self.cancel(name)

    def _run(self, name: str, typed: Typed | None) -> None:
        wanted: list[Typed | None] = [typed]
        while wanted:
            try:
                health, ended = self._attempt(name, wanted.pop())
            finally:
                with self._lock:
                    self._given_up.discard(name)
                    if name in self._next:
                        wanted.append(self._next.pop(name))
                    else:
                        self._under_way.pop(name, None)
        self._workers.publish(HealthChanged(name, health))
        self._tell(ended)
        if not ended.code:
            self._wake(name)

    def _attempt(self, name: str, typed: Typed | None) -> tuple[Health, SignInEnded]:
        account = self._program.settings().account(name)
        if account is None:
            return Health(HealthState.NOT_CONNECTED, now_utc(), "account_removed"), SignInEnded(name, "account_removed")
        try:
            store = self._program.open_store()
        except LocalTrouble as trouble:
            return after_error(Health(), trouble, now_utc()), SignInEnded(name, trouble.code)
        try:
            signs = SignIns(self._program, store, lambda address: self._open_page(name, address))
            with self._lock:
                self._under_way[name] = signs
                if name in self._given_up:
                    signs.cancel()
            return self._signed_in(store, signs, account, typed)
        finally:
            store.close()

    def _signed_in(
        self, store: Store, signs: SignIns, account: Account, typed: Typed | None
    ) -> tuple[Health, SignInEnded]:
        name = account.name
        fact = store.fact(health_fact(name))
        known = fact is not None or signs.known(account) is not None
        before = read_health(fact) if known else Health(HealthState.NOT_CONNECTED)
        try:
            self._sign_in(signs, account, typed)
        except Cancelled:
            return before, SignInEnded(name, "sign_in_cancelled")
        except OtherAccount as other:
            return before, SignInEnded(name, "other_account", other.expected, other.found)
        except PortError as error:
            health = self._after(error, before, store, name)
            return health, SignInEnded(name, _code_of(error))
        return read_health(store.fact(health_fact(name))), SignInEnded(name)

    def _sign_in(self, signs: SignIns, account: Account, typed: Typed | None) -> None:
        way = signs.way(account)
        if way is Way.BROWSER:
            signs.with_browser(account)
            return
        chosen = _as(account, typed)
        if way in {Way.PASSWORD, Way.SYSTEM}:
            signs.with_password(chosen, self._secret(account, typed, way))
        else:
            signs.with_key(chosen, self._secret(account, typed, way))
        if chosen != account and typed is not None:
            values = {"username": typed.user}
            self._program.config.change(lambda text: with_account(text, account.name, values))

    def _secret(self, account: Account, typed: Typed | None, way: Way) -> str:
        """What was typed; a refused password is never sent again by itself, or the account would be locked."""
        if typed is not None and typed.secret:
            return typed.secret
        if way is Way.SYSTEM:
            return ""
        if way is Way.PASSWORD:
            raise SignInRequired("not_signed_in")
        return self._program.connectors.secret(account.name)

    def _after(self, error: PortError, before: Health, store: Store, name: str) -> Health:
        """The health after a sign-in that failed: one that worked still does, and only what a service said is kept."""
        if before.state is HealthState.CONNECTED or not isinstance(
            error, SignInRequired | ConsentMissing | AdminRequired
        ):
            return before
        health = after_error(before, error, now_utc())
        HealthBook(store, now_utc, lambda _change: None).set(name, health)
        return health

    def _open_page(self, account: str, address: str) -> None:
        """Show the page in the browser, and tell the window where it is: no browser is no reason to give up."""
        opened = True
        try:
            self._open_browser(address)
        except LocalTrouble as trouble:
            if trouble.code != "no_browser":
                raise
            opened = False
        self._tell(SignInPage(account, address, opened))

    def _wake(self, account: str) -> None:
        """Waiting work resumes by itself, and a place to meet online is watched from now on."""
        chosen = self._program.settings().account(account)
        if chosen is not None and kind_of(chosen) in LOCATION_KINDS:
            self._workers.watch_places()
        for sync in self._program.settings().syncs:
            if account in {sync.crm, sync.calendar}:
                self._workers.send(SyncNow(sync.name))


def _as(account: Account, typed: Typed | None) -> Account:
    """The account under the user name that was typed."""
    if typed is not None and typed.user and isinstance(account, ExchangeAccount | OracleAccount):
        return replace(account, username=typed.user)
    return account


def _code_of(error: PortError) -> str:
    if isinstance(error, ConsentMissing):
        return f"scope_unticked:{error.permission}"
    told = getattr(error, "code", "") or getattr(error, "reason", "")
    return str(told) or type(error).__name__
