"""What we ask of the desktop: notifications, and starting with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

CLICKED = "default"
"""What `on_pressed` gets when the notification itself was clicked and not one of its buttons."""


class Notifier(Protocol):
    """The desktop's notifications. A notification with the key of an earlier one replaces it.

    No call blocks, and none raises where the desktop shows no notifications: they are a courtesy, the tray tells too.
    """

    def notify(
        self,
        key: str,
        title: str,
        body: str,
        buttons: Sequence[tuple[str, str]],
        on_pressed: Callable[[str], None],
    ) -> None:
        """Show a notification; `buttons` are (id, text), and `on_pressed` gets the id or `CLICKED`, on any thread."""
        ...

    def withdraw(self, key: str) -> None:
        """Take a notification back, if it is still there."""
        ...


class AutostartState(StrEnum):
    """Whether the app starts with the desktop; `FORCED`: IT or the installer makes it, and the user cannot undo it."""

    ON = "on"
    OFF = "off"
    FORCED = "forced"


class Autostart(Protocol):
    """Starting with the desktop, for this user. Raises `LocalTrouble("autostart")` where the system refuses."""

    def state(self) -> AutostartState:
        """Whether the app starts at the next login."""
        ...

    def switch(self, *, on: bool) -> None:
        """Start at login from now on, or no longer."""
        ...
