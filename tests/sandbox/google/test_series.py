"""Recurring events: rules, instances, exceptions."""

from __future__ import annotations

from typing import Any

import pytest

from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.google.caller import Caller, Json, all_day, meeting, ok, refusal, weekly
from tests.sandbox.google.conftest import SATO


def _instances(caller: Caller, event_id: str, **query: Any) -> list[Json]:
    items = ok(caller.send("GET", f"calendars/primary/events/{event_id}/instances", **query))["items"]
    assert isinstance(items, list)
    return items


def _days(items: list[Json]) -> list[str]:
    return sorted(item["start"].get("dateTime", item["start"].get("date"))[:10] for item in items)


@pytest.mark.parametrize(
    "lines",
    [
        ["FREQ=WEEKLY"],
        ["RRULE:COUNT=3"],
        ["RRULE:FREQ=HOURLY"],
        ["RRULE:FREQ=WEEKLY;COUNT=3;UNTIL=20260501T000000Z"],
        ["RRULE:FREQ=WEEKLY;UNTIL=20260501"],
        ["RRULE:FREQ=WEEKLY;UNTIL=20260501T000000"],
        ["RRULE:FREQ=WEEKLY;BYDAY=XX"],
        ["RRULE:FREQ=WEEKLY;INTERVAL=0"],
        ["DTSTART:20260406T010000Z", "RRULE:FREQ=WEEKLY"],
        ["EXDATE;TZID=Nowhere:20260406T100000"],
        "RRULE:FREQ=WEEKLY",
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(sato: Caller, lines: object) -> None:
    assert refusal(sato.insert({**weekly(), "recurrence": lines})) == (400, "invalid")


def test_a_series_needs_a_time_zone(sato: Caller) -> None:
    body = weekly()
    del body["start"]["timeZone"]
    assert refusal(sato.insert(body)) == (400, "required")


def test_instances_are_named_by_their_original_start_in_utc(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    items = _instances(sato, series)
    assert [item["id"] for item in items][:2] == [f"{series}_20260406T010000Z", f"{series}_20260413T010000Z"]
    assert {item["recurringEventId"] for item in items} == {series}
    assert items[1]["originalStartTime"] == items[1]["start"]
    assert "recurrence" not in items[1]
    assert len({item["iCalUID"] for item in items}) == 1


def test_all_day_instances_are_named_by_their_date(sato: Caller) -> None:
    series = sato.inserted(all_day("締め", "2026-04-30", "2026-05-01", recurrence=["RRULE:FREQ=MONTHLY;COUNT=2"]))["id"]
    assert [item["id"] for item in _instances(sato, series)] == [f"{series}_20260430", f"{series}_20260530"]


def test_a_series_keeps_its_wall_clock_time_across_daylight_saving(sato: Caller) -> None:
    body = {
        "summary": "Jour fixe",
        "start": {"dateTime": "2026-03-23T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-03-23T11:00:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20260406T080000Z"],
    }
    items = _instances(sato, sato.inserted(body)["id"], timeZone="Europe/Berlin")
    assert [item["start"]["dateTime"] for item in items] == [
        "2026-03-23T10:00:00+01:00",
        "2026-03-30T10:00:00+02:00",
        "2026-04-06T10:00:00+02:00",
    ]


def test_left_out_and_added_dates_count(sato: Caller) -> None:
    lines = [
        "EXDATE;TZID=Asia/Tokyo:20260413T100000",
        "EXDATE:20260420T010000Z",
        "RDATE;TZID=Asia/Tokyo:20260501T100000",
    ]
    made = sato.inserted(weekly())
    ok(sato.patch(made["id"], {"recurrence": [*made["recurrence"], *lines]}))
    assert _days(_instances(sato, made["id"])) == ["2026-04-06", "2026-04-27", "2026-05-01"]


def test_an_untouched_instance_can_be_read_and_a_date_without_one_cannot(sato: Caller) -> None:
    series = sato.inserted(weekly(location="本社"))["id"]
    assert ok(sato.get(f"{series}_20260413T010000Z"))["location"] == "本社"
    for wrong in ("20260414T010000Z", "20260413T020000Z", "20260413", "x"):
        assert refusal(sato.get(f"{series}_{wrong}")) == (404, "notFound")


def test_changing_an_instance_makes_an_exception_that_keeps_its_original_start(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    instance = f"{series}_20260413T010000Z"
    moved = meeting(day="2026-04-14", hour=15)
    changed = ok(sato.patch(instance, {"start": moved["start"], "end": moved["end"]}))
    assert changed["id"] == instance
    assert changed["originalStartTime"]["dateTime"] == "2026-04-13T10:00:00+09:00"
    assert {item["id"] for item in sato.listed()["items"]} == {series, instance}
    assert _days(_instances(sato, series)) == ["2026-04-06", "2026-04-14", "2026-04-20", "2026-04-27"]


def test_deleting_an_instance_leaves_a_cancelled_exception(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    instance = f"{series}_20260413T010000Z"
    assert sato.delete(instance).status_code == 204
    [exception] = [item for item in sato.listed()["items"] if item["id"] == instance]
    assert set(exception) == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert _days(_instances(sato, series)) == ["2026-04-06", "2026-04-20", "2026-04-27"]
    assert len(_instances(sato, series, showDeleted=True)) == 4
    assert refusal(sato.delete(instance)) == (410, "deleted")
    assert ok(sato.patch(instance, {"status": "confirmed"}))["status"] == "confirmed"
    assert len(_instances(sato, series)) == 4


def test_deleting_a_series_takes_its_exceptions_along(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    sato.patch(f"{series}_20260413T010000Z", {"summary": "別の題"})
    sato.delete(series)
    assert sato.listed()["items"] == []
    assert sato.listed(singleEvents=True)["items"] == []
    assert ok(sato.get(f"{series}_20260413T010000Z"))["status"] == "cancelled"


def test_an_instance_cannot_recur_itself(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    change = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}
    assert refusal(sato.patch(f"{series}_20260413T010000Z", change)) == (400, "invalid")


def test_an_untouched_instance_is_changed_under_the_etag_it_was_shown_with(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    instance = ok(sato.get(f"{series}_20260413T010000Z"))
    assert ok(sato.patch(instance["id"], {"summary": "別"}, etag=instance["etag"]))["etag"] != instance["etag"]
    assert refusal(sato.patch(instance["id"], {"summary": "別"}, etag=instance["etag"])) == (412, "conditionNotMet")


def test_expanded_listings_show_instances_and_no_series(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    sato.patch(f"{series}_20260413T010000Z", {"summary": "別の題"})
    sato.delete(f"{series}_20260420T010000Z")
    items = sato.listed(singleEvents=True, orderBy="startTime")["items"]
    assert [(item["id"][-16:], item["summary"]) for item in items] == [
        ("20260406T010000Z", "定例"),
        ("20260413T010000Z", "別の題"),
        ("20260427T010000Z", "定例"),
    ]


def test_an_endless_series_ends_somewhere_in_an_expanded_listing(sato: Caller) -> None:
    sato.inserted({**weekly(), "recurrence": ["RRULE:FREQ=DAILY"]})
    items, token, _ = sato.all_pages(singleEvents=True, maxResults=2500)
    assert len(items) == 730
    assert token


def test_cutting_a_series_cancels_the_instances_it_loses(google: GoogleSandbox, sato: Caller) -> None:
    series = google.user_inserts(SATO, weekly())["id"]
    google.user_patches(SATO, f"{series}_20260427T010000Z", {"summary": "別の題"})
    spread = sato.all_pages(singleEvents=True)[1]
    whole = sato.all_pages()[1]
    google.user_patches(SATO, series, {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20260413T010000Z"]})
    instances = sato.listed(syncToken=spread, singleEvents=True)["items"]
    assert {item["id"][-16:]: item["status"] for item in instances} == {
        "20260406T010000Z": "confirmed",
        "20260413T010000Z": "confirmed",
        "20260420T010000Z": "cancelled",
        "20260427T010000Z": "cancelled",
    }
    stored = sato.listed(syncToken=whole)["items"]
    assert {item["id"]: item["status"] for item in stored} == {
        series: "confirmed",
        f"{series}_20260427T010000Z": "cancelled",
    }


def test_a_stricter_visibility_of_one_instance_goes_to_the_series_and_a_looser_one_is_ignored(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    sato.patch(f"{series}_20260413T010000Z", {"visibility": "private"})
    assert ok(sato.get(series))["visibility"] == "private"
    assert ok(sato.patch(f"{series}_20260420T010000Z", {"visibility": "public"}))["visibility"] == "private"


def test_a_rule_taken_away_makes_a_single_event(sato: Caller) -> None:
    series = sato.inserted(weekly())["id"]
    assert "recurrence" not in ok(sato.patch(series, {"recurrence": []}))
    assert _days(sato.listed(singleEvents=True)["items"]) == ["2026-04-06"]
