"""Activities nobody can read, through the whole program: named with item and field, and the rest go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from soroe.core.plan import Why
from soroe.sandbox.crm.activity import activity_json
from soroe.sandbox.esales.schedule import schedule_json
from soroe.sandbox.faults import Answer
from soroe.sandbox.pipedrive.activity import activity_json as pipedrive_json
from tests.end_to_end.crms import EMAIL, EsalesCrm, PipedriveCrm, google_event, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World

Install = Callable[..., Installation]
ODD = "act_777"
ODD_NUMBER = 777

WRONG: dict[str, dict[str, Any]] = {
    "unknown zone": {"start": {"date_time": "2026-12-01T10:00:00", "time_zone": "Mars/Phobos"}},
    "impossible date": {"start": {"date": "2026-02-30"}, "end": {"date": "2026-03-01"}},
    "impossible time": {"start": {"date_time": "2026-12-01T25:00:00", "time_zone": "Asia/Tokyo"}},
    "no start": {"start": None},
    "start is a text": {"start": "soon"},
    "start is a list": {"start": [1, 2]},
    "end before start": {"end": {"date_time": "2001-12-01T10:00:00", "time_zone": "Asia/Tokyo"}},
    "subject is a list": {"subject": ["a"]},
    "guests are a text": {"guests": "everybody"},
    "rule is nonsense": {"recurrence": ["RRULE:FREQ=NEVER"]},
    "rule runs away": {"recurrence": ["RRULE:FREQ=SECONDLY"]},
    "changed at no time": {"updated_at": "yesterday"},
}
WRONG_IN_PIPEDRIVE: dict[str, dict[str, Any]] = {
    "impossible date": {"due_date": "2026-02-30"},
    "date is a number": {"due_date": 20261201},
    "impossible time": {"due_time": "25:61:00"},
    "duration is nonsense": {"duration": "a while"},
    "duration without end": {"duration": "9999999999:00:00"},
    "subject is a list": {"subject": ["a"]},
    "changed at no time": {"update_time": "yesterday"},
}


WRONG_IN_ESALES: dict[str, dict[str, Any]] = {
    "date of another form": {"start": "2026-12-01T10:00"},
    "impossible date": {"start": "2026/02/30 10:00"},
    "date is a number": {"start": 20261201},
    "end before start": {"end": "2001/12/01 10:00"},
    "type of no known kind": {"type": "weekly"},
    "subject is a list": {"subject": ["a"]},
    "participants are a text": {"participants": "everybody"},
    "participants without a number": {"participants": [{"name": "Sato"}]},
    "customer's name is a number": {"customer": {"id": 1, "name": 5}},
    "changed at no time": {"update_date": "yesterday"},
}


def linked(world: World, install: Install) -> Installation:
    for number in range(3):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
        world.google.user_inserts(EMAIL, google_event(f"Calendar {number}", tomorrow(13 + number)))
    laptop = install()
    laptop.settle()
    return laptop


def rest_answer(world: World, wrong: dict[str, Any]) -> Answer:
    model = activity_json(world.crm.activities()[0], world.user.id)
    odd = {**model, "id": ODD, "external_id": None, **wrong}
    items = [activity_json(activity, world.user.id) for activity in world.crm.activities()]
    # a cursor that the CRM does not know leads to a full listing the next time
    return Answer.as_json(200, {"items": [odd, *items], "tombstones": [], "next_cursor": "made-up", "has_more": False})


def pipedrive_answer(world: World, wrong: dict[str, Any]) -> Answer:
    assert isinstance(world.side, PipedriveCrm)
    known = [pipedrive_json(activity, False) for activity in world.side.box.activities()]
    odd = {**known[0], "id": ODD_NUMBER, "update_time": f"{tomorrow(9):%Y-%m-%dT%H:%M:%SZ}", **wrong}
    return Answer.as_json(200, {"success": True, "data": [odd, *known], "additional_data": {"next_cursor": None}})


def esales_answer(world: World, laptop: Installation, wrong: dict[str, Any]) -> Answer:
    assert isinstance(world.side, EsalesCrm)
    zone = ZoneInfo(laptop.program.zone())
    known = [schedule_json(schedule, zone) for schedule in world.side.box.schedules()]
    changed = f"{tomorrow(9).astimezone(zone):%Y/%m/%d %H:%M:%S}"
    odd = {**known[0], "schedule_id": ODD_NUMBER, "update_date": changed, **wrong}
    return Answer.as_json(200, {"total": len(known) + 1, "items": [odd, *known]})


def the_rest_goes_on(world: World, laptop: Installation, odd: str) -> None:
    world.google.user_inserts(EMAIL, google_event("New in calendar", tomorrow(19)))
    result = laptop.run()
    assert result.trouble is None, result.trouble
    assert world.side.faults.pending() == []
    assert "New in calendar" in world.side.titles()
    findings = [one for one in laptop.store.sync(SYNC).findings() if one.crm is not None and one.crm.id == odd]
    assert [one.cause for one in findings] == [Why.UNREADABLE]
    assert all(one.fields for one in findings)
    laptop.settle()
    expected = sorted(["New in calendar", *(f"{side} {n}" for side in ("CRM", "Calendar") for n in range(3))])
    assert world.titles() == (expected, expected)


@pytest.mark.parametrize("name", list(WRONG))
def test_an_activity_nobody_can_read_is_named_and_the_rest_go_on(world: World, install: Install, name: str) -> None:
    laptop = linked(world, install)
    world.side.faults.add(rest_answer(world, WRONG[name]), "GET", r"activities\?")
    the_rest_goes_on(world, laptop, ODD)


@pytest.mark.parametrize("name", list(WRONG_IN_PIPEDRIVE))
@pytest.mark.parametrize("world", ["pipedrive"], indirect=True)
def test_a_pipedrive_activity_nobody_can_read_is_named_and_the_rest_go_on(
    world: World, install: Install, name: str
) -> None:
    laptop = linked(world, install)
    world.side.faults.add(pipedrive_answer(world, WRONG_IN_PIPEDRIVE[name]), "GET", r"activities\?")
    the_rest_goes_on(world, laptop, str(ODD_NUMBER))


@pytest.mark.parametrize("name", list(WRONG_IN_ESALES))
@pytest.mark.parametrize("world", ["esales"], indirect=True)
def test_a_schedule_nobody_can_read_is_named_and_the_rest_go_on(world: World, install: Install, name: str) -> None:
    laptop = linked(world, install)
    world.side.faults.add(esales_answer(world, laptop, WRONG_IN_ESALES[name]), "POST", "/schedules/search")
    the_rest_goes_on(world, laptop, str(ODD_NUMBER))


def test_an_activity_whose_id_is_a_path_leads_nowhere_else(world: World, install: Install) -> None:
    laptop = linked(world, install)
    wrong = {"id": "../users/me?x=y#z", "subject": "Path"}
    world.side.faults.add(rest_answer(world, wrong), "GET", r"activities\?")
    for _ in range(3):
        assert laptop.run().trouble is None
    for request in world.side.requests:
        assert ".." not in request.path.split("/")
        assert "x" not in request.query
