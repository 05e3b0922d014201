"""`accounts check` and `doctor`: what is in the way of a connection, in words, and the message for IT."""

from __future__ import annotations

from typing import Any

import pytest

from soroe.cli.accounts_check import EXITS
from soroe.cli.exits import Exit
from soroe.engine.health import HealthState
from soroe.ports.keychain import KeychainLocked
from tests.cli.homes import EMAIL, Installation, World
from tests.cli.shell import Shell


def checked(soroe: Shell, name: str) -> dict[str, Any]:
    document: dict[str, Any] = soroe.json("accounts", "check", name).document["check"]
    return document


def test_a_connection_that_works_says_so_and_nothing_is_to_be_done(soroe: Shell) -> None:
    found = checked(soroe, "crm")
    assert (found["state"], found["do"], found["mend"], found["message_for_it"]) == ("connected", "", "nothing", None)
    assert soroe("accounts", "check", "crm").code == 0


def test_an_expired_sign_in_is_told_with_what_to_do(world: World, soroe: Shell) -> None:
    soroe("plan")
    world.google.expire_access_tokens()
    world.google.user_removes_app(EMAIL)
    outcome = soroe("accounts", "check", "calendar")
    assert outcome.code == 3
    assert "The sign-in has expired or was taken back." in outcome.out
    assert "stay as they are on both sides" in outcome.out
    assert "→ Sign in again" in outcome.out


def test_what_it_blocks_is_ready_to_send_from_check_and_from_doctor(world: World, soroe: Shell) -> None:
    soroe("plan")
    world.crm.block_by_admin()
    blocked = checked(soroe, "crm")
    assert (blocked["state"], blocked["mend"]) == ("blocked_by_it", "copy_for_it")
    message = blocked["message_for_it"]
    assert blocked["code"] in message["body"]
    assert world.crm.base_url.split("/")[2] in message["body"]
    (doctor,) = [
        one for one in soroe.json("doctor").document["checks"] if (one["check"], one["subject"]) == ("sign_in", "crm")
    ]
    assert doctor["message_for_it"]["subject"] == message["subject"]
    assert message["subject"] in soroe("doctor").out
    shown = soroe("accounts", "check", "crm").out
    timeless = [line for line in message["body"].splitlines() if "UTC" not in line]  # a minute may have passed
    assert [line for line in timeless if line not in shown] == []


@pytest.mark.parametrize("state", HealthState)
def test_every_state_has_its_exit_code(state: HealthState) -> None:
    assert EXITS.get(state, Exit.UNREACHABLE) in {Exit.DONE, Exit.SIGN_IN, Exit.UNREACHABLE}


def test_a_service_that_is_away_and_a_locked_keychain_are_told_apart(
    world: World, laptop: Installation, soroe: Shell
) -> None:
    world.crm.vanish()
    away = soroe.json("accounts", "check", "crm")
    assert (away.code, away.document["check"]["state"]) == (4, "retrying")
    laptop.keychain.trouble = KeychainLocked()
    locked = soroe.json("accounts", "check", "crm")
    assert locked.code == 4
    assert "keychain" in str(locked.document)
