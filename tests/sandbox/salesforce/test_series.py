"""Events that recur: Classic recurring events and Lightning event series."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import EVENTS, HOUR, Caller

PATTERN = {
    "IsRecurrence": True,
    "RecurrenceStartDateTime": "2026-05-11T01:00:00Z",
    "RecurrenceEndDateOnly": "2026-05-31",
    "RecurrenceTimeZoneSidKey": "Asia/Tokyo",
    "RecurrenceType": "RecursWeekly",
    "RecurrenceInterval": 1,
    "RecurrenceDayOfWeekMask": 2 + 8,
}


def days(salesforce: SalesforceSandbox, master: str) -> list[str]:
    """The days of the occurrences, in the zone of the user."""
    tokyo = timedelta(hours=9)
    return [f"{row['StartDateTime'] + tokyo:%m-%d}" for row in salesforce.occurrences(master)]


def test_a_recurring_event_has_a_record_of_the_series_and_one_for_each_occurrence(
    salesforce: SalesforceSandbox, call: Caller
) -> None:
    master = call.create(**PATTERN)
    assert days(salesforce, master) == ["05-11", "05-13", "05-18", "05-20", "05-25", "05-27"]
    series = call.read(master)
    assert (series["IsRecurrence"], series["RecurrenceActivityId"]) == (True, master)
    occurrence = call.read(salesforce.occurrences(master)[1]["Id"])
    assert (occurrence["IsRecurrence"], occurrence["RecurrenceActivityId"]) == (False, master)
    assert (occurrence["RecurrenceType"], occurrence["StartDateTime"]) == (None, "2026-05-13T01:00:00.000+0000")
    assert len(call.subjects(f"RecurrenceActivityId = '{master}'")) == 7


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ({"RecurrenceType": "RecursDaily", "RecurrenceInterval": 7}, ["05-11", "05-18", "05-25"]),
        ({"RecurrenceType": "RecursEveryWeekday", "RecurrenceDayOfWeekMask": 62, "until": "2026-05-18"},
         ["05-11", "05-12", "05-13", "05-14", "05-15", "05-18"]),
        ({"RecurrenceType": "RecursMonthly", "RecurrenceInterval": 1, "RecurrenceDayOfMonth": 31,
          "until": "2026-06-30"}, ["05-31", "06-30"]),
        ({"RecurrenceType": "RecursMonthlyNth", "RecurrenceInterval": 2, "RecurrenceInstance": "Last",
          "RecurrenceDayOfWeekMask": 32, "until": "2026-09-30"}, ["05-29", "07-31", "09-25"]),
        ({"RecurrenceType": "RecursYearly", "RecurrenceDayOfMonth": 3, "RecurrenceMonthOfYear": "June",
          "until": "2028-06-30"}, ["06-03", "06-03", "06-03"]),
        ({"RecurrenceType": "RecursYearlyNth", "RecurrenceDayOfWeekMask": 64, "RecurrenceInstance": "First",
          "RecurrenceMonthOfYear": "October", "until": "2027-12-31"}, ["10-03", "10-02"]),
    ],
    ids=["daily", "weekday", "monthly", "monthly nth", "yearly", "yearly nth"],
)  # fmt: skip # short values, several a line
def test_every_type_of_pattern(
    salesforce: SalesforceSandbox, call: Caller, pattern: dict[str, Any], found: list[str]
) -> None:
    unused = {"RecurrenceInterval": None, "RecurrenceDayOfWeekMask": None}
    until = pattern.pop("until", "2026-05-31")
    master = call.create(**(PATTERN | unused | pattern | {"RecurrenceEndDateOnly": until}))
    assert days(salesforce, master) == found


def test_times_keep_their_place_in_the_day_of_their_zone(salesforce: SalesforceSandbox, call: Caller) -> None:
    weekly = {**PATTERN, "RecurrenceTimeZoneSidKey": "Europe/Berlin", "RecurrenceDayOfWeekMask": 1 + 64}
    starts = {"RecurrenceStartDateTime": "2026-10-24T08:00:00Z", "RecurrenceEndDateOnly": "2026-10-31"}
    master = call.add(EVENTS, Subject="Walk", DurationInMinutes=60, **(weekly | starts))
    found = [row["StartDateTime"].hour for row in salesforce.occurrences(master)]
    assert found == [8, 9, 9]


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"RecurrenceEndDateOnly": None}, "REQUIRED_FIELD_MISSING", "RecurrenceEndDateOnly"),
        ({"RecurrenceInterval": None}, "REQUIRED_FIELD_MISSING", "RecurrenceInterval"),
        ({"RecurrenceDayOfMonth": 3}, "FIELD_INTEGRITY_EXCEPTION", "RecurrenceDayOfMonth"),
        ({"RecurrenceEndDateOnly": "2026-05-10"}, "FIELD_INTEGRITY_EXCEPTION", "RecurrenceEndDateOnly"),
        ({"RecurrenceInterval": 0}, "NUMBER_OUTSIDE_VALID_RANGE", "RecurrenceInterval"),
        ({"RecurrenceInterval": 100}, "NUMBER_OUTSIDE_VALID_RANGE", "RecurrenceInterval"),
        ({"RecurrenceDayOfWeekMask": 128}, "NUMBER_OUTSIDE_VALID_RANGE", "RecurrenceDayOfWeekMask"),
        ({"RecurrenceType": "RecursHourly"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "RecurrenceType"),
        ({"RecurrenceTimeZoneSidKey": "Mars/Olympus"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
         "RecurrenceTimeZoneSidKey"),
        ({"RecurrenceType": "RecursEveryWeekday", "RecurrenceInterval": None}, "FIELD_INTEGRITY_EXCEPTION",
         "RecurrenceDayOfWeekMask"),
        ({"EndDateTime": "2026-05-12T01:00:00Z"}, "FIELD_INTEGRITY_EXCEPTION", "EndDateTime"),
        ({"StartDateTime": "2026-05-12T01:00:00Z", "EndDateTime": "2026-05-12T02:00:00Z"},
         "FIELD_INTEGRITY_EXCEPTION", "StartDateTime"),
        ({"Recurrence2PatternText": "RRULE:FREQ=DAILY"}, "FIELD_INTEGRITY_EXCEPTION", "Recurrence2PatternText"),
    ],
)  # fmt: skip # short values, several a line
def test_a_wrong_pattern_is_refused_whole(
    salesforce: SalesforceSandbox, call: Caller, more: dict[str, Any], code: str, field: str
) -> None:
    refused = call.refused("POST", EVENTS, json=HOUR | PATTERN | more)
    assert refused == (400, code, [field])
    assert salesforce.events() == []


def test_sf_8_an_occurrence_is_shorter_than_a_day(salesforce: SalesforceSandbox, call: Caller) -> None:
    """SF-8"""
    call.create(**PATTERN, EndDateTime="2026-05-12T00:59:00Z")
    all_day = {"IsAllDayEvent": True, "RecurrenceStartDateTime": "2026-05-11T00:00:00Z", "StartDateTime": None}
    master = call.create(**(PATTERN | all_day | {"EndDateTime": None}))
    assert [row["ActivityDate"].day for row in salesforce.occurrences(master)] == [11, 13, 18, 20, 25, 27]
    longer = HOUR | PATTERN | all_day | {"EndDateTime": "2026-05-12T00:00:00Z"}
    assert call.refused("POST", EVENTS, json=longer)[1] == "FIELD_INTEGRITY_EXCEPTION"
    occurrence = salesforce.occurrences(master)[0]["Id"]
    call.change(occurrence, EndDateTime="2026-05-13T00:00:00Z")  # one of them may grow later


@pytest.mark.parametrize(
    ("pattern", "until", "most"),
    [
        ({"RecurrenceType": "RecursDaily", "RecurrenceDayOfWeekMask": None}, date(2026, 8, 18), 100),
        ({"RecurrenceDayOfWeekMask": 2}, date(2027, 5, 10), 53),
        ({"RecurrenceType": "RecursMonthly", "RecurrenceDayOfWeekMask": None, "RecurrenceDayOfMonth": 11},
         date(2031, 4, 11), 60),
        ({"RecurrenceType": "RecursYearly", "RecurrenceInterval": None, "RecurrenceDayOfWeekMask": None,
          "RecurrenceDayOfMonth": 11, "RecurrenceMonthOfYear": "May"}, date(2035, 5, 11), 10),
    ],
    ids=["daily", "weekly", "monthly", "yearly"],
)  # fmt: skip # short values, several a line
def test_sf_10_a_pattern_has_only_so_many_occurrences(
    salesforce: SalesforceSandbox, call: Caller, pattern: dict[str, Any], until: date, most: int
) -> None:
    """SF-10"""
    fits = PATTERN | pattern | {"RecurrenceEndDateOnly": until.isoformat()}
    assert len(salesforce.occurrences(call.create(**fits))) == most
    longer = fits | {"RecurrenceEndDateOnly": (until + timedelta(days=366)).isoformat()}
    refused = call.refused("POST", EVENTS, json=HOUR | longer)
    assert refused == (400, "FIELD_INTEGRITY_EXCEPTION", ["RecurrenceEndDateOnly"])


def test_sf_14_a_single_event_cannot_be_turned_into_a_recurring_one(call: Caller) -> None:
    """SF-14"""
    event_id = call.create()
    refused = call.refused("PATCH", f"{EVENTS}/{event_id}", json=PATTERN)
    assert refused == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsRecurrence"])
    rest = {name: value for name, value in PATTERN.items() if name != "IsRecurrence"}
    assert call.refused("PATCH", f"{EVENTS}/{event_id}", json=rest)[1] == "FIELD_INTEGRITY_EXCEPTION"


def test_a_change_of_the_series_reaches_the_occurrences_that_are_to_come(
    salesforce: SalesforceSandbox, call: Caller, clock: Clock
) -> None:
    master = call.create(**PATTERN)
    clock.moves_on(days=14)
    before = [row["Id"] for row in salesforce.occurrences(master)]
    call.change(master, Subject="Renamed", DurationInMinutes=30)
    found = salesforce.occurrences(master)
    assert [row["Id"] for row in found] == before
    assert [row["Subject"] for row in found] == ["Review", "Review", *["Renamed"] * 4]
    assert [row["DurationInMinutes"] for row in found] == [60, 60, 30, 30, 30, 30]


def test_a_new_pattern_replaces_the_occurrences_that_are_to_come(
    salesforce: SalesforceSandbox, call: Caller, clock: Clock
) -> None:
    account = salesforce.add_account("Aoki Trading")
    master = call.create(**PATTERN)
    before = [row["Id"] for row in salesforce.occurrences(master)]
    call.change(before[4], WhatId=account["Id"])
    clock.moves_on(days=14)
    call.change(master, RecurrenceDayOfWeekMask=4, RecurrenceEndDateOnly="2026-06-02")
    found = salesforce.occurrences(master)
    assert days(salesforce, master) == ["05-11", "05-13", "05-19", "05-26", "06-02"]
    assert [row["Id"] for row in found[:2]] == before[:2]
    assert set(before).isdisjoint(row["Id"] for row in found[2:])
    assert all(row["WhatId"] is None for row in found)  # SF-17 is about this
    assert salesforce.event(before[4])["IsDeleted"] is True


def test_sf_12_the_start_of_a_series_that_has_begun_stays(
    salesforce: SalesforceSandbox, call: Caller, clock: Clock
) -> None:
    """SF-12"""
    master = call.create(**PATTERN)
    call.change(master, RecurrenceStartDateTime="2026-05-11T02:00:00Z")
    assert [row["StartDateTime"].hour for row in salesforce.occurrences(master)] == [2] * 6
    clock.moves_on(days=14)
    for field in ("RecurrenceStartDateTime", "StartDateTime"):
        refused = call.refused("PATCH", f"{EVENTS}/{master}", json={field: "2026-05-11T03:00:00Z"})
        assert refused == (400, "FIELD_INTEGRITY_EXCEPTION", ["RecurrenceStartDateTime"])


def test_sf_13_a_series_does_not_end_before_it_starts(call: Caller) -> None:
    """SF-13"""
    master = call.create(**PATTERN)
    refused = call.refused("PATCH", f"{EVENTS}/{master}", json={"RecurrenceEndDateOnly": "2026-05-10"})
    assert refused == (400, "FIELD_INTEGRITY_EXCEPTION", ["RecurrenceEndDateOnly"])


def test_an_occurrence_changes_and_goes_alone(salesforce: SalesforceSandbox, call: Caller) -> None:
    master = call.create(**PATTERN)
    first, second, *_ = (row["Id"] for row in salesforce.occurrences(master))
    call.change(first, Subject="Moved", StartDateTime="2026-05-12T05:00:00Z")
    assert call("DELETE", f"{EVENTS}/{second}").status_code == 204
    assert days(salesforce, master) == ["05-12", "05-18", "05-20", "05-25", "05-27"]
    refused = call.refused("PATCH", f"{EVENTS}/{first}", json={"RecurrenceInterval": 2})
    assert refused[1] == "FIELD_INTEGRITY_EXCEPTION"


def test_the_api_deletes_a_whole_series_and_the_web_page_what_is_to_come(
    salesforce: SalesforceSandbox, call: Caller, clock: Clock
) -> None:
    master = call.create(**PATTERN)
    clock.moves_on(days=14)
    salesforce.user_deletes(master)
    assert days(salesforce, master) == ["05-11", "05-13"]
    clock.moves_on(minutes=1)
    assert call("DELETE", f"{EVENTS}/{master}").status_code == 204
    assert salesforce.events() == []
    salesforce.user_restores(master)
    assert days(salesforce, master) == ["05-11", "05-13"]


def test_sf_26_an_event_series_of_lightning_is_read_and_changes_as_a_whole(
    salesforce: SalesforceSandbox, sato: User, call: Caller, clock: Clock
) -> None:
    """SF-26"""
    pattern = "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=5"
    master = salesforce.user_creates_series(sato, "Planning", datetime(2026, 5, 11, 10), pattern, timedelta(hours=1))
    told = call.read(master["Id"])
    assert (told["GroupEventType"], told["IsRecurrence2"], told["IsRecurrence"]) == ("3", True, False)
    assert told["Recurrence2PatternText"] == "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=1;COUNT=5"
    assert days(salesforce, master["Id"]) == ["05-11", "05-13", "05-18", "05-20", "05-25"]
    clock.moves_on(days=14)
    past, _, coming, *_ = (row["Id"] for row in salesforce.occurrences(master["Id"]))
    call.change(past, Subject="Over")
    assert call.read(past)["IsRecurrence2Exception"] is True
    call.change(coming, Subject="Renamed")
    found = [row["Subject"] for row in salesforce.occurrences(master["Id"])]
    assert found == ["Over", "Planning", "Renamed", "Renamed", "Renamed"]
    refused = call.refused("PATCH", f"{EVENTS}/{coming}", json={"Recurrence2PatternText": pattern})
    assert refused == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Recurrence2PatternText"])
    assert call("DELETE", f"{EVENTS}/{coming}").status_code == 204
    assert len(salesforce.occurrences(master["Id"])) == 4


@pytest.mark.parametrize(
    "pattern",
    [
        "FREQ=HOURLY",
        "FREQ=WEEKLY;COUNT=3",
        "FREQ=YEARLY;INTERVAL=2",
        "FREQ=DAILY;COUNT=3;UNTIL=20260601T000000Z",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;COUNT=x",
    ],
)
def test_a_pattern_that_lightning_does_not_know_is_refused(call: Caller, pattern: str) -> None:
    refused = call.refused("POST", EVENTS, json={**HOUR, "Recurrence2PatternText": pattern})
    assert refused == (400, "FIELD_INTEGRITY_EXCEPTION", ["Recurrence2PatternText"])


def test_a_unique_value_has_no_place_on_a_series_whose_occurrences_share_it(
    salesforce: SalesforceSandbox, call: Caller
) -> None:
    salesforce.add_external_id("Key__c")
    for recurs in (PATTERN, {"Recurrence2PatternText": "FREQ=DAILY;COUNT=2"}):
        assert call.refused("POST", EVENTS, json=HOUR | recurs | {"Key__c": "a"})[1] == "DUPLICATE_VALUE"
    assert salesforce.events() == []
    master = call.create(**PATTERN)
    assert call.refused("PATCH", f"{EVENTS}/{master}", json={"Key__c": "a"})[1] == "DUPLICATE_VALUE"
    call.change(salesforce.occurrences(master)[0]["Id"], Key__c="a")
    salesforce.change_field("Key__c", unique=False)
    call.change(master, Key__c="b")
    assert {row["Key__c"] for row in salesforce.occurrences(master)} == {"b"}
