"""Scheduled meetings of Zoom users, and what Zoom checks of them (API reference: Meetings)."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TOPIC_LIMIT, AGENDA_LIMIT = 200, 2_000
CREATES_A_DAY = 100
INSTANT, SCHEDULED, RECURRING, RECURRING_FIXED = 1, 2, 3, 8
_TYPES = frozenset({INSTANT, SCHEDULED, RECURRING, RECURRING_FIXED})
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
Json = dict[str, Any]


class ZoomError(Exception):
    """An answer of the API other than success: HTTP status, Zoom's own code, its message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class User:
    """One Zoom user; `licensed` has type 2, a free one type 1."""

    id: str
    email: str
    zone: str = "Asia/Tokyo"
    licensed: bool = True
    active: bool = True


@dataclass
class Meetings:
    """All meetings of one company's account; the caller holds a lock. `clock` tells aware UTC times."""

    clock: Callable[[], datetime]
    known: dict[int, Json] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    _made: Counter[tuple[str, str]] = field(default_factory=Counter)

    def create(self, user: User, body: object) -> Json:
        """A new meeting, as Zoom answers it; 100 creates a user and day (UTC)."""
        day = (user.id, f"{self.clock():%Y-%m-%d}")
        if self._made[day] >= CREATES_A_DAY:
            raise ZoomError(429, 429, "You have reached the maximum per-day rate limit for this API.")
        checked = _checked(body, user)
        self._made[day] += 1
        number = 85_000_000_000 + secrets.randbelow(10**9)
        meeting = {
            "id": number,
            "uuid": secrets.token_urlsafe(16),
            "host_id": user.id,
            "host_email": user.email,
            "status": "waiting",
            "created_at": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}",
            "join_url": f"https://us02web.zoom.example/j/{number}?pwd={secrets.token_urlsafe(6)}",
            "start_url": f"https://us02web.zoom.example/s/{number}?zak={secrets.token_urlsafe(40)}",
            **checked,
        }
        self.known[number] = meeting
        return meeting

    def of(self, user: User, number: str) -> Json:
        """A meeting of that user; another's is as unknown as one that never was."""
        meeting = self.known.get(int(number)) if number.isdecimal() else None
        if meeting is None or meeting["host_id"] != user.id:
            raise ZoomError(404, 3001, f"Meeting does not exist: {number}.")
        return meeting

    def upcoming(self, user: User) -> list[Json]:
        """The meetings of a user that are not over, without what only their host may know."""
        now = self.clock()
        mine = [meeting for meeting in self.known.values() if meeting["host_id"] == user.id]
        ahead = [meeting for meeting in mine if meeting["type"] == RECURRING or _end(meeting) > now]
        return [{key: value for key, value in meeting.items() if key != "start_url"} for meeting in ahead]

    def delete(self, user: User, number: str, query: Mapping[str, str]) -> None:
        """A meeting goes; Zoom reminds host and registrants by mail unless it is told not to."""
        meeting = self.of(user, number)
        if query.get("schedule_for_reminder", "true") != "false":
            self.mails.append(f"host: {meeting['id']}")
        if query.get("cancel_meeting_reminder", "false") == "true":
            self.mails.append(f"registrants: {meeting['id']}")
        del self.known[int(number)]


def _checked(body: object, user: User) -> Json:
    if not isinstance(body, dict):
        raise ZoomError(400, 300, "Request Body should be a valid JSON object.")
    topic, agenda, kind = body.get("topic", "Zoom Meeting"), body.get("agenda", ""), body.get("type", SCHEDULED)
    if not isinstance(topic, str) or len(topic) > TOPIC_LIMIT:
        raise ZoomError(400, 300, "Validation Failed: topic")
    if not isinstance(agenda, str) or len(agenda) > AGENDA_LIMIT:
        raise ZoomError(400, 300, "Validation Failed: agenda")
    if kind not in _TYPES:
        raise ZoomError(400, 300, "Validation Failed: type")
    zone = body.get("timezone") or user.zone
    told: Json = {"topic": topic, "agenda": agenda, "type": kind, "timezone": zone}
    if kind != RECURRING:
        told |= {"start_time": _start(body.get("start_time"), zone), "duration": _minutes(body.get("duration", 60))}
    return told


def _start(text: object, zone: object) -> str:
    if isinstance(text, str) and _UTC.fullmatch(text):
        return text
    try:
        place = ZoneInfo(str(zone))
        if isinstance(text, str) and _LOCAL.fullmatch(text):
            return f"{datetime.fromisoformat(text).replace(tzinfo=place).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ZoneInfoNotFoundError, ValueError):
        raise ZoomError(400, 300, "Validation Failed: timezone") from None
    raise ZoomError(400, 300, "Validation Failed: start_time")


def _minutes(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ZoomError(400, 300, "Validation Failed: duration")
    return value


def _end(meeting: Json) -> datetime:
    start = datetime.strptime(meeting["start_time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return start + timedelta(minutes=int(meeting["duration"]))
