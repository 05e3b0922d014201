"""Being asked to end while Qt waits."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from soroe.adapters.desktop.end_signals import SIGNALS, EndSignals


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_heard_while_qt_waits_and_the_old_handlers_come_back(qtbot: QtBot, number: signal.Signals) -> None:
    before = [signal.getsignal(one) for one in SIGNALS]
    heard: list[str] = []
    signals = EndSignals(lambda: heard.append("end"))
    QTimer.singleShot(10, lambda: os.kill(os.getpid(), number))
    qtbot.waitUntil(lambda: heard == ["end"])
    signals.close()
    assert [signal.getsignal(one) for one in SIGNALS] == before


def test_other_signals_end_nothing(qtbot: QtBot) -> None:
    heard: list[str] = []
    previous = signal.signal(signal.SIGUSR1, lambda *_: heard.append("other"))
    signals = EndSignals(lambda: heard.append("end"))
    os.kill(os.getpid(), signal.SIGUSR1)
    qtbot.waitUntil(lambda: heard == ["other"])
    qtbot.wait(50)
    signals.close()
    signal.signal(signal.SIGUSR1, previous)
    assert heard == ["other"]
