"""The user's own exported calendar on the shelves of Outlook's two servers (`soroe demo --calendar-file`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soroe.adapters.google.series import parse_stamp, read_recurrence
from soroe.adapters.google.times import read_when
from soroe.adapters.microsoft365.body import new_event
from soroe.adapters.net.reading import Misfit
from soroe.adapters.outlook.recurrence import (
    AbsoluteMonthly,
    AbsoluteYearly,
    Daily,
    EndDate,
    Numbered,
    Pattern,
    RelativeMonthly,
    RelativeYearly,
    Repetition,
    Unsupported,
    Weekday,
    Weekly,
)
from soroe.adapters.outlook.rrule import repetition
from soroe.core.event import AllDay, ContainerId, EventContent, Recurrence, ShowAs, Timed, Visibility, When, starts_on
from soroe.core.rules.recurrence import occurs_on
from soroe.ports.errors import ItemRejected
from soroe.sandbox.demo.appointments import ME, ZONE
from soroe.sandbox.demo.from_ics import Json, NoSuchOccurrence, NotTaken
from soroe.sandbox.demo.remarks import said
from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.exchange.errors import EwsError, SoapFault
from soroe.sandbox.exchange.people import attendees
from soroe.sandbox.exchange.recurrence import MONTHS, WEEK
from soroe.sandbox.exchange.recurrence import Recurrence as EwsRecurrence
from soroe.sandbox.microsoft365.errors import GraphError
from soroe.sandbox.microsoft365.sandbox import Microsoft365Sandbox

_DAY_NAMES = dict(zip(Weekday, WEEK, strict=True))


@dataclass(frozen=True, slots=True)
class Meeting:
    """An entry of the file as plain values; `guests` are addresses."""

    content: EventContent
    guests: tuple[str, ...]


class OutlookShelf(ABC):
    """Entries come in the shape of Google's event resource (`sandbox.demo.from_ics.Shelf`)."""

    def __init__(self) -> None:
        self._series: dict[str, When] = {}

    def insert(self, body: Json) -> str:
        """A whole event or series of Sato's own."""
        return self._put(read_meeting(body), "")

    def invite(self, organizer: str, body: Json) -> str:
        """The same as an invitation."""
        return self._put(read_meeting(body), organizer)

    def change(self, series: str, original: str, body: Json, organizer: str) -> None:
        """An occurrence that was moved or edited."""
        with _told():
            self._change(series, self._day(series, original), read_meeting(body))

    def cancel(self, series: str, original: str) -> None:
        """An occurrence that does not take place."""
        with _told():
            self._cancel(series, self._day(series, original))

    def _put(self, meeting: Meeting, organizer: str) -> str:
        recurrence = meeting.content.recurrence
        if recurrence is not None and recurrence.added:
            raise NotTaken("RDATE", said("outlook_added_days"), self._apart(meeting, recurrence, organizer))
        with _told():
            made = self._create(meeting, organizer)
            self._series[made] = meeting.content.when
            for start in recurrence.removed if recurrence is not None else ():
                self._cancel(made, start.date() if isinstance(start, datetime) else start)
        return made

    def _apart(self, meeting: Meeting, recurrence: Recurrence, organizer: str) -> str:
        """The series without its added days, and each of those as a meeting of its own; the id of the series."""
        content = meeting.content
        rest = replace(recurrence, added=()) if recurrence.rules else None
        made = self._put(replace(meeting, content=replace(content, recurrence=rest)), organizer)
        begun = not recurrence.rules or occurs_on(replace(content, recurrence=rest), starts_on(content.when))
        for start in set(recurrence.added) - ({content.when.start} if begun else set()) - set(recurrence.removed):
            alone = replace(content, when=_starting(content.when, start), recurrence=None)
            self._put(replace(meeting, content=alone), organizer)
        return made

    def _day(self, series: str, original: str) -> date:
        """The day that an occurrence has by its series, on the series' own clock."""
        start, when = parse_stamp(original), self._series[series]
        if isinstance(start, datetime) and isinstance(when, Timed):
            return start.replace(tzinfo=UTC).astimezone(ZoneInfo(when.zone)).date()
        if start is None:
            raise NotTaken("RECURRENCE-ID", said("names_no_occurrence"))
        return start

    @abstractmethod
    def _create(self, meeting: Meeting, organizer: str) -> str: ...

    @abstractmethod
    def _change(self, series: str, day: date, meeting: Meeting) -> None: ...

    @abstractmethod
    def _cancel(self, series: str, day: date) -> None: ...


class GraphShelf(OutlookShelf):
    """Sato's Microsoft 365 calendar."""

    def __init__(self, box: Microsoft365Sandbox) -> None:
        super().__init__()
        self._box = box

    def _create(self, meeting: Meeting, organizer: str) -> str:
        body = _graph_body(meeting)
        if organizer:
            return str(self._box.receives_invitation(ME, organizer, body)["id"])
        return str(self._box.user_creates(ME, body)["id"])

    def _change(self, series: str, day: date, meeting: Meeting) -> None:
        body = _graph_body(meeting)
        body.pop("recurrence", None)
        self._box.user_changes_occurrence(ME, series, day, body)

    def _cancel(self, series: str, day: date) -> None:
        self._box.user_deletes_occurrence(ME, series, day)


class ExchangeShelf(OutlookShelf):
    """Sato's mailbox on Exchange Server."""

    def __init__(self, box: ExchangeSandbox) -> None:
        super().__init__()
        self._box = box

    def _create(self, meeting: Meeting, organizer: str) -> str:
        start, end = _moments(meeting.content.when)
        fields = _exchange_fields(meeting)
        if organizer:
            return self._box.receives_invitation(ME, organizer, meeting.content.title, start, end, **fields)
        return self._box.user_creates(ME, meeting.content.title, start, end, folder_id="", **fields)

    def _change(self, series: str, day: date, meeting: Meeting) -> None:
        start, end = _moments(meeting.content.when)
        fields = {key: value for key, value in _exchange_fields(meeting).items() if key != "recurrence"}
        fields |= {"subject": meeting.content.title, "start": start, "end": end}
        self._box.user_changes(self._occurrence(series, day), **fields)

    def _cancel(self, series: str, day: date) -> None:
        self._box.user_deletes(self._occurrence(series, day))

    def _occurrence(self, series: str, day: date) -> str:
        zone = _zone(self._series[series])
        after = datetime.combine(day + timedelta(days=1), time(), zone)
        until_then = self._box.occurrences(series, after)
        before = self._box.occurrences(series, after - timedelta(days=1, microseconds=1))
        if len(until_then) == len(before):
            raise NoSuchOccurrence
        return until_then[-1]


def read_meeting(body: Json) -> Meeting:
    """An entry as plain values; raises `NotTaken` for what cannot be read."""
    try:
        when = read_when(body, ZONE)
        recurrence = read_recurrence(body, when)
    except Misfit as misfit:
        raise NotTaken(misfit.field, said("not_understood", detail=misfit.reason)) from misfit
    content = EventContent(
        str(body.get("summary", "")),
        when,
        str(body.get("description", "")),
        str(body.get("location", "")),
        ShowAs.FREE if body.get("transparency") == "transparent" else ShowAs.BUSY,
        Visibility.PRIVATE if body.get("visibility") == "private" else Visibility.NORMAL,
        recurrence=recurrence,
    )
    return Meeting(content, tuple(guest["email"] for guest in body.get("attendees", ()) if guest.get("email") != ME))


@contextmanager
def _told() -> Iterator[None]:
    """What Outlook's calendars refuse, in the words of an import."""
    try:
        yield
    except ItemRejected as refusal:
        raise NotTaken("RRULE", said("outlook_series")) from refusal
    except (GraphError, EwsError, SoapFault) as error:
        if isinstance(error, GraphError) and error.code == "ErrorItemNotFound":
            raise NoSuchOccurrence from error
        raise NotTaken("", said("service_says", message=str(error))) from error


def _graph_body(meeting: Meeting) -> Json:
    body = new_event(meeting.content, None, "", ContainerId(""))
    body.pop("transactionId")
    body.pop("singleValueExtendedProperties")
    if meeting.guests:
        body["attendees"] = [{"type": "required", "emailAddress": {"address": guest}} for guest in meeting.guests]
    return body


def _exchange_fields(meeting: Meeting) -> dict[str, object]:
    content = meeting.content
    fields: dict[str, object] = {
        "all_day": isinstance(content.when, AllDay),
        "location": content.location,
        "body": content.description,
        "show_as": "Free" if content.show_as is ShowAs.FREE else "Busy",
        "sensitivity": "Private" if content.visibility is Visibility.PRIVATE else "Normal",
    }
    if meeting.guests:
        fields["required"] = attendees(*meeting.guests)
    if content.recurrence is not None:
        found = repetition(content.recurrence, content.when)
        if isinstance(found, Unsupported):
            raise ItemRejected("recurrence_not_supported", "recurrence", found.reason)
        fields["recurrence"] = _ews_recurrence(found)
    return fields


def _ews_recurrence(found: Repetition) -> EwsRecurrence:
    kind, words = _ews_pattern(found.pattern)
    match found.end:
        case EndDate(last):
            return EwsRecurrence(kind, words, "EndDateRecurrence", found.first, last=last)
        case Numbered(count):
            return EwsRecurrence(kind, words, "NumberedRecurrence", found.first, most=count)
        case _:
            return EwsRecurrence(kind, words, "NoEndRecurrence", found.first)


def _ews_pattern(pattern: Pattern) -> tuple[str, tuple[tuple[str, str], ...]]:
    every = ("Interval", str(pattern.interval))
    match pattern:
        case Daily():
            return "DailyRecurrence", (every,)
        case Weekly(days=days, first_day=first):
            return "WeeklyRecurrence", (every, ("DaysOfWeek", _names(days)), ("FirstDayOfWeek", _DAY_NAMES[first]))
        case AbsoluteMonthly(day=day):
            return "AbsoluteMonthlyRecurrence", (every, ("DayOfMonth", str(day)))
        case RelativeMonthly(position=position, days=days):
            which = (("DaysOfWeek", _names(days)), ("DayOfWeekIndex", position.value.capitalize()))
            return "RelativeMonthlyRecurrence", (every, *which)
        case _ if pattern.interval != 1:
            raise ItemRejected("recurrence_not_supported", "recurrence", "every so many years")
        case AbsoluteYearly(month=month, day=day):
            return "AbsoluteYearlyRecurrence", (("DayOfMonth", str(day)), ("Month", MONTHS[month - 1]))
        case RelativeYearly(month=month, position=position, days=days):
            which = (("DaysOfWeek", _names(days)), ("DayOfWeekIndex", position.value.capitalize()))
            return "RelativeYearlyRecurrence", (*which, ("Month", MONTHS[month - 1]))


def _names(days: tuple[Weekday, ...]) -> str:
    sets = {7: "Day", 5: "Weekday", 2: "WeekendDay"}
    weekend = {Weekday.SATURDAY, Weekday.SUNDAY}
    if len(days) in sets and (len(days) != 5 or not set(days) & weekend) and (len(days) != 2 or set(days) == weekend):
        return sets[len(days)]
    return " ".join(_DAY_NAMES[day] for day in days)


def _starting(when: When, start: date) -> When:
    """As long as another time, from a start of its own."""
    if isinstance(when, Timed):
        first = start if isinstance(start, datetime) else datetime.combine(start, when.start.time())
        return Timed(first, first + (when.end - when.start), when.zone)
    return AllDay(start, start + (when.end - when.start))


def _zone(when: When) -> ZoneInfo:
    return ZoneInfo(when.zone if isinstance(when, Timed) else ZONE)


def _moments(when: When) -> tuple[datetime, datetime]:
    zone = _zone(when)
    if isinstance(when, Timed):
        return when.start.replace(tzinfo=zone), when.end.replace(tzinfo=zone)
    return datetime.combine(when.start, time(), zone), datetime.combine(when.end, time(), zone)
