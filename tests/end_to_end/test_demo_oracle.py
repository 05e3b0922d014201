"""What the demo makes of an Oracle company: events that the company mirrors, and what is seen only through a book."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from soroe.bootstrap.demo import Demo, DemoChoices
from soroe.bootstrap.demo_calendars import GoogleDemo
from soroe.bootstrap.demo_crms import OracleDemo
from soroe.sandbox.demo.appointments import ME
from soroe.sandbox.demo.in_oracle import BOOKED, EVENTS, INVITED, PRIVATE


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo after its runs."""
    home: Path = tmp_path_factory.mktemp("home")
    with Demo(DemoChoices(crm="oracle"), {**os.environ, "SOROE_HOME": str(home)}) as demo:
        assert demo.run().converged
        yield demo


@pytest.fixture
def titles(shown: Demo) -> list[str]:
    """The titles of the user's calendar."""
    assert isinstance(shown.calendar, GoogleDemo)
    return [str(event.get("summary", "")) for event in shown.calendar.box.events(ME)]


def test_od_4_mirrored_events_are_in_the_calendar_once_with_their_place(titles: list[str]) -> None:
    for event in (*EVENTS, INVITED):
        assert titles.count(f"{event.title} ({event.place})") == 1
        assert event.title not in titles


def test_od_4_the_names_of_the_events_stay_as_they_are(shown: Demo) -> None:
    assert isinstance(shown.crm, OracleDemo)
    names = {event.title for event in (*EVENTS, INVITED)}
    assert {record.title for record in shown.crm.box.events()} == names
    assert names <= {record.title for record in shown.crm.box.appointments()}


def test_od_9_what_is_seen_only_through_a_book_is_not_in_the_calendar(titles: list[str]) -> None:
    assert not any(BOOKED.title in title for title in titles)


def test_a_private_appointment_is_private_in_the_calendar_too(shown: Demo) -> None:
    assert isinstance(shown.calendar, GoogleDemo)
    (checkup,) = [event for event in shown.calendar.box.events(ME) if event.get("summary") == PRIVATE.title]
    assert checkup["visibility"] == "private"


def test_every_session_is_left_at_the_end(shown: Demo) -> None:
    assert isinstance(shown.crm, OracleDemo)
    assert shown.crm.box.open_sessions == 0
