"""Listening to signals of the system's message bus (Linux), on one thread that sleeps until there is one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal to listen for; `heard` gets its arguments, on the listener's thread."""

    sender: str
    path: str
    interface: str
    member: str
    heard: Callable[[tuple[object, ...]], None]


class SystemBus:
    """Passes signals on until it is closed. `bus` is an address of D-Bus, or `SYSTEM`."""

    def __init__(self, signals: Sequence[Signal], bus: str = SYSTEM) -> None:
        self._signals = tuple(signals)
        self._bus = bus
        self._closed = threading.Event()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """Begin to listen; False where there is no such bus. What other senders put on the bus is not heard."""
        from jeepney import MatchRule, message_bus  # type: ignore[import-untyped]  # it publishes no types
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types

        try:
            connection = open_dbus_connection(bus=self._bus)
        except (OSError, KeyError, ValueError):
            return False
        for signal in self._signals:
            rule = MatchRule(
                type="signal",
                sender=signal.sender,
                path=signal.path,
                interface=signal.interface,
                member=signal.member,
            )
            connection.send_and_get_reply(message_bus.AddMatch(rule))
        self._socket = connection.sock
        self._thread = threading.Thread(target=self._listen, args=(connection,), name="system-bus", daemon=True)
        self._thread.start()
        return True

    def close(self) -> None:
        """Stop listening and end the thread."""
        self._closed.set()
        if self._socket is None or self._thread is None:
            return
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._closed.set()  # the bus hung up first
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _listen(self, connection: object) -> None:
        from jeepney import HeaderFields
        from jeepney.io.blocking import DBusConnection

        assert isinstance(connection, DBusConnection)
        with connection:
            while not self._closed.is_set():
                try:
                    message = connection.receive()
                except (OSError, EOFError):
                    return
                fields = message.header.fields
                for signal in self._signals:
                    wanted = (signal.path, signal.interface, signal.member)
                    names = (HeaderFields.path, HeaderFields.interface, HeaderFields.member)
                    if tuple(fields.get(name) for name in names) == wanted:
                        signal.heard(tuple(message.body))
