"""Google's recurrence lines, told as the core's `Recurrence`, and back; and the ids of occurrences."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from soroe.adapters.net.reading import Json, Misfit, list_of
from soroe.core.event import AllDay, ItemId, Occurrence, Recurrence, When

from .times import zone_named

_FIELD = "recurrence"
_MOST_LINES = 200
_MOST_DATES = 5000
_LONGEST_RULE = 2000
_NUMBERS = r"[+-]?\d{1,3}(,[+-]?\d{1,3}){0,400}"
_DAYS = r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)"
_RULE_PARTS = {
    name: re.compile(pattern + r"\Z")
    for name, pattern in {
        "FREQ": "(DAILY|WEEKLY|MONTHLY|YEARLY)",  # all that Google can do; faster ones would be bombs
        "INTERVAL": r"[1-9]\d{0,3}",
        "COUNT": r"[1-9]\d{0,5}",
        "UNTIL": r"\d{8}(T\d{6}Z?)?",
        "WKST": "(MO|TU|WE|TH|FR|SA|SU)",
        "BYDAY": f"{_DAYS}(,{_DAYS}){{0,50}}",
        **dict.fromkeys(("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"), _NUMBERS),
        **dict.fromkeys(("BYHOUR", "BYMINUTE", "BYSECOND"), r"\d{1,2}(,\d{1,2}){0,60}"),
    }.items()
}
_STAMP = re.compile(r"\d{8}(T\d{6}Z)?\Z")
_CUT_SERIES = re.compile(r"_R\d{8}(T\d{6})?\Z")


def read_recurrence(event: Json, when: When) -> Recurrence | None:
    """How an event repeats, or None for a single one.

    EXRULE (deprecated, and in no other service) and RDATE periods hold the item: nobody across could keep them.
    """
    lines = list_of(event, _FIELD, _MOST_LINES)
    if not lines:
        return None
    rules: list[str] = []
    added: list[datetime | date] = []
    removed: list[datetime | date] = []
    for line in lines:
        name, parameters, value = _split(line)
        match name:
            case "RRULE":
                rules.append(_checked_rule(value))
            case "RDATE":
                added += _dates(parameters, value, when)
            case "EXDATE":
                removed += _dates(parameters, value, when)
            case _:
                raise Misfit(_FIELD, "a line that is neither RRULE, RDATE nor EXDATE")
        if len(added) + len(removed) > _MOST_DATES:
            raise Misfit(_FIELD, f"more than {_MOST_DATES} dates")
    return Recurrence(tuple(rules), tuple(sorted(set(added), key=str)), tuple(sorted(set(removed), key=str)))


def write_recurrence(recurrence: Recurrence, when: When) -> list[str]:
    """Google's recurrence lines."""
    lines = [f"RRULE:{rule}" for rule in recurrence.rules]
    for name, starts in (("RDATE", recurrence.added), ("EXDATE", recurrence.removed)):
        if starts:
            lines.append(f"{name}{_dates_text(starts, when)}")
    return lines


def instance_id(occurrence: Occurrence) -> str | None:
    """Google's id of an occurrence, or None where it must be asked for.

    A series that was cut by "this and following" carries a suffix which its occurrences do not share.
    """
    if _CUT_SERIES.search(occurrence.series):
        return None
    return f"{occurrence.series}_{original_stamp(occurrence.original_start)}"


def original_stamp(start: datetime | date) -> str:
    """The stamp that ends an occurrence's id."""
    return f"{start:%Y%m%dT%H%M%SZ}" if isinstance(start, datetime) else f"{start:%Y%m%d}"


def original_start_text(start: datetime | date) -> str:
    """The value of the `originalStart` parameter."""
    return f"{start:%Y-%m-%dT%H:%M:%SZ}" if isinstance(start, datetime) else f"{start:%Y-%m-%d}"


def occurrence_named(item: ItemId) -> Occurrence | None:
    """The occurrence that an item id of ours names (`occurrence_id`), or None for the id of a whole event."""
    series, hash_sign, stamp = item.rpartition("#")
    start = parse_stamp(stamp) if hash_sign else None
    return None if start is None else Occurrence(ItemId(series), start)


def parse_stamp(stamp: str) -> datetime | date | None:
    """The original start that a stamp tells, or None."""
    if not _STAMP.match(stamp):
        return None
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ") if "T" in stamp else _date(stamp)  # noqa: DTZ007 - told in UTC, kept naive
    except ValueError:
        return None


def _split(line: object) -> tuple[str, dict[str, str], str]:
    if not isinstance(line, str) or ":" not in line:
        raise Misfit(_FIELD, "not a recurrence line")
    head, _, value = line.partition(":")
    name, *rest = head.upper().split(";") if "TZID" not in head.upper() else head.split(";")
    parameters = {}
    for one in rest:
        key, _, text = one.partition("=")
        parameters[key.upper()] = text.strip('"')
    return name.strip().upper(), parameters, value.strip()


def _checked_rule(value: str) -> str:
    if len(value) > _LONGEST_RULE:
        raise Misfit(_FIELD, "a rule that is too long")
    rule = value.upper().rstrip(";")
    names = set()
    for part in rule.split(";"):
        name, _, text = part.partition("=")
        pattern = _RULE_PARTS.get(name)
        if pattern is None or name in names or not pattern.match(text):
            raise Misfit(_FIELD, f"a rule with a part that cannot be used: {name[:20]}")
        names.add(name)
        if name == "UNTIL" and _until(text) is None:
            raise Misfit(_FIELD, "a rule that ends on no date: UNTIL")
    if "FREQ" not in names:
        raise Misfit(_FIELD, "a rule without FREQ")
    return rule


def _until(text: str) -> datetime | date | None:
    return parse_stamp(text if len(text) != 15 else text + "Z")


def _dates(parameters: dict[str, str], value: str, when: When) -> list[datetime | date]:
    if parameters.get("VALUE", "").upper() == "PERIOD":
        raise Misfit(_FIELD, "a list of periods")
    zone = zone_named(parameters["TZID"], "recurrence.TZID") if "TZID" in parameters else None
    texts = value.split(",")
    if len(texts) > _MOST_DATES:
        raise Misfit(_FIELD, f"more than {_MOST_DATES} dates")
    return [_original(text.strip(), zone, when) for text in texts]


def _original(text: str, zone: ZoneInfo | None, when: When) -> datetime | date:
    """One date of a list, in the series' own terms: a date for all-day series, else a wall-clock time in its zone."""
    try:
        if len(text) == 8:
            day = _date(text)
            return day if isinstance(when, AllDay) else datetime.combine(day, when.start.time())
        wall = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone is told beside it
        if text[15:] not in {"", "Z"}:
            raise Misfit(_FIELD, "not a date")
        if isinstance(when, AllDay):
            return wall.date()
        if text.endswith("Z"):
            wall = wall.replace(tzinfo=UTC)
        elif zone is not None:
            wall = wall.replace(tzinfo=zone)
        else:
            return wall
        return wall.astimezone(zone_named(when.zone, "start.timeZone")).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise Misfit(_FIELD, "not a date") from error


def _dates_text(starts: tuple[datetime | date, ...], when: When) -> str:
    if isinstance(when, AllDay):
        return ";VALUE=DATE:" + ",".join(f"{start:%Y%m%d}" for start in starts)
    times = (start if isinstance(start, datetime) else datetime.combine(start, when.start.time()) for start in starts)
    return f";TZID={when.zone}:" + ",".join(f"{start:%Y%m%dT%H%M%S}" for start in times)


def _date(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
