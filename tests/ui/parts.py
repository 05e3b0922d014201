"""How the tests of the window find what a person would look for."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from soroe.ui.app import Desktop
from soroe.ui.window import Window
from tests.fakes.desk import sync_name

WORK = sync_name()
Found = TypeVar("Found", bound=QObject)
offscreen_grumbles = pytest.mark.qt_log_ignore("This plugin does not support (raise|propagateSizeHints)")
"""Message boxes and tool tips ask for things that the platform without a screen cannot do."""


def window_of(desktop: Desktop) -> Window:
    return desktop.open_window()


def one(parent: QObject, kind: type[Found]) -> Found:
    QApplication.processEvents()
    found = [child for child in parent.findChildren(kind) if not isinstance(child, QWidget) or child.isVisible()]
    assert len(found) == 1, f"{len(found)} of {kind.__name__}"
    return found[0]


def button(parent: QObject, text: str) -> QPushButton:
    QApplication.processEvents()
    found = [each for each in parent.findChildren(QPushButton) if each.text() == text and each.isVisible()]
    assert len(found) == 1, f"{len(found)} buttons say {text}"
    return found[0]


def shown_texts(parent: QObject) -> list[str]:
    QApplication.processEvents()
    return [each.text() for each in parent.findChildren(QLabel) if each.isVisible()]
