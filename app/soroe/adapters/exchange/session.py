"""One signed-in account: opened once, one request at a time, and a password that was refused is never sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from soroe.adapters.net.address import UnsafeAddress, check_address
from soroe.adapters.net.failures import clock_is_wrong
from soroe.adapters.net.transport import Network, RequestCount
from soroe.core.event import ContainerId
from soroe.ports.errors import ItemRejected, LocalTrouble, PortError, ServiceFault, SignInRequired

from .errors import PASSWORD_REFUSED, Refused, translate
from .settings import Auth, ExchangeSecret, ExchangeSettings, is_online_address
from .wire import CalendarFacts

if TYPE_CHECKING:
    from .library import Mailbox

_T = TypeVar("_T")
_REFUSALS = frozenset({PASSWORD_REFUSED, "account_locked", "password_expired", "exchange_online", "clock_wrong"})
"""After these a password is not sent again: one more try might lock the account."""
_CLOCK_MENDED = timedelta(minutes=10)
_PATIENCE = 1.0
"""Seconds that closing waits for a request on its way."""


class Session:
    """Safe to share between threads; every public method raises errors of the port only.

    `secret` is asked for when a connection is opened, and again after the server has refused it.
    """

    def __init__(
        self,
        settings: ExchangeSettings,
        secret: Callable[[], str],
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
    ) -> None:
        self.settings = settings
        self.now = now
        self.requests = RequestCount()
        self._secret = secret
        self._network = network or Network()
        self._lock = threading.RLock()
        self._mailbox: Mailbox | None = None
        self._opened_with = ""
        self._refused: tuple[str, PortError, datetime] | None = None

    def run(self, ask: Callable[[Mailbox], _T], *, writing: bool = False) -> _T:
        """What `ask` makes of the mailbox; it may send several requests, and nobody else sends one meanwhile."""
        with self._lock:
            mailbox = self._open()
            try:
                return ask(mailbox)
            except Exception as error:  # whatever a foreign library raises is told as what it means
                trouble = self.trouble(error, writing=writing)
                if isinstance(trouble, SignInRequired | LocalTrouble) and str(trouble) in _REFUSALS:
                    self._refused = (self._opened_with, trouble, self.now())
                if not isinstance(error, PortError) or trouble is not error:
                    raise trouble from error
                raise

    def trouble(self, error: BaseException, *, writing: bool = False) -> PortError:
        """What an error means for the engine."""
        wrong = isinstance(error, Refused) and self._needs_clock() and clock_is_wrong(error.headers, self.now())
        return translate(error, self.now(), writing=writing, clock_wrong=wrong)

    def facts(self, container: ContainerId) -> CalendarFacts:
        """What reading an item of this calendar needs to know."""
        return CalendarFacts(container, self.settings.zone, self.settings.email)

    def close(self) -> None:
        """Drop the kept connection; the next request opens a new one. A request on its way is left to end by itself."""
        held = self._lock.acquire(timeout=_PATIENCE)
        try:
            mailbox, self._mailbox = self._mailbox, None
            if mailbox is not None and held:
                mailbox.protocol.close()
        finally:
            if held:
                self._lock.release()

    def _open(self) -> Mailbox:
        if self._refused is not None:
            known, trouble, at = self._refused
            clock_may_be_right = isinstance(trouble, LocalTrouble) and abs(self.now() - at) > _CLOCK_MENDED
            if _mark(self._secret()) == known and not clock_may_be_right:
                raise trouble
            self._refused = None
            self.close()
        if self._mailbox is None:
            text = self._secret()
            secret = ExchangeSecret.parse(text)
            self._check(secret)
            self._opened_with = _mark(text)
            self._mailbox = self._connected(secret)
        return self._mailbox

    def _check(self, secret: ExchangeSecret) -> None:
        wanted = "" if self.settings.autodiscover else self.settings.address
        if wanted and wanted.casefold() != secret.endpoint.casefold():
            # The password was given for another server: a changed settings file must not send it elsewhere.
            raise SignInRequired("signed_in_before_a_change")
        try:
            check_address(secret.endpoint)
        except UnsafeAddress as error:
            raise ServiceFault("unsafe_address") from error
        if is_online_address(secret.endpoint):
            raise SignInRequired("exchange_online")

    def _connected(self, secret: ExchangeSecret) -> Mailbox:
        from .library import Connection, Mailbox  # with it come exchangelib, lxml and requests

        try:
            return Mailbox(self.settings, Connection(self.settings, secret, self._network, self.requests))
        except Exception as error:  # whatever the library thinks of the settings
            trouble = self.trouble(error)
            if isinstance(trouble, ItemRejected):  # the user's own zone is none that Windows knows
                raise LocalTrouble("unknown_time_zone") from error
            raise trouble from error

    def _needs_clock(self) -> bool:
        return self._mailbox is not None and self._mailbox.protocol.auth is not Auth.BASIC


def _mark(text: str) -> str:
    """A mark by which a secret is known again without being kept."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
