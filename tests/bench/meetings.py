"""The meetings that every measurement is made of: the same ones for us and for the peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = "Asia/Tokyo"
NOTES = "見積書 2 部を持参。前回の宿題: 導入スケジュールと価格表の更新。 Bring the signed contract and the price list."
_SPREAD_DAYS = 900
_HOURS = (9, 10, 11, 13, 14, 15, 16, 17)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of an hour; the start is a wall-clock time in Tokyo, from tomorrow on."""

    key: str
    title: str
    start: datetime
    end: datetime
    place: str
    notes: str


def meetings(count: int, first: int = 0) -> Iterator[Meeting]:
    """So many meetings, each with a title and a time of its own, beginning with number `first`."""
    tomorrow = datetime.now(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    tomorrow += timedelta(days=1)
    for number in range(first, first + count):
        hour = _HOURS[number // _SPREAD_DAYS % len(_HOURS)]
        start = tomorrow + timedelta(days=number % _SPREAD_DAYS, hours=hour, minutes=number // 7200 % 60)
        title = f"訪問:青木商事 {number} 新プランのご提案"
        yield Meeting(
            f"m{number:06d}", title, start, start + timedelta(hours=1), f"大阪市北区梅田 {number % 40}", NOTES
        )


def ics(meeting: Meeting) -> str:
    """The meeting as a calendar file of its own (RFC 5545), its times in UTC so that no zone has to be described."""
    start, end = (
        at.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        for at in (meeting.start, meeting.end)
    )
    notes = meeting.notes.replace(",", "\\,")
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{meeting.key}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\n"
        f"SUMMARY:{meeting.title}\r\nLOCATION:{meeting.place}\r\nDESCRIPTION:{notes}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
