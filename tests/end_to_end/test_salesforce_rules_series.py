"""Which series travel between Salesforce and Google, and how much of them (SF-8 to SF-10, SF-13, SF-14, SF-26)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.core.finding import FindingKind
from soroe.core.plan import Why
from soroe.sandbox.google.errors import GoogleError
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.office import at
from tests.end_to_end.salesroom import DAY, HOUR, WEEK, Event, Salesroom, instance, span, wall

pytestmark = pytest.mark.parametrize("world", ["salesforce"], indirect=True)
MINUTE = timedelta(minutes=1)
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=4"


def meetings(room: Salesroom, series: str) -> list[str]:
    """When the meetings of a series in Salesforce begin."""
    return [wall(one["StartDateTime"]) for one in room.salesforce.occurrences(series)]


# --- SF-8, SF-9, SF-13 ---
@pytest.mark.parametrize(
    ("rule", "length", "id_of_rule", "cause"),
    [
        ("FREQ=WEEKLY;COUNT=3", 24 * HOUR, "SF-8", Why.SERIES_TOO_LONG),
        ("FREQ=YEARLY;INTERVAL=2;COUNT=3", HOUR, "SF-9", Why.SERIES_TOO_RARE),
        ("FREQ=MONTHLY;INTERVAL=24;COUNT=3", HOUR, "SF-9", Why.SERIES_TOO_RARE),
        ("FREQ=WEEKLY;UNTIL={before}", HOUR, "SF-13", Why.SERIES_ENDS_FIRST),
    ],
    ids=["24 hours", "every 2 years", "every 24 months", "ends before it starts"],
)
def test_sf_8_sf_9_sf_13_a_series_that_salesforce_cannot_hold_is_reported(
    room: Salesroom, rule: str, length: timedelta, id_of_rule: str, cause: Why
) -> None:
    told = rule.format(before=f"{tomorrow(9) - WEEK:%Y%m%d}T000000Z")
    event = room.makes("Review", tomorrow(9), end=tomorrow(9) + length, recurrence=[f"RRULE:{told}"])
    room.syncs()
    assert room.records() == []
    (finding,) = room.findings(id_of_rule)
    assert (finding.kind, finding.cause) == (FindingKind.REJECTED, cause)
    room.changes(event, recurrence=[WEEKLY], end=at(tomorrow(10)))
    room.syncs()
    assert (len(meetings(room, room.record()["Id"])), room.findings()) == (4, [])


def test_sf_8_a_minute_less_than_a_day_is_synced(room: Salesroom) -> None:
    room.makes("Review", tomorrow(9), end=tomorrow(9) + DAY - MINUTE, recurrence=[WEEKLY])
    room.syncs()
    assert (len(meetings(room, room.record()["Id"])), room.findings()) == (4, [])


def test_sf_13_a_series_whose_end_moves_before_its_start_stays_as_it_was_and_is_reported(room: Salesroom) -> None:
    event = room.makes("Review", tomorrow(9), recurrence=[WEEKLY])
    room.syncs()
    room.changes(event, recurrence=[f"RRULE:FREQ=WEEKLY;UNTIL={tomorrow(9) - WEEK:%Y%m%d}T000000Z"])
    room.syncs()
    assert len(meetings(room, room.record()["Id"])) == 4
    assert [finding.cause for finding in room.findings("SF-13")] == [Why.SERIES_ENDS_FIRST]


# --- SF-10 ---
@pytest.mark.parametrize("count", [10, 11])
def test_sf_10_ten_years_are_taken_and_the_rest_is_cut_and_reported(room: Salesroom, count: int) -> None:
    room.choices["future_days"] = 3660
    room.makes("Anniversary", tomorrow(9), recurrence=[f"RRULE:FREQ=YEARLY;COUNT={count}"])
    room.syncs()
    held = sum(len(meetings(room, one["Id"])) or 1 for one in room.records())
    assert held == 10
    numbers = [dict(finding.numbers)["cut"] for finding in room.findings("SF-10")]
    assert numbers == ([] if count == 10 else [1])
    before = room.writes()
    room.syncs()
    assert room.writes() == before


def test_sf_10_a_weekly_series_without_end_is_taken_for_a_year(room: Salesroom) -> None:
    room.makes("Review", tomorrow(9), recurrence=["RRULE:FREQ=WEEKLY"])
    room.syncs()
    assert sum(len(meetings(room, one["Id"])) or 1 for one in room.records()) == 53
    (finding,) = room.findings("SF-10")
    assert finding.kind is FindingKind.ALTERED
    assert len(room.events()) == 1


# --- SF-14 ---
def test_sf_14_a_single_event_made_weekly_becomes_the_series_with_all_it_held(room: Salesroom) -> None:
    account = room.salesforce.add_account("Aoki Trading", room.sato)
    contact = room.salesforce.add_contact("Aoki", "aoki@example.com", account)
    room.enters(WhatId=account["Id"], WhoId=contact["Id"], Type="Call")
    room.syncs()
    event = room.event()
    room.changes(event, recurrence=[WEEKLY])
    room.syncs()
    whole = room.record()
    assert meetings(room, whole["Id"]) == ["1 10:00", "8 10:00", "15 10:00", "22 10:00"]
    held = {(one["WhatId"], one["WhoId"], one["Type"]) for one in [whole, *room.salesforce.occurrences(whole["Id"])]}
    assert held == {(account["Id"], contact["Id"], "Call")}
    assert room.event()["id"] == event["id"]
    room.salesforce.user_changes(whole["Id"], Location="Osaka")
    room.syncs()
    assert (room.event()["location"], room.findings()) == ("Osaka", [])


# --- SF-2, occurrences ---
def test_sf_2_an_occurrence_changed_or_cancelled_on_either_side_is_so_on_the_other(room: Salesroom) -> None:
    event = room.makes("Review", tomorrow(9), recurrence=[WEEKLY])
    room.syncs()
    whole = room.record()["Id"]
    second, third, fourth = (tomorrow(9) + number * WEEK for number in (1, 2, 3))
    room.changes(instance(event, second), start=at(second + HOUR), end=at(second + 2 * HOUR))
    room.google.user_deletes(EMAIL, instance(event, third))
    room.salesforce.user_changes(room.salesforce.occurrences(whole)[3]["Id"], Subject="Last review")
    room.syncs()
    assert meetings(room, whole) == ["1 09:00", "8 10:00", "22 09:00"]
    assert room.google.event(EMAIL, instance(event, fourth))["summary"] == "Last review"
    room.salesforce.user_deletes(room.salesforce.occurrences(whole)[0]["Id"])
    room.syncs()
    assert [takes_place(room, event, tomorrow(9) + number * WEEK) for number in range(4)] == [False, True, False, True]


def takes_place(room: Salesroom, event: Event, start: datetime) -> bool:
    """Whether an occurrence stands in Google's calendar."""
    try:
        return bool(room.google.event(EMAIL, instance(event, start))["status"] != "cancelled")
    except GoogleError:
        return False


# --- SF-26 ---
def lightning(room: Salesroom) -> str:
    """A series of four weeks, made in Lightning; its id."""
    days = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    day = days[tomorrow(9).weekday()]
    made = room.salesforce.user_creates_series(
        room.sato, "Pipeline", tomorrow(9), f"FREQ=WEEKLY;BYDAY={day};INTERVAL=1;COUNT=3", HOUR
    )
    return str(made["Id"])


def test_sf_26_the_meetings_of_a_series_made_in_lightning_are_in_the_calendar(room: Salesroom) -> None:
    series = lightning(room)
    room.syncs()
    assert sorted(span(event)[0] for event in room.events()) == ["1 09:00", "15 09:00", "8 09:00"]
    room.salesforce.user_changes(series, Subject="Pipeline review", Location="Osaka")
    room.syncs()
    assert {(event["summary"], event["location"]) for event in room.events()} == {("Pipeline review", "Osaka")}
    room.salesforce.user_deletes(room.salesforce.occurrences(series)[1]["Id"])
    room.syncs()
    assert sorted(span(event)[0] for event in room.events()) == ["1 09:00", "15 09:00"]


def test_sf_26_what_salesforce_does_not_let_us_change_there_is_reported(room: Salesroom) -> None:
    series = lightning(room)
    room.syncs()
    event = next(one for one in room.events() if span(one)[0] == "8 09:00")
    room.changes(event, summary="Just this one")
    room.syncs()
    assert {one["Subject"] for one in room.salesforce.occurrences(series)} == {"Pipeline"}
    stuck = [finding for finding in room.findings("SF-26") if finding.fields]
    assert [(finding.kind, finding.cause, finding.fields) for finding in stuck] == [
        (FindingKind.ONE_WAY, "special_kind", ("title",))
    ]
