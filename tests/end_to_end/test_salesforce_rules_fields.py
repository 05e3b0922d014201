"""What travels between Salesforce and Google Calendar, in which form, and what stays as it is (SF-1 to SF-7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from soroe.core.finding import FindingKind
from soroe.core.plan import Why
from tests.end_to_end.crms import TOKYO, tomorrow
from tests.end_to_end.office import at
from tests.end_to_end.salesroom import DAY, Salesroom, span, wall

pytestmark = pytest.mark.parametrize("world", ["salesforce"], indirect=True)
FOURTEEN_DAYS = 14 * DAY
MINUTE = timedelta(minutes=1)


# --- SF-1 ---
def test_sf_1_white_space_around_a_text_is_no_change_to_send_back(room: Salesroom) -> None:
    event = room.makes("  Visit ", location=" Osaka\t", description="\n first\n\n second \n\n")
    room.syncs()
    record = room.record()
    assert (record["Subject"], record["Location"]) == ("Visit", "Osaka")
    assert record["Description"].splitlines() == ["first", "", " second"]
    before = room.writes()
    room.syncs()
    assert room.writes() == before
    now = room.event()
    assert (now["summary"], now["location"]) == (event["summary"], event["location"])
    assert now["description"] == event["description"]


def test_sf_1_a_change_beside_the_trimmed_text_leaves_the_calendars_own_spelling(room: Salesroom) -> None:
    room.makes("Visit ", description="notes\n")
    room.syncs()
    room.salesforce.user_changes(room.record()["Id"], Location="Osaka")
    room.syncs()
    now = room.event()
    assert (now["summary"], now["description"], now["location"]) == ("Visit ", "notes\n", "Osaka")
    assert room.findings() == []


# --- SF-2 ---
def test_sf_2_start_and_end_travel_both_ways(room: Salesroom) -> None:
    entered = room.enters("From Salesforce", tomorrow(10), timedelta(minutes=95))
    made = room.makes("From Google", tomorrow(15), end=tomorrow(15) + timedelta(minutes=25))
    room.syncs()
    by_title = {event["summary"]: event for event in room.events()}
    assert span(by_title["From Salesforce"]) == ("1 10:00", "1 11:35")
    records = {record["Subject"]: record for record in room.records()}
    assert _span(records["From Google"]) == ("1 15:00", "1 15:25")
    room.salesforce.user_changes(entered, tomorrow(8, 2))
    room.changes(made, start=at(tomorrow(16)), end=at(tomorrow(18)))
    room.syncs()
    by_title = {event["summary"]: event for event in room.events()}
    assert span(by_title["From Salesforce"]) == ("2 08:00", "2 09:35")
    records = {record["Subject"]: record for record in room.records()}
    assert _span(records["From Google"]) == ("1 16:00", "1 18:00")


def test_sf_2_days_travel_both_ways_and_become_times(room: Salesroom) -> None:
    first = tomorrow(0).date()
    entered = room.enters("Fair", first, 3)
    room.makes("Holiday", first + DAY, end=first + 3 * DAY)
    room.syncs()
    by_title = {event["summary"]: event for event in room.events()}
    assert span(by_title["Fair"]) == ("1", "4"), "Google names the day after"
    holiday = next(record for record in room.records() if record["Subject"] == "Holiday")
    assert (holiday["IsAllDayEvent"], holiday["ActivityDate"]) == (True, first + DAY)
    assert holiday["EndDateTime"].date() == first + 2 * DAY, "Salesforce names the last day"
    room.salesforce.user_changes(entered, tomorrow(9), timedelta(hours=2), IsAllDayEvent=False)
    room.syncs()
    by_title = {event["summary"]: event for event in room.events()}
    assert span(by_title["Fair"]) == ("1 09:00", "1 11:00")


def test_sf_2_a_series_travels_both_ways_with_its_rule(room: Salesroom) -> None:
    first = tomorrow(9)
    room.salesforce.user_creates_recurring(
        room.sato, "From Salesforce", first, (first + 4 * DAY).date(), timedelta(hours=1),
        RecurrenceType="RecursDaily", RecurrenceInterval=2,
    )  # fmt: skip # short values, several a line
    room.makes("From Google", tomorrow(11), recurrence=["RRULE:FREQ=DAILY;COUNT=4"])
    room.syncs()
    by_title = {event["summary"]: event for event in room.events()}
    assert len(room.events()) == 2
    (rule,) = by_title["From Salesforce"]["recurrence"]
    assert rule.startswith("RRULE:FREQ=DAILY") and "INTERVAL=2" in rule
    whole = next(record for record in room.records() if record["Subject"] == "From Google")
    starts = [wall(one["StartDateTime"]) for one in room.salesforce.occurrences(whole["Id"])]
    assert (whole["RecurrenceType"], starts) == ("RecursDaily", ["1 11:00", "2 11:00", "3 11:00", "4 11:00"])


# --- SF-3 ---
def test_sf_3_what_is_private_is_synced_whole_by_default(room: Salesroom) -> None:
    room.enters("Doctor", tomorrow(10), IsPrivate=True, Location="Clinic")
    room.makes("Dentist", tomorrow(15), visibility="private", location="Clinic")
    room.syncs()
    by_title = {event["summary"]: event for event in room.events()}
    assert by_title["Doctor"]["location"] == "Clinic"
    records = {record["Subject"]: record for record in room.records()}
    assert records["Dentist"]["Location"] == "Clinic"
    (finding,) = room.findings("SF-3")
    assert (finding.kind, finding.cause) == (FindingKind.PRIVATE, Why.PRIVATE_KEPT)


def test_sf_3_the_flag_itself_leaves_nothing_open_to_colleagues(room: Salesroom) -> None:
    """SF-3, beyond it: a private event is private on the other side, too, instead of open to everybody there."""
    room.enters("Doctor", tomorrow(10), IsPrivate=True)
    room.makes("Dentist", tomorrow(15), visibility="private")
    room.syncs()
    assert {event["summary"]: event.get("visibility") for event in room.events()} == {
        "Doctor": "private",
        "Dentist": "private",
    }
    assert {record["Subject"]: record["IsPrivate"] for record in room.records()} == {"Doctor": True, "Dentist": True}


@pytest.mark.parametrize(("policy", "shown"), [("block", ["Private"]), ("skip", [])])
def test_sf_3_the_privacy_policy_may_be_chosen_instead(room: Salesroom, policy: str, shown: list[str]) -> None:
    """SF-3, PD-7: a block that shows its time and nothing else, or nothing at all; both are told."""
    room.choices["privacy"] = policy
    room.makes("Dentist", visibility="private", location="Clinic", description="teeth")
    room.syncs()
    records = room.records()
    assert [record["Subject"] for record in records] == shown
    assert all((one["Location"], one["Description"]) == (None, None) for one in records)
    assert [finding.kind for finding in room.findings("PD-7")] == [FindingKind.PRIVATE]


# --- SF-4 ---
@pytest.mark.parametrize(
    ("word", "transparency"), [("Busy", "opaque"), ("OutOfOffice", "opaque"), ("Free", "transparent")]
)
def test_sf_4_how_an_event_counts_in_the_calendar(room: Salesroom, word: str, transparency: str) -> None:
    room.enters(ShowAs=word)
    room.syncs()
    assert room.event().get("transparency", "opaque") == transparency


def test_sf_4_out_of_office_survives_a_round_trip(room: Salesroom) -> None:
    entered = room.enters("Trip", ShowAs="OutOfOffice")
    room.syncs()
    room.changes(room.event(), summary="Trip to Nagoya", start=at(tomorrow(11)), end=at(tomorrow(12)))
    room.syncs()
    record = room.salesforce.event(entered)
    assert (record["Subject"], record["ShowAs"]) == ("Trip to Nagoya", "OutOfOffice")
    room.salesforce.user_changes(entered, Location="Nagoya")
    room.syncs()
    assert (room.salesforce.event(entered)["ShowAs"], room.event()["location"]) == ("OutOfOffice", "Nagoya")


def test_sf_4_who_turns_free_in_the_calendar_is_free_in_salesforce_and_busy_again(room: Salesroom) -> None:
    entered = room.enters("Trip", ShowAs="OutOfOffice")
    room.syncs()
    room.changes(room.event(), transparency="transparent")
    room.syncs()
    assert room.salesforce.event(entered)["ShowAs"] == "Free"
    room.changes(room.event(), transparency="opaque")
    room.syncs()
    assert room.salesforce.event(entered)["ShowAs"] == "Busy"


# --- SF-5 ---
def test_sf_5_what_only_salesforce_has_stays_when_google_changes_an_event(room: Salesroom) -> None:
    room.salesforce.add_custom_field("Region__c")
    account = room.salesforce.add_account("Aoki Trading", room.sato)
    contact = room.salesforce.add_contact("Aoki", "aoki@example.com", account)
    reminder = {"IsReminderSet": True, "ReminderDateTime": tomorrow(9)}
    own = {"WhoId": contact["Id"], "WhatId": account["Id"], "Type": "Call", "Region__c": "Kansai", **reminder}
    entered = room.enters(**own)
    room.syncs()
    before = room.salesforce.event(entered)
    room.changes(room.event(), summary="Visit, changed", location="Osaka", start=at(tomorrow(11)), end=at(tomorrow(12)))
    room.syncs()
    now = room.salesforce.event(entered)
    assert (now["Subject"], now["Location"], wall(now["StartDateTime"])) == ("Visit, changed", "Osaka", "1 11:00")
    assert {name: now[name] for name in own} == {name: before[name] for name in own}
    assert now["AccountId"] == account["Id"]


def test_sf_5_what_only_google_has_stays_when_salesforce_changes_an_event(room: Salesroom) -> None:
    own: dict[str, Any] = {
        "colorId": "5",
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 7}]},
        "conferenceData": {"createRequest": {"requestId": "1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}},
        "extendedProperties": {"private": {"another-program": "kept"}},
        "guestsCanModify": True,
    }
    room.makes(**own)
    room.syncs()
    event = room.event()
    assert event["conferenceData"]["entryPoints"], "there is a conference to be lost"
    room.salesforce.user_changes(room.record()["Id"], tomorrow(9, 2), Subject="Visit, changed")
    room.syncs()
    now = room.event()
    assert (now["summary"], span(now)[0]) == ("Visit, changed", "2 09:00")
    kept = ("colorId", "reminders", "conferenceData", "guestsCanModify")
    assert {name: now.get(name) for name in kept} == {name: event.get(name) for name in kept}
    assert now["extendedProperties"]["private"]["another-program"] == "kept"


# --- SF-7 ---
def test_sf_7_fourteen_days_are_synced(room: Salesroom) -> None:
    room.makes("Fair", tomorrow(9), end=tomorrow(9) + FOURTEEN_DAYS)
    room.makes("Leave", tomorrow(0).date(), end=tomorrow(0).date() + FOURTEEN_DAYS)
    room.syncs()
    assert {record["DurationInMinutes"] for record in room.records()} == {14 * 24 * 60}
    assert room.findings("SF-7") == []


def test_sf_7_a_minute_more_is_reported_with_the_limit(room: Salesroom) -> None:
    room.makes("Fair", tomorrow(9), end=tomorrow(9) + FOURTEEN_DAYS + MINUTE)
    room.syncs()
    assert room.records() == []
    (finding,) = room.findings("SF-7")
    assert (finding.kind, finding.cause, finding.numbers) == (
        FindingKind.REJECTED,
        Why.TOO_LONG,
        (("minutes", 14 * 24 * 60),),
    )


def test_sf_7_one_that_became_too_long_keeps_its_old_time_and_takes_the_rest(room: Salesroom) -> None:
    event = room.makes("Fair", tomorrow(9), end=tomorrow(9) + DAY)
    room.syncs()
    room.changes(event, summary="Great fair", end=at(tomorrow(9) + FOURTEEN_DAYS + MINUTE))
    room.syncs()
    record = room.record()
    assert (record["Subject"], record["DurationInMinutes"]) == ("Great fair", 24 * 60)
    assert len(room.findings("SF-7")) == 1
    room.changes(event, end=at(tomorrow(9) + 2 * DAY))
    room.syncs()
    assert (room.record()["DurationInMinutes"], room.findings("SF-7")) == (2 * 24 * 60, [])


def _span(record: Any) -> tuple[str, str]:
    start, end = record["StartDateTime"], record["EndDateTime"]
    assert isinstance(start, datetime) and isinstance(end, datetime)
    return wall(start.astimezone(TOKYO)), wall(end.astimezone(TOKYO))
