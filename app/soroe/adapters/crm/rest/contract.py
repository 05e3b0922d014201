"""A CRM's operations as its profile describes them: addresses, headers and bodies filled in, refusals translated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from soroe.adapters.crm.documents import Malformed, at, checked_zone, id_at, put, text_at
from soroe.adapters.crm.service import Call, Service
from soroe.adapters.net.exchange import Answer, Json
from soroe.ports.errors import AdminRequired, Gone, ItemRejected, LocalTrouble, PortError, RetryLater, ServiceFault
from soroe.ports.remote import Identity

from .errors import is_refusal, port_error
from .profile import Profile
from .profile_requests import HeaderQuiet, Operation, QueryQuiet

Query = tuple[tuple[str, str], ...]
NO_WORDS: Mapping[str, str] = MappingProxyType({})
ACCOUNT_WORDS = ("tenant", "email")
_NEEDS = {"tenant": "account_needs_tenant", "email": "account_needs_email"}


class Contract:
    """One signed-in user's way to call one CRM. `clock` tells aware UTC times.

    `account` are words of the account's own for paths, queries and bodies: its `tenant`, its `email`.
    """

    def __init__(
        self,
        service: Service,
        profile: Profile,
        clock: Callable[[], datetime],
        zone: str = "",
        account: Mapping[str, str] = NO_WORDS,
    ) -> None:
        self._account = account
        self.service = service
        self.profile = profile
        self.clock = clock
        self._zone = zone
        self._lock = threading.RLock()
        self._user: Mapping[str, Any] | None = None

    @property
    def requests_sent(self) -> int:
        """Requests that left for this account so far."""
        return self.service.requests_sent

    def read(
        self, operation: Operation, item: str = "", query: Query = (), fill: Mapping[str, str] | None = None
    ) -> Json:
        """The document that a reading operation answers; raises the port's errors."""
        return self._checked(operation, self._call(operation, item, query, fill, reads=True), writes=False).document()

    def write(
        self,
        operation: Operation,
        item: str = "",
        body: object = None,
        headers: Mapping[str, str] | None = None,
        query: Query = (),
    ) -> Answer:
        """The answer to a writing operation that mails nobody; raises the port's errors. Bytes are a whole body."""
        call = self._call(operation, item, (*self._quiet_query(operation), *query), None, reads=False)
        wrapped = body
        if body is not None and operation.wrap is not None and not isinstance(body, bytes):
            wrapped = {}
            put(wrapped, operation.wrap, body)
        quiet = self.profile.quiet
        silent: dict[str, str] = {quiet.header: quiet.value} if isinstance(quiet, HeaderQuiet) else {}
        full = Call(
            call.method,
            call.target,
            call.query,
            call.body if wrapped is None else wrapped,
            {**call.headers, **silent, **(headers or {})},
            operation.content_type,
        )
        return self._checked(operation, full, writes=True)

    def item_of(self, operation: Operation, answer: Answer) -> Json:
        """The item in a write's answer; a lost one leaves the outcome unknown."""
        document = answer.document_or_none()
        found = at(document, operation.item_at) if operation.item_at is not None else document
        if not isinstance(found, dict):
            raise RetryLater("answer_unreadable", outcome_unknown=True)
        return found

    def get(self, item: str) -> tuple[Json, Answer]:
        """One item's document with the whole answer; raises `Gone` and every account error."""
        operation = self.profile.operations.get
        answer = self._checked(operation, self._call(operation, item, (), None, reads=True), writes=False)
        document = answer.document()
        found = at(document, operation.item_at) if operation.item_at is not None else document
        if not isinstance(found, dict):
            raise ServiceFault("answer_holds_no_item")
        return found, answer

    def user(self) -> Mapping[str, Any]:
        """The signed-in user's document, asked once."""
        with self._lock:
            if self._user is None:
                operation = self.profile.operations.me
                call = self._call(operation, "", (), None, reads=True, plain=True)
                document = self._checked(operation, call, writes=False).document()
                found = at(document, operation.item_at) if operation.item_at is not None else document
                self._user = _the_one(found)
            return self._user

    def identity(self) -> Identity:
        """Who is signed in, asked anew."""
        with self._lock:
            self._user = None
        words = self.profile.user
        try:
            user = self.user()
            key = id_at(user, words.id)
            name = text_at(user, words.email, 320) if words.email else ""
            name = name or (text_at(user, words.name, 320) if words.name else "") or key
        except Malformed as error:
            raise ServiceFault(f"user_{error.field}") from error
        return Identity(key, name)

    def me(self) -> str:
        """The signed-in user's id."""
        try:
            return id_at(self.user(), self.profile.user.id)
        except Malformed as error:
            raise ServiceFault(f"user_{error.field}") from error

    def home(self) -> str:
        """The user's own zone: as configured, else as the CRM tells it."""
        if self._zone:
            return self._zone
        path = self.profile.user.time_zone
        if path is None:
            raise ServiceFault("time_zone_not_configured")
        try:
            self._zone = checked_zone(at(self.user(), path), path)
        except Malformed as error:
            raise ServiceFault(f"user_{error.field}") from error
        return self._zone

    @property
    def needs_home(self) -> bool:
        """Whether times can't be read without the user's zone."""
        return self.profile.times.zone in {"header", "account"}

    def _checked(self, operation: Operation, call: Call, *, writes: bool) -> Answer:
        answer = self.service.send(call)
        if not 200 <= answer.status < 300 or is_refusal(answer, self.profile):
            error = port_error(answer, self.profile, self.clock(), writes=writes)
            raise error if writes or "{id}" in operation.path else _about_no_item(error, answer.status)
        return answer

    def _quiet_query(self, operation: Operation) -> Query:
        quiet = self.profile.quiet
        if isinstance(quiet, QueryQuiet) and quiet.parameter not in operation.query:
            return ((quiet.parameter, quiet.value),)
        return ()

    def _call(
        self,
        operation: Operation,
        item: str,
        query: Query,
        fill: Mapping[str, str] | None,
        *,
        reads: bool,
        plain: bool = False,
    ) -> Call:
        if item in {".", ".."}:
            raise Gone("id_is_not_usable")
        asked = f"{operation.path}{operation.query}{operation.json}"
        words = {**self._words(asked), **(fill or {})}
        if "{me}" in asked:
            words["me"] = self.me()
        target: str = operation.path
        if "{" in target:
            target = target.replace("{id}", quote(item, safe=""))
            for name in ("me", *ACCOUNT_WORDS):
                target = target.replace(f"{{{name}}}", quote(words.get(name, ""), safe=""))
        fixed = tuple(
            (name, _filled(value, words) if "{" in value else value)
            for name, value in operation.query.items()
            if not _is_unknown(value, words)
        )
        body = None if operation.json is None else _filled_json(operation.json, words)
        return Call(
            operation.method, target, (*fixed, *query), body, self._headers(operation, plain=plain), reads=reads
        )

    def _words(self, asked: str) -> dict[str, str]:
        """The account's own words that an operation asks for; `LocalTrouble` for one that the account does not have."""
        words = {name: self._account.get(name, "") for name in ACCOUNT_WORDS if f"{{{name}}}" in asked}
        for name, value in words.items():
            if not value:
                raise LocalTrouble(_NEEDS[name])
        return words

    def _headers(self, operation: Operation, *, plain: bool) -> dict[str, str]:
        found: dict[str, str] = dict([*self.profile.headers.items(), *operation.headers.items()])
        zone_header = self.profile.times.zone_header
        if zone_header is not None and self.profile.times.zone == "header":
            found.setdefault(zone_header, "{time_zone}")
        if plain and not self._zone:
            return {name: value for name, value in found.items() if "{time_zone}" not in value}
        return {
            name: value.replace("{time_zone}", self.home()) if "{time_zone}" in value else value
            for name, value in found.items()
        }


def _about_no_item(error: PortError, status: int) -> PortError:
    """The refusal of a request that meant no item: its address, or the request itself, is wrong."""
    if isinstance(error, Gone) and status == 404:
        return AdminRequired("endpoint_not_found")
    return ServiceFault(str(error)) if isinstance(error, ItemRejected) else error


def _the_one(found: object) -> Mapping[str, Any]:
    """The user in an answer: an object, or the one that a search for him has found."""
    if isinstance(found, list):
        if not found:
            raise AdminRequired("user_not_found")
        if len(found) > 1:
            raise AdminRequired("user_is_ambiguous")
        found = found[0]
    if not isinstance(found, dict):
        raise ServiceFault("answer_holds_no_user")
    return found


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text


_NUMBERS = frozenset({"{limit}", "{page}", "{offset}"})
_KNOWN_WORDS = frozenset({"me", "limit", "cursor", "page", "offset", "since", "first_day", "last_day"})


def _filled_json(value: object, words: Mapping[str, str]) -> object:
    """A body with its words filled in; a word that is not known here, such as a first page's cursor, is left out."""
    if isinstance(value, str):
        text = _filled(value, words)
        return int(text) if value in _NUMBERS and text.isdecimal() else text
    if isinstance(value, dict):
        return {k: _filled_json(v, words) for k, v in value.items() if not _is_unknown(v, words)}
    if isinstance(value, list):
        return [_filled_json(entry, words) for entry in value if not _asks_unknown(entry, words)]
    return value


def _asks_unknown(entry: object, words: Mapping[str, str]) -> bool:
    """Whether a list's entry, such as a condition, hangs on a word that is not known here."""
    return any(_is_unknown(part, words) for part in (entry.values() if isinstance(entry, dict) else (entry,)))


def _is_unknown(value: object, words: Mapping[str, str]) -> bool:
    if not isinstance(value, str) or value[:1] != "{" or value[-1:] != "}":
        return False
    return value[1:-1] in _KNOWN_WORDS and value[1:-1] not in words
