"""A notification daemon that is as careless as real ones are: it tells everybody of every bubble, old ones too."""

from __future__ import annotations

import threading
from typing import Any

from jeepney import (  # type: ignore[import-untyped]  # it publishes no types
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

INTROSPECTION = """<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
<arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""


class CarelessDaemon:
    """Serves until the bus hangs up. `shown` are the bodies by id; closed ones stay in `closed`."""

    def __init__(self, bus: str) -> None:
        self.shown: dict[int, str] = {}
        self.closed: list[int] = []
        self._bus = bus
        self._connection = open_dbus_connection(bus=bus)
        self._connection.send_and_get_reply(message_bus.RequestName(NAME))
        self._telling = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def invoke(self, number: int, action: str) -> None:
        """Tell everybody that an action of a bubble was chosen, whether it is there or not."""
        signal = new_signal(DBusAddress(PATH, interface=NAME), "ActionInvoked", "us", (number, action))
        with self._telling:
            self._connection.send(signal)

    def _serve(self) -> None:
        with self._connection:
            while True:
                try:
                    message = self._connection.receive()
                except (OSError, EOFError):
                    return
                if message.header.message_type is MessageType.method_call:
                    signature, body = self._answer(message.header.fields[HeaderFields.member], message.body)
                    with self._telling:
                        self._connection.send(new_method_return(message, signature or None, body))

    def _answer(self, member: str, body: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        match member:
            case "Introspect":
                return "s", (INTROSPECTION,)
            case "GetCapabilities":
                return "as", (["actions", "body"],)
            case "GetServerInformation":
                return "ssss", ("Careless", "Nobody", "1", "1.2")
            case "Notify":
                number = len(self.shown) + len(self.closed) + 1
                self.shown[number] = body[4]
                return "u", (number,)
            case _:
                self.closed.append(body[0])
                self.shown.pop(body[0], None)
                return "", ()
