"""Ending cleanly: the first Ctrl-C or SIGTERM asks, a second one does not ask."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def asked_to_end(stopped: threading.Event) -> Iterator[None]:
    """Set `stopped` at the first signal, so that the write under way is finished; a second one interrupts at once.

    Signals reach the main thread only; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    asked = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked or stopped.is_set():
            signal.default_int_handler(number, frame)
        asked = True
        # Not in this thread: it may just have begun to wait for `stopped`, and hold the lock that `set` takes. A
        # `threading.Thread` would take locks of its own.
        _thread.start_new_thread(stopped.set, ())

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
