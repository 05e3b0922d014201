"""Put the user's own exported calendar (.ics) into the sandbox's calendar, whichever provider it plays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from icalendar import Event

from soroe.core.event import Window

from .appointments import ME, ZONE
from .ics_event import Entry, read_entry
from .ics_file import Block, CalendarFile, mail_address, parse_event, read_file, uid_in, utc_stamp
from .remarks import NotReadable, Remark, Said, said
from .text_file import OwnFile, outside

Json = dict[str, Any]


class NotTaken(Exception):
    """The calendar does not take an entry: `field` is the entry's own property, `what` says why.

    `made` is the id of what was made all the same, where only a part of the entry is refused.
    """

    def __init__(self, field: str, what: Said, made: str | None = None) -> None:
        super().__init__(field, what)
        self.field = field
        self.what = what
        self.made = made


class NoSuchOccurrence(NotTaken):
    """The series has no such occurrence to change or to cancel."""

    def __init__(self) -> None:
        super().__init__("RECURRENCE-ID", said("no_such_occurrence"))


class Shelf(Protocol):
    """A calendar of Sato's that entries are put into. Bodies have the shape of Google's event resource, whoever's
    calendar it is; `original` is the stamp of an occurrence in UTC (a date for days). Every call may raise `NotTaken`.
    """

    def insert(self, body: Json) -> str:
        """A whole event or series of his own; returns its id."""
        ...

    def invite(self, organizer: str, body: Json) -> str:
        """The same as an invitation from somebody else."""
        ...

    def change(self, series: str, original: str, body: Json, organizer: str) -> None:
        """An occurrence that was moved or edited, by somebody else where `organizer` is given."""
        ...

    def cancel(self, series: str, original: str) -> None:
        """An occurrence that does not take place."""
        ...


def load_calendar(shelf: Shelf, own: OwnFile) -> list[Remark]:
    """Every entry of the file that can be read is in Sato's calendar; of the others, remarks name entry and field.

    Floating times are in the file's own zone, or else in the account's. An entry whose organiser is somebody else
    arrives as an invitation, which only its organiser can change. Never raises for what is in the file.
    """
    path = own.path
    try:
        file = read_file(path.read_bytes(), ZONE, own.encoding)
    except OSError as error:
        return [Remark(path.name, 0, "", "file", said("not_opened", reason=error.strerror or type(error).__name__))]
    except NotReadable as error:
        return [Remark(path.name, 0, "", error.field, error.what)]
    return _Loading(shelf, own, file).load()


@dataclass(frozen=True, slots=True)
class _Read:
    block: Block
    event: Event


class _Loading:
    """One file on its way into one account."""

    def __init__(self, shelf: Shelf, own: OwnFile, file: CalendarFile) -> None:
        self._shelf = shelf
        self._path = own.path
        self._shown = own.shown
        self._file = file
        self._problems: list[Remark] = []

    def load(self) -> list[Remark]:
        if self._file.taken:
            self._tell_of_all(said("read_as", encoding=self._file.taken))
        if not self._file.events:
            self._tell_of_all(said("no_event"))
        for other in self._file.others:
            self._tell(other, other.name, said("only_events"))
        read = list(self._parsed())
        self._owner = self._file.owner or _most_frequent_person([one.event for one in read])
        series: dict[str, _Series] = {}
        entries = self._newest([entry for one in read for entry in self._understood(one)])
        for entry in entries:
            if entry.original is None:
                made = self._insert(entry)
                if made is not None and entry.uid and "recurrence" in entry.body:
                    series[entry.uid] = _Series(made, entry.body["start"])
        for entry in entries:
            if entry.original is not None:
                self._change_occurrence(entry, series.get(entry.uid))
        beyond = sum(_is_outside(entry.body, self._shown) for entry in entries if not entry.cancelled)
        if self._shown is not None and beyond:
            self._tell_of_all(outside(beyond, self._shown))
        return self._problems

    # --- reading ---
    def _parsed(self) -> Iterator[_Read]:
        for block in self._file.events:
            try:
                yield _Read(block, parse_event(block))
            except NotReadable as error:
                self._tell(block, error.field, error.what)

    def _understood(self, read: _Read) -> Iterator[Entry]:
        try:
            entry = read_entry(read.event, self._file, read.block, frozenset({ME, self._owner}))
        except NotReadable as error:
            self._tell(read.block, error.field, error.what)
            return
        for name, what in entry.left_out:
            self._tell(read.block, name, what)
        yield entry

    def _newest(self, entries: Sequence[Entry]) -> list[Entry]:
        """Of entries with one UID and one place in the series, the last version (RFC 5545: SEQUENCE)."""
        newest: dict[tuple[str, str], Entry] = {}
        alone: list[Entry] = []
        for entry in entries:
            if not entry.uid:
                alone.append(entry)
                continue
            key = (entry.uid, entry.original or "")
            before = newest.get(key)
            if before is not None:
                older = min(before, entry, key=lambda one: one.version)
                self._tell(older.block, "UID", said("same_uid"))
                entry = entry if older is before else before
            newest[key] = entry
        return [*newest.values(), *alone]

    def _tell(self, block: Block, field: str, what: Said) -> None:
        self._problems.append(Remark(self._path.name, block.line, uid_in(block)[:120], field, what))

    def _tell_of_all(self, what: Said) -> None:
        self._problems.append(Remark(self._path.name, 0, "", "file", what))

    # --- writing ---
    def _insert(self, entry: Entry) -> str | None:
        """A whole event or series; nothing for one that was cancelled."""
        if entry.cancelled:
            self._tell(entry.block, "STATUS", said("cancelled"))
            return None
        try:
            if entry.organizer:
                return self._shelf.invite(entry.organizer, entry.body)
            return self._shelf.insert(entry.body)
        except NotTaken as refusal:
            self._tell(entry.block, refusal.field or "entry", refusal.what)
            return refusal.made

    def _change_occurrence(self, entry: Entry, series: _Series | None) -> None:
        """An occurrence that was moved, edited or cancelled; without its series in the file, an event of its own."""
        if series is None or entry.original is None:
            self._insert(entry)
            return
        try:
            if entry.cancelled:
                self._shelf.cancel(series.made, series.stamp(entry))
            else:
                self._shelf.change(series.made, series.stamp(entry), entry.body, entry.organizer)
        except NoSuchOccurrence as refusal:
            if not entry.cancelled:
                self._tell(entry.block, "RECURRENCE-ID", refusal.what)
                self._insert(entry)
        except NotTaken as refusal:
            self._tell(entry.block, refusal.field or "RECURRENCE-ID", refusal.what)


@dataclass(frozen=True, slots=True)
class _Series:
    """A series that was put in: its id, and the start of its first meeting."""

    made: str
    start: Json

    def stamp(self, entry: Entry) -> str:
        """Which occurrence an entry stands for, in the form of the series' own times: programs write days for times,
        and times for days."""
        original = entry.original or ""
        if "date" in self.start:
            return entry.day
        if len(original) > len("20260401"):
            return original
        zone = ZoneInfo(self.start["timeZone"])
        first = datetime.fromisoformat(self.start["dateTime"])
        return utc_stamp(datetime.combine(date.fromisoformat(original), first.time(), zone))


def _is_outside(body: Json, shown: Window | None) -> bool:
    """Whether it is over before the days that are synced, or begins after them."""
    if shown is None:
        return False
    first, last = (
        date.fromisoformat((body[end].get("date") or body[end]["dateTime"])[:10]) for end in ("start", "end")
    )
    lines = body.get("recurrence", [])
    if lines:
        ends = [re.search(r"^RRULE:.*UNTIL=(\d{8})", line) for line in lines if not line.startswith("EXDATE")]
        last = max([last, *(date.fromisoformat(end[1]) if end else date.max for end in ends)])
    return last < shown.first or first > shown.last


def _most_frequent_person(events: Sequence[Event]) -> str:
    """Whose calendar it is, where the file does not say: the person who has to do with more meetings than others."""
    counted: Counter[str] = Counter()
    for event in events:
        people = {mail_address(str(one)) for name in ("ORGANIZER", "ATTENDEE") for one in _all(event, name)}
        counted.update(people - {""})
    most = counted.most_common(2)
    if not most or (len(most) > 1 and most[0][1] == most[1][1]):
        return ""
    return most[0][0]


def _all(event: Event, name: str) -> list[object]:
    found = event.get(name, [])
    return list(found) if isinstance(found, list) else [found]
