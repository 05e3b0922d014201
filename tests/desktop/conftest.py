"""Fixtures of the tests that run against real desktop services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.desktop_session import Session, missing


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session without display and with a bus; this process is in it."""
    lacking = missing("dbus-daemon")
    if lacking:
        pytest.skip(f"not installed: {lacking}")
    started = Session(tmp_path)
    started.start_bus()
    for name, value in started.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    try:
        yield started
    finally:
        started.close()
