"""What other threads say arrives in Qt's thread, in order, without flooding it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from soroe.engine.messages import RunFinished, RunProgress, RunStarted, SyncChanged
from soroe.engine.phase import Phase
from soroe.ports.journal import RunId, RunKind, RunRecord
from soroe.ui.bridge import LASTING, PAUSE_MS, Bridge, latest
from tests.fakes.desk import NOW, sync_name
from tests.ui.test_state import RUNNING, WORK


def progress(done: int) -> RunProgress:
    return RunProgress(WORK, Phase.APPLY, done, 1000)


def publish_all(bridge: Bridge, events: list[SyncChanged]) -> None:
    for event in events:
        bridge.publish(event)


def test_events_of_many_threads_arrive_in_the_window_s_thread(qtbot: QtBot) -> None:
    bridge = Bridge()
    arrived: list[object] = []
    threads: set[threading.Thread] = set()

    def take(events: object) -> None:
        assert isinstance(events, tuple)
        arrived.extend(events)
        threads.add(threading.current_thread())

    bridge.arrived.connect(take)
    events = [SyncChanged(sync_name(str(n)), RUNNING) for n in range(200)]
    halves = [threading.Thread(target=publish_all, args=(bridge, part)) for part in (events[::2], events[1::2])]
    for half in halves:
        half.start()
    for half in halves:
        half.join()
    qtbot.waitUntil(lambda: len(arrived) == len(events))
    assert threads == {threading.current_thread()}
    assert [event for event in arrived if event in events[::2]] == events[::2]


def test_progress_that_is_overtaken_is_left_out() -> None:
    started = RunStarted(WORK, NOW)
    assert latest([started, progress(1), progress(2), progress(3)]) == (started, progress(3))
    other = RunProgress(sync_name("Other"), Phase.APPLY, 1, None)
    assert latest([progress(1), other, progress(2)]) == (other, progress(2))


def test_a_stream_of_events_wakes_the_window_a_few_times_only(qtbot: QtBot) -> None:
    bridge = Bridge()
    wakes: list[object] = []
    bridge.arrived.connect(wakes.append)
    begun = time.monotonic()
    for done in range(500):
        bridge.publish(progress(done))
        if done % 50 == 0:
            qtbot.wait(1)
    qtbot.waitUntil(lambda: bool(wakes) and wakes[-1] == (progress(499),))
    pauses = (time.monotonic() - begun) * 1000 / PAUSE_MS  # Qt's timers may come a little early
    assert len(wakes) <= 2 + 1.25 * pauses


def test_what_comes_after_the_end_is_dropped(qtbot: QtBot) -> None:
    bridge = Bridge()
    wakes: list[object] = []
    bridge.arrived.connect(wakes.append)
    bridge.close()
    bridge.publish(progress(1))
    qtbot.wait(60)
    assert wakes == []


def test_a_run_that_nobody_asked_for_is_told_with_its_end(qtbot: QtBot) -> None:
    bridge = Bridge()
    wakes: list[object] = []
    bridge.arrived.connect(wakes.append)
    begun, ended = RunStarted(WORK, NOW, unasked=True), SyncChanged(WORK, RUNNING)
    bridge.publish(begun)
    bridge.publish(progress(1))
    qtbot.wait(60)
    assert wakes == []
    bridge.publish(ended)
    qtbot.waitUntil(lambda: wakes == [(begun, progress(1), ended)])


def idle_run(at: datetime, *, findings: int = 0, linked: int = 0) -> tuple[RunStarted, RunFinished]:
    record = RunRecord(RunId(1), WORK, RunKind.SYNC, at, at, linked=linked)
    return RunStarted(WORK, at, unasked=True), RunFinished(WORK, record, replace(RUNNING, last_run=at), findings, None)


def test_runs_that_find_nothing_wake_nobody_until_somebody_looks(qtbot: QtBot) -> None:
    bridge = Bridge()
    wakes: list[object] = []
    bridge.arrived.connect(wakes.append)
    for event in idle_run(NOW):
        bridge.publish(event)
        bridge.publish(progress(1))
    qtbot.waitUntil(lambda: len(wakes) == 1)
    later = [idle_run(NOW + timedelta(minutes=minute)) for minute in (1, 2)]
    for quiet in later:
        for event in quiet:
            bridge.publish(event)
    qtbot.wait(60)
    assert len(wakes) == 1
    bridge.catch_up()
    assert wakes[1:] == [(later[1][1],)]
    bridge.is_seen = True
    begun, ended = idle_run(NOW + timedelta(minutes=3))
    bridge.publish(begun)
    bridge.publish(ended)
    qtbot.waitUntil(lambda: wakes[2:] == [(begun, ended)])


@pytest.mark.parametrize("news", [{"findings": 1}, {"linked": 1}])
def test_a_run_with_news_brings_along_what_nobody_was_woken_for(qtbot: QtBot, news: dict[str, int]) -> None:
    bridge = Bridge()
    wakes: list[object] = []
    bridge.arrived.connect(wakes.append)
    for event in idle_run(NOW):
        bridge.publish(event)
    qtbot.waitUntil(lambda: len(wakes) == 1)
    quiet, found = idle_run(NOW), idle_run(NOW, **news)
    for event in (*quiet, *found):
        bridge.publish(event)
    qtbot.waitUntil(lambda: wakes[1:] == [(quiet[1], *found)])


def test_the_end_of_a_run_that_was_shown_is_shown(qtbot: QtBot) -> None:
    seconds = [10.0]
    bridge = Bridge(clock=lambda: seconds[0])
    wakes: list[object] = []
    bridge.arrived.connect(wakes.append)
    begun, ended = idle_run(NOW)
    for _ in range(2):
        bridge.publish(begun)
        seconds[0] += LASTING
        bridge.publish(progress(1))
        qtbot.waitUntil(lambda: bool(wakes) and wakes[-1] == (begun, progress(1)))
        bridge.publish(ended)
        qtbot.waitUntil(lambda: wakes[-1] == (ended,))


def test_a_run_that_lasts_is_shown_though_nobody_asked(qtbot: QtBot) -> None:
    seconds = [10.0]
    bridge = Bridge(clock=lambda: seconds[0])
    wakes: list[object] = []
    bridge.arrived.connect(wakes.append)
    begun = RunStarted(WORK, NOW, unasked=True)
    bridge.publish(begun)
    seconds[0] += LASTING
    bridge.publish(progress(1))
    qtbot.waitUntil(lambda: wakes == [(begun, progress(1))])
