"""Online meetings: of an event, and standing alone."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from soroe.sandbox.microsoft365.errors import GraphError, Json, invalid_request
from soroe.sandbox.microsoft365.model import State
from soroe.sandbox.microsoft365.times import read_bound, stamp
from soroe.sandbox.microsoft365.view import as_html

_MARK = "________________________________________________________________________________"


def prepared(body: Json) -> Json:
    """Gives a new event its meeting where it asks for one."""
    return _with_meeting(body) if body["isOnlineMeeting"] else {**body, "onlineMeetingProvider": "unknown"}


def changed(old: Json, body: Json) -> Json:
    """Applies what a change may do to a meeting.

    It cannot be switched off nor get another provider (guide on online meetings), but a new text without the meeting's
    block ends it (page on updating events).
    """
    if not old["isOnlineMeeting"]:
        return prepared(body)
    if not body["isOnlineMeeting"]:
        raise invalid_request("The property 'isOnlineMeeting' cannot be changed after it was set to true.")
    if body["onlineMeetingProvider"] != old["onlineMeetingProvider"]:
        raise invalid_request("The property 'onlineMeetingProvider' cannot be changed after it was set.")
    if body["body"] != old["body"] and old["onlineMeeting"]["joinUrl"] not in body["body"]["content"]:
        return {**body, "isOnlineMeeting": False, "onlineMeetingProvider": "unknown", "onlineMeeting": None}
    return body


def join_url(seed: str) -> str:
    thread = hashlib.sha256(seed.encode()).hexdigest()[:32]
    return f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{thread}%40thread.v2/0"


def _with_meeting(body: Json) -> Json:
    if body["onlineMeetingProvider"] not in ("unknown", "teamsForBusiness"):
        raise invalid_request("The calendar does not allow this online meeting provider.")
    url = join_url(body["uid"])
    block = f'<div>{_MARK}<br><a href="{url}">Join the meeting now</a><br>{_MARK}</div>'
    text = as_html(body["body"])
    whole = text.replace("</body>", f"{block}</body>") if "</body>" in text else f"{text}{block}"
    return {
        **body,
        "body": {"contentType": "html", "content": whole},
        "onlineMeetingProvider": "teamsForBusiness",
        "onlineMeeting": {"joinUrl": url},
    }


class Meetings:
    """`/me/onlineMeetings`: meetings that stand in no calendar. The caller holds the lock."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._meetings: dict[str, tuple[str, Json]] = {}
        self._external: dict[tuple[str, str], str] = {}

    def create(self, email: str, raw: Json) -> Json:
        """Makes a meeting; its times are moments with an offset (page on creating online meetings)."""
        start, end = _moment(raw, "startDateTime"), _moment(raw, "endDateTime")
        if start is not None and end is not None and end < start:
            raise GraphError(400, "BadRequest", "The endDateTime of a meeting must not be before its startDateTime.")
        now = self._state.clock()
        begin = start or now
        name = self._state.guid()
        meeting_id = f"MSo{name.replace('-', '')}"
        meeting: Json = {
            "id": meeting_id,
            "creationDateTime": stamp(now),
            "startDateTime": stamp(begin),
            "endDateTime": stamp(end or begin + timedelta(hours=1)),
            "joinWebUrl": join_url(name),
            "subject": raw.get("subject"),
            "participants": {"organizer": {"upn": email}, "attendees": []},
        }
        self._meetings[meeting_id] = (email, meeting)
        return meeting

    def create_or_get(self, email: str, raw: Json) -> tuple[Json, bool]:
        """Makes a meeting once for each `externalId`; the second value tells whether it is new."""
        external = raw.get("externalId")
        if not isinstance(external, str) or not external:
            raise GraphError(400, "BadRequest", "The property 'externalId' is required.")
        known = self._external.get((email, external))
        if known is not None and known in self._meetings:
            return self._meetings[known][1], False
        meeting = self.create(email, raw)
        self._external[(email, external)] = meeting["id"]
        return meeting, True

    def get(self, email: str, meeting_id: str) -> Json:
        owner, meeting = self._meetings.get(meeting_id, ("", {}))
        if owner != email:
            raise GraphError(404, "NotFound", "The meeting was not found.")
        return meeting

    def delete(self, email: str, meeting_id: str) -> None:
        self.get(email, meeting_id)
        del self._meetings[meeting_id]

    @property
    def all(self) -> tuple[Json, ...]:
        return tuple(meeting for _, meeting in self._meetings.values())


def _moment(raw: Json, name: str) -> datetime | None:
    text = raw.get(name)
    if text is None:
        return None
    try:
        return read_bound(str(text), name)
    except GraphError:
        raise GraphError(400, "BadRequest", f"Cannot read the property '{name}'.") from None
