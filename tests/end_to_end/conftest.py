"""The servers, and laptops on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.calendars import CALENDARS
from tests.end_to_end.crms import CRMS
from tests.end_to_end.homes import Installation, World
from tests.end_to_end.nursery import Nursery
from tests.end_to_end.office import Office
from tests.end_to_end.salesroom import Salesroom
from tests.whole_day import wait_for_a_whole_day


@pytest.fixture(autouse=True)
def _the_day_does_not_end() -> None:
    """These tests go by the real clock."""
    wait_for_a_whole_day()


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A CRM (over the generic contract) and a Google on loopback, unless the test asks for others (see `WORLDS`)."""
    crm, _, calendar = getattr(request, "param", "rest").partition("-")
    with closing(CRMS[crm]()) as side, closing(CALENDARS[calendar or "google"]()) as other:
        yield World(side, other)


@pytest.fixture
def install(world: World, tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Sets up laptops, each with its own home."""
    laptops: list[Installation] = []

    def make(**choices: object) -> Installation:
        laptops.append(Installation(world, tmp_path / f"laptop{len(laptops)}", choices))
        return laptops[-1]

    yield make
    for laptop in laptops:
        laptop.close()


@pytest.fixture
def office(world: World, install: Callable[..., Installation]) -> Office:
    """Sato, with eSales Manager and Google, for tests that ask for the world `esales`."""
    return Office(world, install)


@pytest.fixture
def room(world: World, install: Callable[..., Installation]) -> Salesroom:
    """Sato, with Salesforce and Google, for tests that ask for the world `salesforce`."""
    return Salesroom(world, install)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts processes of the program quickly, to be killed."""
    with Nursery() as nursery:
        yield nursery
