"""The pacer never lets a service see more calls in any window than its quota, and wastes little time."""

from __future__ import annotations

import random
import threading

import pytest

from soroe.adapters.net.pacer import Pacer


class HandClock:
    """A clock that moves only when somebody waits or works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def test_a_burst_up_to_the_quota_passes_at_once() -> None:
    clock = HandClock()
    pacer = Pacer(600, clock=clock, wait=clock.wait)
    for _ in range(12):
        with pacer.turn(50):
            pass
    assert clock.now == 0


def test_the_call_after_a_full_quota_waits_for_the_window_to_move() -> None:
    clock = HandClock()
    pacer = Pacer(600, clock=clock, wait=clock.wait)
    with pacer.turn(600):
        clock.now += 2
    with pacer.turn():
        assert 62 <= clock.now < 62.2


@pytest.mark.parametrize("seed", range(5))
def test_no_window_of_the_service_ever_holds_more_than_the_quota(seed: int) -> None:
    dice = random.Random(seed)
    clock = HandClock()
    pacer = Pacer(100, clock=clock, wait=clock.wait)
    arrivals: list[float] = []
    while len(arrivals) < 2000:
        granted = min(dice.choice((1, 7, 25)), pacer.free() or 25)
        with pacer.turn(granted):
            clock.now += dice.uniform(0, 0.4)
            arrivals += [clock.now] * granted
            clock.now += dice.uniform(0, 0.4)
    for first, last in zip(arrivals, arrivals[100:], strict=False):
        assert last - first > 60


def test_ten_thousand_calls_take_hardly_longer_than_the_quota_needs() -> None:
    clock = HandClock()
    pacer = Pacer(600, clock=clock, wait=clock.wait)
    with pacer.turn():
        pass
    left = 10_000
    while left:
        granted = min(50, left, pacer.free() or 50)
        with pacer.turn(granted):
            clock.now += 0.5
            left -= granted
    assert clock.now <= 1.10 * 16 * 60


def test_a_burst_that_has_to_wait_waits_once_and_then_passes_as_a_burst_again() -> None:
    clock, waits = HandClock(), []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.wait(seconds)

    pacer = Pacer(20, 2.0, clock=clock, wait=wait)
    for _ in range(200):
        with pacer.turn():
            clock.now += 0.002
    assert len(waits) == 9
    assert clock.now <= 1.10 * 9 * 2.0


def test_calls_that_were_spread_out_are_not_held_up_for_one_another() -> None:
    clock = HandClock()
    pacer = Pacer(20, 2.0, clock=clock, wait=clock.wait)
    for _ in range(200):
        with pacer.turn():
            clock.now += 0.08
    assert clock.now == pytest.approx(9 * (2.0 + 0.05 + 0.08) + 20 * 0.08)


def test_a_turn_that_failed_still_counts_because_the_service_may_have_seen_it() -> None:
    clock = HandClock()
    pacer = Pacer(1, clock=clock, wait=clock.wait)
    with pytest.raises(OSError, match="lost"), pacer.turn():
        raise OSError("lost")
    with pacer.turn():
        assert clock.now >= 60


def test_giving_up_while_waiting_leaves_the_place_to_others() -> None:
    clock = HandClock()
    stop = True

    def wait(seconds: float) -> None:
        if stop:
            raise InterruptedError
        clock.wait(seconds)

    pacer = Pacer(1, clock=clock, wait=wait)
    with pacer.turn():
        pass
    with pytest.raises(InterruptedError), pacer.turn():
        pass
    stop = False
    with pacer.turn():
        assert clock.now < 61


def test_threads_share_one_quota() -> None:
    clock = HandClock()
    pacer = Pacer(1000, clock=clock, wait=clock.wait)
    passed: list[int] = []

    def work() -> None:
        for _ in range(250):
            with pacer.turn():
                passed.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 1000
    assert clock.now == 0
    with pacer.turn():
        assert clock.now >= 60


@pytest.mark.parametrize("cost", [0, 11])
def test_a_turn_that_could_never_pass_is_refused(cost: int) -> None:
    clock = HandClock()
    pacer = Pacer(10, clock=clock, wait=clock.wait)
    with pytest.raises(ValueError, match="between one call"), pacer.turn(cost):
        pass
