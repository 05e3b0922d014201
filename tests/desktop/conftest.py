"""Fixtures of the tests that run against real desktop services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from tests.desktop.desktop_session import Session, missing
from tests.desktop.laptop import PROGRAMS, Laptop
from tests.desktop.services import Services
from tests.whole_day import wait_for_a_whole_day


@pytest.fixture(autouse=True)
def _the_day_does_not_end() -> None:
    """These tests go by the real clock."""
    wait_for_a_whole_day()


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


@pytest.fixture
def laptop(session: Session) -> Iterator[Laptop]:
    """A salesperson's laptop, with a keychain and notifications but no tray yet; what ran on it must not complain."""
    lacking = missing(*PROGRAMS)
    if lacking:
        pytest.skip(f"not installed: {lacking}")
    session.start_keyring(PASSWORD)
    session.start_notifications()
    with CrmSandbox() as crm, GoogleSandbox() as google:
        ready = Laptop(session, Services(crm, google))
        yield ready
        session.close()  # before the servers: the program is to fail for no other reason than the test's
        assert ready.complaints() == ""


PASSWORD = "open sesame"
"""Of the laptop's keychain."""
