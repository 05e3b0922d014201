"""One running instance per user and home: a second start hands its wish to the first and ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from soroe.ports.errors import LocalTrouble

from .control import Message, address
from .instance_lock import InstanceLock

if TYPE_CHECKING:
    from .control_pipe import ControlPipe
    from .control_socket import ControlSocket


class SingleInstance:
    """The control socket. It lies in a folder of the user's own and answers that user only.

    `folder` is the runtime folder (0700); on Windows, where sockets are pipes with a name, it only tells homes apart.
    `handle` is called on Qt's thread for every message that arrives. `lock` may be claimed already: the program does
    that before anything else. Made, claimed and closed in Qt's thread.
    """

    def __init__(self, folder: Path, handle: Callable[[Message], None], lock: InstanceLock | None = None) -> None:
        self._control = _control(address(folder), handle)
        self._lock = lock or InstanceLock(folder)

    def claim(self) -> bool:
        """Become the one instance and listen; False if another one runs. Raises `LocalTrouble` if that cannot be done.

        The lock decides, not the socket, so that of two starts at the same time exactly one wins. What a crash left
        behind is taken over.
        """
        if not self._lock.claim():
            return False
        if not self._control.listen():
            self._lock.release()
            raise LocalTrouble("control_socket")
        return True

    def close(self) -> None:
        """Give the place free."""
        self._control.close()
        self._lock.release()


def _control(name: str, handle: Callable[[Message], None]) -> ControlPipe | ControlSocket:
    if sys.platform == "win32":
        from .control_pipe import ControlPipe

        return ControlPipe(name, handle)
    from .control_socket import ControlSocket

    return ControlSocket(name, handle)
