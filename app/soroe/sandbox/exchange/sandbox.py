"""The sandbox as the demo and the tests hold it: start it, put people and items into it, look what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from soroe.sandbox.exchange.autodiscover import PLAIN_PATH, SOAP_PATH, Autodiscover
from soroe.sandbox.exchange.errors import EwsError, SoapFault, server_busy
from soroe.sandbox.exchange.lies import Lies
from soroe.sandbox.exchange.mailbox import Mail
from soroe.sandbox.exchange.model import State
from soroe.sandbox.exchange.people import People
from soroe.sandbox.exchange.service import Service
from soroe.sandbox.exchange.sign_in import SignIn
from soroe.sandbox.exchange.soap import EXCHANGE_2019, Build
from soroe.sandbox.exchange.web import Operation, Refusing, Web
from soroe.sandbox.faults import Answer
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.server import LoopbackServer


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ExchangeSandbox(OnLoopback, People):
    """An Exchange Server of its own on a loopback port. Use it as a context manager, or call `start` and `stop`.

    `clock` returns the present moment with a time zone. `schemes` are the sign-ins offered (NTLM, Basic, Negotiate,
    Bearer), `build` is the version the server says it has. What people do in Outlook is in the methods that start with
    `user_`. `requests` has what went over the wire, `operations` what reached the service. `faults` meet HTTP requests
    by method and path; `operation_faults` meet operations by name (as path), after the sign-in.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = _utc_now,
        port: int = 0,
        seed: int = 1,
        *,
        schemes: tuple[str, ...] = ("NTLM", "Basic"),
        build: Build = EXCHANGE_2019,
    ) -> None:
        super().__init__(State(clock, Random(seed)))  # noqa: S311 - ids of sandbox items need not be unguessable
        self._mails: list[Mail] = []
        self.build = build
        self.lies = Lies()
        self.sign_in = SignIn(self._state, schemes, online=build.online)
        service = Service(self._state, self.lies, self._mails, lambda: self.build)
        self.web = Web(service, self.sign_in)
        self.autodiscover = Autodiscover(self._state, lambda: self.ews_url, lambda: self.build)
        self.web.others = {SOAP_PATH: self.autodiscover.soap, PLAIN_PATH: self.autodiscover.plain}
        self.operation_faults = self.web.faults
        self.server = LoopbackServer(self.web.application(), port, clock=clock)

    @property
    def ews_url(self) -> str:
        """The address of the service, as an administrator would tell it."""
        return f"{self.url}/EWS/Exchange.asmx"

    @property
    def autodiscover_url(self) -> str:
        """The address of the Autodiscover service that speaks SOAP; the older one ends in .xml instead of .svc."""
        return f"{self.url}/autodiscover/autodiscover.svc"

    @property
    def mails_sent(self) -> tuple[Mail, ...]:
        """Every mail to guests that requests of programs have caused."""
        with self._state.lock:
            return tuple(self._mails)

    def operations(self, name: str = "") -> list[Operation]:
        """The operations that passed the sign-in, in order; those of one name where one is given."""
        return [one for one in list(self.web.operations) if name in ("", one.name)]

    def answer_with(self, code: str, operation: str = "", times: int = 1, *, message: str = "") -> None:
        """Answers the next operations with this response code for each of their items, and does nothing else."""
        self.web.refusing.append(Refusing(operation, EwsError(code, message), times))

    def fault_with(self, code: str, operation: str = "", times: int = 1, *, message: str = "") -> None:
        """Answers the next operations with a SOAP fault of this response code (HTTP 500)."""
        error = SoapFault(code, message or "The request cannot be carried out.")
        self.web.refusing.append(Refusing(operation, error, times))

    def throttle(self, operation: str = "", times: int = 1, *, back_off: int = 297_749) -> None:
        """Answers the next operations with ErrorServerBusy; `back_off` in milliseconds."""
        self.web.refusing.append(Refusing(operation, server_busy(back_off), times))

    def answer_http(self, status: int, operation: str = "", times: int = 1, *, retry_after: int | None = None) -> None:
        """Answers the next operations with a bare HTTP status, 429 or 503 for example; `retry_after` in seconds."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.operation_faults.add(
            Answer(status, content_type="text/plain", headers=headers), path=operation, times=times
        )

    def clear_faults(self) -> None:
        """Switches every fault off."""
        self.faults.clear()
        self.operation_faults.clear()
        self.web.refusing.clear()

    def expire_sync_states(self) -> None:
        """Makes every state given out so far answer ErrorInvalidSyncStateData."""
        with self._state.lock:
            for folder in self._state.folders.values():
                folder.generation += 1

    def change_password(self, email: str, password: str) -> None:
        """The user gets another password; the old one is refused from now on."""
        with self._state.lock:
            account = self._state.accounts[email.lower()]
            account.password, account.password_expired = password, False

    def require_app_password(self, email: str, app_password: str) -> None:
        """The user switches two-factor sign-in on: the password is refused, the app password is taken."""
        with self._state.lock:
            account = self._state.accounts[email.lower()]
            account.two_factor, account.app_passwords = True, (*account.app_passwords, app_password)

    def lock_account(self, email: str, *, locked: bool = True) -> None:
        """Too many wrong passwords: the account is locked out, or let in again."""
        with self._state.lock:
            self._state.accounts[email.lower()].locked = locked

    def expire_password(self, email: str) -> None:
        """The password is too old; it has to be changed elsewhere."""
        with self._state.lock:
            self._state.accounts[email.lower()].password_expired = True

    def switch_off_ews(self, email: str = "", *, off: bool = True) -> None:
        """The administrator blocks EWS, for one mailbox or for all: 403 without a word."""
        with self._state.lock:
            if email:
                self._state.accounts[email.lower()].ews_enabled = not off
            else:
                self.web.switched_off = off
