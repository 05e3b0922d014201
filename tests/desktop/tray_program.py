"""The tray on a desk of fakes, as a program of its own: `python -m tests.desktop.tray_program STATE_FILE [failing]`.

It writes what it knows and what was asked of it to the file, whenever that changes, for the test that watches it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from soroe.engine.messages import Command, Pause, Resume, SyncChanged
from soroe.ports.store import SyncState, SyncStatus
from soroe.ui.app import Desktop
from tests.fakes.desk import NOW, Desk
from tests.fakes.fortnight import fortnight


class Answering(list[Command]):
    """Commands that are kept, and answered as the engine would."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def append(self, command: Command) -> None:
        super().append(command)
        if isinstance(command, Pause | Resume):
            status = SyncStatus.PAUSED if isinstance(command, Pause) else SyncStatus.RUNNING
            self._desk.tell(SyncChanged(command.sync, SyncState(status, NOW)))


def main(report: Path, *, failing: bool) -> int:
    """Run until the test ends it."""
    application = QApplication([])
    desk = fortnight(failing=failing)
    desk.sent = Answering(desk)
    desktop = Desktop(desk.services(), application)
    desktop.start()

    def tell() -> None:
        icons = desktop.tray.findChildren(QSystemTrayIcon)
        known = {
            "tray": desktop.state.tray,
            "width": max((icon.geometry().width() for icon in icons), default=0),
            "windows": sum(1 for each in application.topLevelWidgets() if each.isWindow() and each.isVisible()),
            "sent": [type(command).__name__ for command in desk.sent],
            "reconnected": desk.accounts.reconnected,
        }
        text = json.dumps(known)
        if not report.exists() or report.read_text(encoding="utf-8") != text:
            made = report.with_suffix(".new")
            made.write_text(text, encoding="utf-8")
            made.replace(report)

    watch = QTimer()
    watch.timeout.connect(tell)
    watch.start(50)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), failing="failing" in sys.argv))
