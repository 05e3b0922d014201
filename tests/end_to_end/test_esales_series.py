"""Series of Google Calendar in eSales Manager, which knows single schedules only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.end_to_end.crms import EMAIL, TOKYO, tomorrow
from tests.end_to_end.office import Event, Office, times

pytestmark = pytest.mark.parametrize("world", ["esales"], indirect=True)
WEEK = timedelta(days=7)


def series(office: Office, rule: str = "RRULE:FREQ=WEEKLY;COUNT=4", **more: Any) -> Event:
    """A series from tomorrow at nine."""
    return office.makes("定例", tomorrow(9), recurrence=[rule], **more)


def occurrence(event: Event, number: int) -> str:
    """The id of one occurrence of a weekly series."""
    from datetime import UTC

    start = tomorrow(9) + number * WEEK
    return f"{event['id']}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def starts(office: Office) -> list[str]:
    """When the schedules begin, in order."""
    return sorted(times(one)[1] for one in office.schedules())


def test_esm_i5_every_occurrence_is_an_ordinary_schedule(office: Office) -> None:
    series(office)
    office.syncs()
    assert starts(office) == ["1 09:00", "15 09:00", "22 09:00", "8 09:00"]
    assert {one.fields.subject for one in office.schedules()} == {"定例"}
    assert len(office.events()) == 1


def test_esm_i6_a_series_without_end_is_taken_within_the_window_only(office: Office) -> None:
    """ESM-I6: here half a year, so that the test stays short."""
    office.choices |= {"past_days": 7, "future_days": 182}
    past = tomorrow(9) - 3 * WEEK
    office.makes("定例", past, recurrence=["RRULE:FREQ=WEEKLY"])
    office.syncs()
    found = [one.fields.start for one in office.schedules()]
    today = datetime.now(TOKYO).date()
    assert all(isinstance(start, datetime) for start in found)
    days = sorted((start.astimezone(TOKYO).date() - today).days for start in found if isinstance(start, datetime))
    assert days == list(range(-6, 183, 7))


def test_esm_i7_t13_an_event_made_weekly_keeps_its_deal_where_it_was(office: Office) -> None:
    """ESM-I7, T13, beyond them: the schedule that was there stays the first of the series, with all eSales knows."""
    office.enters(
        "訪問", tomorrow(9), customer="青木商事", businessplan="更新", people_met=("田中様",), schedule_kind=2
    )
    office.syncs()
    kept = office.schedule()
    office.changes(office.event(), recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    office.syncs()
    assert starts(office) == ["1 09:00", "15 09:00", "8 09:00"]
    first = office.esales.schedule(kept.id).fields
    assert first.businessplan is not None
    assert (first.businessplan.name, first.people_met, first.schedule_kind) == ("更新", ("田中様",), 2)
    others = [one.fields for one in office.schedules() if one.id != kept.id]
    assert [(one.businessplan, one.people_met, one.schedule_kind) for one in others] == [(None, (), 1)] * 2


def test_esm_i7_a_series_changed_as_a_whole_keeps_its_schedules(office: Office) -> None:
    """ESM-I7, beyond it: schedules are changed, not made again, so what eSales alone knows of them stays."""
    event = series(office)
    office.syncs()
    office.edits(office.schedules()[1], people_met=("田中様",), facilities=("会議室 A",))
    office.syncs()
    before = {one.id for one in office.schedules()}
    office.changes(event, location="会議室 B")
    office.syncs()
    assert {one.id for one in office.schedules()} == before
    assert {one.fields.address for one in office.schedules()} == {"会議室 B"}
    kept = office.schedules()[1].fields
    assert (kept.people_met, kept.facilities) == (("田中様",), ("会議室 A",))


def test_esm_i8_a_series_deleted_whole_takes_its_changed_occurrences_along(office: Office) -> None:
    """ESM-I8: the edited ones are deleted, too."""
    event = series(office)
    office.google.user_patches(EMAIL, occurrence(event, 1), {"summary": "定例（拡大版）"})
    office.syncs()
    assert len(office.schedules()) == 4
    office.google.user_deletes(EMAIL, str(event["id"]))
    office.syncs()
    assert office.schedules() == []


def test_an_occurrence_changed_in_esales_is_changed_alone(office: Office) -> None:
    series(office)
    office.syncs()
    second = next(one for one in office.schedules() if times(one)[1] == "8 09:00")
    office.edits(second, subject="定例、変更")
    office.syncs()
    titles = sorted(str(event["summary"]) for event in office.events())
    assert titles == ["定例", "定例、変更"]
    assert sorted(one.fields.subject for one in office.schedules()) == ["定例", "定例", "定例", "定例、変更"]
