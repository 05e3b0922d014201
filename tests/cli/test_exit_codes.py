"""Each exit code, brought about for real."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from soroe.bootstrap.commands import CommandProgram
from soroe.bootstrap.connectors import SECRET
from soroe.cli.main import run
from soroe.core.route import SyncName
from soroe.ports.keychain import KeychainLocked, KeychainMissing
from tests.cli.homes import EMAIL, Installation, World, google_event, tomorrow
from tests.cli.shell import Shell


def test_0_all_went_well(started: Shell) -> None:
    assert started("sync", "--once").code == 0


def test_1_an_item_was_refused_and_the_rest_went_through(world: World, started: Shell) -> None:
    world.crm.reject_subjects("Lunch", "No lunches here")
    world.google.user_inserts(EMAIL, google_event("Lunch", tomorrow(12)))
    world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    run = started.json("sync", "--once")
    assert run.code == 1
    assert (run.document["runs"][0]["failed"], run.document["runs"][0]["created"]["crm"]) == (1, 1)
    (finding,) = [one for one in run.document["findings"] if one["kind"] == "rejected"]
    assert finding["calendar"]["title"] == "Lunch"
    assert "No lunches here" in finding["why"]


@pytest.mark.parametrize(
    "line",
    [["nonsense"], ["plan", "--wrong"], ["undo", "first"], ["sync", "nobody", "--once"], ["history", "--limit", "0"]],
)
def test_2_the_command_line_is_wrong(soroe: Shell, line: list[str]) -> None:
    outcome = soroe(*line, "--json")
    assert outcome.code == 2
    assert outcome.document["error"]["message"]


def test_2_an_encoding_that_there_is_not_is_named_before_the_demo_starts(soroe: Shell) -> None:
    outcome = soroe("demo", "--headless", "--encoding", "shift-jiss")
    assert (outcome.code, outcome.out) == (2, "")
    assert "shift-jiss" in outcome.err


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (["--typo"], "--typo"),
        (["--window", "--typo"], "--typo"),
        (["-x"], "-x"),
        (["--reconnect"], "--reconnect"),
        (["--reconnect", "--window"], "--reconnect"),
        (["--window", "plan"], "--window"),
        (["--json", "--window"], "soroe --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_2_an_option_that_nobody_knows_starts_no_tray(laptop: Installation, line: list[str], named: str) -> None:
    class NoTray(CommandProgram):
        def tray(self, arguments: Sequence[str]) -> int:
            raise AssertionError(arguments)

    out, err = io.StringIO(), io.StringIO()
    assert run(line, NoTray(laptop.program), out, err, io.StringIO()) == 2
    assert named in (out.getvalue() or err.getvalue())


def test_2_every_mistake_in_the_settings_is_named_with_file_line_and_key(laptop: Installation, soroe: Shell) -> None:
    file = laptop.program.homes.config_file
    text = file.read_text("utf-8")
    file.write_text(text.replace('crm = "crm"', 'crm = "crn"') + 'privcy = "block"\n', "utf-8")
    people = soroe("plan")
    assert people.code == 2
    assert people.out == ""
    line = text.splitlines().index('crm = "crm"') + 1
    assert f"{file}:{line}: syncs.work.crm: there is no account named crn" in people.err
    assert "did you mean privacy?" in people.err
    problems = soroe.json("plan").document["error"]["problems"]
    assert [(one["line"], one["key"]) for one in problems] == [
        (line, "syncs.work.crm"),
        (len(text.splitlines()) + 1, "syncs.work.privcy"),
    ]


def test_3_a_sign_in_is_needed_and_named(laptop: Installation, started: Shell) -> None:
    laptop.world.google.user_removes_app(EMAIL)
    run = started.json("sync", "--once")
    assert run.code == 3
    assert "soroe accounts reconnect calendar" in run.document["errors"][0]["message"]
    (account,) = [one for one in started.json("accounts", "list").document["accounts"] if one["name"] == "calendar"]
    assert account["state"] == "sign_in_needed"


@pytest.mark.parametrize("command", [("plan",), ("syncs", "start", "work")])
def test_3_a_plan_names_the_account_that_has_to_sign_in(
    laptop: Installation, soroe: Shell, command: tuple[str, ...]
) -> None:
    soroe("plan")
    laptop.world.google.user_removes_app(EMAIL)
    refused = soroe.json(*command)
    assert (refused.code, refused.document["error"]["account"]) == (3, "calendar")
    assert "soroe accounts reconnect calendar" in refused.document["error"]["message"]


def test_3_nobody_has_signed_in_here(laptop: Installation, soroe: Shell) -> None:
    laptop.keychain.delete("crm", SECRET)
    plan = soroe.json("plan")
    assert plan.code == 3
    assert plan.document["error"] | {"message": ""} == {"code": "not_signed_in", "message": "", "account": "crm"}


def test_4_a_service_cannot_be_reached(world: World, started: Shell) -> None:
    started("sync", "--once")
    world.crm.vanish()
    run = started.json("sync", "--once")
    assert run.code == 4
    assert run.document["errors"][0]["code"] == "offline"


def test_4_the_keychain_is_locked(laptop: Installation, started: Shell) -> None:
    laptop.keychain.trouble = KeychainLocked()
    run = Shell(laptop.program).json("plan")
    assert run.code == 4
    assert "the keychain is locked" in run.document["error"]["message"]


def test_4_what_to_install_is_named_when_there_is_no_keychain(laptop: Installation, soroe: Shell) -> None:
    laptop.keychain.trouble = KeychainMissing("gnome-keyring")
    plan = soroe("plan")
    assert plan.code == 4
    assert "gnome-keyring" in plan.err


def test_4_another_process_is_running_the_sync(laptop: Installation, started: Shell) -> None:
    with laptop.program.turn(SyncName("work"), 0):
        busy = started.json("plan")
    assert busy.code == 4
    assert busy.document["error"]["code"] == "busy"
    assert started("plan").code == 0


def test_5_a_mass_deletion_is_held_until_somebody_decides(world: World, started: Shell) -> None:
    made = [world.google.user_inserts(EMAIL, google_event(f"Visit {n}", tomorrow(8))) for n in range(15)]
    started("sync", "--once")
    for event in made:
        world.google.user_deletes(EMAIL, str(event["id"]))
    held = started.json("sync", "--once")
    assert held.code == 5
    assert held.document["runs"][0]["held"] == 15
    (finding,) = [one for one in held.document["findings"] if one["kind"] == "held"]
    assert len(world.crm.activities()) == 15
    allowed = started.json("resolve", finding["id"], "allow")
    assert allowed.code == 0
    assert allowed.document["runs"][0]["deleted"] == {"crm": 15, "calendar": 0}
    assert world.crm.activities() == []


def test_trouble_of_one_sync_does_not_hide_behind_the_success_of_another(laptop: Installation, started: Shell) -> None:
    away = ("accounts", "add", "gone", "--kind", "rest", "--base-url", "http://127.0.0.1:9/", "--auth", "api_key")
    assert started(*away, "--no-sign-in").code == 0
    assert started("syncs", "add", "second", "--crm", "gone", "--calendar", "calendar").code == 0
    store = laptop.store.sync(SyncName("second"))
    store.save_state(laptop.store.sync(SyncName("work")).state())
    run = started.json("sync", "--once")
    assert run.code == 3
    assert [one["sync"] for one in run.document["runs"]] == ["work"]
    assert [one["sync"] for one in run.document["errors"]] == ["second"]


def test_1_a_run_that_was_interrupted_says_that_it_goes_on_later(laptop: Installation, started: Shell) -> None:
    laptop.program.stopped.set()
    outcome = started("sync", "--once")
    assert outcome.code == 1
    assert "Interrupted" in outcome.out
    laptop.program.stopped.clear()
    assert started("sync", "--once").code == 0


@pytest.mark.parametrize("option", ["--calendar-file", "--activities-file", "--screenshot"])
def test_2_the_demo_names_a_file_that_is_not_there_before_it_starts(soroe: Shell, tmp_path: Path, option: str) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    wrong = tmp_path / "file" / "below"
    outcome = soroe.json("demo", "--headless", option, str(wrong))
    assert outcome.code == 2
    assert str(wrong) in outcome.document["error"]["message"]
