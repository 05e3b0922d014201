"""Google Calendar and a CRM over REST, in step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.end_to_end.homes import EMAIL, Installation, World

TOKYO = ZoneInfo("Asia/Tokyo")


def tomorrow(hour: int) -> datetime:
    day = datetime.now(TOKYO) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def google_event(title: str, start: datetime, **more: object) -> dict[str, object]:
    end = start + timedelta(hours=1)
    return {
        "summary": title,
        "start": {"dateTime": start.isoformat(), "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": end.isoformat(), "timeZone": "Asia/Tokyo"},
        **more,
    }


def test_both_sides_come_into_step_and_then_rest(world: World, install: Callable[..., Installation]) -> None:
    world.crm.user_creates(world.user, "訪問 青木商事", tomorrow(10), tomorrow(11), location="大阪")
    world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    laptop = install()
    first = laptop.run()
    assert first.trouble is None
    assert first.record.created == (1, 1)
    second = laptop.run()
    assert second.converged
    assert second.record.requests == 2
    titles = {str(event.get("summary")) for event in world.google.events(EMAIL)}
    assert titles == {"Dentist", "訪問 青木商事"} == {a.content.subject for a in world.crm.activities()}
    assert world.google.mails_sent == ()
    assert world.crm.mails_sent == []


def test_changes_and_deletions_travel_both_ways(world: World, install: Callable[..., Installation]) -> None:
    activity = world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
    event = world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    laptop = install()
    laptop.run()
    world.crm.user_changes(activity.id, subject="Visit, moved")
    world.google.user_deletes(EMAIL, str(event["id"]))
    result = laptop.run()
    assert (result.record.updated, result.record.deleted) == ((0, 1), (1, 0))
    assert laptop.run().converged
    assert [a.content.subject for a in world.crm.activities()] == ["Visit, moved"]
    live = [event for event in world.google.events(EMAIL) if event["status"] != "cancelled"]
    assert [event["summary"] for event in live] == ["Visit, moved"]
