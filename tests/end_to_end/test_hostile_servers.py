"""What servers answer at their worst, through the whole program: a clear error or a finding, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from soroe.core.finding import FindingKind
from soroe.core.plan import Why
from soroe.ports.errors import PortError
from soroe.sandbox.faults import Answer, HugeBody, MalformedJson
from tests.end_to_end.crms import CRMS, EMAIL, ITEMS, google_event, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World

Install = Callable[..., Installation]
LIST = r"/events\?"
GOOD = sorted(["CRM 0", "CRM 1", "Calendar 0", "Calendar 1"])


def linked(world: World, install: Install) -> Installation:
    for number in range(2):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
        world.google.user_inserts(EMAIL, google_event(f"Calendar {number}", tomorrow(13 + number)))
    laptop = install()
    laptop.settle()
    return laptop


def still_in_step(world: World, laptop: Installation, expected: list[str]) -> None:
    """After the bad answers have ended, everything is there once and the sync rests."""
    world.google.faults.clear()
    world.side.faults.clear()
    laptop.settle(4)
    assert world.titles() == (expected, expected)
    for requests in (world.side.requests, world.google.requests):
        assert requests.all("DELETE") == []


def timed(**more: object) -> dict[str, Any]:
    """An event that Google's answer may hold, with what is wrong with it."""
    event = google_event("Odd", tomorrow(18))
    return {"id": "oddoddodd", "etag": '"7"', "status": "confirmed", "updated": "2026-01-01T00:00:00Z", **event, **more}


RULE = "recurrence"
WRONG_EVENTS: dict[str, dict[str, Any]] = {
    "unknown zone": timed(start={"dateTime": "2026-12-01T10:00:00", "timeZone": "Mars/Phobos"}),
    "impossible date": timed(start={"date": "2026-02-30"}, end={"date": "2026-02-31"}),
    "impossible time": timed(start={"dateTime": "2026-12-01T25:61:00+09:00"}),
    "year ten thousand": timed(start={"dateTime": "10000-01-01T10:00:00Z"}),
    "end before start": timed(end={"dateTime": "2020-01-01T10:00:00+09:00", "timeZone": "Asia/Tokyo"}),
    "no start": timed(start=None),
    "start is a text": timed(start="tomorrow"),
    "title is a number": timed(summary=17),
    "title is a list": timed(summary=["a", {"b": 1}]),
    "guests are a text": timed(attendees="everybody"),
    "guest is a number": timed(attendees=[5]),
    "rule is a text": timed(recurrence="RRULE:FREQ=DAILY"),
    "rule is nonsense": timed(recurrence=["RRULE:FREQ=NEVER;COUNT=x"]),
    "rule runs away": timed(recurrence=["RRULE:FREQ=SECONDLY"]),
    "rule never comes": timed(recurrence=["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]),
    "rule with a huge count": timed(recurrence=["RRULE:FREQ=MINUTELY;COUNT=999999999"]),
    "rule with many parts": timed(recurrence=["RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) * 500]),
}
ODD_BUT_FINE: dict[str, dict[str, Any]] = {
    "HTML": timed(summary="<script>alert(1)</script>", description="<p onclick=x>Hi</p><script>y</script>"),
    "id with path characters": timed(id="../../etc/passwd"),
    "id with a query": timed(id="a?b=c&d#e"),
    "control characters": timed(summary="A\x00B\x1bC\u202eD"),
    "huge notes": timed(description="長い" * 100_000),
    "half a surrogate": timed(summary="cut \ud83d off"),
}


UNDERSTOOD = {"title is a number", "guests are a text", "rule never comes", "rule is a text", "end before start"}


def answer_with(world: World, event: dict[str, Any]) -> None:
    """The next changes tell of this event beside the ones that are there."""
    items = [*world.google.events(EMAIL), event]
    whole = {"kind": "calendar#events", "accessRole": "owner", "items": items, "nextSyncToken": "made-up"}
    world.google.faults.add(Answer.as_json(200, whole), "GET", LIST)


@pytest.mark.parametrize("name", list(WRONG_EVENTS))
def test_an_event_nobody_can_read_is_named_and_the_rest_go_on(world: World, install: Install, name: str) -> None:
    laptop = linked(world, install)
    world.side.creates("New in CRM", tomorrow(16))
    answer_with(world, WRONG_EVENTS[name])
    result = laptop.run()
    assert result.trouble is None
    assert "New in CRM" in world.calendar_titles()
    assert "New in CRM" in world.side.titles()
    findings = [f for f in laptop.store.sync(SYNC).findings() if f.calendar and "oddoddodd" in f.calendar.id]
    if findings:
        assert findings[0].fields
        assert findings[0].cause == Why.UNREADABLE
    else:  # it could be understood after all, and is an activity, or lies outside the window
        assert name in {
            "title is a number",
            "guests are a text",
            "rule never comes",
            "rule is a text",
            "end before start",
        }
    for title in world.side.titles():
        if title in {"Odd", "17"}:
            world.side.deletes(world.side.ids()[title])
    still_in_step(world, laptop, sorted([*GOOD, "New in CRM"]))


@pytest.mark.parametrize("name", list(ODD_BUT_FINE))
def test_an_event_that_is_only_odd_does_no_harm(world: World, install: Install, name: str) -> None:
    laptop = linked(world, install)
    world.side.creates("New in CRM", tomorrow(16))
    answer_with(world, ODD_BUT_FINE[name])
    result = laptop.run()
    assert result.trouble is None
    assert "New in CRM" in world.calendar_titles()
    known = {*GOOD, "New in CRM"}
    odd = [title for title in world.side.titles() if title not in known]
    assert len(odd) <= 1
    for request in world.google.requests:
        assert "/../" not in request.path
        assert "passwd" not in request.path or "%2F" in request.path
    laptop.run()
    assert known <= set(world.calendar_titles())
    assert known <= set(world.side.titles())


BAD_BODIES: dict[str, Answer | HugeBody | MalformedJson] = {
    "malformed": MalformedJson(),
    "empty": Answer(200, b""),
    "a list": Answer.as_json(200, []),
    "a text": Answer.as_json(200, "hello"),
    "null": Answer.as_json(200, None),
    "items is a text": Answer.as_json(200, {"items": "none", "data": "none", "nextSyncToken": "x"}),
    "items of texts": Answer.as_json(200, {"items": ["a", 5, None], "data": ["a", 5, None], "nextSyncToken": "x"}),
    "deeply nested": Answer(200, b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "not UTF-8": Answer(200, b'{"items": "\xff\xfe"}'),
    "a web page": Answer.as_html(200, "<html><h1>Welcome to the hotel</h1></html>"),
    "huge": HugeBody(80 * 1024 * 1024),
    "a number too large": Answer(200, b'{"items": 1' + b"0" * 10_000 + b"}"),
}


@pytest.mark.parametrize("name", list(BAD_BODIES))
@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_an_answer_that_is_none_is_a_clear_error_and_loses_nothing(world: World, install: Install, name: str) -> None:
    laptop = linked(world, install)
    world.side.creates("New in CRM", tomorrow(16))
    world.google.user_inserts(EMAIL, google_event("New in calendar", tomorrow(17)))
    for server, path in ((world.google.faults, LIST), (world.side.faults, ITEMS)):
        server.add(BAD_BODIES[name], "GET", path)
        result = laptop.run()
        assert isinstance(result.trouble, PortError | None)
        server.clear()
    still_in_step(world, laptop, sorted([*GOOD, "New in CRM", "New in calendar"]))


@pytest.mark.parametrize("name", [name for name in BAD_BODIES if name != "huge"])
@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_an_answer_to_a_write_that_is_none_loses_and_doubles_nothing(world: World, install: Install, name: str) -> None:
    laptop = linked(world, install)
    world.side.creates("New in CRM", tomorrow(16))
    world.google.user_inserts(EMAIL, google_event("New in calendar", tomorrow(17)))
    bad = BAD_BODIES[name]
    if isinstance(bad, Answer):
        bad = Answer(bad.status, bad.body, bad.content_type, bad.headers, processed=True)
    world.google.faults.add(bad, "POST|PATCH", "batch|/events")
    world.side.faults.add(bad, "POST|PATCH", ITEMS)
    result = laptop.run()
    assert isinstance(result.trouble, PortError | None)
    still_in_step(world, laptop, sorted([*GOOD, "New in CRM", "New in calendar"]))


@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_an_item_whose_answer_is_too_large_rests_with_a_finding_until_it_changes(
    world: World, install: Install
) -> None:
    laptop = linked(world, install)
    event = world.google.user_inserts(EMAIL, google_event("New in calendar", tomorrow(17)))
    world.side.creates("New in CRM", tomorrow(16))
    world.side.faults.add(BAD_BODIES["huge"], "POST", "activities|Appointments|composite/sobjects|/schedules$")
    result = laptop.run()
    assert result.record.failed == 1
    findings = laptop.about_meetings()
    assert [(f.kind, f.cause, f.calendar.id) for f in findings if f.calendar] == [
        (FindingKind.REJECTED, Why.REJECTED, str(event["id"]))
    ]
    assert "New in CRM" in world.calendar_titles()
    world.google.user_patches(EMAIL, str(event["id"]), {"summary": "New in calendar, shorter"})
    still_in_step(world, laptop, sorted([*GOOD, "New in CRM", "New in calendar, shorter"]))
    assert laptop.about_meetings() == []
