"""Put appointments into the sandbox's Google Calendar, as people would in its web page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from soroe.sandbox.google import AccessRole, GoogleSandbox
from soroe.sandbox.google.errors import GoogleError, Json

from .appointments import COLLEAGUE, CUSTOMER, ME, ZONE, Appointment, Calendar, Hours
from .fortnight import COLLEAGUES, EVENTS, INVITATIONS, SERIES
from .from_ics import NoSuchOccurrence, NotTaken
from .remarks import said

_PROPERTIES = {"start time": "DTSTART", "end time": "DTEND", "recurrence": "RRULE", "attendee": "ATTENDEE"}


def people(google: GoogleSandbox) -> None:
    """Sato-san, his colleague who shares her calendar with him, and a customer."""
    google.add_account(ME, "佐藤 健", ZONE)
    google.add_account(COLLEAGUE, "鈴木 花子", ZONE)
    google.add_account(CUSTOMER, "Aoki", ZONE)
    google.share(COLLEAGUE, COLLEAGUE, ME, AccessRole.reader)


def fill(google: GoogleSandbox, calendar: Calendar) -> None:
    """The whole fortnight: single events, series with exceptions, private ones, invitations, the colleague's."""
    for appointment in EVENTS:
        google.user_inserts(ME, body(appointment, calendar))
    for series in SERIES:
        _series(google, calendar, series)
    for invitation in INVITATIONS:
        invited = body(invitation, calendar) | {"attendees": [{"email": ME}]}
        google.user_inserts(CUSTOMER, invited)
    for appointment in COLLEAGUES:
        google.user_inserts(COLLEAGUE, body(appointment, calendar))


def _series(google: GoogleSandbox, calendar: Calendar, appointment: Appointment) -> None:
    """A series of which one occurrence was moved, one renamed, and one cancelled."""
    master = google.user_inserts(ME, body(appointment, calendar))
    first = calendar.start(appointment.when)
    if not isinstance(first, datetime) or not isinstance(appointment.when, Hours):
        return
    step = timedelta(days=14 if "INTERVAL=2" in appointment.repeats[0] else 7)
    second, third, fourth = (_instance(str(master["id"]), first + n * step) for n in (1, 2, 3))
    later = first + step + timedelta(hours=2)
    change = {"start": _point(later), "end": _point(later + timedelta(minutes=appointment.when.minutes))}
    google.user_patches(ME, second, change)
    google.user_patches(ME, third, {"summary": f"{appointment.title}(拡大版)"})
    google.user_deletes(ME, fourth)


def _instance(series: str, start: datetime) -> str:
    """The id that Google gives one occurrence."""
    return f"{series}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def body(appointment: Appointment, calendar: Calendar) -> Json:
    """An appointment in the shape of Google's event resource."""
    event: Json = {
        "summary": appointment.title,
        "start": _point(calendar.start(appointment.when)),
        "end": _point(calendar.end(appointment.when)),
    }
    if appointment.place:
        event["location"] = appointment.place
    if appointment.notes:
        event["description"] = appointment.notes
    if appointment.private:
        event["visibility"] = "private"
    if appointment.free:
        event["transparency"] = "transparent"
    if appointment.repeats:
        event["recurrence"] = list(appointment.repeats)
    return event


class GoogleShelf:
    """Sato's calendar for entries of a file (`from_ics.Shelf`)."""

    def __init__(self, google: GoogleSandbox) -> None:
        self._google = google

    def insert(self, body: Json) -> str:
        with _told():
            return str(self._google.user_inserts(ME, body)["id"])

    def invite(self, organizer: str, body: Json) -> str:
        with _told():
            return str(self._google.receives_invitation(ME, organizer, body)["id"])

    def change(self, series: str, original: str, body: Json, organizer: str) -> None:
        usual = {"location": None, "description": None, "transparency": "opaque"}
        whole = {**usual, **{key: value for key, value in body.items() if key != "recurrence"}}
        for end in ("start", "end"):  # an occurrence of hours may become one of days, and the other way round
            whole[end] = {**dict.fromkeys(("date", "dateTime", "timeZone")), **body[end]}
        with _told():
            if organizer:
                self._google.organizer_changes(ME, f"{series}_{original}", whole)
            else:
                self._google.user_patches(ME, f"{series}_{original}", whole)

    def cancel(self, series: str, original: str) -> None:
        with _told():
            self._google.user_deletes(ME, f"{series}_{original}")


@contextmanager
def _told() -> Iterator[None]:
    """What Google refuses, in the words of an import."""
    try:
        yield
    except GoogleError as error:
        if error.reason == "notFound":
            raise NoSuchOccurrence from error
        field = _property(error)
        match field:
            case "RRULE":
                what = said("no_such_rule")
            case "DTSTART" | "DTEND":  # what was read is a time; only its year can be one that nobody has
                what = said("no_such_year")
            case _:
                what = said("service_says", message=error.message)
        raise NotTaken(field, what) from error


def _property(error: GoogleError) -> str:
    """Which property of the file Google's words are about."""
    words = f"{error.location} {error.message}".lower()
    return next((name for word, name in _PROPERTIES.items() if word in words), error.location)


def _point(at: object) -> Json:
    if isinstance(at, datetime):
        return {"dateTime": at.isoformat(), "timeZone": ZONE}
    return {"date": str(at)}
