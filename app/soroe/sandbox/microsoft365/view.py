"""An event as Graph shows it: every property, in the zone and with the ids the request prefers."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.model import Calendar, State
from soroe.sandbox.microsoft365.preferences import Preferences
from soroe.sandbox.microsoft365.series import Seen, instance_start
from soroe.sandbox.microsoft365.times import When, stamp

_PREVIEW = 255


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom and in which shape events are shown."""

    state: State
    calendar: Calendar
    email: str
    prefer: Preferences

    def shown_id(self, seen: Seen) -> str:
        record_id, day = seen.place
        return self.state.place(self.calendar, record_id, day, immutable=self.prefer.immutable)

    def master_id(self, seen: Seen) -> str | None:
        if seen.master is None:
            return None
        return self.state.place(self.calendar, seen.master.id, None, immutable=self.prefer.immutable)

    def hides(self, seen: Seen) -> bool:
        """Whether a colleague sees only that the owner is busy."""
        return self.email != self.calendar.owner and seen.item.body["sensitivity"] == "private"


def shown_event(reader: Reader, seen: Seen) -> Json:
    """The whole resource, without what only `$expand` or `$select` brings."""
    item, body = seen.item, seen.item.body
    key = change_key(seen)
    shown = {
        "@odata.etag": etag(seen),
        "id": reader.shown_id(seen),
        "createdDateTime": body["createdDateTime"],
        "lastModifiedDateTime": body["lastModifiedDateTime"],
        "changeKey": key,
        "categories": body["categories"],
        "transactionId": body["transactionId"],
        "originalStartTimeZone": item.start.zone,
        "originalEndTimeZone": item.end.zone,
        "iCalUId": _ical_id(seen),
        "reminderMinutesBeforeStart": body["reminderMinutesBeforeStart"],
        "isReminderOn": body["isReminderOn"],
        "hasAttachments": False,
        "subject": body["subject"],
        "bodyPreview": as_text(body["body"])[:_PREVIEW],
        "importance": body["importance"],
        "sensitivity": body["sensitivity"],
        "isAllDay": body["isAllDay"],
        "isCancelled": body["isCancelled"],
        "isOrganizer": body["organizer"] == reader.calendar.owner,
        "responseRequested": body["responseRequested"],
        "seriesMasterId": reader.master_id(seen),
        "showAs": body["showAs"],
        "type": seen.kind,
        "webLink": f"https://outlook.office365.com/owa/?itemid={quote(reader.shown_id(seen), safe='')}&exvsurl=1",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": body["isOnlineMeeting"],
        "onlineMeetingProvider": body["onlineMeetingProvider"],
        "allowNewTimeProposals": body["allowNewTimeProposals"],
        "isDraft": False,
        "hideAttendees": body["hideAttendees"],
        "responseStatus": body["responseStatus"],
        "body": _text(body["body"], reader.prefer),
        "start": _time(item.start, reader.prefer, all_day=body["isAllDay"]),
        "end": _time(item.end, reader.prefer, all_day=body["isAllDay"]),
        "location": body["location"],
        "locations": body["locations"],
        "recurrence": body["recurrence"],
        "attendees": body["attendees"],
        "organizer": {"emailAddress": {"name": _name(reader.state, body["organizer"]), "address": body["organizer"]}},
        "onlineMeeting": body["onlineMeeting"],
    }
    if seen.master is not None and seen.day is not None:
        shown["originalStart"] = stamp(instance_start(seen.master.item, seen.day).moment)
    return _private(shown) if reader.hides(seen) else shown


def by_name(reader: Reader, seen: Seen) -> Json:
    """What is shown only when `$select` names it."""
    if not reader.state.names_occurrences:
        return {}
    named: Json = {"cancelledOccurrences": [], "occurrenceId": None}
    if seen.kind == "seriesMaster":
        named["cancelledOccurrences"] = [f"OID.{reader.shown_id(seen)}.{day}" for day in sorted(seen.item.gone)]
    elif seen.master is not None:
        named["occurrenceId"] = f"OID.{reader.master_id(seen)}.{seen.day}"
    return named


def change_key(seen: Seen) -> str:
    """Identifies the version, another one after a move; an untouched occurrence has that of its series."""
    seed = f"{seen.record.id}|{seen.record.version}|{seen.record.calendar}|{seen.day}".encode()
    return base64.b64encode(hashlib.sha256(seed).digest()[:18]).decode()


def etag(seen: Seen) -> str:
    return f'W/"{change_key(seen)}"'


def as_text(body: Json) -> str:
    """The text of a body without its marks."""
    content = str(body["content"])
    if body["contentType"] == "text":
        return content
    content = re.sub(r"(?is)<(head|style|script).*?</\1>", "", content)
    content = re.sub(r"(?i)<br\s*/?>|</(p|div|tr|h\d)>", "\n", content)
    return html.unescape(re.sub(r"<[^>]+>", "", content)).strip()


def as_html(body: Json) -> str:
    """The body as the service keeps it: text given as text becomes a page of its own."""
    content = str(body["content"])
    if body["contentType"] == "html":
        return content
    lines = "<br>\r\n".join(html.escape(line, quote=False) for line in content.splitlines())
    return f"<html><head></head><body>{lines}</body></html>" if content else ""


def _text(body: Json, prefer: Preferences) -> Json:
    if prefer.text:
        return {"contentType": "text", "content": as_text(body)}
    return {"contentType": "html", "content": as_html(body)}


def _time(when: When, prefer: Preferences, *, all_day: bool) -> Json:
    """All-day events keep their midnights: the service shows them in the zone of the request without moving them."""
    wanted = prefer.zone or "UTC"
    return When(when.wall, wanted).json() if all_day else When(when.seen_in(wanted).wall, wanted).json()


def _ical_id(seen: Seen) -> str:
    """Different for each occurrence (page of the event resource)."""
    day = seen.day
    mark = f"{day:%Y%m%d}" if day is not None else "00000000"
    return f"040000008200E00074C5B7101A82E008{mark}{hashlib.sha256(seen.item.body['uid'].encode()).hexdigest()[:40]}"


def _name(state: State, email: str) -> str:
    known = state.accounts.get(email)
    return known.name if known is not None and known.name else email


def _private(shown: Json) -> Json:
    """A private event in the eyes of a colleague."""
    return shown | {
        "subject": "Private Appointment",
        "bodyPreview": "",
        "body": {"contentType": shown["body"]["contentType"], "content": ""},
        "location": {"displayName": ""},
        "locations": [],
        "attendees": [],
        "categories": [],
        "onlineMeeting": None,
    }


def now_stamp(now: datetime) -> str:
    return stamp(now.astimezone(UTC))
