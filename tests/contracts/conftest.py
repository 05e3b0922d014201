"""Every test here is asked of every adapter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .stand import Stand
from .stands import STANDS


@pytest.fixture(params=list(STANDS))
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with STANDS[request.param]() as ready:
        yield ready
