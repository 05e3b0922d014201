"""Series that have begun, and "this and following", between Salesforce and Google (SF-12, SF-15 to SF-17)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soroe.core.plan import Why
from soroe.sandbox.salesforce.values import Values
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.office import at
from tests.end_to_end.salesroom import HOUR, WEEK, Event, Salesroom, instance, span, wall

pytestmark = pytest.mark.parametrize("world", ["salesforce"], indirect=True)
SOME_WEEKS = "RRULE:FREQ=WEEKLY;COUNT=6"


def begun(room: Salesroom) -> tuple[Event, str]:
    """A weekly series of six that began two weeks before tomorrow; its event, and its record in Salesforce."""
    event = room.makes("Review", tomorrow(9) - 2 * WEEK, recurrence=[SOME_WEEKS])
    room.syncs()
    return event, str(room.record()["Id"])


def of_customer(room: Salesroom) -> str:
    """A customer's record, that every event of Sato's in Salesforce is related to from now on."""
    account = str(room.salesforce.add_account("Aoki Trading", room.sato)["Id"])
    for row in room.salesforce.events(room.sato):
        room.salesforce.user_changes(row["Id"], WhatId=account)
    return account


def meetings(room: Salesroom) -> list[Values]:
    """All meetings in Salesforce, those of series one by one, in order."""
    rows = [row for row in room.salesforce.events(room.sato) if not row["IsRecurrence"]]
    return sorted(rows, key=lambda row: str(row["StartDateTime"]))


def starts(room: Salesroom) -> list[str]:
    """When the meetings in Salesforce begin."""
    return [wall(row["StartDateTime"]) for row in meetings(room)]


# --- SF-12 ---
def test_sf_12_moving_a_series_that_has_begun_splits_it_at_today(room: Salesroom) -> None:
    event, whole = begun(room)
    account = of_customer(room)
    room.syncs()
    assert starts(room) == ["-13 09:00", "-6 09:00", "1 09:00", "8 09:00", "15 09:00", "22 09:00"]
    first = tomorrow(9) - 2 * WEEK
    room.changes(event, start=at(first + 2 * HOUR), end=at(first + 3 * HOUR))
    room.syncs()
    assert starts(room) == ["-13 09:00", "-6 09:00", "1 11:00", "8 11:00", "15 11:00", "22 11:00"]
    assert {row["WhatId"] for row in meetings(room)} == {account}
    assert [row["RecurrenceActivityId"] for row in meetings(room)][:2] == [whole] * 2
    assert len(room.events()) == 1
    room.changes(event, summary="Review, moved")
    room.syncs()
    assert {row["Subject"] for row in meetings(room)[2:]} == {"Review, moved"}
    assert {row["Subject"] for row in meetings(room)[:2]} == {"Review"}


# --- SF-15 ---
def test_sf_15_a_change_of_a_past_occurrence_stays_in_the_calendar_and_is_reported(room: Salesroom) -> None:
    event, _ = begun(room)
    past = tomorrow(9) - WEEK
    room.changes(instance(event, past), summary="What we did", start=at(past + HOUR), end=at(past + 2 * HOUR))
    room.syncs()
    assert {row["Subject"] for row in meetings(room)} == {"Review"}
    assert starts(room)[1] == "-6 09:00"
    (finding,) = room.findings("SF-15")
    assert finding.cause == Why.PAST_OCCURRENCE
    before = room.writes()
    room.syncs()
    assert room.writes() == before
    coming = tomorrow(9) + WEEK
    room.changes(instance(event, coming), summary="What we shall do")
    room.syncs()
    assert meetings(room)[3]["Subject"] == "What we shall do"


def test_sf_15_a_past_occurrence_cancelled_in_the_calendar_stays_in_salesforce_and_is_reported(
    room: Salesroom,
) -> None:
    event, _ = begun(room)
    room.google.user_deletes(EMAIL, instance(event, tomorrow(9) - WEEK))
    room.syncs()
    assert len(meetings(room)) == 6
    assert [finding.cause for finding in room.findings("SF-15")] == [Why.PAST_OCCURRENCE]


def test_sf_15_a_change_of_the_whole_series_in_the_calendar_is_kept_there_for_its_past_too(room: Salesroom) -> None:
    event, _ = begun(room)
    room.changes(event, summary="Review, renamed")
    room.syncs()
    assert [row["Subject"] for row in meetings(room)] == ["Review"] * 2 + ["Review, renamed"] * 4
    shown = [room.google.event(EMAIL, instance(event, tomorrow(9) + number * WEEK)) for number in range(-2, 4)]
    assert {one["summary"] for one in shown} == {"Review, renamed"}
    assert [finding.cause for finding in room.findings("SF-15")] == [Why.PAST_OCCURRENCE]
    assert len(room.events()) == 1


# --- SF-16 ---
def test_sf_16_all_from_today_on_saved_in_salesforce_leaves_the_calendars_past_alone(room: Salesroom) -> None:
    event, whole = begun(room)
    room.salesforce.user_changes(whole, Subject="Review, new", Location="Osaka")
    room.syncs()
    shown = [room.google.event(EMAIL, instance(event, tomorrow(9) + number * WEEK)) for number in range(-2, 4)]
    assert [one["summary"] for one in shown] == ["Review"] * 2 + ["Review, new"] * 4
    assert [one.get("location", "") for one in shown] == [""] * 2 + ["Osaka"] * 4
    assert {row["Subject"] for row in meetings(room)[:2]} == {"Review"}
    before = room.writes()
    room.syncs()
    assert room.writes() == before


def test_sf_16_a_series_that_is_cut_in_salesforce_and_goes_on_as_another_is_split_there(room: Salesroom) -> None:
    event, whole = begun(room)
    later = tomorrow(14) + WEEK
    room.salesforce.user_changes(whole, RecurrenceEndDateOnly=tomorrow(9).date())
    pattern = {"RecurrenceType": "RecursWeekly", "RecurrenceInterval": 1}
    day = 1 << (later.weekday() + 1) % 7
    room.salesforce.user_creates_recurring(
        room.sato, "Review", later, (later + 2 * WEEK).date(), HOUR, RecurrenceDayOfWeekMask=day, **pattern
    )
    room.syncs()
    assert sorted(span(one)[0] for one in room.events()) == ["-13 09:00", "8 14:00"]
    assert event["id"] in {one["id"] for one in room.events()}
    assert starts(room) == ["-13 09:00", "-6 09:00", "1 09:00", "8 14:00", "15 14:00", "22 14:00"]
    assert len(room.records()) == 2


# --- SF-17 ---
@pytest.mark.parametrize("moved", [timedelta(), 2 * HOUR], ids=["other title", "other hour"])
def test_sf_17_this_and_following_in_the_calendar_keeps_the_related_records(room: Salesroom, moved: timedelta) -> None:
    event = room.makes("Review", tomorrow(9), recurrence=[SOME_WEEKS])
    room.syncs()
    account = of_customer(room)
    room.syncs()
    third = tomorrow(9) + 2 * WEEK
    last = third - 24 * HOUR
    room.changes(event, recurrence=[f"RRULE:FREQ=WEEKLY;UNTIL={last:%Y%m%d}T000000Z"])
    title = "Review" if moved else "Review, new"
    room.makes(title, third + moved, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    room.syncs()
    hour = "11:00" if moved else "09:00"
    assert starts(room) == ["1 09:00", "8 09:00", f"15 {hour}", f"22 {hour}", f"29 {hour}", f"36 {hour}"]
    assert {row["WhatId"] for row in meetings(room)} == {account}
    assert [row["Subject"] for row in meetings(room)] == ["Review"] * 2 + [title] * 4
    assert len(room.events()) == len(room.records()) == 2
