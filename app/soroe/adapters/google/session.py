"""Sends calls to Google for one account: signed in, paced and counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from soroe.adapters.net.failures import clock_is_wrong
from soroe.adapters.net.json_text import json_in, json_text
from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.reading import Json
from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.core.event import ContainerId, Version
from soroe.ports.errors import AdminRequired, LocalTrouble, PortError, RetryLater, SignInRequired

from .access import KEPT_BY_GOOGLE, AccessToken, Renewal, access_token
from .errors import Refused, TokenRefused, WebPage, check_page, translate
from .settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret, GoogleSettings

_PAGES_BEFORE_BLAME = 5


class Call(NamedTuple):
    """One call of the API. `path` and `query` are encoded; `calendar` says that it is about a whole calendar.

    A tuple, as `Answer` is: of both there is one for each event that is written, and a tuple is made in a third of the
    time.
    """

    method: str
    path: str
    query: str = ""
    body: Json | None = None
    if_match: Version | None = None
    calendar: bool = False

    @property
    def target(self) -> str:
        """Path and query, relative to the API's base."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def scope(self) -> str:
        """The permission that this call needs."""
        return CALENDAR_LIST_SCOPE if self.path.startswith("users/") else EVENTS_SCOPE

    def headers(self) -> dict[str, str]:
        """The headers of this call's own."""
        headers = {} if self.body is None else {"Content-Type": "application/json"}
        if self.if_match is not None:
            headers["If-Match"] = self.if_match
        return headers

    def content(self) -> str:
        """The body, as ASCII text."""
        return "" if self.body is None else json_text(self.body)


class Answer(NamedTuple):
    """Google's answer to one call; headers have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return 200 <= self.status < 300

    def refusal(self, call: Call) -> Refused:
        """What to raise for an answer that is not a success."""
        writing = call.method != "GET"
        return Refused(self.status, self.headers, self.body, calendar=call.calendar, writing=writing, scope=call.scope)

    def json(self, call: Call) -> Json:
        """The JSON object in it; raises `Refused` for any status but success, `RetryLater` for a garbled body."""
        if not 200 <= self.status < 300:
            raise self.refusal(call)
        try:
            value = json_in(self.body)
        except (ValueError, RecursionError) as error:
            raise RetryLater("garbled_answer", outcome_unknown=call.method != "GET") from error
        if not isinstance(value, dict):
            raise RetryLater("garbled_answer", outcome_unknown=call.method != "GET")
        return value


def event_path(container: ContainerId, event: str | None = None) -> str:
    """The path of a calendar's events, or of one of them. Nothing in an id can leave its place in the path."""
    path = _events_path(container)
    if event is None:
        return path
    return f"{path}/{event if event.isalnum() and event.isascii() else quote(event, safe='')}"


@lru_cache(maxsize=64)
def _events_path(container: ContainerId) -> str:
    return f"calendars/{quote(container, safe='')}/events"


class Session:
    """One signed-in account. Safe to share between threads; every public method raises errors of the port only."""

    def __init__(
        self,
        settings: GoogleSettings,
        secret: Callable[[], str],
        pacer: Pacer,
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
        renewal: Renewal = KEPT_BY_GOOGLE,
    ) -> None:
        self.settings = settings
        self._base = settings.api_base
        self.pacer = pacer
        self.now = now
        self.requests = RequestCount()
        self._secret = secret
        self._renewal = renewal
        self._client = LibraryClient(self.requests, network)
        self._lock = threading.Lock()
        self._service_lock = threading.Lock()
        self._access: AccessToken | None = None
        self._service: Any = None
        self._pages = 0

    def send(self, call: Call) -> Answer:
        """Carry out one call; an access token that Google refuses is renewed once and the call repeated once (R3)."""
        return self._post(self._base + call.target, call.method, call.content(), call.headers(), 1, call)

    def json(self, call: Call) -> Json:
        """Like `send`, for calls of which only a success is of use."""
        try:
            return self.send(call).json(call)
        except Refused as refused:
            raise self.trouble(refused) from refused

    def send_batch(self, body: str, content_type: str, cost: int) -> Answer:
        """Send a batch of `cost` calls to the API's own host; where that knows no batches, a page may say so."""
        call = Call("POST", "batch")
        headers = {"Content-Type": content_type}
        return self._post(self.settings.batch_address, "POST", body, headers, cost, call, by_page=True)

    def trouble(self, error: BaseException) -> PortError:
        """What an error means for the engine."""
        wrong = isinstance(error, Refused | TokenRefused) and clock_is_wrong(error.headers, self.now())
        return translate(error, self.now(), clock_wrong=wrong)

    @property
    def calendar_list(self) -> Any:  # noqa: ANN401 - Google's library makes its classes at run time
        """The client library's `calendarList` resource. The library is loaded by the first call, once a day."""
        return self._build().calendarList()

    def secret(self) -> GoogleSecret:
        """The account's secret as the keychain has it now."""
        found = GoogleSecret.parse(self._secret())
        if found.client_id != self.settings.client_id:
            raise SignInRequired("other_client")
        return found

    def close(self) -> None:
        """Drop the kept connections, for example after the machine slept or changed networks."""
        self._client.close()

    def _post(
        self,
        address: str,
        method: str,
        body: str,
        headers: dict[str, str],
        cost: int,
        call: Call,
        *,
        by_page: bool = False,
    ) -> Answer:
        """The answer to a request. With `by_page` a refusal may be a page for people; every other answer may not."""
        try:
            token = self._token(refused=None)
            answer = self._once(address, method, body, headers, cost, token)
            if answer.status == 401:
                token = self._token(refused=token)
                answer = self._once(address, method, body, headers, cost, token)
            if answer.status == 401:
                raise answer.refusal(call)
            if not by_page or answer.status < 400:
                check_page(answer.status, answer.headers, answer.body)
                self._pages = 0
        except WebPage as page:
            self._pages += 1
            if self._pages >= _PAGES_BEFORE_BLAME:
                raise AdminRequired("web_page") from page
            raise _perhaps_done(self.trouble(page), method) from page
        except (Refused, OSError) as error:
            raise self.trouble(error) from error
        return answer

    def _once(self, address: str, method: str, body: str, headers: dict[str, str], cost: int, token: str) -> Answer:
        signed = {"accept": "application/json", **headers, "authorization": f"Bearer {token}"}
        with self.pacer.turn(cost):
            response, content = self._client.request(address, method, body or None, signed)
        return Answer(response.status, response, content)

    def _token(self, refused: str | None) -> str:
        """A valid access token; `refused` is one that Google no longer takes."""
        with self._lock:
            known = self._access
            if known is not None and known.holds(self.now()) and known.text != refused:
                return known.text
            with self._renewal.alone():
                # Read anew: the user may have signed in again since, or another process renewed it.
                secret = self.secret()
                access = self._renewed(secret)
                if access.refresh and access.refresh != secret.refresh_token:
                    self._save(replace(secret, refresh_token=access.refresh))
            self._access = access
            return access.text

    def _save(self, secret: GoogleSecret) -> None:
        """Keep a refresh token that took the place of the last one, before what came with it is used."""
        try:
            text = secret.text()
        except ValueError as error:
            raise LocalTrouble("refresh_token_too_long_for_keychain") from error
        self._renewal.keep(text)

    def _renewed(self, secret: GoogleSecret) -> AccessToken:
        try:
            return access_token(self._client, self.settings, secret, self.now())
        except (TokenRefused, OSError) as error:
            trouble = self.trouble(error)
            if isinstance(trouble, RetryLater):  # whatever was to be sent with the token has not been sent
                trouble = RetryLater(trouble.reason, trouble.after)
            raise trouble from error

    def _build(self) -> Any:  # noqa: ANN401 - as above
        with self._service_lock:
            if self._service is None:
                from googleapiclient.discovery import build

                # The endpoint must include /calendar/v3/, because it replaces the root and the service's path alike.
                self._service = build(
                    "calendar",
                    "v3",
                    http=_NeverSent(),
                    client_options={"api_endpoint": self.settings.api_base},
                    static_discovery=True,
                    cache_discovery=False,
                )
            return self._service


def _perhaps_done(trouble: PortError, method: str) -> PortError:
    """A page where the answer to a write should be: a gateway may have sent it after the write was carried out (R2)."""
    if isinstance(trouble, RetryLater) and method != "GET":
        return RetryLater(trouble.reason, trouble.after, outcome_unknown=True)
    return trouble


class _NeverSent:
    """Stands where the client library keeps its connection: it only builds requests here, we send them ourselves."""
