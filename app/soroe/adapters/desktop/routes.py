"""The network coming back, in the kernel's own words: for a Linux without a bus of the system (containers, WSL)."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier

ROUTES_CHANGED = 0x40 | 0x400
"""RTMGRP_IPV4_ROUTE and RTMGRP_IPV6_ROUTE (linux/rtnetlink.h): news of every route that comes or goes."""
PROC = Path("/proc/net")
LOOPBACK = "lo"


class RouteWatch(QObject):
    """Calls `on_return` in Qt's thread when there is a way out into the network again, once for each loss."""

    def __init__(self, on_return: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_return = on_return
        self._kernel: socket.socket | None = None
        self._connected = True

    def start(self) -> bool:
        """Begin to listen; False where the kernel does not tell (a sandbox, another system)."""
        if sys.platform != "linux":
            return False
        try:
            kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            kernel.bind((0, ROUTES_CHANGED))
        except OSError:
            return False
        kernel.setblocking(False)
        self._kernel = kernel
        self._connected = leads_out(PROC)
        self._notifier = QSocketNotifier(kernel.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)
        return True

    def close(self) -> None:
        """Stop listening."""
        if self._kernel is not None:
            self._notifier.setEnabled(False)
            self._kernel.close()
            self._kernel = None

    def told(self, *, connected: bool) -> None:
        """Take the news; only a return is passed on."""
        before, self._connected = self._connected, connected
        if connected and not before:
            self._on_return()

    def _heard(self) -> None:
        """What exactly has changed need not be read: where the routes lead now is all that counts."""
        if self._kernel is None:
            return
        with suppress(OSError):  # nothing more to read, or more news than the kernel could keep
            while self._kernel.recv(65_536):
                pass
        self.told(connected=leads_out(PROC))


def leads_out(proc: Path) -> bool:
    """Whether there is a route to everywhere, of IPv4 or of IPv6, that does not end in this machine."""
    four = ((fields[0], fields[1] + fields[7]) for fields in _lines(proc / "route", 11))
    six = ((fields[9], fields[0] + fields[1]) for fields in _lines(proc / "ipv6_route", 10))
    return any(device != LOOPBACK and set(to) == {"0"} for routes in (four, six) for device, to in routes)


def _lines(file: Path, columns: int) -> list[list[str]]:
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except OSError:
        return []  # a kernel without that protocol
    return [fields for line in lines if len(fields := line.split()) == columns]
