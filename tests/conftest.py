"""What holds for every test: no unexpected log line, and properties tried the same way each time."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=30, deadline=None)
settings.register_profile(
    "ci", max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


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
