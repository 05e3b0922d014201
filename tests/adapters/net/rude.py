"""A server that says what it is told to, whatever it was asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rude_server(answer: bytes, answers: int) -> Iterator[tuple[str, list[socket.socket]]]:
    """A server that answers so many requests on each connection, and hangs up when it has read the next one."""
    connections: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            with connection:
                for _ in range(answers):
                    if connection.recv(4096):
                        connection.sendall(answer)
                connection.recv(4096)

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/", connections
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
