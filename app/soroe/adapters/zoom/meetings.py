"""Zoom meetings over its REST API; an implementation of `MeetingLinks`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from soroe.adapters.net.exchange import READING, Answer, Json, exchange
from soroe.adapters.net.oauth import OAuthKeys, Safe
from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.ports.errors import Gone, ItemRejected, ServiceFault
from soroe.ports.meeting_links import LinkWanted, MeetingLink
from soroe.ports.remote import Identity

from .errors import refusal
from .settings import ZoomSettings

TOPIC_LIMIT = 200
SCHEDULED, WITHOUT_FIXED_TIME = 2, 3
_PAGE = "300"
_MOST_PAGES = 20
_QUIET = (("schedule_for_reminder", "false"), ("cancel_meeting_reminder", "false"))


class ZoomMeetings:
    """One Zoom account.

    `safe` holds what the sign-in kept: Zoom's refresh tokens rotate, and a lost one ends the connection. `now` tells
    aware UTC times.
    """

    def __init__(
        self,
        settings: ZoomSettings,
        safe: Safe,
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        self._client = LibraryClient(RequestCount(), network)
        self._keys = OAuthKeys(settings.client(), self._client, safe, now)

    def close(self) -> None:
        """End the connections; a later call opens new ones."""
        self._client.close()

    def identity(self) -> Identity:
        """The user's id and address."""
        told = self._ask("GET", "users/me")
        key, email = _text(told, "id"), _text(told, "email")
        if not key:
            raise ServiceFault("answer_without_id")
        return Identity(key, email or key)

    def create(self, wanted: LinkWanted) -> MeetingLink:
        """Make a scheduled meeting, or one without a fixed time for a series; see `MeetingLinks.create`."""
        body: dict[str, object] = {"topic": _topic(wanted), "timezone": wanted.zone}
        if wanted.repeats:
            body["type"] = WITHOUT_FIXED_TIME
        else:
            start = wanted.start.astimezone(UTC)
            body |= {"type": SCHEDULED, "start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}", "duration": wanted.minutes}
        return _link(self._ask("POST", "users/me/meetings", body=body))

    def find(self, wanted: LinkWanted) -> MeetingLink | None:
        """The meeting with this topic and start: Zoom keeps no key of ours, so that is all there is to know it by."""
        for meeting in self._upcoming():
            if _text(meeting, "topic") == _topic(wanted) and _starts(meeting, wanted):
                return _link(meeting)
        return None

    def remove(self, link: str) -> None:
        """Delete a meeting without a reminder to anybody."""
        if not link.isdecimal():
            raise ServiceFault("link_without_id")
        try:
            self._ask("DELETE", f"meetings/{link}", _QUIET)
        except Gone:
            return

    # --- asking ---
    def _upcoming(self) -> Iterator[Json]:
        token = ""
        for _ in range(_MOST_PAGES):
            query = (("type", "upcoming"), ("page_size", _PAGE), *((("next_page_token", token),) if token else ()))
            told = self._ask("GET", "users/me/meetings", query)
            meetings = told.get("meetings") if isinstance(told, dict) else None
            if not isinstance(meetings, list):
                raise ServiceFault("answer_without_meetings")
            yield from meetings
            token = _text(told, "next_page_token")
            if not token:
                return
        raise ServiceFault("listing_without_end")

    def _ask(self, method: str, path: str, query: tuple[tuple[str, str], ...] = (), body: object = None) -> Json:
        """The document of a successful answer; a refused token is renewed once, and only once (R3)."""
        proof = self._keys.headers()
        answer = self._send(method, path, query, body, dict(proof))
        if answer.status == 401 and self._keys.renew(proof):
            answer = self._send(method, path, query, body, dict(self._keys.headers()))
        if not 200 <= answer.status < 300:
            raise refusal(answer, self._now(), writes=method not in READING)
        return None if answer.status == 204 else answer.document()

    def _send(
        self, method: str, path: str, query: tuple[tuple[str, str], ...], body: object, headers: dict[str, str]
    ) -> Answer:
        content = None if body is None else json.dumps(body).encode("ascii")
        if content is not None:
            headers["Content-Type"] = "application/json"
        address = f"{self._settings.api_endpoint.rstrip('/')}/{path}"
        return exchange(self._client, method, address, query, headers, content, writes=method not in READING)


def _topic(wanted: LinkWanted) -> str:
    return wanted.topic[:TOPIC_LIMIT]


def _link(told: Json) -> MeetingLink:
    """The id is a number of more than 32 bits and is kept as text; what is no https address is not passed on."""
    number = told.get("id") if isinstance(told, dict) else None
    address = _text(told, "join_url")
    if not str(number).isdecimal():
        raise ServiceFault("answer_without_id")
    if urlsplit(address).scheme != "https" or not address.isascii() or any(mark.isspace() for mark in address):
        raise ItemRejected("link_is_no_address", "join_url")
    return MeetingLink(str(number), address)


def _starts(meeting: Json, wanted: LinkWanted) -> bool:
    if wanted.repeats:
        return bool(meeting.get("type") == WITHOUT_FIXED_TIME)
    return _text(meeting, "start_time") == f"{wanted.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _text(told: Json, name: str) -> str:
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) else ""
