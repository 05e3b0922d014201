"""The user's own calendar on Outlook's servers, which hold less than a file may say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from soroe.bootstrap.own_calendar import ExchangeShelf, GraphShelf
from soroe.sandbox.demo import in_exchange, in_microsoft365
from soroe.sandbox.demo.appointments import ME
from soroe.sandbox.demo.from_ics import Shelf, load_calendar
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.microsoft365.sandbox import Microsoft365Sandbox
from tests.sandbox.demo.words import told

FILE = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:weekly
SUMMARY:Weekly
DTSTART;TZID=Asia/Tokyo:20261201T100000
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=4
RDATE;TZID=Asia/Tokyo:20261203T100000
END:VEVENT
BEGIN:VEVENT
UID:weekly
SUMMARY:Weekly, moved
RECURRENCE-ID;TZID=Asia/Tokyo:20261208T100000
DTSTART;TZID=Asia/Tokyo:20261208T130000
DURATION:PT1H
END:VEVENT
BEGIN:VEVENT
UID:twice
SUMMARY:Twice
DTSTART;VALUE=DATE:20261201
RDATE;VALUE=DATE:20261201,20261205
END:VEVENT
END:VCALENDAR
"""


def exchange() -> tuple[Shelf, Callable[[], list[str]]]:
    box = ExchangeSandbox()
    in_exchange.people(box)
    return ExchangeShelf(box), lambda: [item.subject for item in box.items(ME).values()]


def microsoft365() -> tuple[Shelf, Callable[[], list[str]]]:
    box = Microsoft365Sandbox()
    in_microsoft365.people(box)
    return GraphShelf(box), lambda: [str(event["subject"]) for event in box.events(ME)]


@pytest.mark.parametrize("service", [exchange, microsoft365])
def test_days_added_to_a_series_are_meetings_of_their_own(
    service: Callable[[], tuple[Shelf, Callable[[], list[str]]]], tmp_path: Path
) -> None:
    file = tmp_path / "mine.ics"
    file.write_text(FILE, encoding="utf-8")
    shelf, titles = service()
    problems = told(load_calendar(shelf, OwnFile(file)))
    assert [problem.split(": ")[:2] for problem in problems] == [
        ["mine.ics, line 2 (UID weekly)", "RDATE"],
        ["mine.ics, line 17 (UID twice)", "RDATE"],
    ]
    own = [title for title in titles() if title != "Weekly, moved"]  # Exchange keeps that one within its series
    assert sorted(own) == ["Twice", "Twice", "Weekly", "Weekly"]
