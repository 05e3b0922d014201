"""Put appointments into the sandbox's Exchange mailbox, as people would in Outlook."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.exchange.recurrence import Recurrence

from .appointments import COLLEAGUE, CUSTOMER, ME, ZONE, Appointment, Calendar, Hours
from .fortnight import COLLEAGUES, EVENTS, INVITATIONS, SERIES
from .rules import WeeklyRule, weekly_rule

PASSWORD = "correct-horse-battery"  # noqa: S105 - the demo's own, on this computer only


def people(box: ExchangeSandbox) -> None:
    """Sato-san, and his colleague who shares her calendar with him."""
    box.add_account(ME, PASSWORD, "佐藤 健", time_zone=ZONE)
    box.add_account(COLLEAGUE, "another", "鈴木 花子", time_zone=ZONE)
    box.share(box.calendar(COLLEAGUE).id, ME)


def fill(box: ExchangeSandbox, calendar: Calendar) -> None:
    """The whole fortnight: single events, series with exceptions, private ones, invitations, the colleague's."""
    for appointment in EVENTS:
        _put(box, ME, appointment, calendar)
    for series in SERIES:
        _series(box, calendar, series)
    for invitation in INVITATIONS:
        start, end = _times(invitation, calendar)
        box.receives_invitation(ME, CUSTOMER, invitation.title, start, end, **_fields(invitation, calendar))
    for appointment in COLLEAGUES:
        _put(box, COLLEAGUE, appointment, calendar)


def _series(box: ExchangeSandbox, calendar: Calendar, appointment: Appointment) -> None:
    """A series of which one occurrence was moved, one renamed, and one cancelled."""
    series = _put(box, ME, appointment, calendar)
    first, end = _times(appointment, calendar)
    if not isinstance(appointment.when, Hours):
        return
    _, second, third, fourth = box.occurrences(series, first + timedelta(days=60))[:4]
    step = timedelta(weeks=weekly_rule(appointment.repeats[0]).weeks) + timedelta(hours=2)
    box.user_changes(second, start=first + step, end=end + step)
    box.user_changes(third, subject=f"{appointment.title}(拡大版)")
    box.user_deletes(fourth)


def _put(box: ExchangeSandbox, email: str, appointment: Appointment, calendar: Calendar) -> str:
    start, end = _times(appointment, calendar)
    fields = _fields(appointment, calendar)
    return box.user_creates(email, appointment.title, start, end, folder_id="", **fields)


def _times(appointment: Appointment, calendar: Calendar) -> tuple[datetime, datetime]:
    return _moment(calendar.start(appointment.when)), _moment(calendar.end(appointment.when))


def _moment(at: date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time(), ZoneInfo(ZONE))


def _fields(appointment: Appointment, calendar: Calendar) -> dict[str, object]:
    fields: dict[str, object] = {
        "all_day": not isinstance(appointment.when, Hours),
        "show_as": "Free" if appointment.free else "Busy",
        "sensitivity": "Private" if appointment.private else "Normal",
        "location": appointment.place,
        "body": appointment.notes,
        "body_type": "HTML" if appointment.notes.startswith("<") else "Text",
    }
    if appointment.repeats:
        fields["recurrence"] = _recurrence(weekly_rule(appointment.repeats[0]), _times(appointment, calendar)[0])
    return fields


def _recurrence(rule: WeeklyRule, start: datetime) -> Recurrence:
    pattern = (("Interval", str(rule.weeks)), ("DaysOfWeek", f"{start:%A}"))
    return Recurrence("WeeklyRecurrence", pattern, "NumberedRecurrence", start.date(), most=rule.count)
