"""The lock that makes one start of the program the only one; without Qt's network, for it comes before anything."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLockFile

from soroe.ports.errors import LocalTrouble


class InstanceLock:
    """One for each user and home. `folder` is the runtime folder; it is made (0700) where it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = QLockFile(str(folder / "soroe.lock"))
        self._lock.setStaleLockTime(0)
        self._is_ours = False

    def claim(self) -> bool:
        """Become the one instance; False if another one runs. Raises `LocalTrouble` where no lock can be made.

        Of two starts at the same time exactly one wins. What a crash left behind is taken over.
        """
        if self._is_ours:
            return True
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._is_ours = self._lock.tryLock(0)
        if not self._is_ours and self._lock.error() is not QLockFile.LockError.LockFailedError:
            raise LocalTrouble("control_socket")
        return self._is_ours

    def release(self) -> None:
        """Give the place free."""
        self._lock.unlock()
        self._is_ours = False
