"""Series: patterns and ranges, occurrences, exceptions, and what the service refuses about them."""

from __future__ import annotations

from datetime import date

import pytest

from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from tests.sandbox.microsoft365.caller import Caller, Json, at, meeting, ok, refusal, weekly
from tests.sandbox.microsoft365.conftest import SATO

YEAR = {"startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2031-01-01T00:00:00Z"}


def series(pattern: Json, first: str, count: int = 4) -> Json:
    limits = {"type": "numbered", "startDate": first, "numberOfOccurrences": count}
    return meeting(day=first, recurrence={"pattern": pattern, "range": limits})


@pytest.mark.parametrize(
    ("pattern", "first", "days"),
    [
        ({"type": "daily", "interval": 3}, "2026-04-01", ["2026-04-01", "2026-04-04", "2026-04-07", "2026-04-10"]),
        (
            {"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "friday"], "firstDayOfWeek": "monday"},
            "2026-04-03",
            ["2026-04-03", "2026-04-13", "2026-04-17", "2026-04-27"],
        ),
        (
            {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
            "2026-01-31",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        ),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "second"},
            "2026-04-14",
            ["2026-04-14", "2026-05-12", "2026-06-09", "2026-07-14"],
        ),
        (
            {"type": "absoluteYearly", "interval": 1, "month": 4, "dayOfMonth": 1},
            "2026-04-01",
            ["2026-04-01", "2027-04-01", "2028-04-01", "2029-04-01"],
        ),
        (
            {"type": "relativeYearly", "interval": 1, "month": 5, "daysOfWeek": ["monday"], "index": "last"},
            "2026-05-25",
            ["2026-05-25", "2027-05-31", "2028-05-29", "2029-05-28"],
        ),
    ],
)
def test_each_pattern_stands_for_its_days(sato: Caller, pattern: Json, first: str, days: list[str]) -> None:
    made = sato.created(series(pattern, first))
    assert made["type"] == "seriesMaster"
    prefer = 'IdType="ImmutableId", outlook.timezone="Tokyo Standard Time"'
    found = ok(sato.get(f"me/events/{made['id']}/instances", prefer, **YEAR))["value"]
    assert [one["start"]["dateTime"][:10] for one in found] == days
    assert {one["type"] for one in found} == {"occurrence"}
    assert len({one["iCalUId"] for one in found}) == 4


@pytest.mark.parametrize(
    "recurrence",
    [
        {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": []}},
        {"pattern": {"type": "daily", "interval": 0}},
        {"pattern": {"type": "hourly", "interval": 1}},
        {"pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 32}},
        {"pattern": {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1}},
        {"range": {"type": "numbered", "startDate": "2026-04-07", "numberOfOccurrences": 3}},
        {"range": {"type": "numbered", "startDate": "2026-04-06", "numberOfOccurrences": 0}},
        {"range": {"type": "endDate", "startDate": "2026-04-06", "endDate": "2026-04-05"}},
        {"range": {"type": "endDate", "startDate": "2026-04-06"}},
    ],
)
def test_a_rule_that_cannot_be_is_refused(sato: Caller, recurrence: Json) -> None:
    body = weekly()
    answer = sato.post("me/events", {**body, "recurrence": {**body["recurrence"], **recurrence}})
    assert answer.status_code == 400
    assert refusal(answer)[1] in ("ErrorPropertyValidationFailure", "RequestBodyRead")


def test_a_start_that_is_no_day_of_its_pattern_moves_to_the_first(sato: Caller) -> None:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["wednesday"]}
    assert sato.created(series(pattern, "2026-04-06"))["start"]["dateTime"].startswith("2026-04-08")


def test_a_changed_occurrence_is_an_exception_and_the_series_stays(sato: Caller) -> None:
    made = sato.created(weekly())
    days = ok(sato.get(f"me/events/{made['id']}/instances", **YEAR))["value"]
    changed = ok(sato.patch(days[1]["id"], {"subject": "今回だけ"}))
    assert (changed["type"], changed["id"]) == ("exception", days[1]["id"])
    again = ok(sato.get(f"me/events/{made['id']}/instances", **YEAR))["value"]
    assert [one["subject"] for one in again] == ["定例", "今回だけ", "定例"]
    assert refusal(sato.patch(days[1]["id"], {"recurrence": made["recurrence"]})) == (
        400,
        "ErrorPropertyValidationFailure",
    )


def test_a_deleted_occurrence_is_missing_and_cannot_come_back(sato: Caller) -> None:
    made = sato.created(weekly())
    days = ok(sato.get(f"me/events/{made['id']}/instances", **YEAR))["value"]
    assert sato.delete(days[1]["id"]).status_code == 204
    left = ok(sato.get(f"me/events/{made['id']}/instances", **YEAR))["value"]
    assert [one["id"] for one in left] == [days[0]["id"], days[2]["id"]]
    assert refusal(sato.patch(days[1]["id"], {"subject": "x"})) == (404, "ErrorItemNotFound")


@pytest.mark.parametrize("day", ["2026-04-06", "2026-04-05", "2026-04-20", "2026-04-27"])
def test_an_occurrence_cannot_reach_its_neighbours(sato: Caller, day: str) -> None:
    made = sato.created(weekly())
    middle = ok(sato.get(f"me/events/{made['id']}/instances", **YEAR))["value"][1]
    change = {"start": at(day, 20), "end": at(day, 21)}
    assert refusal(sato.patch(middle["id"], change)) == (400, "ErrorOccurrenceCrossingBoundary")
    assert ok(sato.patch(middle["id"], {"start": at("2026-04-19", 9), "end": at("2026-04-19", 10)}))


def test_a_new_time_of_the_series_drops_its_exceptions(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = sato.created(weekly())
    office.user_changes_occurrence(SATO, made["id"], date(2026, 4, 13), {"subject": "今回だけ"})
    ok(sato.patch(made["id"], {"subject": "新しい名前"}))
    kept = office.occurrences(SATO, "2026-04-01", "2026-05-01")
    assert [one["type"] for one in kept] == ["occurrence", "exception", "occurrence"]
    ok(sato.patch(made["id"], {"start": at("2026-04-06", 11), "end": at("2026-04-06", 12)}))
    after = office.occurrences(SATO, "2026-04-01", "2026-05-01")
    assert [(one["type"], one["start"]["dateTime"][11:13]) for one in after] == [("occurrence", "11")] * 3


def test_a_series_without_end_is_shown_as_far_as_the_window(sato: Caller) -> None:
    body = weekly()
    body["recurrence"]["range"] = {"type": "noEnd", "startDate": "2026-04-06"}
    made = sato.created(body)
    assert made["recurrence"]["range"]["endDate"] == "0001-01-01"
    far = {"startDateTime": "2036-04-01T00:00:00Z", "endDateTime": "2036-04-15T00:00:00Z"}
    assert len(ok(sato.get("me/calendarView", **far))["value"]) == 2
    assert refusal(sato.get(f"me/events/{sato.created(meeting())['id']}/instances", **YEAR)) == (
        400,
        "ErrorInvalidOperation",
    )


def test_a_series_names_its_lost_and_changed_occurrences_when_asked(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = sato.created(weekly())
    office.user_deletes_occurrence(SATO, made["id"], date(2026, 4, 13))
    changed = office.user_changes_occurrence(SATO, made["id"], date(2026, 4, 20), {"subject": "今回だけ"})
    asked = {"$select": "subject,cancelledOccurrences", "$expand": "exceptionOccurrences"}
    told = sato.event(made["id"], **asked)
    assert told["cancelledOccurrences"] == [f"OID.{made['id']}.2026-04-13"]
    assert [(one["id"], one["subject"]) for one in told["exceptionOccurrences"]] == [(changed["id"], "今回だけ")]
    assert "start" not in told
    assert "cancelledOccurrences" not in sato.event(made["id"])
    assert sato.event(changed["id"], **{"$select": "occurrenceId"})["occurrenceId"] == f"OID.{made['id']}.2026-04-20"
    office.forget_occurrence_names()
    for option, name in asked.items():
        answer = sato.get(f"me/events/{made['id']}", **{option: name})
        assert refusal(answer) == (400, "RequestBroker--ParseUri")


def test_a_series_goes_by_its_own_time_zone(sato: Caller) -> None:
    body = weekly()
    body["start"], body["end"] = at("2026-04-05", 23, "UTC"), at("2026-04-06", 0, "UTC")
    body["recurrence"]["range"]["recurrenceTimeZone"] = "Tokyo Standard Time"
    made = sato.created(body)
    days = ok(sato.get(f"me/events/{made['id']}/instances", **YEAR))["value"]
    assert [one["start"]["dateTime"][:13] for one in days] == ["2026-04-05T23", "2026-04-12T23", "2026-04-19T23"]


def test_a_series_can_become_a_single_event_and_move_with_its_exceptions(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    other = office.add_calendar(SATO, "営業")
    made = sato.created(weekly())
    office.user_changes_occurrence(SATO, made["id"], date(2026, 4, 13), {"subject": "今回だけ"})
    office.user_moves(SATO, made["id"], other)
    moved = office.occurrences(SATO, "2026-04-01", "2026-05-01", other)
    assert [one["subject"] for one in moved] == ["定例", "今回だけ", "定例"]
    assert office.events(SATO) == []
    assert ok(sato.patch(made["id"], {"recurrence": None}))["type"] == "singleInstance"
    assert [one["type"] for one in office.occurrences(SATO, "2026-04-01", "2026-05-01", other)] == ["singleInstance"]
