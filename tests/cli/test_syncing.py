"""`plan`, `sync --once`, `syncs`: what a run would do, what it did, and that nothing moves before start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from soroe.core.route import SyncName
from soroe.ports.store import SyncStatus
from tests.cli.homes import EMAIL, Installation, World, google_event, tomorrow
from tests.cli.shell import Shell

NOTHING = {"crm": 0, "calendar": 0}


def meetings(world: World) -> None:
    world.crm.user_creates(world.user, "訪問 青木商事", tomorrow(10), tomorrow(11))
    world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))


def written(world: World) -> int:
    return len(world.crm.activities()) + len(world.google.events(EMAIL))


def test_nothing_moves_before_the_sync_is_started(world: World, soroe: Shell) -> None:
    meetings(world)
    refused = soroe.json("sync", "--once")
    assert refused.code == 2
    assert refused.document["error"]["code"] == "not_started"
    assert "soroe syncs start work" in refused.document["error"]["message"]
    assert written(world) == 2


def test_a_plan_gives_every_action_its_reason_and_writes_nothing(world: World, soroe: Shell) -> None:
    meetings(world)
    plan = soroe.json("plan")
    assert plan.code == 0
    told = [(one["side"], one["verb"], one["reason"], one["title"]) for one in plan.document["actions"]]
    assert sorted(told) == [
        ("calendar", "create", "new_in_crm", "訪問 青木商事"),
        ("crm", "create", "new_in_calendar", "Dentist"),
    ]
    assert "It is new in the CRM and is made in the calendar." in soroe("plan", "work").out
    assert written(world) == 2


def test_a_plan_never_tells_what_the_privacy_policy_hides(world: World, started: Shell) -> None:
    event = world.google.user_inserts(EMAIL, google_event("Surgery", tomorrow(15), visibility="private"))
    assert "Surgery" not in started.json("plan").out + started("plan").out
    started("sync", "--once")
    world.google.user_deletes(EMAIL, str(event["id"]))
    plan = started.json("plan")
    assert [action["verb"] for action in plan.document["actions"]] == ["delete"]
    assert "Surgery" not in plan.out + started("plan").out


def test_starting_shows_what_the_first_run_will_do(world: World, soroe: Shell) -> None:
    meetings(world)
    start = soroe.json("syncs", "start", "work")
    assert start.document["preview"]["actions"] == {"create": {"crm": 1, "calendar": 1}}
    assert start.document["sync"]["status"] == "running"
    assert written(world) == 2


def test_a_sync_whose_services_are_away_is_not_started(world: World, soroe: Shell) -> None:
    world.crm.vanish()
    assert soroe("syncs", "start", "work").code == 4
    assert soroe.json("syncs", "list").document["syncs"][0]["status"] == "stopped"


def test_one_run_counts_its_writes_per_side_and_the_next_one_has_none(world: World, started: Shell) -> None:
    meetings(world)
    first = started.json("sync", "--once")
    assert first.code == 0
    (run,) = first.document["runs"]
    assert run["sync"] == "work"
    assert run["created"] == {"crm": 1, "calendar": 1}
    assert not first.document["converged"]
    second = started.json("sync", "work", "--once")
    (quiet,) = second.document["runs"]
    assert (quiet["created"], quiet["updated"], quiet["deleted"]) == (NOTHING, NOTHING, NOTHING)
    assert second.document["converged"]


def test_an_event_becomes_a_meeting_where_no_type_was_chosen(world: World, laptop: Installation, soroe: Shell) -> None:
    file = laptop.program.homes.config_file
    file.write_text(file.read_text("utf-8").replace('incoming_type = "meeting"\n', ""), "utf-8")
    world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    soroe("syncs", "start", "work")
    soroe("sync", "work", "--once")
    assert [(activity.content.subject, activity.content.type) for activity in world.crm.activities()] == [
        ("Dentist", "meeting")
    ]


def test_people_read_a_line_and_progress_goes_to_stderr(world: World, started: Shell) -> None:
    meetings(world)
    run = started("sync", "--once")
    assert run.out == "work: 2 created\n"
    assert "Reading the CRM" in run.err


def test_a_paused_sync_says_so_and_a_stopped_one_keeps_its_links(world: World, started: Shell) -> None:
    meetings(world)
    started("sync", "--once")
    assert started.json("syncs", "pause", "work", "--for", "60").document["sync"]["paused_until"] is not None
    assert started.json("syncs", "stop", "work").document["sync"]["status"] == "stopped"
    assert started("sync", "--once").code == 2
    assert started.json("syncs", "list").document["syncs"][0]["links"] == 2
    started("syncs", "start", "work")
    started("sync", "--once")
    assert written(world) == 4


def test_a_paused_sync_is_left_alone_unless_it_is_named(world: World, started: Shell) -> None:
    meetings(world)
    started("syncs", "pause", "work")
    left = started.json("sync", "--once")
    assert (left.code, left.document["runs"], left.document["converged"]) == (0, [], False)
    assert left.document["paused"] == [{"sync": "work", "until": None}]
    assert started("sync", "--once").out.startswith("work: not run, because it is paused.")
    assert written(world) == 2
    named = started.json("sync", "work", "--once")
    assert (named.code, len(named.document["runs"]), "paused" in named.document) == (0, 1, False)
    assert "stays paused" in started("sync", "work", "--once").err
    assert written(world) == 4
    assert started.json("syncs", "list").document["syncs"][0]["status"] == "paused"


def test_a_pause_that_is_over_keeps_no_sync_from_running(laptop: Installation, world: World, started: Shell) -> None:
    meetings(world)
    started("syncs", "pause", "work", "--for", "60")
    assert started.json("sync", "--once").document["paused"][0]["until"] is not None
    kept = laptop.store.sync(SyncName("work"))
    kept.save_state(replace(kept.state(), paused_until=datetime.now(UTC) - timedelta(minutes=1)))
    assert len(started.json("sync", "--once").document["runs"]) == 1
    assert written(world) == 4


def test_of_two_syncs_the_paused_one_rests_and_the_other_runs(laptop: Installation, world: World, soroe: Shell) -> None:
    meetings(world)
    file = laptop.program.homes.config_file
    more = '\n[syncs.rest]\ncrm = "crm"\ncalendar = "calendar"\ncalendars = ["work@group"]\n'
    file.write_text(file.read_text("utf-8") + more, "utf-8")
    soroe("syncs", "start", "work")
    kept = laptop.store.sync(SyncName("rest"))
    kept.save_state(replace(kept.state(), status=SyncStatus.PAUSED))
    told = soroe.json("sync", "--once")
    assert [run["sync"] for run in told.document["runs"]] == ["work"]
    assert [one["sync"] for one in told.document["paused"]] == ["rest"]
    assert told.code == 0


def test_a_sync_is_added_and_removed_in_the_settings(laptop: Installation, soroe: Shell) -> None:
    assert soroe("syncs", "remove", "work").code == 0
    added = soroe.json(
        "syncs", "add", "both ways", "--crm", "crm", "--calendar", "calendar", "--privacy", "skip",
        "--calendars", "primary", "--past-days", "3", "--backfill-from", "2026-01-31", "--new-items-only",
    )  # fmt: skip # short values, several a line
    assert added.document["sync"]["privacy"] == "skip"
    sync = laptop.program.settings().sync("both ways")
    assert sync is not None
    assert (sync.past_days, str(sync.backfill_from), sync.new_items_only) == (3, "2026-01-31", True)
    assert soroe("syncs", "add", "both ways", "--crm", "crm", "--calendar", "calendar").code == 2


def test_removing_a_sync_and_adding_it_again_doubles_nothing(world: World, started: Shell) -> None:
    meetings(world)
    started("sync", "--once")
    started("syncs", "remove", "work")
    added = ("syncs", "add", "anew", "--crm", "crm", "--calendar", "calendar", "--incoming-type", "meeting")
    assert started(*added).code == 0
    started("syncs", "start", "anew")
    (run,) = started.json("sync", "--once").document["runs"]
    assert (run["created"], run["linked"]) == (NOTHING, 2)


def test_a_rebuild_throws_the_local_state_away_and_doubles_nothing(world: World, started: Shell) -> None:
    meetings(world)
    started("sync", "--once")
    rebuilt = started.json("rebuild", "work")
    assert rebuilt.code == 0
    assert rebuilt.document["runs"][0]["linked"] == 2
    assert written(world) == 4


def test_pd_2_a_test_item_goes_each_way_and_nothing_of_it_stays(world: World, started: Shell) -> None:
    trial = started.json("test-sync", "work")
    assert trial.code == 0
    assert [leg["to"] for leg in trial.document["legs"]] == ["crm", "calendar"]
    assert all(leg["seconds"] >= 0 for leg in trial.document["legs"])
    assert world.crm.activities() == []
    assert [event for event in world.google.events(EMAIL) if event["status"] != "cancelled"] == []


def test_a_one_way_sync_cannot_be_tested_and_says_why(install: Callable[..., Installation]) -> None:
    soroe = Shell(install(direction="crm-to-calendar").program)
    trial = soroe.json("test-sync", "work")
    assert trial.code == 1
    assert {leg["code"] for leg in trial.document["legs"]} == {"one_way"}


def change_settings(laptop: Installation, before: str, after: str) -> None:
    file = laptop.program.homes.config_file
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def test_pd_4_a_changed_setting_is_planned_for_what_was_settled_before_and_then_done(
    world: World, laptop: Installation, started: Shell
) -> None:
    world.google.user_inserts(EMAIL, google_event("Surgery", tomorrow(15), visibility="private"))
    started("sync", "--once")
    assert [activity.content.subject for activity in world.crm.activities()] == ["Private"]
    change_settings(laptop, "[syncs.work]", '[syncs.work]\nprivacy = "full"')
    (action,) = started.json("plan").document["actions"]
    assert (action["side"], action["verb"], action["fields"]) == ("crm", "update", ["title"])
    started("sync", "--once")
    assert [activity.content.subject for activity in world.crm.activities()] == ["Surgery"]
    assert started.json("sync", "--once").document["converged"]


def test_pd_4_a_wider_window_takes_in_what_lay_outside(world: World, laptop: Installation, started: Shell) -> None:
    change_settings(laptop, "[syncs.work]", "[syncs.work]\nfuture_days = 2")
    world.google.user_inserts(EMAIL, google_event("Fair", tomorrow(10) + timedelta(days=20)))
    started("sync", "--once")
    assert world.crm.activities() == []
    change_settings(laptop, "future_days = 2", "future_days = 60")
    started("sync", "--once")
    assert [activity.content.subject for activity in world.crm.activities()] == ["Fair"]
