"""Read an .ics file into entries, each on its own, so that a broken one does not take the others along."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Event, Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from .remarks import NotReadable, said
from .text_file import NotCertain, Text, read_text, strict

MOST_BYTES = 100 * 1024 * 1024
_SAMPLES = tuple(datetime(2026, month, day) for month in range(1, 13) for day in (3, 17))  # noqa: DTZ001 - wall clock
_LIKELY = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Australia/Sydney",
)
"""Of zones with the same rules, those that most people live in."""
_CHARSET = re.compile(rb"(?i);CHARSET=\"?([a-z0-9_.-]+)")
"""What files in the manner of vCalendar say of themselves (`SUMMARY;CHARSET=SHIFT_JIS:`)."""
_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")


@dataclass(frozen=True, slots=True)
class Block:
    """The text of one component, and the line of the file it begins in. `whole` is false when the file ends in it."""

    name: str
    line: int
    text: str
    whole: bool


@dataclass
class CalendarFile:
    """What a file says as a whole: whose calendar it is, its zone, its zones by name, its entries."""

    owner: str = ""
    zone: str = ""
    zones: dict[str, str] = field(default_factory=dict)
    events: list[Block] = field(default_factory=list)
    others: list[Block] = field(default_factory=list)
    """Tasks, journals and whatever else is neither an event nor a zone."""
    taken: str = ""
    """The encoding, where it had to be concluded."""

    def zone_named(self, name: str) -> str:
        """The IANA zone that the file calls `name`; raises `NotReadable`."""
        known = self.zones.get(name) or iana_name(name)
        if known is None:
            raise NotReadable("TZID", said("no_zone", name=name[:80]))
        self.zones[name] = known
        return known


def read_file(content: bytes, usual_zone: str, encoding: str = "") -> CalendarFile:
    """The entries of a file; `encoding` is what the user says that it is written in.

    Raises `NotReadable` when it is no calendar at all, or when what it is written in is not certain.
    """
    read = _decoded(content, encoding)
    text = read.text
    if not text.strip():
        raise NotReadable("file", said("empty_file"))
    if "BEGIN:VCALENDAR" not in text.upper():
        raise NotReadable("file", said("no_calendar"))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = CalendarFile(taken=read.taken)
    outside: list[str] = []
    for block in _blocks(lines, outside):
        if block.name == "VEVENT":
            found.events.append(block)
        elif block.name == "VTIMEZONE":
            _add_zone(found, block, usual_zone)
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


def _blocks(lines: list[str], outside: list[str]) -> Iterator[Block]:
    """The components of the calendar, one after the other; lines of the calendar itself go to `outside`."""
    name, first, depth = "", 0, 0
    for number, line in enumerate(lines, 1):
        word, _, value = line.strip().partition(":")
        begins, ends, value = word.upper() == "BEGIN", word.upper() == "END", value.upper()
        if begins and value == "VCALENDAR" and not name:
            continue
        if begins and name and value == name:  # the one before never ended
            yield Block(name, first, _joined(lines[first - 1 : number - 1]), False)
            first, depth = number, 1
        elif begins:
            if not name:
                name, first = value, number
            depth += 1
        elif ends and name and value == "VCALENDAR":
            yield Block(name, first, _joined(lines[first - 1 : number - 1]), False)
            name, depth = "", 0
        elif ends and name:
            depth -= 1
            if depth == 0 or value == name:
                yield Block(name, first, _joined(lines[first - 1 : number]), True)
                name, depth = "", 0
        elif not name:
            outside.append(line)
    if name:
        yield Block(name, first, _joined(lines[first - 1 :]), False)


def _joined(lines: list[str]) -> str:
    return "\r\n".join(line for line in lines if line.strip()) + "\r\n"


def _whole_file(found: CalendarFile, outside: list[str]) -> None:
    for line in outside:
        word, _, value = line.partition(":")
        name = word.partition(";")[0].upper()
        if name == "X-WR-TIMEZONE" and iana_name(value.strip()):
            found.zone = iana_name(value.strip()) or ""
        elif name in {"X-OWNER", "X-WR-CALNAME"} and not found.owner:
            found.owner = mail_address(line.partition(":")[2] if name == "X-WR-CALNAME" else line)


def mail_address(text: str) -> str:
    """The mail address in `mailto:…` or a name that is one; empty where there is none."""
    bare = re.sub(r"(?i)^.*mailto:", "", text.strip())
    return bare.lower() if _ADDRESS.fullmatch(bare) else ""


# --- zones ---
def iana_name(name: str) -> str | None:
    """The IANA zone of a name as programs write it: IANA, Windows, or with a path before it."""
    name = name.strip().strip('"')
    if name in WINDOWS_TO_OLSON:
        return str(WINDOWS_TO_OLSON[name])
    parts = name.strip("/").split("/")
    for start in range(len(parts)):
        candidate = "/".join(parts[start:])
        if _is_zone(candidate):
            return candidate
    return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return bool(name)


def _add_zone(found: CalendarFile, block: Block, usual_zone: str) -> None:
    """A zone of the file's own: by its name, by X-LIC-LOCATION, or by a known zone with the same rules."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            zone = Timezone.from_ical(block.text)
    except (ValueError, KeyError, IndexError):
        return  # entries that need it say so
    name = str(zone.get("TZID", ""))
    known = iana_name(name) or iana_name(str(zone.get("X-LIC-LOCATION", ""))) or _by_rules(zone, usual_zone)
    if name and known:
        found.zones[name] = known


def _by_rules(zone: Timezone, usual_zone: str) -> str | None:
    try:
        own = zone.to_tz(lookup_tzid=False)
        offsets = [own.utcoffset(sample) for sample in _SAMPLES]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return None
    for candidate in (usual_zone, *_LIKELY, *sorted(set(WINDOWS_TO_OLSON.values()))):
        if _is_zone(candidate) and [ZoneInfo(candidate).utcoffset(sample) for sample in _SAMPLES] == offsets:
            return str(candidate)
    return None


# --- entries ---
def parse_event(block: Block) -> Event:
    """One entry; raises `NotReadable` when its text is cut off or no entry."""
    if not block.whole:
        raise NotReadable("END", said("cut_off"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about names of zones, which are read here by our own rules
            event = Event.from_ical(block.text)
    except (ValueError, KeyError, IndexError) as error:
        raise NotReadable("BEGIN", said("no_entry", detail=str(error)[:120])) from error
    if not isinstance(event, Event):
        raise NotReadable("BEGIN", said("no_entry", detail=type(event).__name__))
    return event


def uid_in(block: Block) -> str:
    """The UID as it stands in the text, whatever else is wrong."""
    found = re.search(r"(?im)^UID[^:\r\n]*:(.*?)\r?$", block.text)
    return found.group(1).strip()[:120] if found else ""


def utc_stamp(moment: datetime) -> str:
    """The basic form that recurrence lines are written in."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
