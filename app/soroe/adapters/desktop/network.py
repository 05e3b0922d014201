"""The network coming back: NetworkManager's word on Linux (`RouteWatch` where there is none), Qt's everywhere else."""

from __future__ import annotations

from collections.abc import Callable

from .system_bus import Signal

CONNECTED_SITE = 60
"""NM_STATE_CONNECTED_SITE; from here on something beyond the own machine can be reached (70: the internet)."""


def network_signal(on_return: Callable[[], None]) -> Signal:
    """NetworkManager's word that a connection was made, once for each time it was gone."""
    connected = True

    def heard(arguments: tuple[object, ...]) -> None:
        nonlocal connected
        state = arguments[0] if arguments else None
        if not isinstance(state, int):
            return
        before, connected = connected, state >= CONNECTED_SITE
        if connected and not before:
            on_return()

    return Signal(
        "org.freedesktop.NetworkManager",
        "/org/freedesktop/NetworkManager",
        "org.freedesktop.NetworkManager",
        "StateChanged",
        heard,
    )


class QtNetwork:
    """The same from Qt's own watch (Windows, macOS); needs Qt's event loop."""

    def __init__(self, on_return: Callable[[], None]) -> None:
        self._on_return = on_return
        self._connected = True

    def start(self) -> bool:
        """Begin to listen; False where Qt knows no way to tell."""
        from PySide6.QtNetwork import QNetworkInformation

        reachability = QNetworkInformation.Feature.Reachability
        if not QNetworkInformation.loadBackendByFeatures(reachability):
            return False
        information = QNetworkInformation.instance()
        online = (QNetworkInformation.Reachability.Online, QNetworkInformation.Reachability.Site)
        self._connected = information.reachability() in online
        information.reachabilityChanged.connect(lambda told: self.told(connected=told in online))
        return True

    def close(self) -> None:
        """Qt goes on watching; there is nothing to end."""

    def told(self, *, connected: bool) -> None:
        """Take the news; only a return is passed on."""
        before, self._connected = self._connected, connected
        if connected and not before:
            self._on_return()
