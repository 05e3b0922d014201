"""One-way syncs write nothing to their source, and what is private stays where it is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from soroe.sandbox.faults import Answer
from tests.end_to_end.crms import CRMS, EMAIL, google_event, tomorrow
from tests.end_to_end.homes import Installation, World
from tests.end_to_end.outgoing import writes_to

Install = Callable[..., Installation]
SECRET_WORDS = ("Hebamme", "Klinik-Süd", "Versichertenkarte", "arzt@klinik.example")


def busy_fortnight(world: World) -> None:
    for number in range(4):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
        world.google.user_inserts(EMAIL, google_event(f"Calendar {number}", tomorrow(14 + number)))
    world.side.creates("Twin", tomorrow(8))
    world.google.user_inserts(EMAIL, google_event("Twin", tomorrow(8)))
    series = google_event("Series", tomorrow(19), recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    world.google.user_inserts(EMAIL, series)


def change_both_sides(world: World) -> None:
    ids = world.side.ids()
    events = {str(e["summary"]): str(e["id"]) for e in world.google.events(EMAIL, deleted=False)}
    for title in ("CRM 0", "Twin"):
        world.side.renames(ids[title], f"{title}, renamed in CRM")
    for title in ("Calendar 0", "Twin"):
        world.google.user_patches(EMAIL, events[title], {"location": "Elsewhere"})
    world.google.user_deletes(EMAIL, events["Calendar 1"])
    world.side.deletes(ids["CRM 1"])
    for title in ("CRM 2", "CRM 3"):  # the twins, where there are any
        if title in events:
            world.google.user_deletes(EMAIL, events[title])
    for title in ("Calendar 2",):
        if title in ids:
            world.side.deletes(ids[title])


@pytest.mark.parametrize("direction", ["crm-to-calendar", "calendar-to-crm"])
@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_the_source_of_a_one_way_sync_gets_not_one_write(world: World, install: Install, direction: str) -> None:
    busy_fortnight(world)
    laptop = install(direction=direction)
    laptop.settle()
    change_both_sides(world)
    world.google.faults.add(Answer.as_json(503, {}), "POST|PATCH|DELETE", "batch|/events")
    world.side.faults.add(Answer.as_json(503, {}), "POST|PATCH|DELETE", "activities")
    for _ in range(4):
        laptop.run()
    laptop.settle()
    to_crm, to_calendar = writes_to(world.side.requests), writes_to(world.google.requests)
    source, target = (to_crm, to_calendar) if direction == "crm-to-calendar" else (to_calendar, to_crm)
    assert source == []
    assert target != []


def private_life(world: World, laptop: Installation) -> None:
    """Private events and a private series, changed later; and an open event that becomes private."""
    title, place, notes, guest = SECRET_WORDS
    more = {"location": place, "description": f"{notes} nicht vergessen", "attendees": [{"email": guest}]}
    event = world.google.user_inserts(EMAIL, google_event(title, tomorrow(9), visibility="private", **more))
    opened = world.google.user_inserts(EMAIL, google_event("Open", tomorrow(11)))
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"], "visibility": "private"}
    world.google.user_inserts(EMAIL, google_event(f"{title} weekly", tomorrow(14), **weekly, **more))
    laptop.settle()
    world.google.user_patches(EMAIL, str(event["id"]), {"description": f"{notes}!", "location": f"{place} 2"})
    private_now = {"summary": f"{title} 2", "location": place, "visibility": "private", "description": notes}
    world.google.user_patches(EMAIL, str(opened["id"]), private_now)
    world.side.faults.add(Answer.as_json(503, {}), "POST|PATCH", "activities", times=2)
    for _ in range(3):
        laptop.run()
    laptop.settle()


def words_sent(world: World) -> set[str]:
    """Which of the private words were in any request to the CRM, as they are or escaped."""
    sent = "".join(
        request.path + str(request.query) + str(request.headers) + request.body.decode("utf-8", "replace")
        for request in world.side.requests
    )
    return {word for word in SECRET_WORDS if word in sent or json.dumps(word)[1:-1] in sent}


@pytest.mark.parametrize("privacy", ["skip", "block"])
@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_private_words_never_reach_the_crm(world: World, install: Install, privacy: str) -> None:
    private_life(world, install(privacy=privacy))
    assert words_sent(world) == set()
    shown = world.side.titles()
    assert set(shown) == {"Private"}
    if privacy == "skip":  # only the one that was open before: its activity is not left telling what it told
        assert len(shown) == 1
    else:
        assert len(shown) >= 3


def test_a_user_who_wants_private_events_in_full_gets_them(world: World, install: Install) -> None:
    private_life(world, install(privacy="full"))
    assert words_sent(world) == set(SECRET_WORDS[:3])
