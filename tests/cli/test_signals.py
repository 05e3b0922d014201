"""Ctrl-C and SIGTERM ask for the end once, at whatever moment they come."""

from __future__ import annotations

import signal
import threading

import pytest

from soroe.cli.signals import asked_to_end


class Told(threading.Event):
    """Knows which thread has set it."""

    by = 0

    def set(self) -> None:
        self.by = threading.get_ident()
        super().set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_takes_no_lock_that_the_waiting_thread_may_hold(number: signal.Signals) -> None:
    stopped = Told()
    with asked_to_end(stopped):
        signal.raise_signal(number)
        assert stopped.wait(60)
    assert stopped.by != threading.get_ident()


def test_a_second_signal_does_not_ask() -> None:
    stopped = threading.Event()
    with asked_to_end(stopped):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert stopped.wait(60)


def test_afterwards_signals_mean_what_they_meant() -> None:
    before = signal.getsignal(signal.SIGINT)
    with asked_to_end(threading.Event()):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
