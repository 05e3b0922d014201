"""Oracle accounts in the terminal: a password from stdin, a zone, a test, and a sync of the account with itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from soroe.bootstrap.connectors import SECRET
from soroe.sandbox.oracle import FOR_PRACTICE, OracleSandbox, User
from soroe.settings.edit import with_account
from tests.cli.homes import Installation
from tests.cli.shell import Shell
from tests.end_to_end.crms import tomorrow


@pytest.fixture
def oracle() -> Iterator[OracleSandbox]:
    # Its clock is a little ahead: it tells whole seconds, and what is done after a sync was started has to count.
    with OracleSandbox(clock=lambda: datetime.now(UTC) + timedelta(seconds=2)) as sandbox:
        sandbox.show_events(False)
        sandbox.lift_limit()
        yield sandbox


@pytest.fixture
def sato(oracle: OracleSandbox) -> User:
    return oracle.add_user()


def adding(oracle: OracleSandbox, sato: User, zone: str = "Asia/Tokyo") -> tuple[str, ...]:
    account = ("--kind", "oracle", "--base-url", oracle.url, "--username", sato.sign_in, "--zone", zone)
    return ("accounts", "add", "new", *account, "--password-stdin")


def test_an_account_signs_in_with_its_password_and_is_tested(
    oracle: OracleSandbox, sato: User, laptop: Installation, soroe: Shell
) -> None:
    added = soroe.json(*adding(oracle, sato), stdin=FOR_PRACTICE)
    assert added.document["account"]["identity"].casefold() == sato.sign_in.casefold()
    assert laptop.keychain.get("new", SECRET) == FOR_PRACTICE
    tested = soroe.json("accounts", "test", "new", "--write")
    assert (tested.code, tested.document["ok"]) == (0, True) and oracle.appointments() == []


def test_a_zone_that_is_not_the_users_is_found_out_at_the_sign_in(
    oracle: OracleSandbox, sato: User, laptop: Installation, soroe: Shell
) -> None:
    refused = soroe(*adding(oracle, sato, "Europe/Berlin"), stdin=FOR_PRACTICE)
    assert refused.code != 0 and "another time zone" in refused.err
    assert laptop.keychain.get("new", SECRET) is None


def test_od_2_a_sync_of_an_account_with_itself_is_made_started_and_run(
    oracle: OracleSandbox, sato: User, laptop: Installation, soroe: Shell
) -> None:
    soroe.json(*adding(oracle, sato), "--no-sign-in")
    laptop.program.config.change(lambda text: with_account(text, "new", {"requests_per_minute": 10_000}))
    assert soroe("accounts", "reconnect", "new", "--password-stdin", stdin=FOR_PRACTICE).code == 0
    assert soroe.json("syncs", "add", "mirror", "--crm", "new", "--calendar", "new").code == 0
    assert soroe("syncs", "start", "mirror").code == 0
    start = tomorrow(10)
    oracle.user_creates_event(sato, "Symposium", start, start + timedelta(hours=1))
    assert "Symposium" in soroe("plan", "mirror").out
    assert soroe("sync", "mirror", "--once").code == 0
    assert [record.title for record in oracle.appointments()] == ["Symposium"]
