"""The tray icon and its menu."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from soroe.engine.health import Mend

from .first_icon import FirstIcon
from .icons import Icons
from .texts import Texts
from .view.pauses import PAUSES
from .view.tray import TrayView

HOST = "org.kde.StatusNotifierWatcher"
SETTLE_MS = 600
LOOK_AGAIN_MS = 60_000
"""How often we look for a tray while there is none: hosts of the older kind do not announce themselves."""


@dataclass(frozen=True, slots=True)
class TrayActions:
    """What the lines of the menu do. `pause` gets "hour", "tomorrow" or "resumed", `mend` an account's name; `look` is
    called before the menu is shown."""

    sync_now: Callable[[], None]
    pause: Callable[[str], None]
    resume: Callable[[], None]
    mend: Callable[[Mend, str], None]
    open: Callable[[], None]
    quit: Callable[[], None]
    look: Callable[[], None]


class Tray(QObject):
    """The icon, while the desktop has a place for it; a place that appears late gets a new icon."""

    found = Signal(bool)

    def __init__(self, icons: Icons, actions: TrayActions, parent: QObject, first: FirstIcon | None = None) -> None:
        super().__init__(parent)
        self._icons, self._actions = icons, actions
        self._texts: Texts | None = None
        self._view: TrayView | None = None
        self._icon: QSystemTrayIcon | None = None
        self._menu = first.menu if first is not None else QMenu()
        self._pauses = QMenu()
        self._menu.aboutToShow.connect(self._fill_now)
        self._shape: tuple[object, ...] = ()
        self._told: list[QAction] = []
        self._is_there: bool | None = None
        self._settle = self._timer(SETTLE_MS)
        self._look_again = self._timer(LOOK_AGAIN_MS)
        if first is not None:
            self._take_over(first.icon)
        if sys.platform == "linux":
            watched = QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange
            self._watcher = QDBusServiceWatcher(HOST, QDBusConnection.sessionBus(), watched, self)
            self._watcher.serviceOwnerChanged.connect(self._host_changed)

    @property
    def menu(self) -> QMenu:
        """The menu, as it is now."""
        return self._menu

    def look(self) -> bool:
        """Look for a place for the icon, and make or drop the icon accordingly; tells whether there is one."""
        is_there = QSystemTrayIcon.isSystemTrayAvailable()
        if is_there and self._icon is None:
            self._make()
        if not is_there:
            self._drop()
            self._look_again.start()
        if is_there != self._is_there:
            self._is_there = is_there
            self.found.emit(is_there)
        return is_there

    def show_view(self, view: TrayView, texts: Texts) -> None:
        """Draw what has changed since the last time."""
        before, self._view = self._view, view
        is_new = texts is not self._texts
        self._texts = texts
        if self._icon is not None and (before is None or (before.icon, before.count) != (view.icon, view.count)):
            self._icon.setIcon(self._icons.tray(view.icon, view.count))
        if self._icon is not None and (before is None or before.tooltip != view.tooltip or is_new):
            self._icon.setToolTip(f"{texts('app.name')}\n{view.tooltip}")
        # Panels fetch the menu anew for every word of it. When we last looked can wait until somebody looks at it.
        if before is None or is_new or replace(before, happened=view.happened) != view:
            self._fill(view, texts)

    def hide(self) -> None:
        """Take the icon away for good."""
        self._look_again.stop()
        self._drop()

    def _timer(self, after: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after)
        timer.timeout.connect(self.look)
        return timer

    def _host_changed(self) -> None:
        self._drop()
        self._settle.start()

    def _make(self) -> None:
        icon = QSystemTrayIcon(self)
        if self._view is not None and self._texts is not None:
            icon.setIcon(self._icons.tray(self._view.icon, self._view.count))
            icon.setToolTip(f"{self._texts('app.name')}\n{self._view.tooltip}")
        icon.setContextMenu(self._menu)
        icon.show()
        self._take_over(icon)

    def _take_over(self, icon: QSystemTrayIcon) -> None:
        icon.activated.connect(self._activated)
        self._icon = icon

    def _drop(self) -> None:
        icon, self._icon = self._icon, None
        if icon is not None:
            icon.hide()
            icon.deleteLater()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self._actions.open()

    def _fill_now(self) -> None:
        self._actions.look()
        if self._view is not None and self._texts is not None:
            self._fill(self._view, self._texts)

    def _fill(self, view: TrayView, texts: Texts) -> None:
        """Lines stay what they are while their words change: one that a person is about to press must not be replaced
        under the mouse, nor be another one by the time the panel tells of the press."""
        shape = (view.mends, view.can_resume, texts)
        if shape != self._shape:
            self._shape = shape
            self._build(view, texts)
        for line, text in zip(self._told, (view.headline, view.happened), strict=True):
            line.setText(escaped(text))
        self._sync.setEnabled(view.can_sync)
        self._pause.setEnabled(view.can_pause)

    def _build(self, view: TrayView, texts: Texts) -> None:
        menu, actions = self._menu, self._actions
        menu.clear()
        self._told = [menu.addAction(""), menu.addAction("")]
        for line in self._told:
            line.setEnabled(False)
        menu.addSeparator()
        for mend, account, text in view.mends:
            self._add(menu, text, partial(actions.mend, mend, account))
        if view.mends:
            menu.addSeparator()
        self._sync = self._add(menu, texts("tray.sync_now"), actions.sync_now)
        self._pauses.clear()
        self._pauses.setTitle(texts("tray.pause"))
        self._pause = menu.addMenu(self._pauses)
        for kind in PAUSES:
            self._add(self._pauses, texts(f"tray.pause.{kind}"), partial(actions.pause, kind))
        if view.can_resume:
            self._add(menu, texts("tray.resume"), actions.resume)
        menu.addSeparator()
        menu.setDefaultAction(self._add(menu, texts("tray.open"), actions.open))
        self._add(menu, texts("tray.quit"), actions.quit)

    def _add(self, menu: QMenu, text: str, do: Callable[[], None]) -> QAction:
        action = menu.addAction(escaped(text))
        action.triggered.connect(lambda _checked=False: do())
        return action


def escaped(text: str) -> str:
    """A text as a line of a menu, where & marks the key to press."""
    return text.replace("&", "&&")
