"""Places to meet online are looked at now and then, and their troubles are told once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from soroe.adapters.database import open_store
from soroe.engine.accounts import HealthBook
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import HealthChanged
from soroe.engine.place_watch import PROBE_EVERY, PlaceWatch, WatchPost
from soroe.ports.errors import LocalTrouble, PortError, RetryLater, SignInRequired
from soroe.ports.remote import Identity
from soroe.ports.store import Store
from tests.builders import TEST_KEY
from tests.fakes.clock import Clock

PATIENCE = 60.0


class Place:
    """A place to meet that answers, or does not, and counts how often it was asked."""

    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.trouble: PortError | None = None
        self.accounts = ["zoom"]
        self.told: list[HealthChanged] = []
        self.asked = threading.Semaphore(0)
        self.times = 0
        self.refuse_store: LocalTrouble | None = None
        self._path = path
        self.watch = PlaceWatch(
            WatchPost(lambda: self.accounts, self._ask, self._open, self.told.append, self.clock, lambda: 0.5)
        )

    def _open(self) -> Store:
        if self.refuse_store is not None:
            raise self.refuse_store
        return open_store(self._path, TEST_KEY)

    def _ask(self, _account: str) -> Identity:
        self.times += 1
        self.asked.release()
        if self.trouble is not None:
            raise self.trouble
        return Identity("sato", "Sato")

    def signs_in(self) -> None:
        with closing(self._open()) as store:
            HealthBook(store, self.clock, lambda _: None).set("zoom", Health(HealthState.CONNECTED))

    def look(self) -> float:
        """One look without the thread; the seconds until the next."""
        return self.watch._look()

    def state(self) -> HealthState:
        with closing(self._open()) as store:
            return HealthBook(store, self.clock, lambda _: None).of("zoom").state


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "soroe.db")
    place.signs_in()
    yield place
    assert place.watch.stop(PATIENCE)


def test_a_place_that_nobody_has_signed_in_to_is_not_asked(tmp_path: Path) -> None:
    place = Place(tmp_path / "new.db")
    place.trouble = SignInRequired("not_signed_in")
    assert place.look() == PROBE_EVERY.total_seconds()
    assert (place.times, place.told) == (0, [])


def test_a_place_that_answers_is_left_alone_for_three_quarters_of_an_hour(place: Place) -> None:
    assert place.look() == PROBE_EVERY.total_seconds()
    assert (place.times, place.told) == (1, [])


def test_a_sign_in_that_ended_is_told_once_and_not_tried_again(place: Place) -> None:
    place.trouble = SignInRequired("expired")
    for _ in range(3):
        place.look()
    assert place.times == 1
    assert [event.health.state for event in place.told] == [HealthState.SIGN_IN_NEEDED]


def test_a_place_out_of_reach_is_tried_again_sooner(place: Place) -> None:
    place.trouble = RetryLater("offline")
    assert place.look() < 60
    place.trouble = None
    place.look()
    assert place.state() is HealthState.CONNECTED


def test_a_place_out_of_reach_for_an_hour_is_delayed(place: Place) -> None:
    place.trouble = RetryLater("offline")
    place.look()
    place.clock.later(hours=2)
    place.look()
    assert place.state() is HealthState.DELAYED


def test_a_locked_keychain_means_wait(place: Place) -> None:
    place.refuse_store = LocalTrouble("keychain_locked")
    assert place.look() == timedelta(seconds=30).total_seconds()
    assert place.told == []


def test_there_is_one_thread_however_often_and_late_it_is_started(place: Place) -> None:
    before = sum(thread.name == "places" for thread in threading.enumerate())
    starting = [threading.Thread(target=place.watch.start) for _ in range(8)]
    for each in starting:
        each.start()
    for each in starting:
        each.join()
    assert sum(thread.name == "places" for thread in threading.enumerate()) == before + 1
    assert place.watch.stop(PATIENCE)
    place.watch.start()
    assert sum(thread.name == "places" for thread in threading.enumerate()) == before


def test_without_a_place_there_is_no_thread(place: Place) -> None:
    place.accounts = []
    place.watch.start()
    assert not any(thread.name == "places" for thread in threading.enumerate())


def test_waking_looks_at_once(place: Place) -> None:
    place.watch.start()
    assert place.asked.acquire(timeout=PATIENCE)
    place.watch.wake()
    assert place.asked.acquire(timeout=PATIENCE)
