"""Fixtures of the window's tests: words in both languages, and a running desktop on fakes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from soroe.ui.app import Desktop
from soroe.ui.texts import Language, Texts, load
from soroe.ui.view.told import Told
from tests.fakes.desk import NOW, RESOURCES, ZONE, Desk

Opened = Callable[[Desk], Desktop]


@pytest.fixture(params=list(Language), ids=lambda language: language.value)
def texts(request: pytest.FixtureRequest) -> Texts:
    """The words of each language in turn."""
    language: Language = request.param
    return load(RESOURCES / "translations", language)


@pytest.fixture
def english() -> Texts:
    """The words in English."""
    return load(RESOURCES / "translations", Language.ENGLISH)


@pytest.fixture
def japanese() -> Texts:
    """The words in Japanese."""
    return load(RESOURCES / "translations", Language.JAPANESE)


@pytest.fixture
def told(english: Texts) -> Told:
    """Told in English, on a Tuesday morning in Tokyo."""
    return Told(english, NOW, ZONE)


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication) -> Iterator[Opened]:
    """Starts the program on a desk and opens its window; everything is closed afterwards."""
    running: list[Desktop] = []

    def start(desk: Desk) -> Desktop:
        desktop = Desktop(desk.services(), qapp)
        running.append(desktop)
        desktop.start()
        with qtbot.waitExposed(desktop.open_window()):
            pass
        return desktop

    yield start
    for desktop in running:
        desktop.quit()
        desktop.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
