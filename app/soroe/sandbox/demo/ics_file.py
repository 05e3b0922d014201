"""Read an .ics file into entries, each on its own, so that a broken one does not take the others along."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from icalendar import Event

from .ics_zones import Zones, iana_name
from .remarks import NotReadable, said
from .text_file import NotCertain, Text, read_text, strict

MOST_BYTES = 100 * 1024 * 1024
_CHARSET = re.compile(rb"(?i);CHARSET=\"?([a-z0-9_.-]+)")
"""What files in the manner of vCalendar say of themselves (`SUMMARY;CHARSET=SHIFT_JIS:`)."""
_BEGIN = re.compile(r"(?im)^[ \t\ufeff]*BEGIN:V(?:CALENDAR|EVENT)\b")
"""Some programs hand out an entry without the calendar around it."""
_WITHIN = re.compile(r"(?ims)(?<=\n)BEGIN:([A-Z-]+)[ \t]*\r?$.*?^END:\1[ \t]*\r?$")
"""What lies within an entry and has properties of its own, as an alarm."""
_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")


@dataclass(frozen=True, slots=True)
class Block:
    """The text of one component, and the line of the file it begins in. `whole` is false when the file ends in it.

    `calendar` counts the calendars of the file: programs write several into one.
    """

    name: str
    line: int
    text: str
    whole: bool
    calendar: int


@dataclass
class CalendarFile:
    """What a file says as a whole: whose calendar it is, its zone, its zones by name, its entries."""

    zones: Zones
    owner: str = ""
    own_zones: dict[int, str] = field(default_factory=dict)
    """The zone of floating times, by calendar."""
    called_off: set[int] = field(default_factory=set)
    """The calendars that only say that their meetings do not take place (METHOD:CANCEL)."""
    events: list[Block] = field(default_factory=list)
    others: list[Block] = field(default_factory=list)
    """Tasks, journals and whatever else is neither an event nor a zone."""
    taken: str = ""
    """The encoding, where it had to be concluded."""

    def zone_of(self, block: Block) -> str:
        """The zone of an entry's floating times."""
        return self.own_zones.get(block.calendar, self.zones.usual)

    def zone_of_days(self, block: Block) -> str:
        """The zone in which a moment in UTC tells a day: Outlook ends a series of days at midnight on its own clock."""
        return self.own_zones.get(block.calendar) or self.zones.only() or self.zones.usual


def read_file(content: bytes, usual_zone: str, encoding: str = "") -> CalendarFile:
    """The entries of a file; `encoding` is what the user says that it is written in.

    Raises `NotReadable` when it is no calendar at all, or when what it is written in is not certain.
    """
    read = _decoded(content, encoding)
    text = read.text
    if not text.strip():
        raise NotReadable("file", said("empty_file"))
    if not _BEGIN.search(text):
        raise NotReadable("file", said("no_calendar"))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = CalendarFile(Zones(usual_zone), taken=read.taken)
    outside: list[tuple[int, str]] = []
    for block in _blocks(lines, outside):
        if block.name == "VEVENT":
            found.events.append(block)
        elif block.name == "VTIMEZONE":
            found.zones.add(block.text)
        else:
            found.others.append(block)
    _whole_file(found, outside)
    return found


def _decoded(content: bytes, told: str) -> Text:
    if len(content) > MOST_BYTES:
        raise NotReadable("file", said("too_large"))

    def decode(encoding: str) -> str | None:
        text = strict(content, encoding)
        return strict(_unfolded(content), encoding) if text is None else text

    named = {name.lower() for name in _CHARSET.findall(content)}
    try:
        return read_text(content, decode, told, named.pop().decode("ascii") if len(named) == 1 else "")
    except NotCertain as error:
        raise NotReadable("file", error.what) from error


def _unfolded(content: bytes) -> bytes:
    """The same with whole lines, for programs that fold in the middle of a character (RFC 5545, 3.1).

    What was taken out stands behind as empty lines, so that every line keeps its number.
    """

    lines: list[bytes] = []
    folds = 0
    for line in content.split(b"\n"):
        if lines and line[:1] in {b" ", b"\t"}:
            lines[-1] = lines[-1].removesuffix(b"\r")
            lines.append(line[1:])
            folds += 1
        else:
            lines += [b"\n" * (folds + 1), line] if lines else [line]
            folds = 0
    return b"".join(lines)


def _blocks(lines: list[str], outside: list[tuple[int, str]]) -> Iterator[Block]:
    """The components of the calendars, one after the other; lines of a calendar itself go to `outside`."""
    name, first, depth, calendar = "", 0, 0, 0
    for number, line in enumerate(lines, 1):
        word, _, value = line.strip().partition(":")
        begins, ends, value = word.upper() == "BEGIN", word.upper() == "END", value.strip().upper()
        if begins and value == "VCALENDAR":
            if name:  # the one before never ended
                yield Block(name, first, _joined(lines[first - 1 : number - 1]), False, calendar)
            name, depth, calendar = "", 0, calendar + 1
        elif begins and name and value == name:
            yield Block(name, first, _joined(lines[first - 1 : number - 1]), False, calendar)
            first, depth = number, 1
        elif begins:
            if not name:
                name, first = value, number
            depth += 1
        elif ends and name and value == "VCALENDAR":
            yield Block(name, first, _joined(lines[first - 1 : number - 1]), False, calendar)
            name, depth = "", 0
        elif ends and name:
            depth -= 1
            if depth == 0 or value == name:
                yield Block(name, first, _joined(lines[first - 1 : number]), True, calendar)
                name, depth = "", 0
        elif not name:
            outside.append((calendar, line))
    if name:
        yield Block(name, first, _joined(lines[first - 1 :]), False, calendar)


def _joined(lines: list[str]) -> str:
    return "\r\n".join(line for line in lines if line.strip()) + "\r\n"


def _whole_file(found: CalendarFile, outside: list[tuple[int, str]]) -> None:
    for calendar, line in outside:
        word, _, value = line.partition(":")
        name = word.partition(";")[0].strip().upper()
        if name == "X-WR-TIMEZONE" and (zone := iana_name(value)):
            found.own_zones[calendar] = zone
        elif name == "METHOD" and value.strip().upper() == "CANCEL":
            found.called_off.add(calendar)
        elif name in {"X-OWNER", "X-WR-CALNAME"} and not found.owner:
            found.owner = mail_address(value if name == "X-WR-CALNAME" else line)


def mail_address(text: str) -> str:
    """The mail address in `mailto:…` or a name that is one; empty where there is none."""
    bare = re.sub(r"(?i)^.*mailto:", "", text.strip())
    return bare.lower() if _ADDRESS.fullmatch(bare) else ""


# --- entries ---
def parse_event(block: Block) -> Event:
    """One entry; raises `NotReadable` when its text is cut off or no entry."""
    if not block.whole:
        raise NotReadable("END", said("cut_off"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about names of zones, which are read here by our own rules
            event = Event.from_ical(block.text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise NotReadable("BEGIN", said("no_entry", detail=str(error)[:120])) from error
    if not isinstance(event, Event):
        raise NotReadable("BEGIN", said("no_entry", detail=type(event).__name__))
    return event


def uid_in(block: Block) -> str:
    """The UID as it stands in the text, whatever else is wrong."""
    return written(block, "UID")


def written(block: Block, name: str) -> str:
    """What stands behind a property's name, as it is written in whole lines; empty where there is no such property."""
    text = _WITHIN.sub("", re.sub(r"\r\n[ \t]", "", block.text))
    found = re.search(rf"(?im)^{re.escape(name)}(?:;(?:\"[^\"\r\n]*\"|[^\":\r\n])*)?:(.*?)\r?$", text)
    return found.group(1).strip() if found else ""


def utc_stamp(moment: datetime) -> str:
    """The basic form that recurrence lines are written in."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def unescaped(text: str) -> str:
    """A text as it is meant (RFC 5545, 3.3.11)."""
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], text)
