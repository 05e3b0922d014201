"""The states of the tray icon, apart from what leads to them: the icon is shown before the rest is loaded."""

from __future__ import annotations

from enum import StrEnum


class TrayIcon(StrEnum):
    """The states of the icon; each has its own shape (`resources/icons/tray-*.svg`)."""

    FINE = "fine"
    SYNCING = "syncing"
    WARNING = "warning"
    ERROR = "error"
    PAUSED = "paused"
