"""The real window on a full database, timed from inside: `python -m tests.bench.window HOME` prints a line of JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QTableView

from soroe.bootstrap.tray import TrayProgram
from soroe.bootstrap.workers import Workers
from soroe.core.route import SyncName
from soroe.engine.messages import RunFinished, SyncNow
from soroe.ui import garbage
from soroe.ui.app import Desktop
from soroe.ui.pages.activities.model import MeetingModel
from soroe.ui.view.banner import Page
from tests.bench.home import program_in, started
from tests.bench.laptop import SYNC

TEXTS = ("青木", "234", "nothing like it", "価格")
TICK_MS = 5


def main() -> int:
    """Sort, filter, scroll, and watch how late Qt's timer is while a full sync runs beside it."""
    program = program_in(started(sys.argv[1:])[0])
    application = QApplication(["soroe"])
    desktop = Desktop(TrayProgram(program).services(program.open_reading()), application)
    desktop.start()
    window = desktop.open_window(Page.ACTIVITIES)
    for _ in range(20):
        application.processEvents()
    garbage.leave_to_quiet_moments()  # as the tray app does
    table = next(view for view in window.findChildren(QTableView) if isinstance(view.model(), MeetingModel))
    model = table.model()
    if not isinstance(model, MeetingModel):
        raise TypeError("the window shows another table")

    rows = model.rowCount()
    orders = [(column, order) for column in (1, 2, 3, 0) for order in Qt.SortOrder]
    sorts = [_took(application, partial(model.sort, column, order)) for column, order in orders]
    filters = [_took(application, partial(_search, model, text)) for text in (*TEXTS, "")]
    frames = _frames(table, application)
    workers = Workers(program)
    finished: list[RunFinished] = []
    workers.subscribe(lambda event: finished.append(event) if isinstance(event, RunFinished) else None)
    workers.start()
    workers.send(SyncNow(SyncName(SYNC)))
    stalls = _stalls(application, finished)
    workers.stop()
    told = {"rows": rows, "sorts": sorts, "filters": filters, "frames": frames, "stalls": stalls}
    sys.stdout.write(json.dumps(told) + "\n")
    desktop.quit()
    return 0


def _search(model: MeetingModel, text: str) -> None:
    model.show_filtered(replace(model.filters, text=text))


def _took(application: QApplication, act: Callable[[], None]) -> float:
    """Milliseconds of CPU that this thread needs until the new rows are on the screen."""
    began = time.thread_time()
    act()
    application.processEvents()
    return (time.thread_time() - began) * 1000


def _frames(table: QTableView, application: QApplication) -> list[float]:
    """Milliseconds of each frame while the whole table is scrolled through."""
    bar = table.verticalScrollBar()
    took = []
    for step in range(300):
        began = time.thread_time()
        bar.setValue(bar.maximum() * step // 300)
        table.viewport().repaint()
        took.append((time.thread_time() - began) * 1000)
        application.processEvents()
    return took


def _stalls(application: QApplication, finished: list[RunFinished]) -> list[float]:
    """Milliseconds that each tick of a timer came late, until the run has finished."""
    late: list[float] = []
    last = time.monotonic()

    def tick() -> None:
        nonlocal last
        now = time.monotonic()
        late.append(max(0.0, (now - last) * 1000 - TICK_MS))
        last = now
        if finished:
            application.quit()

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(TICK_MS)
    application.exec()
    timer.stop()
    return late


if __name__ == "__main__":
    sys.exit(main())
