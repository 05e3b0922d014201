"""A sync at work: its commands, its time, its troubles, and its thread."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from soroe.core.route import SyncName
from soroe.engine.accounts import AccountTrouble, HealthBook
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import (
    BudgetChanged,
    CommandDone,
    HealthChanged,
    Pause,
    Resume,
    RunFinished,
    RunStarted,
    Shutdown,
    Start,
    Stop,
    SyncChanged,
    SyncNow,
    Undo,
    Wake,
)
from soroe.engine.worker import Desk
from soroe.ports.errors import LimitReached, LocalTrouble, PortError, RetryLater, SignInRequired
from soroe.ports.remote import Budget, Update, Upkeep, Write
from soroe.ports.store import RunId, SyncStatus
from tests.builders import meeting

from .workplace import PATIENCE, SYNC, Workplace


@pytest.fixture
def place() -> Workplace:
    return Workplace()


@pytest.fixture
def desk(place: Workplace) -> Desk:
    desk = place.desk()
    desk.handle(Start(SYNC))
    return desk


def runs(place: Workplace) -> int:
    return len(place.of(RunFinished))


def health(place: Workplace, account: str = "crm") -> HealthState:
    return HealthBook(place.store, place.clock, lambda _: None).of(account).state


# --- time ---
def test_nothing_moves_before_the_user_presses_start(place: Workplace) -> None:
    desk = place.desk()
    place.crm.user_creates(meeting())
    for command in (SyncNow(SYNC), Wake(), None):
        desk.handle(command)
    assert desk.seconds_until_due() is None and runs(place) == 0 and place.calendar.items == {}


def test_start_runs_at_once_and_then_every_minute(place: Workplace, desk: Desk) -> None:
    assert runs(place) == 1
    assert 55 < (desk.seconds_until_due() or 0) < 65
    place.clock.later(minutes=2)
    assert desk.seconds_until_due() == 0
    desk.handle(None)
    assert runs(place) == 2


def test_a_program_that_starts_again_looks_at_once(place: Workplace, desk: Desk) -> None:
    again = place.desk_after_a_restart()
    assert again.seconds_until_due() == 0
    again.handle(None)
    assert runs(place) == 2 and (again.seconds_until_due() or 0) > 55


def test_a_run_that_caught_a_feed_lying_is_followed_by_another_soon(place: Workplace, desk: Desk) -> None:
    place.crm.user_creates(meeting(), activity_type="meeting")
    desk.handle(None)
    place.calendar.lies.false_tombstones = list(place.calendar.items)
    desk.handle(None)
    assert (desk.seconds_until_due() or 60) < 5
    place.calendar.lies.false_tombstones = []
    desk.handle(None)
    assert len(place.crm.items) == len(place.calendar.items) == 1
    assert (desk.seconds_until_due() or 0) > 55


def test_items_that_move_on_while_they_are_written_do_not_wait_for_the_next_poll(place: Workplace, desk: Desk) -> None:
    activity = place.crm.user_creates(meeting(), activity_type="meeting")
    desk.handle(None)
    (event,) = place.calendar.items

    def move_on(write: Write) -> None:
        if isinstance(write, Update):
            place.calendar.user_changes(event, location=f"room {len(place.calendar.written)}-{place.clock()}")

    place.calendar.before_write = move_on
    place.crm.user_changes(activity, title="Visit, moved")
    for _ in range(2):
        desk.handle(None)
        assert (desk.seconds_until_due() or 60) < 5
    desk.handle(None)
    assert (desk.seconds_until_due() or 0) > 55, "but not for ever"
    place.calendar.before_write = None
    desk.handle(None)
    assert place.calendar.items[event].content.title == "Visit, moved"
    assert (desk.seconds_until_due() or 0) > 55


def test_an_idle_sync_looks_less_often_until_something_changes(place: Workplace, desk: Desk) -> None:
    place.clock.later(hours=1)
    desk.handle(None)
    assert (desk.seconds_until_due() or 0) > 110
    place.crm.user_creates(meeting())
    desk.handle(None)
    assert (desk.seconds_until_due() or 0) < 65


def test_a_sync_on_battery_looks_less_often(place: Workplace, desk: Desk) -> None:
    place.battery = True
    assert (desk.seconds_until_due() or 0) > 170


def test_a_small_api_budget_stretches_the_polls_and_is_told_when_it_changes(place: Workplace) -> None:
    spent = [10]
    place.crm_upkeep = Upkeep(lambda: Budget(spent[0], 30_000), lambda: timedelta(minutes=12))
    desk = place.desk()
    desk.handle(Start(SYNC))
    assert (desk.seconds_until_due() or 0) > 11 * 60
    desk.handle(None)
    spent[0] = 20
    desk.handle(None)
    assert place.of(BudgetChanged) == [BudgetChanged("crm", 10, 30_000, None), BudgetChanged("crm", 20, 30_000, None)]


# --- pausing ---
def test_a_paused_sync_runs_only_when_it_is_asked_to(place: Workplace, desk: Desk) -> None:
    desk.handle(Pause(SYNC, None))
    for command in (Wake(), None):
        desk.handle(command)
    assert (runs(place), desk.seconds_until_due()) == (1, None)
    desk.handle(SyncNow(SYNC))
    assert (runs(place), desk.state().status) == (2, SyncStatus.PAUSED)
    desk.handle(Resume(SYNC))
    assert (runs(place), desk.state().status) == (3, SyncStatus.RUNNING)


def test_a_pause_with_an_end_ends_by_itself(place: Workplace, desk: Desk) -> None:
    desk.handle(Pause(SYNC, place.clock.now + timedelta(hours=1)))
    assert 3590 < (desk.seconds_until_due() or 0) <= 3600
    place.clock.later(hours=1)
    desk.handle(None)
    assert (runs(place), desk.state().status) == (2, SyncStatus.RUNNING)


def test_what_happened_during_a_pause_is_carried_afterwards(place: Workplace, desk: Desk) -> None:
    desk.handle(Pause(SYNC, None))
    place.crm.user_creates(meeting("During the pause"))
    desk.handle(Resume(SYNC))
    assert [content.title for content in place.calendar.contents()] == ["During the pause"]


def test_a_stopped_sync_ignores_everything_but_start(place: Workplace, desk: Desk) -> None:
    desk.handle(Stop(SYNC))
    for command in (SyncNow(SYNC), Wake(), None):
        desk.handle(command)
    assert (runs(place), desk.seconds_until_due()) == (1, None)
    desk.handle(Start(SYNC))
    assert runs(place) == 2


def test_a_run_that_would_delete_very_much_is_held_until_a_person_looks(place: Workplace, desk: Desk) -> None:
    for number in range(40):
        place.crm.user_creates(meeting(f"Visit {number}"))
    desk.handle(None)
    for ref in list(place.crm.items)[:30]:
        place.crm.user_deletes(ref)
    desk.handle(None)
    assert desk.state().status is SyncStatus.HELD and desk.seconds_until_due() is None
    assert len(place.calendar.items) == 40
    before = runs(place)
    desk.handle(Wake())
    assert runs(place) == before


# --- trouble ---
def test_a_service_out_of_reach_is_tried_again_soon_and_ever_later(place: Workplace, desk: Desk) -> None:
    place.crm.trouble = RetryLater("http_503")
    waits = []
    for _ in range(5):
        desk.handle(None)
        waits.append(desk.seconds_until_due() or 0)
    assert waits == sorted(waits) and waits[0] <= 2 and 8 < waits[-1] <= 32
    assert (health(place), health(place, "calendar")) == (HealthState.RETRYING, HealthState.CONNECTED)
    place.crm.trouble = None
    desk.handle(None)
    assert health(place) is HealthState.CONNECTED
    assert [event.health.state for event in place.of(HealthChanged)][-2:] == [
        HealthState.RETRYING,
        HealthState.CONNECTED,
    ]


def test_retry_after_is_waited_for(place: Workplace, desk: Desk) -> None:
    place.calendar.trouble = RetryLater("http_429", 300.0)
    desk.handle(None)
    assert 290 < (desk.seconds_until_due() or 0) <= 300


def test_a_limit_is_waited_for_also_after_waking(place: Workplace, desk: Desk) -> None:
    place.crm.trouble = LimitReached("daily_budget", place.clock.now + timedelta(hours=5))
    desk.handle(None)
    asked = place.crm.requests_sent
    desk.handle(Wake())
    assert place.crm.requests_sent == asked and (desk.seconds_until_due() or 0) > 4.9 * 3600


def test_a_refused_sign_in_is_never_tried_again_by_itself(place: Workplace, desk: Desk) -> None:
    place.crm.trouble = SignInRequired("invalid_grant")
    desk.handle(None)
    asked = place.crm.requests_sent
    for command in (Wake(), SyncNow(SYNC)):
        desk.handle(command)
    assert place.crm.requests_sent == asked and desk.seconds_until_due() is None


def test_after_a_reconnect_the_accounts_are_opened_anew_and_syncing_goes_on(place: Workplace, desk: Desk) -> None:
    place.crm.trouble = SignInRequired("invalid_grant")
    desk.handle(None)
    place.crm.trouble = None
    place.crm.user_creates(meeting("While signed out"))
    HealthBook(place.store, place.clock, lambda _: None).set("crm", Health(HealthState.CONNECTED, place.clock.now))
    desk.handle(SyncNow(SYNC))
    assert place.opened == 2 and place.let_go == 1
    assert [content.title for content in place.calendar.contents()] == ["While signed out"]


def test_a_locked_keychain_means_wait_and_no_sign_in(place: Workplace) -> None:
    place.refuse_opening = AccountTrouble("crm", LocalTrouble("keychain_locked"))
    desk = place.desk()
    desk.handle(Start(SYNC))
    assert health(place) is HealthState.WAITING_FOR_KEYCHAIN and 25 < (desk.seconds_until_due() or 0) <= 30
    place.refuse_opening = None
    desk.handle(None)
    assert health(place) is HealthState.CONNECTED and runs(place) == 1


def test_waking_opens_the_accounts_anew_and_looks_at_once(place: Workplace, desk: Desk) -> None:
    desk.handle(Wake())
    assert (place.opened, place.let_go, runs(place)) == (2, 1, 2)


def test_a_run_that_is_not_known_cannot_be_undone(place: Workplace, desk: Desk) -> None:
    undo = Undo(SYNC, RunId(987))
    desk.handle(undo)
    assert place.of(CommandDone)[-1] in (CommandDone(undo, "not_found"), CommandDone(undo))


# --- threads ---
def test_one_sync_that_hangs_never_holds_up_another(place: Workplace) -> None:
    other = Workplace(SyncName("other"))
    place.crm.may_answer.clear()
    stuck, free = place.worker(), other.worker()
    try:
        stuck.send(Start(SYNC))
        assert place.crm.reached.wait(PATIENCE)
        free.send(Start(SyncName("other")))
        other.waits_for(RunFinished)
        assert place.of(RunFinished) == []
    finally:
        place.crm.may_answer.set()
        for worker in (stuck, free):
            worker.send(Shutdown())
            assert worker.join(PATIENCE)


def test_one_sync_in_trouble_never_holds_up_another(place: Workplace) -> None:
    other = Workplace(SyncName("other"))
    place.crm.trouble = RetryLater("offline")
    workers = (place.worker(), other.worker())
    for worker, sync in zip(workers, (SYNC, SyncName("other")), strict=True):
        worker.send(Start(sync))
    assert place.waits_for(RunFinished).record.id and other.waits_for(RunFinished).next_run is not None
    for worker in workers:
        worker.send(Shutdown())
        assert worker.join(PATIENCE)


def test_a_command_during_a_run_is_carried_out_right_after_it(place: Workplace) -> None:
    place.calendar.may_answer.clear()
    worker = place.worker()
    worker.send(Start(SYNC))
    assert place.calendar.reached.wait(PATIENCE)
    worker.send(Pause(SYNC, None))
    place.calendar.may_answer.set()
    place.waits_for(RunFinished)
    assert place.waits_for(SyncChanged).state.status is SyncStatus.PAUSED
    worker.send(Shutdown())
    assert worker.join(PATIENCE) and len(place.of(RunStarted)) == 1


def test_shutdown_lets_the_write_under_way_finish(place: Workplace) -> None:
    writing, go_on = threading.Event(), threading.Event()

    def slowly(_write: Write) -> PortError | None:
        writing.set()
        assert go_on.wait(PATIENCE)
        return None

    place.crm.user_creates(meeting("Under way"))
    place.calendar.before_write = slowly
    worker = place.worker()
    worker.send(Start(SYNC))
    assert writing.wait(PATIENCE)
    worker.send(Shutdown())
    assert not worker.join(0.05), "the thread ended in the middle of a write"
    go_on.set()
    assert worker.join(PATIENCE) and place.let_go == 1
    assert [content.title for content in place.calendar.contents()] == ["Under way"]
    assert place.waits_for(RunFinished).record.id


def test_an_idle_worker_sleeps_and_does_not_poll(place: Workplace) -> None:
    worker = place.worker()
    worker.send(Start(SYNC))
    place.waits_for(RunFinished)

    def planned_within(seconds: float) -> int:
        before = place.planned
        threading.Event().wait(seconds)
        return place.planned - before

    while planned_within(0.1):
        pass  # it has told of the run's end, and is still about to sleep
    assert planned_within(0.4) == 0, "it woke up with nothing to do"
    worker.send(Shutdown())
    assert worker.join(PATIENCE)


def test_a_worker_waits_for_a_locked_keychain_and_starts_once_it_opens(place: Workplace) -> None:
    place.refuse_store = LocalTrouble("keychain_locked")
    worker = place.worker()
    told = [place.waits_for(HealthChanged) for _ in range(2)]
    assert {one.health.state for one in told} == {HealthState.WAITING_FOR_KEYCHAIN}
    assert {one.account for one in told} == {"crm", "calendar"}
    place.refuse_store = None
    worker.send(Wake())
    worker.send(Start(SYNC))
    assert place.waits_for(RunFinished).record.id
    worker.send(Shutdown())
    assert worker.join(PATIENCE)


def test_a_worker_ends_also_while_the_keychain_is_locked(place: Workplace) -> None:
    place.refuse_store = LocalTrouble("keychain_locked")
    worker = place.worker()
    place.waits_for(HealthChanged)
    worker.send(Shutdown())
    assert worker.join(PATIENCE) and place.opened == 0


def test_changed_settings_take_effect_at_the_next_run() -> None:
    place = Workplace()
    desk = place.desk()
    desk.handle(Start(place.sync))
    desk.handle(None)
    assert place.opened == 1
    place.edition = 2
    desk.handle(None)
    assert (place.opened, place.let_go) == (2, 1)
