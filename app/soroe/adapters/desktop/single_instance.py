"""One running instance per user and home: a second start hands its wish to the first and ends."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from soroe.ports.errors import LocalTrouble

from .control import LONGEST_MESSAGE, TAKEN, Message, address, decode
from .instance_lock import InstanceLock


class SingleInstance(QObject):
    """The control socket. It lies in a folder of the user's own and answers that user only.

    `folder` is the runtime folder (0700); on Windows, where sockets are pipes with a name, it only tells homes apart.
    `handle` is called on Qt's thread for every message that arrives. `lock` may be claimed already: the program does
    that before anything else.
    """

    def __init__(
        self,
        folder: Path,
        handle: Callable[[Message], None],
        lock: InstanceLock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._address = address(folder)
        self._handle = handle
        self._lock = lock or InstanceLock(folder)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)

    def claim(self) -> bool:
        """Become the one instance and listen; False if another one runs. Raises `LocalTrouble` if that cannot be done.

        The lock decides, not the socket, so that of two starts at the same time exactly one wins. What a crash left
        behind is taken over.
        """
        if not self._lock.claim():
            return False
        QLocalServer.removeServer(self._address)
        if not self._server.listen(self._address):
            self._lock.release()
            raise LocalTrouble("control_socket")
        return True

    def close(self) -> None:
        """Give the place free."""
        self._server.close()
        self._lock.release()

    def _welcome(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            if not is_own_user(int(connection.socketDescriptor())):
                connection.abort()
                connection.deleteLater()
                continue
            connection.setReadBufferSize(LONGEST_MESSAGE)
            connection.readyRead.connect(lambda told=connection: self._read(told))
            connection.disconnected.connect(connection.deleteLater)
            self._read(connection)

    def _read(self, connection: QLocalSocket) -> None:
        if not connection.canReadLine():
            if connection.bytesAvailable() >= LONGEST_MESSAGE:
                connection.abort()
            return
        message = decode(bytes(connection.readLine(LONGEST_MESSAGE).data()))
        if message is None:
            connection.abort()
            return
        connection.write(TAKEN)
        connection.flush()
        connection.disconnectFromServer()
        self._handle(message)


def is_own_user(descriptor: int) -> bool:
    """Whether the other end of a socket is a program of this user; where the system cannot tell, the folder's mode and
    the socket's access option are what keeps others out."""
    if sys.platform != "linux" or descriptor < 0:
        return descriptor >= 0
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        credentials = copy.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    return bool(user == os.getuid())
