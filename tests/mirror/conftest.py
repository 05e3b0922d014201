"""A company, and laptops in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from soroe.sandbox.oracle import OracleSandbox
from tests.fakes.clock import Clock

from .laptop import Laptop, Office


@pytest.fixture
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """A company; with the parameter True it keeps an appointment for each event by itself."""
    clock = Clock()
    with OracleSandbox(clock=clock) as box:
        yield Office(box, clock, company_mirrors=bool(getattr(request, "param", False)))


@pytest.fixture
def install(office: Office) -> Iterator[Callable[..., Laptop]]:
    """Sets up laptops."""
    laptops: list[Laptop] = []

    def make(**choices: Any) -> Laptop:
        laptops.append(Laptop(office, **choices))
        return laptops[-1]

    yield make
    for laptop in laptops:
        laptop.close()


@pytest.fixture
def laptop(install: Callable[..., Laptop]) -> Laptop:
    """Sato's laptop."""
    return install()
