"""Notifications, loaded with the first one: most days none is shown, and what shows them needs asyncio (P-7)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soroe.adapters.desktop.notifications import DesktopNotifications


class LateNotifier:
    """A `Notifier` that is `DesktopNotifications` from its first notification on. Safe to share between threads."""

    def __init__(self, load: Callable[[], DesktopNotifications]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._real: DesktopNotifications | None = None

    def notify(
        self,
        key: str,
        title: str,
        body: str,
        buttons: Sequence[tuple[str, str]],
        on_pressed: Callable[[str], None],
    ) -> None:
        """See `Notifier.notify`."""
        with self._lock:
            if self._real is None:
                self._real = self._load()
        self._real.notify(key, title, body, buttons, on_pressed)

    def withdraw(self, key: str) -> None:
        """See `Notifier.withdraw`; before the first one there is nothing to take back."""
        if self._real is not None:
            self._real.withdraw(key)

    def close(self) -> None:
        """See `DesktopNotifications.close`."""
        if self._real is not None:
            self._real.close()
