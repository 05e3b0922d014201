"""The servers, a laptop on them, and its terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from tests.cli.homes import Installation, World
from tests.cli.shell import Shell
from tests.whole_day import wait_for_a_whole_day


@pytest.fixture(autouse=True)
def _the_day_does_not_end() -> None:
    """These tests go by the real clock."""
    wait_for_a_whole_day()


@pytest.fixture
def world() -> Iterator[World]:
    """A CRM and a Google on loopback."""
    with CrmSandbox() as crm, GoogleSandbox() as google:
        yield World(crm, google)


@pytest.fixture
def install(world: World, tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Sets up laptops, each with its own home."""
    laptops: list[Installation] = []

    def make(**choices: object) -> Installation:
        laptops.append(Installation(world, tmp_path / f"laptop{len(laptops)}", choices))
        laptops[-1].program.patience = 0.3
        return laptops[-1]

    yield make
    for laptop in laptops:
        laptop.close()


@pytest.fixture
def laptop(install: Callable[..., Installation]) -> Installation:
    """One laptop, signed in, its sync not yet started."""
    return install()


@pytest.fixture
def soroe(laptop: Installation) -> Shell:
    """Its terminal."""
    return Shell(laptop.program)


@pytest.fixture
def started(soroe: Shell) -> Shell:
    """Its terminal, once the sync was started."""
    assert soroe("syncs", "start", "work").code == 0
    return soroe
