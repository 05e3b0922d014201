"""The tray icon of the first moment, before the program behind it is loaded (P-8)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from .icons import Icons, keep_pictures
from .view.tray_icon import TrayIcon


@dataclass(frozen=True, slots=True)
class FirstIcon:
    """An icon on the panel, and its menu; `Tray` takes both over and fills them."""

    icon: QSystemTrayIcon
    menu: QMenu


def first_icon(resources: Path) -> FirstIcon | None:
    """Show the icon at once; None where the desktop has no place for it.

    It says that we are looking, for that is what comes next; how the syncs stand is not known yet. The menu is there
    from the start, though empty, because panels ask for it only once.
    """
    if not QSystemTrayIcon.isSystemTrayAvailable():
        return None
    keep_pictures(seen=False)
    icon, menu = QSystemTrayIcon(Icons(resources / "icons").tray(TrayIcon.SYNCING)), QMenu()
    icon.setContextMenu(menu)
    icon.show()
    return FirstIcon(icon, menu)
