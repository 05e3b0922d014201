"""`findings`, `resolve`, `explain`: what there is to look at, what can be done, and why."""

from __future__ import annotations

import pytest

from tests.cli.homes import EMAIL, World, google_event, tomorrow
from tests.cli.shell import Shell


def lunch_twice(world: World, soroe: Shell) -> str:
    for _ in range(2):
        world.google.user_inserts(EMAIL, google_event("Lunch", tomorrow(12)))
    soroe("sync", "--once")
    (finding,) = soroe.json("findings", "--kind", "duplicate").document["findings"]
    return str(finding["id"])


def lunches(world: World) -> int:
    return len([event for event in world.google.events(EMAIL) if event["status"] != "cancelled"])


def test_a_finding_tells_kind_rule_severity_both_sides_and_actions(world: World, started: Shell) -> None:
    world.google.user_inserts(EMAIL, google_event("Surgery", tomorrow(15), visibility="private"))
    started("sync", "--once")
    (finding,) = started.json("findings").document["findings"]
    assert (finding["kind"], finding["rule"], finding["severity"]) == ("private", "PD-7", "info")
    assert (finding["crm"]["title"], finding["calendar"]["title"]) == ("Private", "Surgery")
    assert finding["actions"] == ["change-privacy", "dismiss"]
    people = started("findings").out
    assert "1 finding" in people
    assert "Rule PD-7" in people


def test_findings_are_listed_by_kind(world: World, started: Shell) -> None:
    lunch_twice(world, started)
    assert started.json("findings", "--kind", "private").document == {"findings": []}
    assert started("findings", "--kind", "private").out == "Nothing to look at\n"
    assert started("findings", "--kind", "nonsense").code == 2


def test_the_beginning_of_an_id_is_enough_to_resolve_a_finding(world: World, started: Shell) -> None:
    finding = lunch_twice(world, started)
    kept = started.json("resolve", finding[:5], "keep-one")
    assert kept.code == 0
    assert kept.document["resolved"] == {"finding": finding, "sync": "work", "action": "keep-one"}
    assert lunches(world) == 1
    assert len(world.crm.activities()) == 1
    assert started.json("findings").document == {"findings": []}


def test_an_action_that_is_not_offered_is_refused_and_the_offered_ones_are_named(world: World, started: Shell) -> None:
    finding = lunch_twice(world, started)
    refused = started("resolve", finding, "take-crm")
    assert refused.code == 2
    assert "keep-one, merge, not-a-duplicate" in refused.err
    assert lunches(world) == 2


def test_a_beginning_that_several_findings_share_is_not_guessed_at(world: World, started: Shell) -> None:
    lunch_twice(world, started)
    refused = started.json("resolve", "", "dismiss")
    assert (refused.code, refused.document["error"]["code"]) == (2, "no_such_finding")


def test_a_dismissed_finding_does_not_come_back(world: World, started: Shell) -> None:
    world.google.user_inserts(EMAIL, google_event("Surgery", tomorrow(15), visibility="private"))
    started("sync", "--once")
    (finding,) = started.json("findings").document["findings"]
    assert started.json("resolve", finding["id"], "dismiss").document["runs"] == []
    started("rebuild", "work")
    assert started.json("findings").document == {"findings": []}


def test_what_belongs_into_the_settings_is_not_done_by_resolve(world: World, started: Shell) -> None:
    world.google.user_inserts(EMAIL, google_event("Surgery", tomorrow(15), visibility="private"))
    started("sync", "--once")
    (finding,) = started.json("findings").document["findings"]
    refused = started.json("resolve", finding["id"], "change-privacy")
    assert (refused.code, refused.document["error"]["code"]) == (2, "resolve_in_settings")


@pytest.mark.parametrize("offline", [False, True])
def test_s_9_an_item_says_why_it_is_synced(world: World, started: Shell, offline: bool) -> None:
    event = world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    started("sync", "--once")
    if offline:
        world.crm.vanish()
        world.google.vanish()
    told = started.json("explain", str(event["id"])).document
    assert (told["standing"], told["reason"], told["linked"]) == ("synced", "new_in_calendar", True)
    assert told["crm"]["id"] == world.crm.activities()[0].id
    assert "It is new in the calendar" in started("explain", "Dentist").out


def test_s_9_an_item_says_which_rule_keeps_it_out_and_what_would_change_it(world: World, started: Shell) -> None:
    lunch_twice(world, started)
    ids = [str(event["id"]) for event in world.google.events(EMAIL)]
    told = started.json("explain", ids[0]).document
    assert (told["standing"], told["rules"], told["next"]) == ("attention", ["PD-9"], [])
    assert "What would change it: keep one" in started("explain", ids[0]).out


def test_words_that_several_titles_have_list_the_ids_to_choose_from(world: World, started: Shell) -> None:
    lunch_twice(world, started)
    several = started("explain", "lunch")
    assert several.code == 2
    assert all(str(event["id"]) in several.err for event in world.google.events(EMAIL))


def test_a_whole_title_is_that_item_and_no_longer_one(world: World, started: Shell) -> None:
    for number in range(13):
        world.google.user_inserts(EMAIL, google_event(f"Visit {number}", tomorrow(8)))
    started("sync", "--once")
    assert started.json("explain", "Visit 1").document["calendar"]["title"] == "Visit 1"
    assert "… and 3 more" in started("explain", "Visit").err


def test_an_item_that_no_side_knows_is_said_to_be_unknown(started: Shell) -> None:
    assert started.json("explain", "nothing").document["error"]["code"] == "no_such_item"


def test_an_account_in_error_is_a_finding_until_it_is_mended(world: World, started: Shell) -> None:
    world.google.user_removes_app(EMAIL)
    started("sync", "--once")
    (finding,) = started.json("findings", "--kind", "connection").document["findings"]
    assert (finding["account"], finding["rule"], finding["actions"]) == ("calendar", "BK-5", ["reconnect"])
    told = started("resolve", finding["id"], "reconnect")
    assert told.code == 2
    assert "soroe accounts reconnect calendar" in told.err
