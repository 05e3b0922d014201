"""What holds for every test: no unexpected log line, and properties tried the same way each time."""

from __future__ import annotations

import builtins
import gc
import logging
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=30, deadline=None, derandomize=True)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.register_profile(
    "ci", max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # for a test of the window that is run alone, too
# `SOROE_TESTS=explore make test` looks for new trouble; the other profiles try the same examples every time.
settings.load_profile(os.environ.get("SOROE_TESTS") or ("ci" if os.environ.get("CI") else "dev"))


def _why_qt_is_missing() -> str:
    """What keeps Qt from loading on this computer, or nothing: its system libraries may not be installed."""
    plain = builtins.__import__
    try:
        import PySide6.QtWidgets  # noqa: F401  # only whether it loads matters
    except ImportError as error:
        return str(error)
    finally:
        builtins.__import__ = (
            plain  # PySide's own, for `from __feature__ import …`, makes each import four times slower
        )
    return ""


NO_QT = _why_qt_is_missing()


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Where Qt cannot be loaded, its plugin must not try; its options are known already."""
    if NO_QT:
        pluginmanager.unregister(name="pytest-qt")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Where Qt cannot be loaded, what is about the window is left out, and `pytest_terminal_summary` says so."""
    if not NO_QT:
        return None
    if collection_path == Path(__file__).parent / "ui":
        return True
    if collection_path.name.startswith("test_") and collection_path.suffix == ".py":
        text = collection_path.read_text(encoding="utf-8")
        return True if "PySide6" in text or "pytestqt" in text else None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are collected to stay: looking through them for garbage, again and again, is in vain."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    if NO_QT:
        terminalreporter.write_line(f"NOT RUN: the tests of the window, because Qt cannot be loaded here ({NO_QT})")


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _unexpected_log_lines_fail(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which Soroe warns or reports an error, unless it asked for `caplog` to look at the log itself."""
    listener = _Listener()
    logger = logging.getLogger("soroe")
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if "caplog" not in request.fixturenames and listener.lines:
        pytest.fail("unexpected log lines:\n" + "\n".join(listener.lines))
