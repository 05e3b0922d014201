"""Sign-ins expire, services are busy, lines drop: nothing is lost, and syncing goes on from where it was (S-10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest

from soroe.bootstrap.connectors import SECRET, now_utc
from soroe.bootstrap.sign_ins import OtherAccount, SignIns
from soroe.core.event import Side
from soroe.engine.health import HealthState
from soroe.engine.messages import Event, HealthChanged, RunFinished, SyncNow
from soroe.engine.schedule import Pace
from soroe.engine.trial import TestTitle
from soroe.engine.worker import Desk
from soroe.engine.workshop import Workshop
from soroe.ports.errors import LimitReached, RetryLater, SignInRequired
from soroe.ports.store import SyncStatus
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.faults import Answer, DropAfterProcessing, DropConnectionBefore, TruncateBody
from soroe.sandbox.google import errors
from tests.end_to_end.crms import CRMS, EMAIL, SalesforceCrm, google_event, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World

Install = Callable[..., Installation]
OTHER = "suzuki@example.com"


def linked(world: World, install: Install) -> Installation:
    for number in range(3):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
        world.google.user_inserts(EMAIL, google_event(f"Calendar {number}", tomorrow(13 + number)))
    laptop = install()
    laptop.settle()
    return laptop


def change_everything(world: World) -> list[str]:
    """New, renamed and deleted on both sides; returns the titles that both sides come to."""
    ids = world.side.ids()
    events = {str(e["summary"]): str(e["id"]) for e in world.google.events(EMAIL, deleted=False)}
    world.side.renames(ids["CRM 0"], "CRM 0, renamed")
    world.side.creates("CRM new", tomorrow(17))
    world.google.user_patches(EMAIL, events["Calendar 0"], {"summary": "Calendar 0, renamed"})
    world.google.user_deletes(EMAIL, events["Calendar 1"])
    world.google.user_inserts(EMAIL, google_event("Calendar new", tomorrow(18)))
    return sorted(["CRM 0, renamed", "CRM 1", "CRM 2", "CRM new", "Calendar 0, renamed", "Calendar 2", "Calendar new"])


def signs(laptop: Installation, browser: ScriptedBrowser) -> SignIns:
    def open_page(address: str) -> None:
        # "Use another account" on Google's page: the hint is only a hint
        browser.open_in_background(address.replace(quote(EMAIL), quote(browser.account)))

    return SignIns(laptop.program, laptop.store, open_page)


def desk(laptop: Installation, heard: list[Event]) -> Desk:
    """The worker of the sync, without its thread."""
    shop = Workshop(
        SYNC,
        ("crm", "calendar"),
        laptop.program.open_store,
        lambda _store, progress: laptop.syncs.open(SYNC, progress),
        heard.append,
        now_utc,
        lambda: 0.5,
        Pace(),
        TestTitle("Test", "Test"),
    )
    state = laptop.store.sync(SYNC).state()
    laptop.store.sync(SYNC).save_state(replace(state, status=SyncStatus.RUNNING, started=now_utc()))
    return Desk(shop, laptop.store)


def test_changes_wait_while_google_is_signed_out_and_arrive_after_signing_in(world: World, install: Install) -> None:
    laptop = linked(world, install)
    heard: list[Event] = []
    worker = desk(laptop, heard)
    expected = change_everything(world)
    world.google.expire_refresh_tokens()
    laptop.syncs.close()
    worker.handle(SyncNow(SYNC))
    assert HealthState.SIGN_IN_NEEDED in {one.health.state for one in heard if isinstance(one, HealthChanged)}
    assert isinstance(laptop.run().trouble, SignInRequired)
    account = laptop.program.settings().account("calendar")
    assert account is not None
    assert signs(laptop, ScriptedBrowser(account=EMAIL)).with_browser(account).name == EMAIL
    laptop.syncs.close()
    heard.clear()
    fresh = desk(laptop, heard)
    fresh.handle(SyncNow(SYNC))
    assert [one.record.trouble for one in heard if isinstance(one, RunFinished)] == [""]
    laptop.settle()
    assert world.titles() == (expected, expected)


def test_a_sign_in_that_dies_in_the_middle_of_a_run_loses_nothing(world: World, install: Install) -> None:
    laptop = linked(world, install)
    expected = change_everything(world)
    # the lists are read, and the first write finds that the tokens have died
    world.google.refuse(errors.invalid_credentials(), "POST|PATCH|DELETE", "batch|/events", times=2)
    world.google.faults.add(Answer.as_json(400, {"error": "invalid_grant"}), "POST", "/token")
    trouble = laptop.run().trouble
    assert isinstance(trouble, SignInRequired)
    laptop.sign_in()
    laptop.syncs.close()
    laptop.settle()
    assert world.titles() == (expected, expected)
    assert laptop.open_changes() == 0


@pytest.mark.parametrize("world", [name for name in CRMS if name != "salesforce"], indirect=True)
def test_a_key_of_the_crm_that_was_withdrawn_loses_nothing(world: World, install: Install) -> None:
    laptop = linked(world, install)
    expected = change_everything(world)
    right = laptop.keychain.get("crm", SECRET)
    assert right is not None
    laptop.keychain.set("crm", SECRET, "a-key-that-is-none")
    laptop.syncs.close()
    result = laptop.run()
    assert isinstance(result.trouble, SignInRequired)
    assert result.side is Side.CRM
    account = laptop.program.settings().account("crm")
    assert account is not None
    signs(laptop, ScriptedBrowser()).with_key(account, right)
    laptop.syncs.close()
    laptop.settle()
    assert world.titles() == (expected, expected)


@pytest.mark.parametrize("world", ["salesforce"], indirect=True)
def test_a_sign_in_at_the_crm_that_was_taken_back_loses_nothing(world: World, install: Install) -> None:
    laptop = linked(world, install)
    expected = change_everything(world)
    assert isinstance(world.side, SalesforceCrm)
    world.side.box.revoke_consents(world.side.user)
    laptop.syncs.close()
    result = laptop.run()
    assert isinstance(result.trouble, SignInRequired)
    assert result.side is Side.CRM
    account = laptop.program.settings().account("crm")
    assert account is not None
    signs(laptop, ScriptedBrowser(account=EMAIL)).with_browser(account)
    laptop.syncs.close()
    laptop.settle()
    assert world.titles() == (expected, expected)


def test_another_google_account_is_refused_and_the_links_stay(world: World, install: Install) -> None:
    world.google.add_account(OTHER)
    laptop = linked(world, install)
    laptop.settle()
    links, secret = laptop.store.sync(SYNC).link_count(), laptop.keychain.get("calendar", SECRET)
    account = laptop.program.settings().account("calendar")
    assert account is not None
    with pytest.raises(OtherAccount):
        signs(laptop, ScriptedBrowser(account=OTHER)).with_browser(account)
    assert laptop.keychain.get("calendar", SECRET) == secret
    assert laptop.store.sync(SYNC).link_count() == links == 6
    assert laptop.run().converged
    assert world.google.events(OTHER) == []


def test_another_account_of_the_crm_is_refused_and_the_links_stay(world: World, install: Install) -> None:
    laptop = linked(world, install)
    other = world.crm.add_user(OTHER, "Suzuki")
    secret = laptop.keychain.get("crm", SECRET)
    account = laptop.program.settings().account("crm")
    assert account is not None
    with pytest.raises(OtherAccount):
        signs(laptop, ScriptedBrowser()).with_key(account, world.crm.api_key_for(other))
    assert laptop.keychain.get("crm", SECRET) == secret
    assert laptop.run().converged
    assert world.crm.activities(other) == []


Trouble = Callable[[World], None]


def google_rate_limit(world: World) -> None:
    world.google.refuse(errors.user_rate_limit_exceeded(), times=2)


def google_quota(world: World) -> None:
    world.google.refuse(errors.quota_exceeded(), "GET", r"/events\?")


def google_busy(world: World) -> None:
    world.google.refuse(errors.backend_error(), "POST|PATCH|DELETE", "batch|/events", times=3)


def google_drops_before(world: World) -> None:
    world.google.faults.add(DropConnectionBefore(), times=3)


def google_drops_after(world: World) -> None:
    world.google.faults.add(DropAfterProcessing(), "POST|PATCH|DELETE", "batch|/events", times=3)


def google_truncates(world: World) -> None:
    world.google.faults.add(TruncateBody(40), "POST|PATCH|DELETE|GET", "batch|/events", times=3)


def google_conflicts_in_batch(world: World) -> None:
    world.google.lies.conflict_in_batch(3)


def crm_rate_limit(world: World) -> None:
    world.side.faults.add(Answer.as_json(429, {}, {"Retry-After": "1"}), path="activities", times=2)


def crm_busy(world: World) -> None:
    world.side.faults.add(Answer.as_json(503, {}), "POST|PATCH|DELETE", "activities", times=3)


def crm_drops_before(world: World) -> None:
    world.side.faults.add(DropConnectionBefore(), path="activities", times=3)


def crm_drops_after(world: World) -> None:
    world.side.faults.add(DropAfterProcessing(), "POST|PATCH|DELETE", "activities", times=3)


def crm_truncates(world: World) -> None:
    world.side.faults.add(TruncateBody(20), "POST|PATCH|DELETE|GET", "activities", times=3)


def crm_answers_html(world: World) -> None:
    world.side.faults.add(Answer.as_html(200, "<html>Sign in to the hotel</html>"), path="activities", times=2)


@pytest.mark.parametrize(
    "trouble",
    [
        google_rate_limit,
        google_quota,
        google_busy,
        google_drops_before,
        google_drops_after,
        google_truncates,
        google_conflicts_in_batch,
        crm_rate_limit,
        crm_busy,
        crm_drops_before,
        crm_drops_after,
        crm_truncates,
        crm_answers_html,
    ],
)
@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_trouble_of_a_service_passes_and_loses_nothing(world: World, install: Install, trouble: Trouble) -> None:
    laptop = linked(world, install)
    expected = change_everything(world)
    trouble(world)
    for _ in range(8):
        result = laptop.run()
        assert isinstance(result.trouble, RetryLater | LimitReached | None), result.trouble
        assert result.record.failed == 0
        if result.converged:
            break
    world.google.faults.clear()
    world.side.faults.clear()
    laptop.settle()
    assert world.titles() == (expected, expected)
    assert laptop.open_changes() == 0
    assert laptop.about_meetings() == []
