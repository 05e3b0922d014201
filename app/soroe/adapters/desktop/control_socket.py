"""The control socket of the running instance, without Qt's network: an idle tray would carry 3 MiB of it (P-7)."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier

from .control import LONGEST_MESSAGE, TAKEN, Message, decode, own_folder


class ControlSocket(QObject):
    """Listens on a socket with a path (macOS, Linux) that answers this user only.

    `handle` is called on Qt's thread for every message, after whoever sent it was answered. Who sends anything else is
    hung up on. Made and closed in Qt's thread.
    """

    def __init__(self, address: str, handle: Callable[[Message], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = Path(address)
        self._handle = handle
        self._server: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        self._guests: set[_Guest] = set()

    def listen(self) -> bool:
        """Begin to listen, in the place of whatever a crash left behind; False where that cannot be done."""
        server = socket.socket(socket.AF_UNIX)
        try:
            own_folder(str(self._path))
            self._path.unlink(missing_ok=True)
            server.bind(str(self._path))
            self._path.chmod(0o600)
            server.listen()
        except OSError:
            server.close()
            return False
        server.setblocking(False)
        self._server = server
        self._notifier = QSocketNotifier(server.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._welcome)
        return True

    def close(self) -> None:
        """Hang up on everybody, and listen no more."""
        for guest in tuple(self._guests):
            guest.hang_up()
        self._guests.clear()
        if self._server is not None and self._notifier is not None:
            self._notifier.setEnabled(False)
            self._server.close()
            self._server = None
            self._path.unlink(missing_ok=True)

    def _welcome(self) -> None:
        if self._server is None:
            return
        try:
            connection, _ = self._server.accept()
        except OSError:
            return  # who came has gone again
        if not is_own_user(connection):
            connection.close()
            return
        self._guests.add(_Guest(connection, self._told, self))

    def _told(self, guest: _Guest, message: Message | None) -> None:
        self._guests.discard(guest)
        if message is not None:
            self._handle(message)


class _Guest(QObject):
    """One who has come, until the message is there or makes no sense; `told` is called once."""

    def __init__(
        self, connection: socket.socket, told: Callable[[_Guest, Message | None], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        connection.setblocking(False)
        self._connection = connection
        self._told = told
        self._heard = b""
        self._notifier = QSocketNotifier(connection.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def hang_up(self) -> None:
        """End the connection."""
        self._notifier.setEnabled(False)
        self._connection.close()
        self.deleteLater()

    def _read(self) -> None:
        try:
            part = self._connection.recv(LONGEST_MESSAGE - len(self._heard))
        except BlockingIOError:
            return
        except OSError:
            part = b""
        self._heard += part
        line, end, _ = self._heard.partition(b"\n")
        if not end and part and len(self._heard) < LONGEST_MESSAGE:
            return  # the rest is still under way
        message = decode(line) if end else None
        if message is not None:
            with suppress(OSError):  # who does not wait for the answer is heard all the same
                self._connection.sendall(TAKEN)
        self.hang_up()
        self._told(self, message)


def is_own_user(connection: socket.socket) -> bool:
    """Whether the other end of a socket is a program of this user; where the system cannot tell, the modes of the
    socket and of its folder are what keeps others out."""
    if sys.platform != "linux":
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    return bool(user == os.getuid())
