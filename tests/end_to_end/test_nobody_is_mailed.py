"""No write ever makes a service mail a guest: every request that left the program is looked at (S-5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from soroe.engine.undo import undo
from soroe.sandbox.faults import Answer, DropAfterProcessing
from tests.end_to_end.crms import EMAIL, google_event, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World
from tests.end_to_end.outgoing import writes_to

GUEST = "guest@customer.example"
GUESTS = {"attendees": [{"email": GUEST}, {"email": EMAIL, "responseStatus": "accepted"}]}


def patch(world: World, title: str, **change: object) -> None:
    event = next(e for e in world.google.events(EMAIL, deleted=False) if e["summary"] == title)
    world.google.user_patches(EMAIL, str(event["id"]), dict(change))


def begin(world: World) -> None:
    """Meetings of every kind, with guests wherever guests can be."""
    world.google.user_inserts(EMAIL, google_event("Own with guests", tomorrow(9), **GUESTS))
    world.google.user_inserts(EMAIL, google_event("Own, to be deleted", tomorrow(10), **GUESTS))
    series = google_event("Series with guests", tomorrow(11), recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **GUESTS)
    world.google.user_inserts(EMAIL, series)
    world.google.receives_invitation(EMAIL, "boss@elsewhere.example", google_event("Invitation", tomorrow(12)))
    world.crm.user_creates(world.user, "CRM with guests", tomorrow(13), tomorrow(14), guests=[GUEST])
    world.crm.user_creates(world.user, "CRM, to be deleted", tomorrow(14), tomorrow(15), guests=[GUEST])
    world.crm.user_creates(
        world.user, "CRM series", tomorrow(15), tomorrow(16), guests=[GUEST], recurrence=["RRULE:FREQ=DAILY;COUNT=3"]
    )


def change_everything(world: World) -> None:
    """Rename, move, delete and clash, on both sides; what others organise too."""
    ids = world.side.ids()
    world.crm.user_changes(ids["Own with guests"], subject="Own with guests, renamed in CRM")
    world.crm.user_changes(ids["CRM with guests"], start=tomorrow(8), end=tomorrow(9), location="Osaka")
    world.crm.user_changes(ids["Invitation"], subject="Invitation, renamed in CRM")
    world.crm.user_deletes(ids["Own, to be deleted"])
    world.crm.user_changes(ids["CRM series"], description="Bring samples")
    patch(world, "CRM, to be deleted", summary="CRM, renamed in calendar")
    patch(world, "CRM with guests", description="Changed on both sides")
    patch(world, "Series with guests", location="Room B")


def delete_in_calendar(world: World) -> None:
    for event in world.google.events(EMAIL, deleted=False):
        if event["summary"] in {"CRM with guests", "Series with guests"} and "recurringEventId" not in event:
            world.google.user_deletes(EMAIL, str(event["id"]))


def nobody_was_mailed(world: World, *, guests_written: bool) -> None:
    google, crm = writes_to(world.google.requests), writes_to(world.crm.requests)
    assert google
    assert crm
    for write in google:
        assert write.query.get("sendUpdates") == ["none"], write
        assert "sendNotifications" not in write.query, write
        if not guests_written:
            assert "attendees" not in json.dumps(write.body), write
    for write in crm:
        assert write.query.get("notify_guests") == ["false"], write
    assert world.google.mails_sent == ()
    assert world.crm.mails_sent == []


@pytest.mark.parametrize("guests", ["none", "to-crm", "both"])
def test_a_long_and_varied_life_mails_nobody(world: World, install: Callable[..., Installation], guests: str) -> None:
    laptop = install(guests=guests) if guests != "none" else install()
    begin(world)
    laptop.settle(4)
    change_everything(world)
    # answers get lost, a service is busy, and what was sent is looked for and sent again
    world.google.faults.add(DropAfterProcessing(), "POST|PATCH|DELETE", "batch|/events")
    world.crm.faults.add(Answer.as_json(503, {"error": "busy"}), "POST|PATCH|DELETE", "activities")
    for _ in range(3):
        laptop.run()
    laptop.settle(4)
    delete_in_calendar(world)
    laptop.settle(4)
    runs = [run for run in laptop.store.sync(SYNC).runs(20) if laptop.store.sync(SYNC).changes(run.id)]
    assert len(runs) >= 3
    for run in runs[:3]:
        undo(laptop.joint(), run.id)
    laptop.settle(4)
    nobody_was_mailed(world, guests_written=guests == "both")


def test_guests_of_the_crm_are_not_put_into_the_calendar(world: World, install: Callable[..., Installation]) -> None:
    world.crm.user_creates(world.user, "With guests", tomorrow(9), tomorrow(9) + timedelta(hours=1), guests=[GUEST])
    install().settle()
    events = world.google.events(EMAIL)
    assert [event.get("attendees") for event in events] == [None]
    assert [write for write in writes_to(world.google.requests) if GUEST in str(write.body)] == []
