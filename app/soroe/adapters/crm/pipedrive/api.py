"""Pipedrive's requests, with what each costs of the company's daily tokens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any
from urllib.parse import quote

from soroe.adapters.crm.documents import Malformed, at, checked_zone, id_at, text_at
from soroe.adapters.crm.service import Call, Service, encoded
from soroe.adapters.net.exchange import Answer, Json
from soroe.core.event import UTC_ZONE
from soroe.ports.errors import Gone, RetryLater, ServiceFault
from soroe.ports.remote import ActivityType, Identity

from .errors import Refusals

ACTIVITIES = "api/v2/activities"
TOKENS_A_SEAT = 30_000
_NO_DAY = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))
POLLING_SHARE = 0.1


class Cost(IntEnum):
    """Tokens of a request (Pipedrive: rate limiting; version 1 costs twice as much)."""

    READ_ONE = 1
    READ_ONE_V1 = 2
    DELETE = 3
    WRITE = 5
    LIST = 10
    LIST_V1 = 20


@dataclass(frozen=True, slots=True)
class Budget:
    """The company's tokens of the day: `spent` of `limit`, starting anew at `reset` (UTC, as far as we know).

    `told` says that Pipedrive told the numbers; otherwise they are our own count against one seat's Lite plan.
    `ours` is what this account spent itself.
    """

    spent: int
    limit: int
    reset: datetime
    told: bool
    ours: int


@dataclass(frozen=True, slots=True)
class User:
    """The signed-in user."""

    id: str
    email: str
    zone: str


class Api:
    """Pipedrive's interface for one account. `clock` tells aware UTC times. Raises the port's errors."""

    def __init__(self, service: Service, clock: Callable[[], datetime]) -> None:
        self.service = service
        self.clock = clock
        self._refusals = Refusals()
        self._lock = threading.Lock()
        self._day = _NO_DAY
        self._ours = 0
        self._told: tuple[int, int] | None = None
        self._user: User | None = None

    # ------------------------------------------------------------------ activities
    def page(self, query: tuple[tuple[str, str], ...]) -> tuple[list[Json], str | None, Answer]:
        """One page of activities with their attendees, the next cursor, and the whole answer."""
        asked = (*query, ("limit", "500"), ("include_fields", "attendees"))
        answer = self._sent(Call("GET", ACTIVITIES, asked), Cost.LIST)
        document = answer.document()
        listed, following = at(document, "data"), at(document, "additional_data.next_cursor")
        if not isinstance(listed, list):
            raise ServiceFault("list_is_missing:data")
        if following is not None and not (isinstance(following, str) and 0 < len(following) < 8_192):
            raise ServiceFault("paging:additional_data.next_cursor")
        return listed, following, answer

    def get(self, own: str) -> Json:
        """One activity, also a deleted one; raises `Gone`."""
        call = Call("GET", _target(own), (("include_fields", "attendees"),))
        return _item(self._sent(call, Cost.READ_ONE).document(), own, writes=False)

    def create(self, body: dict[str, Any]) -> Json:
        """Makes an activity of the signed-in user."""
        return self.made(self.post(encoded(body)))

    def post(self, body: bytes) -> Answer:
        """As `create`, of a body that is JSON already; the answer is a success, and is still to be read (`made`)."""
        answer = self._sent(Call("POST", ACTIVITIES, body=body), Cost.WRITE)
        if answer.is_page:
            raise RetryLater("answer_unreadable", outcome_unknown=True)
        return answer

    @staticmethod
    def made(answer: Answer) -> Json:
        """The activity that an answer to `post` tells of."""
        return _item(answer.document_or_none(), None, writes=True)

    def change(self, own: str, body: dict[str, Any]) -> Json:
        """Changes the given members of an activity."""
        answer = self._sent(Call("PATCH", _target(own), body=body), Cost.WRITE)
        return _item(answer.document_or_none(), own, writes=True)

    def delete(self, own: str) -> None:
        """Deletes an activity; raises `Gone`."""
        self._sent(Call("DELETE", _target(own)), Cost.DELETE)

    # ------------------------------------------------------------------ version 1
    def recent(self, since: datetime, start: int) -> tuple[list[Json], int | None]:
        """What changed at or after `since` (UTC) in the whole company, deletions included; the next start, if any."""
        query = (
            ("since_timestamp", f"{since:%Y-%m-%d %H:%M:%S}"),
            ("items", "activity"),
            ("start", str(start)),
            ("limit", "500"),
        )
        document = self._sent(Call("GET", "v1/recents", query), Cost.LIST_V1, retired=True).document()
        listed = at(document, "data")
        if listed is None:
            return [], None
        if not isinstance(listed, list):
            raise ServiceFault("list_is_missing:data")
        following = at(document, "additional_data.pagination.next_start")
        more = at(document, "additional_data.pagination.more_items_in_collection")
        is_number = isinstance(following, int) and not isinstance(following, bool) and following > start
        return listed, following if more is True and is_number else None

    def types(self) -> list[ActivityType]:
        """The types that new activities can have; malformed ones are left out of the choice."""
        document = self._sent(Call("GET", "v1/activityTypes"), Cost.LIST_V1, retired=True).document()
        listed = at(document, "data")
        if not isinstance(listed, list):
            raise ServiceFault("list_is_missing:data")
        found: list[ActivityType] = []
        for entry in listed:
            try:
                key = id_at(entry, "key_string")
                if at(entry, "active_flag") is not False:
                    found.append(ActivityType(key, text_at(entry, "name", 255) or key))
            except Malformed:
                continue  # a type that cannot be named cannot be chosen; the others can
        return found

    def identity(self) -> Identity:
        """Who is signed in, asked anew."""
        user = self.user(anew=True)
        return Identity(user.id, user.email or user.id)

    def user(self, *, anew: bool = False) -> User:
        """The signed-in user, asked once."""
        with self._lock:
            known = None if anew else self._user
        if known is not None:
            return known
        data = at(self._sent(Call("GET", "v1/users/me"), Cost.READ_ONE_V1, retired=True).document(), "data")
        try:
            told = at(data, "timezone_name")
            zone = UTC_ZONE if told is None else checked_zone(told, "timezone_name")
            found = User(id_at(data, "id"), text_at(data, "email", 320), zone)
        except Malformed as error:
            raise ServiceFault(f"user_{error.field}") from error
        with self._lock:
            self._user = found
        return found

    # ------------------------------------------------------------------ budget
    def budget(self) -> Budget:
        """The tokens of today."""
        now = self.clock()
        reset = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        with self._lock:
            self._turn(now)
            if self._told is None:
                return Budget(self._ours, TOKENS_A_SEAT, reset, told=False, ours=self._ours)
            limit, left = self._told
            return Budget(max(limit - left, 0), limit, reset, told=True, ours=self._ours)

    def _sent(self, call: Call, cost: Cost, *, retired: bool = False) -> Answer:
        answer = self.service.send(call)
        now = self.clock()
        self._count(answer, cost, now)
        if 200 <= answer.status < 300:
            self._refusals.accepted()
            return answer
        trouble = self._refusals.of(answer, now, writes=call.method != "GET")
        if retired and isinstance(trouble, Gone):
            raise ServiceFault("endpoint_retired")
        raise trouble

    def _count(self, answer: Answer, cost: Cost, now: datetime) -> None:
        limit = answer.headers.get("x-daily-ratelimit-token-limit", "")
        left = answer.headers.get("x-daily-ratelimit-token-remaining", "")
        with self._lock:
            self._turn(now)
            if 200 <= answer.status < 300:
                self._ours += cost
            if limit.isdecimal() and left.isdecimal():
                self._told = int(limit), int(left)

    def _turn(self, now: datetime) -> None:
        begins, ends = self._day
        if not begins <= now < ends:
            begins = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            self._day, self._ours, self._told = (begins, begins + timedelta(days=1)), 0, None


def _target(own: str) -> str:
    if own in {".", "..", ""}:
        raise Gone("id_is_not_usable")
    return f"{ACTIVITIES}/{quote(own, safe='')}"


def _item(document: object, own: str | None, *, writes: bool) -> Json:
    """The activity in an answer; where its id was told (`own`), no other will do."""
    found = at(document, "data")
    if not isinstance(found, dict) or (own is not None and str(found.get("id")) != own):
        raise RetryLater("answer_unreadable", outcome_unknown=True) if writes else ServiceFault("answer_holds_no_item")
    return found
