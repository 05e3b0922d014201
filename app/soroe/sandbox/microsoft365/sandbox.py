"""The sandbox as the demo and the tests hold it: start it, put people and events into it, look what happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Self

from soroe.sandbox.faults import Answer, Faults
from soroe.sandbox.microsoft365.api import GraphApi
from soroe.sandbox.microsoft365.batch import Batch
from soroe.sandbox.microsoft365.delta import Deltas
from soroe.sandbox.microsoft365.entra_errors import EntraError
from soroe.sandbox.microsoft365.errors import GraphError, Json
from soroe.sandbox.microsoft365.grants import Challenge, Grants, RefreshToken
from soroe.sandbox.microsoft365.lies import Lies
from soroe.sandbox.microsoft365.limits import Limits
from soroe.sandbox.microsoft365.mailbox import Mail
from soroe.sandbox.microsoft365.meetings import Meetings
from soroe.sandbox.microsoft365.model import State
from soroe.sandbox.microsoft365.people import People
from soroe.sandbox.microsoft365.sign_in import SignIn
from soroe.sandbox.microsoft365.tls import TlsServer
from soroe.sandbox.microsoft365.web import Entra, make_app, serve_api
from soroe.sandbox.microsoft365.writes import Writes
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.request_log import RequestLog
from soroe.sandbox.server import LoopbackServer

CLIENT_ID = "7b1f6f0e-3c1d-4f7a-9a55-52f0f3f5c001"
TENANT = "c1b0a9d8-5a4f-4f60-8d0e-1a2b3c4d5e6f"
DOMAIN = "example.onmicrosoft.com"
USUAL_SCOPES = ("User.Read", "Calendars.ReadWrite", "Calendars.ReadWrite.Shared", "MailboxSettings.Read")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Permission:
    """Tokens made without a browser, for tests that are not about signing in."""

    email: str
    access_token: str
    refresh_token: str


class Microsoft365Sandbox(OnLoopback, People):
    """A Microsoft 365 of its own on two loopback ports. Use it as a context manager, or call `start` and `stop`.

    `url` speaks HTTP, `tls_url` HTTPS with a certificate in `authority_file`; both serve everything. msal accepts only
    an https authority, so it gets `authority` together with `verify=str(authority_file)` and
    `instance_discovery=False`; the page for the browser is on plain HTTP all the same. A program that carries msal's
    requests itself may use the plain address: the configuration names the address it was asked at.

    `clock` returns the present moment with a time zone and rules everything that has a date. `seed` makes ids
    repeatable. What people do in Outlook is in the methods that start with `user_`; what went over the wire is in
    `requests`; `faults`, `lies` and `limits` are the switches for what goes wrong.
    """

    def __init__(
        self, clock: Callable[[], datetime] = _utc_now, port: int = 0, tls_port: int = 0, seed: int = 1
    ) -> None:
        state = State(clock, Random(seed))  # noqa: S311 - ids of sandbox events need not be unguessable
        self._mails: list[Mail] = []
        super().__init__(state, Writes(state, self._mails))
        faults, requests = Faults(), RequestLog()
        self.lies = Lies()
        self.limits = Limits(clock)
        self.grants = Grants(clock, TENANT, lambda: f"{self.tls_url}/{TENANT}/v2.0", clients={CLIENT_ID})
        self.sign_in = SignIn(state, self.grants)
        self.meetings = Meetings(state)
        self._deltas = Deltas(state, self.lies)
        self._entra = Entra(state, self.grants, self.sign_in, lambda: self.url, lambda: self.tls_url)
        self._entra.domains.add(DOMAIN)
        api = GraphApi(state, self.grants, self.limits, self._deltas, self._writes, self.meetings)
        application = serve_api(make_app(self._entra).wsgi_app, api, Batch(api, faults), self._base)
        self.server = LoopbackServer(application, port, clock=clock, faults=faults, requests=requests)
        self.tls_server = TlsServer(application, tls_port, clock=clock, faults=faults, requests=requests)

    def start(self) -> Self:
        super().start()
        self.tls_server.start()
        return self

    def stop(self) -> None:
        self.tls_server.stop()
        super().stop()

    @property
    def tls_url(self) -> str:
        return self.tls_server.url

    @property
    def authority_file(self) -> Path:
        """The PEM file to trust for `tls_url`; what msal and requests call `verify`."""
        return self.tls_server.authority_file

    @property
    def authority(self) -> str:
        """What msal calls the authority, for accounts of any company."""
        return f"{self.tls_url}/organizations"

    @property
    def api_endpoint(self) -> str:
        """The address of Graph, without a trailing slash, as `https://graph.microsoft.com/v1.0` is."""
        return f"{self.url}/v1.0"

    @property
    def tls_api_endpoint(self) -> str:
        return f"{self.tls_url}/v1.0"

    def add_client(self, client_id: str) -> None:
        """Registers a further public client with the redirect address `http://localhost`."""
        self.grants.clients.add(client_id)

    def give_permission(
        self, email: str, scopes: tuple[str, ...] = USUAL_SCOPES, client_id: str = CLIENT_ID
    ) -> Permission:
        """Makes tokens as if the person had gone through the sign-in."""
        with self._state.lock:
            whole = (*scopes, "openid", "profile", "offline_access")
            self.grants.consented[(email, client_id)] = frozenset(whole)
            answer = self.grants.give(self._state.accounts[email], client_id, whole)
            return Permission(email, str(answer["access_token"]), str(answer["refresh_token"]))

    def refuse(self, error: GraphError, method: str = ".*", path: str = "", times: int = 1) -> None:
        """Answers the next matching requests (or parts of batches) with `error` and does not carry them out."""
        self.faults.add(Answer.as_json(error.status, error.body(), error.headers), method, path, times)

    def refuse_sign_in(self, code: int, error: str = "access_denied", text: str = "", *, returned: bool = True) -> None:
        """Ends the next sign-in with an AADSTS code: told to the program, or only shown in the browser."""
        with self._state.lock:
            refusal = EntraError(code, error, text or "The sign-in was refused.")
            self.sign_in.refuse_next(refusal, returned=returned)

    def refuse_token(
        self,
        code: int,
        error: str = "invalid_grant",
        suberror: str = "",
        *,
        claims: Json | None = None,
        times: int = 1,
        status: int = 400,
    ) -> None:
        """Answers the next calls of the token endpoint with an AADSTS code."""
        with self._state.lock:
            told = json.dumps(claims) if claims is not None else ""
            refusal = EntraError(code, error, "The request was refused.", suberror, told, status)
            self._entra.refusals += [refusal] * times

    def require_claims(self, email: str, claims: Json | None = None, *, interactive: bool = True) -> Json:
        """A condition of the company comes into force: Graph refuses tokens made without it.

        Returns the claims a program has to ask for. With `interactive` only a new sign-in meets them, else a refresh.
        """
        with self._state.lock:
            asked = claims or {"access_token": {"acrs": {"essential": True, "value": "c1"}}}
            self.grants.challenges[email] = Challenge(asked, interactive)
            return asked

    @property
    def mails_sent(self) -> tuple[Mail, ...]:
        """Every mail to other people that requests of programs have caused."""
        with self._state.lock:
            return tuple(self._mails)

    def expire_delta_links(self, *, resync: bool = False) -> None:
        """Makes every nextLink and deltaLink answer 410: syncStateNotFound, or with `resync` resyncRequired."""
        with self._state.lock:
            self._state.link_generation += 1
            self._deltas.resync = resync

    def forget_occurrence_names(self) -> None:
        """Makes Graph an older one, which refuses cancelledOccurrences, exceptionOccurrences and occurrenceId."""
        with self._state.lock:
            self._state.names_occurrences = False

    def find_deleted_events(self) -> None:
        """Makes Graph find a deleted event by its immutable id; it can be read, and not be deleted once more (403)."""
        with self._state.lock:
            self._state.finds_deleted = True

    def expire_access_tokens(self) -> None:
        """Ends every access token; refresh tokens go on."""
        with self._state.lock:
            self.grants.access.clear()

    def revoke_refresh_tokens(self, email: str) -> None:
        """Ends all sessions of a person, as an administrator or a new password does (AADSTS50173)."""
        with self._state.lock:
            self.grants.withdraw(email)

    def refresh_tokens(self, email: str) -> list[RefreshToken]:
        """Returns the person's living refresh tokens, oldest first."""
        with self._state.lock:
            return [one for one in self.grants.refresh.values() if one.account.email == email and not one.revoked]

    def _base(self, host: str) -> str:
        return self.tls_url if host.endswith(f":{self.tls_server.port}") else self.url


__all__ = ["CLIENT_ID", "DOMAIN", "TENANT", "USUAL_SCOPES", "Microsoft365Sandbox", "Permission"]
