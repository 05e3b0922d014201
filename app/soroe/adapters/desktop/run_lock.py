"""One run of a sync at a time on this computer, whichever process makes it: the tray, a command, a second command."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from soroe.ports.errors import LocalTrouble, RetryLater

LOOK_AGAIN = 0.1
"""Seconds between two looks while another process runs the sync; nothing looks while nobody waits."""


class RunLocks:
    """Locks that the system lets go of when their process ends, however it ends.

    `folder` belongs to the user alone (0700). `wait` pauses for so many seconds and tells whether the program ends.
    The files stay: taking one away would let two processes hold two files of one name.
    """

    def __init__(
        self, folder: Path, wait: Callable[[float], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._files: dict[str, str] = {}
        self._wait = wait
        self._clock = clock

    @contextmanager
    def turn(self, sync: str, patience: float | None) -> Iterator[None]:
        """The right to run a sync, for as long as the block lasts; never taken twice by one thread.

        Waits at most `patience` seconds (None: as long as it takes) and then raises `RetryLater("busy")`; raises
        `LocalTrouble`: `shutting_down` when the program ends first, `run_lock` when the disk refuses.
        """
        descriptor = self._opened(sync)
        try:
            self._await(descriptor, patience)
            yield
        finally:
            os.close(descriptor)

    def _opened(self, sync: str) -> int:
        if sync not in self._files:
            name = sha256(sync.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            self._files[sync] = str(self._folder / f"run-{name}.lock")
        try:
            try:
                return _made(self._files[sync])
            except FileNotFoundError:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                return _made(self._files[sync])
        except OSError as error:
            raise LocalTrouble("run_lock") from error

    def _await(self, descriptor: int, patience: float | None) -> None:
        begun = self._clock()
        while not locked(descriptor):
            if patience is not None and self._clock() - begun >= patience:
                raise RetryLater("busy")
            if self._wait(LOOK_AGAIN):
                raise LocalTrouble("shutting_down")


def _made(file: str) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def locked(descriptor: int) -> bool:
    """Lock the open file if nobody else has; False if somebody has. Closing it lets it go."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise LocalTrouble("run_lock") from error
    return True
