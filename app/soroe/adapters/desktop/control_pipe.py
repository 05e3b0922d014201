"""The control pipe of the running instance (Windows, where sockets with a path are missing from Python)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from .control import LONGEST_MESSAGE, TAKEN, Message, decode


class ControlPipe(QObject):
    """Does what `ControlSocket` does. Its access option keeps other users out."""

    def __init__(self, address: str, handle: Callable[[Message], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._address = address
        self._handle = handle
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)

    def listen(self) -> bool:
        """See `ControlSocket.listen`."""
        QLocalServer.removeServer(self._address)
        return self._server.listen(self._address)

    def close(self) -> None:
        """See `ControlSocket.close`."""
        self._server.close()

    def _welcome(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
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
