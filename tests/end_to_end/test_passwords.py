"""A password that the mail server refused is sent once and never again by itself; what waited arrives with the next."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from soroe.adapters.exchange.settings import Auth, ExchangeSecret
from soroe.bootstrap.connectors import SECRET
from soroe.bootstrap.sign_ins import SignIns
from soroe.cli.exits import Exit
from soroe.engine.health import HealthState
from soroe.engine.messages import Event, HealthChanged, Rebuild, Resume, RunFinished, SyncNow, TestSync, Wake
from soroe.ports.errors import SignInRequired
from soroe.sandbox.exchange import ExchangeSandbox
from tests.cli.shell import Shell
from tests.end_to_end.calendars import PASSWORD, ExchangeSide
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World
from tests.end_to_end.test_reconnecting import desk

Install = Callable[..., Installation]
NEW, NEWER = "better horse", "best horse"
PROOF = b"NTLMSSP\x00\x03"
"""How the message begins that proves an NTLM password; the two requests before it prove nothing."""

pytestmark = pytest.mark.parametrize("world", ["rest-exchange"], indirect=True)


def mailbox(world: World) -> ExchangeSandbox:
    assert isinstance(world.calendar, ExchangeSide)
    return world.calendar.box


def tries(box: ExchangeSandbox) -> int:
    """How often a password was put to the proof since the log was cleared: each time counts towards a lock."""
    found = 0
    for request in box.requests.all():
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        shown = base64.b64decode(token) if token else b""
        found += scheme.lower() == "basic" or (scheme.lower() == "ntlm" and shown.startswith(PROOF))
    return found


def linked(world: World, install: Install, auth: Auth) -> Installation:
    """Two meetings in step, by a sign-in of this kind."""
    side = world.calendar
    assert isinstance(side, ExchangeSide)
    side.account = side.account.replace('"basic"', f'"{auth.value}"')
    laptop = install()
    secret = ExchangeSecret(PASSWORD, side.box.ews_url, auth, "15.2.1544.4", EMAIL)
    laptop.keychain.set("calendar", SECRET, secret.text())
    world.side.creates("CRM", tomorrow(9))
    side.creates("Calendar", tomorrow(13))
    laptop.settle()
    return laptop


def change_both(world: World) -> list[str]:
    """A new and a renamed meeting on each side; returns the titles that both sides come to."""
    world.side.renames(world.side.ids()["CRM"], "CRM, renamed")
    world.side.creates("CRM new", tomorrow(17))
    world.calendar.renames(world.calendar.ids()["Calendar"], "Calendar, renamed")
    world.calendar.creates("Calendar new", tomorrow(18))
    return sorted(["CRM, renamed", "CRM new", "Calendar, renamed", "Calendar new"])


def insist(laptop: Installation, heard: list[Event], rounds: int = 3) -> None:
    """Whatever a worker may be told to do, again and again, with a worker that has just begun."""
    worker = desk(laptop, heard)
    for _ in range(rounds):
        for command in (SyncNow(SYNC), None, Wake(), Resume(SYNC), TestSync(SYNC), Rebuild(SYNC)):
            worker.handle(command)


def restarted(laptop: Installation) -> Installation:
    """The program ends, and begins again in the same home."""
    laptop.close()
    return Installation(laptop.world, laptop.folder)


def signs_in(laptop: Installation, password: str) -> None:
    account = laptop.program.settings().account("calendar")
    assert account is not None
    signs = SignIns(laptop.program, laptop.store, lambda _address: None)
    assert signs.with_password(account, password).name == EMAIL
    laptop.syncs.close()


def states(heard: list[Event]) -> list[HealthState]:
    """How the calendar's connection was told to be, in order."""
    return [one.health.state for one in heard if isinstance(one, HealthChanged) and one.account == "calendar"]


@pytest.mark.parametrize("auth", [Auth.BASIC, Auth.NTLM])
def test_a_changed_password_is_sent_once_and_what_waited_arrives_with_the_new_one(
    world: World, install: Install, auth: Auth
) -> None:
    laptop, box = linked(world, install, auth), mailbox(world)
    expected = change_both(world)
    box.change_password(EMAIL, NEW)
    laptop.syncs.close()
    box.requests.clear()
    heard: list[Event] = []
    insist(laptop, heard)
    assert tries(box) == 1
    assert states(heard) == [HealthState.SIGN_IN_NEEDED], "the user is told once"
    again = restarted(laptop)
    try:
        insist(again, heard)
        assert tries(box) == 1, "the refused password was sent again after the program began anew"
        assert len(states(heard)) == 1
        signs_in(again, NEW)
        heard.clear()
        desk(again, heard).handle(SyncNow(SYNC))
        assert [one.record.trouble for one in heard if isinstance(one, RunFinished)] == [""]
        again.settle()
        assert world.titles() == (expected, expected)
        assert again.open_changes() == 0
        assert world.calendar.mails() == 0
    finally:
        again.close()
        laptop.open()


@pytest.mark.parametrize("auth", [Auth.BASIC, Auth.NTLM])
def test_each_password_is_tried_once_and_no_more(world: World, install: Install, auth: Auth) -> None:
    laptop, box = linked(world, install, auth), mailbox(world)
    for password in (NEW, NEWER):
        box.change_password(EMAIL, password)
        laptop.syncs.close()
        box.requests.clear()
        insist(laptop, [])
        assert tries(box) == 1
        signs_in(laptop, password)
        insist(laptop, [], 1)
    laptop.settle()
    assert world.titles() == (["CRM", "Calendar"], ["CRM", "Calendar"])


@pytest.mark.parametrize("auth", [Auth.BASIC, Auth.NTLM])
def test_a_password_that_was_mistyped_is_sent_once_and_changes_nothing(
    world: World, install: Install, auth: Auth
) -> None:
    laptop, box = linked(world, install, auth), mailbox(world)
    kept = laptop.keychain.get("calendar", SECRET)
    account = laptop.program.settings().account("calendar")
    assert account is not None
    box.requests.clear()
    with pytest.raises(SignInRequired, match="password_refused"):
        SignIns(laptop.program, laptop.store, lambda _address: None).with_password(account, "correct house")
    assert tries(box) == 1
    assert laptop.keychain.get("calendar", SECRET) == kept
    laptop.settle()


def test_a_run_that_goes_on_by_itself_sends_a_refused_password_once(world: World, install: Install) -> None:
    laptop, box = linked(world, install, Auth.BASIC), mailbox(world)
    box.change_password(EMAIL, NEW)
    laptop.syncs.close()
    box.requests.clear()
    for _ in range(5):
        assert isinstance(laptop.run().trouble, SignInRequired)
    assert tries(box) == 1


def test_a_locked_account_is_left_alone(world: World, install: Install) -> None:
    laptop, box = linked(world, install, Auth.BASIC), mailbox(world)
    box.lock_account(EMAIL)
    laptop.syncs.close()
    box.requests.clear()
    heard: list[Event] = []
    insist(laptop, heard)
    assert tries(box) == 1
    assert [one.health.code for one in heard if isinstance(one, HealthChanged)] == ["account_locked"]


def test_a_command_that_is_repeated_every_few_minutes_sends_it_once(world: World, install: Install) -> None:
    laptop, box = linked(world, install, Auth.BASIC), mailbox(world)
    soroe = Shell(laptop.program)
    assert soroe("syncs", "start", "work").code == 0
    box.change_password(EMAIL, NEW)
    laptop.syncs.close()
    box.requests.clear()
    for _ in range(3):
        assert soroe("sync", "work", "--once").code == Exit.SIGN_IN
        assert soroe("accounts", "check", "calendar").code == Exit.SIGN_IN
        assert soroe("plan", "work").code == Exit.SIGN_IN
    assert "password_refused" in soroe("doctor", "--json").out
    assert tries(box) == 1
    signs_in(laptop, NEW)
    assert soroe("sync", "work", "--once").code == 0
