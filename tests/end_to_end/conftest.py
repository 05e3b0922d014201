"""The servers, and laptops on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from tests.end_to_end.homes import Installation, World


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
        return laptops[-1]

    yield make
    for laptop in laptops:
        laptop.close()
