"""A Microsoft 365 sign-in that ends: asked about once, mended in the browser, and what waited arrives (S-10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from soroe.adapters.microsoft365.tokens import Microsoft365Secret
from soroe.bootstrap.connectors import SECRET
from soroe.engine.health import HealthState
from soroe.engine.messages import Event, HealthChanged, RunFinished, SyncNow, Wake
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from tests.end_to_end.calendars import Microsoft365Side
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World
from tests.end_to_end.test_reconnecting import desk, signs

Install = Callable[..., Installation]

pytestmark = pytest.mark.parametrize("world", ["rest-microsoft365"], indirect=True)


def tenant(world: World) -> Microsoft365Sandbox:
    assert isinstance(world.calendar, Microsoft365Side)
    return world.calendar.box


def linked(world: World, install: Install) -> Installation:
    world.side.creates("CRM", tomorrow(9))
    world.calendar.creates("Calendar", tomorrow(13))
    laptop = install()
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
    """A worker that has just begun is told to run, again and again."""
    laptop.syncs.close()
    worker = desk(laptop, heard)
    for _ in range(rounds):
        for command in (SyncNow(SYNC), None, Wake()):
            worker.handle(command)


def refusals(box: Microsoft365Sandbox) -> int:
    """How often Entra had to refuse a renewal since the log was cleared."""
    return sum(one.path.endswith("/oauth2/v2.0/token") and one.status >= 400 for one in box.requests.all("POST"))


def told(heard: list[Event]) -> list[tuple[HealthState, str]]:
    """How the calendar's connection was told to be, in order."""
    changes = [one for one in heard if isinstance(one, HealthChanged) and one.account == "calendar"]
    return [(one.health.state, one.health.code) for one in changes]


def signs_in(laptop: Installation) -> None:
    account = laptop.program.settings().account("calendar")
    assert account is not None
    assert signs(laptop, ScriptedBrowser(account=EMAIL)).with_browser(account).name == EMAIL
    laptop.syncs.close()


def all_arrives(world: World, laptop: Installation, expected: list[str]) -> None:
    """The next run has no trouble, everything that waited arrives, nothing twice and no mail to anybody."""
    heard: list[Event] = []
    desk(laptop, heard).handle(SyncNow(SYNC))
    assert [one.record.trouble for one in heard if isinstance(one, RunFinished)] == [""]
    laptop.settle()
    assert world.titles() == (expected, expected)
    assert laptop.open_changes() == 0
    assert world.calendar.mails() == 0


def test_a_sign_in_that_was_revoked_is_asked_about_once_and_what_waited_arrives(world: World, install: Install) -> None:
    laptop, box = linked(world, install), tenant(world)
    expected = change_both(world)
    box.revoke_refresh_tokens(EMAIL)
    box.expire_access_tokens()
    box.requests.clear()
    heard: list[Event] = []
    insist(laptop, heard)
    assert told(heard) == [(HealthState.SIGN_IN_NEEDED, "AADSTS50173")]
    assert refusals(box) == 1
    laptop.close()
    laptop.open()
    insist(laptop, heard)
    assert refusals(box) == 1 and len(told(heard)) == 1, "asked again after the program began anew"
    signs_in(laptop)
    all_arrives(world, laptop, expected)


def test_what_the_company_wants_to_know_is_asked_at_the_next_sign_in(world: World, install: Install) -> None:
    laptop, box = linked(world, install), tenant(world)
    expected = change_both(world)
    box.require_claims(EMAIL)
    box.requests.clear()
    heard: list[Event] = []
    insist(laptop, heard)
    assert [state for state, _ in told(heard)] == [HealthState.SIGN_IN_NEEDED]
    asked = len(box.requests)
    insist(laptop, heard)
    assert len(box.requests) == asked and len(told(heard)) == 1
    kept = laptop.keychain.get("calendar", SECRET)
    assert kept is not None and "acrs" in Microsoft365Secret.parse(kept).claims
    signs_in(laptop)
    all_arrives(world, laptop, expected)
    fresh = laptop.keychain.get("calendar", SECRET)
    assert fresh is not None and not Microsoft365Secret.parse(fresh).claims


def test_what_a_renewal_can_answer_asks_nobody(world: World, install: Install) -> None:
    laptop, box = linked(world, install), tenant(world)
    expected = change_both(world)
    box.require_claims(EMAIL, interactive=False)
    laptop.syncs.close()
    all_arrives(world, laptop, expected)


def test_a_rule_of_the_organisation_is_for_its_it_and_passes_when_it_is_lifted(world: World, install: Install) -> None:
    laptop, box = linked(world, install), tenant(world)
    expected = change_both(world)
    box.expire_access_tokens()
    box.refuse_token(53003, "interaction_required")
    heard: list[Event] = []
    laptop.syncs.close()
    desk(laptop, heard).handle(SyncNow(SYNC))
    assert told(heard) == [(HealthState.BLOCKED_BY_IT, "conditional_access:AADSTS53003")]
    laptop.syncs.close()
    all_arrives(world, laptop, expected)
