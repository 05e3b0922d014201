"""`history`, `undo`, `restore`: what was done, and taking it back (S-7)."""

from __future__ import annotations

from tests.cli.homes import EMAIL, World, google_event, tomorrow
from tests.cli.shell import Shell


def titles(world: World) -> list[str]:
    live = [str(event["summary"]) for event in world.google.events(EMAIL) if event["status"] != "cancelled"]
    return sorted([*live, *(activity.content.subject for activity in world.crm.activities())])


def test_history_tells_each_run_and_each_change_with_before_and_after(world: World, started: Shell) -> None:
    activity = world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
    started("sync", "--once")
    world.crm.user_changes(activity.id, subject="Visit, moved")
    started("sync", "--once")
    newest, oldest = started.json("history").document["runs"]
    assert (oldest["created"]["calendar"], newest["updated"]["calendar"]) == (1, 1)
    (run,) = started.json("history", str(newest["id"])).document["runs"]
    (change,) = run["changes"]
    assert (change["before"]["title"], change["after"]["title"]) == ("Visit", "Visit, moved")
    assert change["fields"] == ["title"]
    assert "Visit, moved" in started("history", str(newest["id"])).out
    assert len(started.json("history", "--limit", "1").document["runs"]) == 1


def test_a_run_that_is_not_there_is_refused(started: Shell) -> None:
    assert started("history", "99").code == 2
    assert started.json("undo", "99").document["error"]["code"] == "no_such_run"


def test_a_run_is_taken_back_on_both_sides_and_stays_so(world: World, started: Shell) -> None:
    world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
    world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    started("sync", "--once")
    (run,) = started.json("history").document["runs"]
    undone = started.json("undo", str(run["id"]))
    assert undone.code == 0
    assert undone.document["run"]["deleted"] == {"crm": 1, "calendar": 1}
    started("sync", "--once")
    assert titles(world) == ["Dentist", "Visit"]
    assert started("undo", str(run["id"])).code == 2


def test_what_was_changed_since_is_left_alone_listed_and_told_by_the_exit_code(world: World, started: Shell) -> None:
    world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
    started("sync", "--once")
    (event,) = world.google.events(EMAIL)
    world.google.user_patches(EMAIL, str(event["id"]), {"summary": "Visit with cake"})
    (run,) = started.json("history").document["runs"]
    undone = started.json("undo", str(run["id"]))
    assert undone.code == 1
    (skipped,) = undone.document["skipped"]
    assert skipped["target"]["id"] == event["id"]
    assert "Visit with cake" in titles(world)


def test_a_deleted_item_is_listed_and_brought_back(world: World, started: Shell) -> None:
    event = world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    started("sync", "--once")
    world.google.user_deletes(EMAIL, str(event["id"]))
    started("sync", "--once")
    (deleted,) = started.json("history", "--deleted").document["deleted"]
    assert deleted["before"]["title"] == "Dentist"
    restored = started.json("restore", deleted["target"]["id"])
    assert restored.code == 0
    assert [activity.content.subject for activity in world.crm.activities()] == ["Dentist"]
    assert started.json("history", "--deleted").document == {"deleted": []}


def test_an_item_that_was_not_deleted_here_cannot_be_restored(started: Shell) -> None:
    refused = started.json("restore", "nothing")
    assert (refused.code, refused.document["error"]["code"]) == (2, "nothing_to_restore")
