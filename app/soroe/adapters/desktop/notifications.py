"""Notifications with buttons, through desktop-notifier, on a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import html
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from soroe.ports.desktop import CLICKED

if TYPE_CHECKING:
    from dbus_fast.aio.message_bus import MessageBus
    from desktop_notifier import DesktopNotifier, Notification

T = TypeVar("T")

ANSWER_SECONDS = 5.0
"""How long the desktop may take; it answers in milliseconds, or is broken."""


class DesktopNotifications:
    """Shows notifications and hears their buttons on one connection, which is what some desktops insist on.

    Nothing is started before the first notification. Presses of notifications that were replaced or withdrawn are
    not passed on. `on_pressed` runs on the thread of this object.
    """

    def __init__(self, app_name: str, icon: Path | None = None) -> None:
        self._app_name = app_name
        self._icon = icon
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._notifier: DesktopNotifier | None = None
        self._shown: dict[str, str] = {}
        self._one_at_a_time = asyncio.Lock()

    def notify(
        self,
        key: str,
        title: str,
        body: str,
        buttons: Sequence[tuple[str, str]],
        on_pressed: Callable[[str], None],
    ) -> None:
        """See `Notifier.notify`."""
        self.show(key, title, body, buttons, on_pressed)

    def show(
        self,
        key: str,
        title: str,
        body: str,
        buttons: Sequence[tuple[str, str]],
        on_pressed: Callable[[str], None],
    ) -> Future[bool]:
        """As `notify`; the result tells whether the desktop took it (False: it shows no notifications)."""
        return self._submit(self._show(key, title, body, tuple(buttons), on_pressed))

    def withdraw(self, key: str) -> None:
        """See `Notifier.withdraw`."""
        if self._loop is not None:
            self._submit(self._withdraw(key))

    def works(self) -> bool:
        """Whether the desktop shows notifications at all, for the doctor; blocks up to `ANSWER_SECONDS`."""
        return self._submit(self._reachable()).result()

    def close(self) -> None:
        """Withdraw what is shown, hang up, and end the thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), loop).result(2 * ANSWER_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="notifications", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _show(
        self, key: str, title: str, body: str, buttons: Sequence[tuple[str, str]], on_pressed: Callable[[str], None]
    ) -> bool:
        async with self._one_at_a_time:
            await self._take_away(key)
            for _ in range(2):  # the second time over a new connection: the session's bus may have been restarted
                notifier = self._opened()
                if notifier is None:
                    return False
                notification = self._composed(key, title, body, buttons, on_pressed)
                if await self._delivered(notifier, notification):
                    self._shown[key] = notification.identifier
                    return True
                self._hang_up()
            return False

    async def _delivered(self, notifier: DesktopNotifier, notification: Notification) -> bool:
        """The library reports a failure to its log only; what was delivered stands among the current ones."""
        try:
            await asyncio.wait_for(notifier.send_notification(notification), ANSWER_SECONDS)
            return notification.identifier in await notifier.get_current_notifications()
        except Exception:  # noqa: BLE001  # whatever the desktop's side does, a notification is only a courtesy
            return False

    def _composed(
        self, key: str, title: str, body: str, buttons: Sequence[tuple[str, str]], on_pressed: Callable[[str], None]
    ) -> Notification:
        from desktop_notifier import Button, Notification

        def pressed(button: str) -> Callable[[], None]:
            return lambda: self._pressed(key, notification.identifier, button, on_pressed)

        markup = sys.platform.startswith("linux")  # the daemons there take the text as markup
        notification = Notification(
            title,
            html.escape(body, quote=False) if markup else body,
            buttons=tuple(Button(text, on_pressed=pressed(name), identifier=name) for name, text in buttons),
            on_clicked=pressed(CLICKED),
            on_dismissed=lambda: self._forget(key, notification.identifier),
        )
        return notification

    def _pressed(self, key: str, identifier: str, button: str, on_pressed: Callable[[str], None]) -> None:
        if self._shown.get(key) == identifier:
            del self._shown[key]
            self._submit(self._clear_pressed(identifier))
            on_pressed(button)

    def _forget(self, key: str, identifier: str) -> None:
        if self._shown.get(key) == identifier:
            del self._shown[key]

    async def _clear_pressed(self, identifier: str) -> None:
        """Some daemons leave a notification where it is after its button was pressed."""
        async with self._one_at_a_time:
            await self._clear(identifier)

    async def _withdraw(self, key: str) -> None:
        async with self._one_at_a_time:
            await self._take_away(key)

    async def _take_away(self, key: str) -> None:
        identifier = self._shown.pop(key, None)
        if identifier is not None:
            await self._clear(identifier)

    async def _clear(self, identifier: str) -> None:
        if self._notifier is None or self._is_cut_off():
            return
        try:
            await asyncio.wait_for(self._notifier.clear(identifier), ANSWER_SECONDS)
        except Exception:  # noqa: BLE001  # gone already, or the desktop is: either way it is not shown any more
            self._hang_up()

    async def _reachable(self) -> bool:
        notifier = self._opened()
        try:
            if notifier is None:
                return False
            capabilities = await asyncio.wait_for(notifier.get_capabilities(), ANSWER_SECONDS)
        except Exception:  # noqa: BLE001  # any answer but the right one means no
            self._hang_up()
            return False
        return bool(capabilities)

    async def _close(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1), self._one_at_a_time:  # what was begun is let go through, for a moment
                await asyncio.sleep(0)
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for key in list(self._shown):
            await self._take_away(key)
        self._hang_up()
        await asyncio.sleep(0)

    def _opened(self) -> DesktopNotifier | None:
        if self._is_cut_off():
            self._notifier = None
        if self._notifier is None:
            logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL + 1)  # its lines quote titles and texts
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of asyncio, from Python 3.14 on
                from desktop_notifier import DesktopNotifier, Icon
            icon = Icon(path=self._icon) if self._icon else Icon(name="soroe")
            try:
                self._notifier = DesktopNotifier(self._app_name, icon)
            except (OSError, RuntimeError, ImportError):
                return None
        return self._notifier

    def _hang_up(self) -> None:
        """Close the connection; the library has no call for it, and left alone it stays open."""
        bus = self._bus()
        if bus is not None and bus.connected:
            bus.disconnect()
        self._notifier = None

    def _is_cut_off(self) -> bool:
        """Whether the session's bus hung up on us; a word to it would only be waited for in vain."""
        bus = self._bus()
        return bus is not None and not bus.connected

    def _bus(self) -> MessageBus | None:
        """The library's connection (Linux), once it has one; it does not show it."""
        bus: MessageBus | None = getattr(getattr(self._notifier, "_backend", None), "bus", None)
        return bus
