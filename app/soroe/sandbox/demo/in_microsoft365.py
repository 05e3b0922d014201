"""Put appointments into the sandbox's Microsoft 365 calendar, as people would in Outlook."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.sandbox import Microsoft365Sandbox

from .appointments import COLLEAGUE, CUSTOMER, ME, ZONE, Appointment, Calendar, Hours
from .fortnight import COLLEAGUES, EVENTS, INVITATIONS, SERIES
from .rules import WeeklyRule, weekly_rule


def people(box: Microsoft365Sandbox) -> None:
    """Sato-san, and his colleague who shares her calendar with him."""
    box.add_account(ME, "佐藤 健", ZONE)
    box.add_account(COLLEAGUE, "鈴木 花子", ZONE)
    box.share(COLLEAGUE, box.calendar_id(COLLEAGUE), ME)


def fill(box: Microsoft365Sandbox, calendar: Calendar) -> None:
    """The whole fortnight: single events, series with exceptions, private ones, invitations, the colleague's."""
    for appointment in EVENTS:
        box.user_creates(ME, body(appointment, calendar))
    for series in SERIES:
        _series(box, calendar, series)
    for invitation in INVITATIONS:
        box.receives_invitation(ME, CUSTOMER, body(invitation, calendar))
    for appointment in COLLEAGUES:
        box.user_creates(COLLEAGUE, body(appointment, calendar))


def _series(box: Microsoft365Sandbox, calendar: Calendar, appointment: Appointment) -> None:
    """A series of which one occurrence was moved, one renamed, and one cancelled."""
    master = str(box.user_creates(ME, body(appointment, calendar))["id"])
    first = calendar.start(appointment.when)
    if not isinstance(first, datetime) or not isinstance(appointment.when, Hours):
        return
    step = timedelta(weeks=weekly_rule(appointment.repeats[0]).weeks)
    second, third, fourth = (first + n * step for n in (1, 2, 3))
    later = second + timedelta(hours=2)
    moved = {"start": _point(later), "end": _point(later + timedelta(minutes=appointment.when.minutes))}
    box.user_changes_occurrence(ME, master, second.date(), moved)
    box.user_changes_occurrence(ME, master, third.date(), {"subject": f"{appointment.title}(拡大版)"})
    box.user_deletes_occurrence(ME, master, fourth.date())


def body(appointment: Appointment, calendar: Calendar) -> Json:
    """An appointment in the shape of Graph's event resource."""
    start, end = calendar.start(appointment.when), calendar.end(appointment.when)
    event: Json = {
        "subject": appointment.title,
        "start": _point(start),
        "end": _point(end),
        "isAllDay": not isinstance(start, datetime),
        "showAs": "free" if appointment.free else "busy",
        "sensitivity": "private" if appointment.private else "normal",
    }
    if appointment.place:
        event["location"] = {"displayName": appointment.place}
    if appointment.notes:
        kind = "html" if appointment.notes.startswith("<") else "text"
        event["body"] = {"contentType": kind, "content": appointment.notes}
    if appointment.repeats:
        event["recurrence"] = _recurrence(weekly_rule(appointment.repeats[0]), start)
    return event


def _recurrence(rule: WeeklyRule, start: date) -> Json:
    pattern = {"type": "weekly", "interval": rule.weeks, "daysOfWeek": [f"{start:%A}".lower()]}
    ends = {"type": "numbered", "startDate": f"{start:%Y-%m-%d}", "numberOfOccurrences": rule.count}
    return {"pattern": pattern, "range": ends}


def _point(at: date) -> Json:
    wall = at.replace(tzinfo=None) if isinstance(at, datetime) else datetime.combine(at, datetime.min.time())
    return {"dateTime": wall.isoformat(), "timeZone": ZONE}
