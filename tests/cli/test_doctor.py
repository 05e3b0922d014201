"""`doctor`, `support-bundle`, `policy`: what is in the way, what may be told of it, what IT has set."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from soroe.bootstrap.connectors import SECRET
from soroe.bootstrap.doctor_desktop import desktop_checks
from soroe.bootstrap.program import Program
from soroe.ports.keychain import KeychainLocked, KeychainMissing
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.keychain import MemoryKeychain
from soroe.settings.homes import homes
from soroe.settings.overlay import Level, PolicySource, Scope, overlay
from soroe.settings.policy_sources import file_source
from tests.cli.homes import EMAIL, Installation, World, google_event, tomorrow
from tests.cli.shell import Shell


def checks(soroe: Shell) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["check"], one["subject"]): one for one in soroe.json("doctor").document["checks"]}


def test_everything_is_looked_at_and_what_is_well_says_so(soroe: Shell) -> None:
    found = checks(soroe)
    assert {name for name, _ in found} >= {
        "keychain", "tray", "notifications", "network", "proxy", "clock", "endpoint", "permissions", "sign_in",
        "settings", "folders", "disk", "database", "zone", "window", "autostart",
    }  # fmt: skip # short values, several a line
    assert {found[name, ""]["state"] for name in ("keychain", "network", "clock", "settings", "folders")} == {"ok"}
    assert found["sign_in", "crm"]["state"] == found["permissions", "calendar"]["state"] == "ok"
    assert soroe("doctor").code == 0


def test_a_missing_keychain_is_named_with_what_to_install(laptop: Installation, soroe: Shell) -> None:
    laptop.keychain.trouble = KeychainMissing("gnome-keyring")
    outcome = soroe("doctor")
    assert outcome.code == 1
    assert "install: gnome-keyring" in outcome.out
    found = checks(soroe)
    assert found["database", ""]["state"] == found["sign_in", "crm"]["state"] == "skipped"


def test_a_locked_keychain_is_told_apart_from_a_missing_one(laptop: Installation, soroe: Shell) -> None:
    laptop.keychain.trouble = KeychainLocked()
    assert checks(soroe)["keychain", ""]["code"] == "keychain_locked"


def test_a_server_that_is_away_is_named_and_the_others_are_still_looked_at(world: World, soroe: Shell) -> None:
    host = world.crm.base_url.split("/")[2]
    world.crm.vanish()
    found = checks(soroe)
    assert found["endpoint", host]["code"] == "unreachable"
    assert host in found["endpoint", host]["mend"]
    assert found["sign_in", "calendar"]["state"] == "ok"
    assert found["network", ""]["state"] == "ok"
    asked = found["sign_in", "crm"]
    assert (asked["state"], asked["code"]) == ("warning", "not_asked")
    assert "RetryLater" not in asked["message"]
    assert "reconnect" not in asked["mend"]


def test_a_sign_in_that_ended_and_one_that_never_was_are_told_apart(laptop: Installation, soroe: Shell) -> None:
    laptop.keychain.delete("crm", SECRET)
    laptop.world.google.user_removes_app(EMAIL)
    found = checks(soroe)
    assert found["sign_in", "crm"]["code"] == "not_signed_in"
    assert found["sign_in", "calendar"]["code"] == "needed"
    assert found["sign_in", "calendar"]["mend"] == "soroe accounts reconnect calendar"


def test_a_clock_that_is_off_is_told_by_the_servers(laptop: Installation) -> None:
    with GoogleSandbox(clock=lambda: datetime.now(UTC) + timedelta(hours=2)) as google:
        file = laptop.program.homes.config_file
        table = f'[accounts.c]\nkind = "google"\napi_endpoint = "{google.api_endpoint}"\n'
        file.write_text(table + f'token_endpoint = "{google.token_endpoint}"\n', "utf-8")
        clock = checks(Shell(laptop.program))["clock", ""]
    assert (clock["state"], clock["code"], clock["detail"]) == ("error", "clock_wrong", "-120 min")


@pytest.mark.skipif(os.name != "posix", reason="folders have modes on POSIX only")
def test_a_folder_that_others_can_read_is_named(laptop: Installation, soroe: Shell) -> None:
    laptop.program.homes.data.chmod(0o755)
    found = checks(soroe)["folders", ""]
    assert found["state"] == "error"
    assert str(laptop.program.homes.data) in found["message"]


def test_a_home_that_is_no_folder_stops_what_needs_it_with_its_name_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file", encoding="utf-8")
    environment = {"SOROE_HOME": str(blocked), "LANG": "en_US.UTF-8"}
    soroe = Shell(Program(homes(environment), MemoryKeychain(), environment))
    listed = soroe.json("history")
    assert (listed.code, listed.document["error"]["code"]) == (4, "home_unusable")
    assert str(blocked / "config") in listed.document["error"]["message"]
    found = checks(soroe)
    assert (found["folders", ""]["code"], found["disk", ""]["state"]) == ("home_unusable", "ok")
    assert "SOROE_HOME" in found["folders", ""]["mend"]
    assert found["database", ""]["code"] == "home_unusable"
    assert soroe.json("policy", "show").code == 0
    assert soroe("support-bundle", str(tmp_path / "bundle.zip")).code == 0


def test_a_disk_that_takes_no_log_stops_no_command(tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file", encoding="utf-8")
    program = Program(homes({"SOROE_HOME": str(blocked)}), MemoryKeychain(), {})
    program.log.info("lost")
    assert program.log.files() == ()


def test_broken_settings_do_not_keep_the_doctor_from_looking(laptop: Installation, soroe: Shell) -> None:
    laptop.program.homes.config_file.write_text("[accounts.x]\n", "utf-8")
    found = checks(soroe)
    assert "accounts.x.kind: this key is needed" in found["settings", ""]["message"]
    assert found["keychain", ""]["state"] == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="displays are named in the environment on Linux")
@pytest.mark.parametrize(
    ("ends_with", "window", "tray"),
    [(0, "ok", "ok"), (3, "ok", "warning"), (1, "error", "skipped"), (None, "error", "skipped")],
)
def test_the_window_is_tried_in_a_process_of_its_own(ends_with: int | None, window: str, tray: str) -> None:
    tried: list[list[str]] = []

    def attempt(command: list[str], _environment: Mapping[str, str]) -> int | None:
        tried.append(command)
        return ends_with

    found = {check.check: check.state for check in desktop_checks({"DISPLAY": ":9"}, attempt)}
    assert (found["window"], found["tray"]) == (window, tray)
    assert tried[0][0] == sys.executable


def test_pd_12_a_bundle_holds_no_secret_and_nothing_of_the_calendar(
    world: World, laptop: Installation, started: Shell, tmp_path: Path
) -> None:
    canary = "Canary"
    body = {"location": f"{canary} street", "description": f"{canary} notes", "attendees": [{"email": "c@canary.jp"}]}
    world.google.user_inserts(EMAIL, google_event(f"{canary} lunch", tomorrow(12), **body))
    started("sync", "--once")
    written = started.json("support-bundle", str(tmp_path / "bundle.zip"))
    assert written.code == 0
    assert (tmp_path / "bundle.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        text = "".join(bundle.read(name).decode() for name in bundle.namelist())
        summary = json.loads(bundle.read("summary.json"))
    secrets = [laptop.keychain.get("crm", SECRET) or "", "refresh_token", EMAIL, "127.0.0.1", str(tmp_path)]
    assert [word for word in [canary, canary.lower(), *secrets] if word in text] == []
    assert summary["counts"]["meetings"] == 1
    assert summary["checks"]["keychain"] == "ok"


def test_a_bundle_that_cannot_be_written_says_so(soroe: Shell, tmp_path: Path) -> None:
    refused = soroe.json("support-bundle", str(tmp_path / "nowhere" / "bundle.zip"))
    assert (refused.code, refused.document["error"]["code"]) == (4, "bundle_not_written")


def test_what_it_has_set_is_shown_with_its_place(laptop: Installation) -> None:
    source = PolicySource(Level.MANAGED, Scope.MACHINE, "/etc/soroe/policies/managed/it.json", {"Privacy": "skip"})
    laptop.program.policy = overlay([source])
    shown = Shell(laptop.program).json("policy", "show").document["policies"]
    (policy,) = shown
    assert (policy["name"], policy["value"], policy["locked"], policy["where"]) == (
        "Privacy",
        "skip",
        True,
        source.where,
    )
    assert "Privacy  skip  locked  /etc/soroe" in Shell(laptop.program)("policy", "show").out


def test_a_draft_of_a_policy_file_is_checked_line_by_line(soroe: Shell, tmp_path: Path) -> None:
    draft = tmp_path / "it.json"
    draft.write_text(json.dumps({"Privacy": "block", "Directoin": "two-way", "PastDays": -1}), "utf-8")
    checked = soroe.json("policy", "check", str(draft))
    assert checked.code == 2
    assert {(fault["policy"], fault["code"]) for fault in checked.document["faults"]} == {
        ("Directoin", "unknown_policy"),
        ("PastDays", "too_small"),
    }
    draft.write_text(json.dumps({"Privacy": "block"}), "utf-8")
    assert soroe("policy", "check", str(draft)).code == 0
    draft.write_text("{", "utf-8")
    assert soroe("policy", "check", str(draft)).code == 2


def test_a_draft_that_notepad_saved_is_read_and_one_without_policies_says_so(soroe: Shell, tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    draft.write_bytes(b'\xef\xbb\xbf{"Privacy": "block"}')
    assert soroe("policy", "check", str(draft)).out.startswith("Privacy  block")
    draft.write_text("{}", "utf-8")
    assert soroe("policy", "check", str(draft)).out == "This file sets nothing.\n"
    draft.write_text("no", "utf-8")
    assert soroe("policy", "check", str(draft)).out == f"{draft}: this is not one JSON object\n"


def test_a_policy_named_twice_is_found_by_the_doctor_the_draft_check_and_in_the_log(
    laptop: Installation, tmp_path: Path
) -> None:
    draft = tmp_path / "10-it.json"
    draft.write_text('{"Privacy": "skip", "Privacy": "full", "PastDays": 3, "PastDays": 3}', "utf-8")
    checked = Shell(laptop.program).json("policy", "check", str(draft))
    assert checked.code == 2
    assert [(fault["where"], fault["policy"], fault["code"]) for fault in checked.document["faults"]] == [
        (str(draft), "Privacy", "named_twice"),
        (str(draft), "PastDays", "named_again"),
    ]
    laptop.program.policy = overlay([file_source(draft)])
    told = [one for one in Shell(laptop.program).json("doctor").document["checks"] if one["check"] == "policy"]
    assert [(one["state"], one["subject"], one["detail"]) for one in told] == [
        ("error", str(draft), "Privacy"),
        ("warning", str(draft), "PastDays"),
    ]
    assert told[0]["message"].startswith("Privacy is set more than once")
    laptop.program.log_policies()
    logged = "".join(file.read_text("utf-8") for file in laptop.program.log.files())
    assert logged.count("policy_fault") == 2
    assert all(word in logged for word in ("named_twice", "Privacy", "10-it.json"))
