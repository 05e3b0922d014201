"""The rules of the calendar and activities document (PD), over whole runs with Pipedrive on real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from soroe.bootstrap.syncs import account_facts
from soroe.bootstrap.workers import workshop
from soroe.core.event import CRM_LIST, ItemId, ObservedItem, Ref, Side, bounds_utc
from soroe.core.finding import FindingKind
from soroe.core.plan import Why
from soroe.engine.messages import CommandDone, Event, Rebuild, TestSync
from soroe.engine.worker import Desk
from soroe.ports.store import SyncState, SyncStatus
from soroe.sandbox.faults import Answer
from soroe.sandbox.google.model import AccessRole
from soroe.settings.edit import with_sync, without_sync
from tests.end_to_end.crms import EMAIL, google_event, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World

Install = Callable[..., Installation]
HERS = "suzuki@example.com"
both_crms = pytest.mark.parametrize("world", ["pipedrive", "rest"], indirect=True)
pipedrive = pytest.mark.parametrize("world", ["pipedrive"], indirect=True)


@contextmanager
def thread_of(laptop: Installation) -> Iterator[tuple[Desk, list[Event]]]:
    """The sync's own thread, as the window speaks to it."""
    told: list[Event] = []
    sync = laptop.program.settings().sync(SYNC)
    assert sync is not None
    shop = workshop(laptop.program, sync, told.append)
    yield Desk(shop, laptop.store), told
    shop.let_go()


def busy(world: World) -> list[str]:
    """Two meetings on each side; their titles."""
    for number in range(2):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
        world.google.user_inserts(EMAIL, google_event(f"Calendar {number}", tomorrow(13 + number)))
    return ["CRM 0", "CRM 1", "Calendar 0", "Calendar 1"]


# --- PD-2 ---
@both_crms
def test_pd_2_a_test_item_goes_each_way_is_timed_and_is_removed_again(world: World, install: Install) -> None:
    titles = busy(world)
    laptop = install()
    laptop.settle()
    with thread_of(laptop) as (desk, told):
        desk.handle(TestSync(SYNC))
        done = told[-1]
    assert isinstance(done, CommandDone)
    assert [(leg.to_crm, leg.seconds is not None, leg.code) for leg in done.legs] == [
        (True, True, ""),
        (False, True, ""),
    ]
    assert world.titles() == (titles, titles)
    laptop.settle()
    assert world.titles() == (titles, titles)


@both_crms
def test_pd_2_what_a_test_left_behind_is_removed_at_the_next_start(world: World, install: Install) -> None:
    titles = busy(world)
    laptop = install()
    laptop.settle()
    world.side.faults.add(Answer.as_json(503, {}), "GET|POST|PATCH|DELETE", times=-1)
    world.google.faults.add(Answer.as_json(503, {}), "DELETE", "/events", times=-1)
    with thread_of(laptop) as (desk, _):
        desk.handle(TestSync(SYNC))
    assert len(world.calendar_titles()) == len(titles) + 1, "the CRM went away while the test was under way"
    world.side.faults.clear()
    world.google.faults.clear()
    laptop.close()
    laptop.open()
    with thread_of(laptop) as (desk, _):
        desk.clean_up_test()
    assert world.titles() == (titles, titles)


# --- PD-3 ---
@pipedrive
def test_pd_3_what_was_there_before_the_start_is_taken_once_it_is_edited(world: World, install: Install) -> None:
    old = world.side.creates("Old", tomorrow(9))
    laptop = install(new_items_only=True, dialect="pipedrive", backfill_from=(datetime.now(UTC).date() + timedelta(1)))
    laptop.program.config.change(lambda text: with_sync(text, "work", {"backfill_from": None}))
    laptop.store.sync(SYNC).save_state(SyncState(SyncStatus.RUNNING, started=datetime.now(UTC) + timedelta(seconds=2)))
    laptop.settle()
    assert world.calendar_titles() == []
    assert laptop.store.sync(SYNC).why(Side.CRM, Ref(CRM_LIST, ItemId(old))) is Why.UNCHANGED_SINCE_START
    laptop.store.sync(SYNC).save_state(SyncState(SyncStatus.RUNNING, started=datetime.now(UTC) - timedelta(seconds=2)))
    world.side.renames(old, "Old, edited")
    laptop.settle()
    assert world.calendar_titles() == ["Old, edited"]


# --- PD-5, PD-6 ---
@both_crms
def test_pd_5_local_state_is_rebuilt_from_both_sides_without_a_double(world: World, install: Install) -> None:
    titles = busy(world)
    laptop = install()
    laptop.settle()
    with thread_of(laptop) as (desk, told):
        desk.handle(Rebuild(SYNC))
    assert any(isinstance(event, CommandDone) and not event.code for event in told)
    laptop.settle()
    assert world.titles() == (titles, titles)
    assert laptop.store.sync(SYNC).link_count() == 4


@both_crms
def test_pd_6_a_sync_that_is_removed_and_set_up_again_copies_nothing_twice(world: World, install: Install) -> None:
    titles = busy(world)
    laptop = install()
    laptop.settle()
    before = laptop.program.homes.config_file.read_text(encoding="utf-8")
    laptop.program.config.change(lambda text: without_sync(text, "work"))
    laptop.store.remove_sync(SYNC)
    for account in ("crm", "calendar"):
        for fact in account_facts(account):
            laptop.store.set_fact(fact, None)
    laptop.close()
    laptop.program.homes.config_file.write_text(before, encoding="utf-8")
    laptop.sign_in()
    laptop.open()
    laptop.settle()
    assert world.titles() == (titles, titles)
    assert laptop.run().converged


# --- PD-7 ---
@both_crms
def test_pd_7_a_colleagues_private_event_shows_its_time_and_nothing_else(world: World, install: Install) -> None:
    world.google.add_account(HERS)
    world.google.share(HERS, HERS, EMAIL, AccessRole.reader)
    start = tomorrow(10)
    more = {"location": "Klinik", "description": "Befund", "attendees": [{"email": "arzt@klinik.example"}]}
    world.google.user_inserts(HERS, google_event("Arzt", start, visibility="private", **more))
    laptop = install(calendars=["primary", HERS])
    laptop.settle()
    assert world.side.titles() == ["Private"]
    (item,) = laptop.store.sync(SYNC).refs(Side.CRM, CRM_LIST)
    made = laptop.joint().crm.reader.read(Ref(CRM_LIST, item))
    assert isinstance(made, ObservedItem)
    assert bounds_utc(made.content.when)[0] == start.astimezone(UTC)
    assert (made.content.description, made.content.location, made.content.guests) == ("", "", ())
    (finding,) = [f for f in laptop.store.sync(SYNC).findings() if f.kind is FindingKind.PRIVATE]
    assert finding.rule == "PD-7"


# --- PD-8 ---
@both_crms
def test_pd_8_each_one_way_item_tells_its_cause(world: World, install: Install) -> None:
    busy(world)
    laptop = install(direction="calendar-to-crm")
    laptop.settle()
    found = [f for f in laptop.store.sync(SYNC).findings() if f.kind is FindingKind.ONE_WAY]
    assert {(f.rule, f.cause, f.calendar) for f in found} == {("PD-8", "calendar-to-crm", None)}
    assert len(found) == 2
