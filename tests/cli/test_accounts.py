"""`accounts`: adding, testing and removing accounts; secrets come from stdin and go into the keychain only."""

from __future__ import annotations

from typing import Any

import pytest

from soroe.bootstrap.connectors import SECRET
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET
from tests.cli.browsing import BrowsingProgram, in_browser
from tests.cli.homes import EMAIL, Installation, World
from tests.cli.shell import Shell


def new_crm(world: World) -> tuple[str, ...]:
    return ("accounts", "add", "new", "--kind", "rest", "--base-url", world.crm.base_url, "--auth", "api_key")


def test_a_key_from_stdin_signs_in_and_stands_nowhere_but_in_the_keychain(
    world: World, laptop: Installation, soroe: Shell
) -> None:
    key = world.crm.api_key_for(world.user)
    added = soroe.json(*new_crm(world), "--token-stdin", stdin=f"{key}\n")
    assert added.document == {"account": {"name": "new", "kind": "rest", "identity": EMAIL, "signed_in": True}}
    assert laptop.keychain.get("new", SECRET) == key
    assert key not in laptop.program.homes.config_file.read_text("utf-8") + added.out + added.err
    (account,) = [one for one in soroe.json("accounts", "list").document["accounts"] if one["name"] == "new"]
    assert (account["state"], account["identity"], account["side"]) == ("connected", EMAIL, "crm")


def test_nothing_is_asked_where_stdin_is_no_terminal(world: World, soroe: Shell) -> None:
    refused = soroe.json(*new_crm(world))
    assert (refused.code, refused.document["error"]["code"]) == (2, "secret_needed")
    assert soroe.json("accounts", "reconnect", "new", "--token-stdin").document["error"]["code"] == "secret_empty"


def test_a_secret_that_powershell_marked_is_taken_without_its_mark(
    world: World, laptop: Installation, soroe: Shell
) -> None:
    key = world.crm.api_key_for(world.user)
    assert soroe(*new_crm(world), "--token-stdin", stdin=f"\ufeff{key}\r\n").code == 0
    assert laptop.keychain.get("new", SECRET) == key


@pytest.mark.parametrize("piped", ["x" * 10_001, "a\0b", "a\udcffb"])
def test_what_is_no_secret_is_refused_before_anybody_is_asked(world: World, soroe: Shell, piped: str) -> None:
    soroe(*new_crm(world), "--no-sign-in")
    refused = soroe.json("accounts", "reconnect", "new", "--token-stdin", stdin=f"{piped}\n")
    assert (refused.code, refused.document["error"]["code"]) == (2, "secret_is_none")


def test_no_argument_takes_a_secret(soroe: Shell) -> None:
    for option in ("--password", "--token", "--client-secret"):
        assert soroe("accounts", "add", "new", "--kind", "google", option, "s3cret").code == 2


def test_a_wrong_key_is_not_kept_and_the_account_waits_for_the_right_one(
    world: World, laptop: Installation, soroe: Shell
) -> None:
    refused = soroe(*new_crm(world), "--token-stdin", stdin="wrong\n")
    assert refused.code == 3
    assert "soroe accounts reconnect new" in refused.err
    assert laptop.keychain.get("new", SECRET) is None
    right = world.crm.api_key_for(world.user)
    assert soroe("accounts", "reconnect", "new", "--password-stdin", stdin=right).code == 0


def test_another_persons_key_changes_nothing_and_both_are_named(
    world: World, laptop: Installation, started: Shell
) -> None:
    before = laptop.keychain.get("crm", SECRET)
    other = world.crm.api_key_for(world.crm.add_user("suzuki@example.com", "Suzuki"))
    refused = started.json("accounts", "reconnect", "crm", "--token-stdin", stdin=other)
    assert (refused.code, refused.document["error"]["code"]) == (3, "other_account")
    assert laptop.keychain.get("crm", SECRET) == before


def test_a_key_that_the_kind_does_not_know_is_a_mistake_in_the_settings(world: World, soroe: Shell) -> None:
    refused = soroe.json(*new_crm(world), "--server", "https://mail.example.com", "--token-stdin", stdin="key")
    assert refused.code == 2
    assert refused.document["error"]["problems"][0]["key"] == "accounts.new.server"
    assert "new" not in [one["name"] for one in soroe.json("accounts", "list").document["accounts"]]


def test_an_account_in_use_is_not_removed_and_a_free_one_leaves_no_secret(
    world: World, laptop: Installation, soroe: Shell
) -> None:
    assert soroe.json("accounts", "remove", "crm").document["error"]["code"] == "account_in_use"
    soroe("syncs", "remove", "work")
    assert soroe.json("accounts", "remove", "crm").document == {"removed": "crm"}
    assert laptop.keychain.get("crm", SECRET) is None


def test_an_endpoint_is_held_against_its_profile_and_what_fails_is_named(world: World, soroe: Shell) -> None:
    works = soroe.json("accounts", "test", "crm", "--write")
    assert (works.code, works.document["ok"], works.document["faults"]) == (0, True, [])
    assert world.crm.activities() == []
    world.crm.block_by_admin()
    broken = soroe.json("accounts", "test", "crm")
    assert broken.code != 0
    assert not broken.document["ok"]


def test_a_test_of_an_account_that_is_away_says_so(world: World, soroe: Shell) -> None:
    soroe("plan")
    world.google.user_removes_app(EMAIL)
    away = soroe.json("accounts", "test", "calendar")
    assert (away.code, away.document["ok"]) == (3, False)
    world.crm.vanish()
    assert soroe.json("accounts", "test", "crm").document["ok"] is False


def google(world: World) -> list[str]:
    return [
        "accounts", "add", "second", "--kind", "google", "--client-id", CLIENT_ID, "--client-secret-stdin",
        "--api-endpoint", world.google.api_endpoint, "--authorization-endpoint", world.google.authorization_endpoint,
        "--token-endpoint", world.google.token_endpoint,
    ]  # fmt: skip # short values, several a line


def test_google_signs_in_in_the_browser_and_the_page_is_shown_for_copying(world: World, laptop: Installation) -> None:
    program = BrowsingProgram(laptop, ScriptedBrowser(account=EMAIL))
    added = in_browser(program, *google(world), stdin=f"{CLIENT_SECRET}\n")
    assert added.document["account"] == {"name": "second", "kind": "google", "identity": EMAIL, "signed_in": True}
    assert world.google.authorization_endpoint in added.err


def test_pd_11_a_box_that_was_not_ticked_is_named(world: World, laptop: Installation) -> None:
    program = BrowsingProgram(laptop, ScriptedBrowser(account=EMAIL, tick=["calendar.events"]))
    refused = in_browser(program, *google(world), stdin=f"{CLIENT_SECRET}\n")
    assert refused.code == 3
    error: dict[str, Any] = refused.document["error"]
    assert error["code"] == "consent_missing"
    assert error["permission"].endswith("calendar.calendarlist.readonly")


def test_a_sign_in_that_the_person_cancels_is_no_service_out_of_reach(world: World, laptop: Installation) -> None:
    program = BrowsingProgram(laptop, ScriptedBrowser(account=EMAIL, allow=False))
    given_up = in_browser(program, *google(world), stdin=f"{CLIENT_SECRET}\n")
    assert (given_up.code, given_up.document["error"]["code"]) == (3, "sign_in_cancelled")
    assert "soroe accounts reconnect second" in given_up.document["error"]["message"]


@pytest.mark.parametrize("option", ["--token-stdin", "--password-stdin"])
def test_a_browser_account_takes_no_key(laptop: Installation, option: str) -> None:
    program = BrowsingProgram(laptop, ScriptedBrowser(account=EMAIL))
    refused = in_browser(program, "accounts", "reconnect", "calendar", option, stdin="key")
    assert (refused.code, refused.document["error"]["code"]) == (2, "no_secret_taken")
