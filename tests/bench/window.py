"""The real window on a full database, timed from inside: `python -m tests.bench.window HOME` prints a line of JSON.

What a person waits for is measured. For an order, from the click to the painted rows. For a text, from the end of the
page's pause for typing to the painted rows, with all that the page says about them; the text comes into the real search
field and goes the way of every letter. What the page does within the pause is not part of it, for nobody waits; how
long that keeps the window from moving is told beside it, and how much work it is in all. The time is the CPU that the
window's thread needs, so that other programs do not count; the stalls during a sync are told by the clock.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QTableView

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

TEXTS = ("青木", "234", "nothing like it", "9", "価格", "青木商事 3", "VISIT aoki", "100%", "a_b", "新プラン", "")
"""In all titles, in a few, in none; one letter, mixed case, signs that other searches know; then everything again."""
TICK_MS = 5
LIMIT, PASSES = 30.0, 5


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
    (search,) = (field for field in window.findChildren(QLineEdit) if field.isVisible())
    typed = [_typed(application, model, search, text) for text in TEXTS]
    frames = _frames(table, application)
    workers = Workers(program)
    finished: list[RunFinished] = []
    workers.subscribe(lambda event: finished.append(event) if isinstance(event, RunFinished) else None)
    workers.start()
    workers.send(SyncNow(SyncName(SYNC)))
    stalls = _stalls(application, finished)
    workers.stop()
    told = {"rows": rows, "sorts": sorts, "typed": typed, "frames": frames, "stalls": stalls}
    sys.stdout.write(json.dumps(told) + "\n")
    desktop.quit()
    return 0


def _typed(application: QApplication, model: MeetingModel, search: QLineEdit, text: str) -> dict[str, float]:
    """Milliseconds from the end of the pause for typing to the painted rows (`shown`), the longest stall before it, and
    all work from the letter on."""
    ended: list[float] = []
    noted = model.modelAboutToBeReset.connect(lambda: ended.append(time.thread_time()))
    before = began = time.thread_time()
    search.setText(text)
    stall, limit = 0.0, time.monotonic() + LIMIT
    while not ended:
        if time.monotonic() > limit:
            raise TimeoutError(f"the page never looked for {text!r}")
        application.processEvents()
        stall = max(stall, (ended[0] if ended else time.thread_time()) - began)
        time.sleep(TICK_MS / 1000)
        began = time.thread_time()
    _paint(application)
    QObject.disconnect(noted)
    now = time.thread_time()
    return {"shown": (now - ended[0]) * 1000, "stall": stall * 1000, "work": (now - before) * 1000}


def _took(application: QApplication, act: Callable[[], None]) -> float:
    """Milliseconds of CPU that this thread needs until the new rows are on the screen."""
    began = time.thread_time()
    act()
    _paint(application)
    return (time.thread_time() - began) * 1000


def _paint(application: QApplication) -> None:
    """Let the window paint, and paint again what it left for later."""
    for _ in range(PASSES):
        application.processEvents()
        time.sleep(TICK_MS / 1000)


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
