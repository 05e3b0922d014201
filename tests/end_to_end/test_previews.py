"""What a change of a sync's choices would do is counted by the sync itself before it is kept (PD-3, PD-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from soroe.bootstrap.workers import workshop
from soroe.core.event import Side
from soroe.core.plan import Verb
from soroe.engine.messages import Choice, CommandDone, Event, Foreseen, Preview
from soroe.engine.worker import Desk
from soroe.sandbox.faults import Answer
from tests.end_to_end.crms import EMAIL, google_event, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World
from tests.end_to_end.outgoing import writes_to

Install = Callable[..., Installation]


@contextmanager
def thread_of(laptop: Installation) -> Iterator[Callable[..., CommandDone]]:
    """Asks the sync's own thread, as the window does."""
    told: list[Event] = []
    sync = laptop.program.settings().sync(SYNC)
    assert sync is not None
    shop = workshop(laptop.program, sync, told.append)
    desk = Desk(shop, laptop.store)

    def ask(**choices: Choice) -> CommandDone:
        desk.handle(Preview(SYNC, tuple(choices.items())))
        last = told[-1]
        assert isinstance(last, CommandDone)
        return last

    yield ask
    shop.let_go()


def private(title: str) -> dict[str, object]:
    return google_event(title, tomorrow(15), visibility="private")


@pytest.fixture
def settled(world: World, install: Install) -> Installation:
    for number in range(3):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
    world.google.user_inserts(EMAIL, google_event("Calendar", tomorrow(13)))
    world.google.user_inserts(EMAIL, private("Secret"))
    laptop = install(privacy="skip", direction="calendar-to-crm")
    laptop.settle()
    return laptop


@pytest.mark.parametrize("world", ["rest"], indirect=True)
def test_pd_4_a_preview_counts_what_other_choices_would_do_and_writes_nothing(
    world: World, settled: Installation
) -> None:
    before = (len(writes_to(world.side.requests)), len(writes_to(world.google.requests)))
    with thread_of(settled) as ask:
        assert ask().foreseen == Foreseen((), 0), "nothing was changed, so nothing is looked at again"
        both_ways = ask(direction="two-way", privacy="block").foreseen
    assert both_ways is not None
    assert both_ways.actions == ((Verb.CREATE, Side.CRM, 1), (Verb.CREATE, Side.CALENDAR, 3))
    assert (len(writes_to(world.side.requests)), len(writes_to(world.google.requests))) == before
    assert settled.run().converged, "a look under other choices changes nothing under the present ones"


@pytest.mark.parametrize("world", ["rest"], indirect=True)
def test_pd_4_what_was_foreseen_is_what_the_next_run_does(world: World, settled: Installation) -> None:
    with thread_of(settled) as ask:
        ask(direction="two-way", privacy="block")
    text = world.config(direction="two-way", privacy="block")
    settled.program.homes.config_file.write_text(text, encoding="utf-8")
    record = settled.run().record
    assert record.created == (1, 3)


@pytest.mark.parametrize("world", ["rest"], indirect=True)
def test_pd_3_a_backfill_is_counted_before_anything_moves(world: World, install: Install) -> None:
    for number in range(3):
        world.side.creates(f"CRM {number}", tomorrow(9 + number))
    laptop = install(new_items_only=True)
    with thread_of(laptop) as ask:
        assert ask().foreseen == Foreseen((), 0)
        seen = ask(backfill_from=date(2020, 1, 1)).foreseen
    assert seen is not None
    assert seen.actions == ((Verb.CREATE, Side.CALENDAR, 3),)
    assert world.calendar_titles() == []


@pytest.mark.parametrize("world", ["rest"], indirect=True)
def test_a_preview_while_a_service_is_away_says_so(world: World, settled: Installation) -> None:
    world.side.faults.add(Answer.as_json(503, {}), "GET", times=-1)
    with thread_of(settled) as ask:
        done = ask(direction="two-way")
    assert (done.foreseen, done.code) == (None, "RetryLater")
