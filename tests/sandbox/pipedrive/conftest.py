"""A running Pipedrive-shaped server and somebody who calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from soroe.sandbox.pipedrive import PipedriveSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.pipedrive.caller import Caller


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pipedrive(clock: Clock) -> Iterator[PipedriveSandbox]:
    with PipedriveSandbox(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def sato(pipedrive: PipedriveSandbox) -> User:
    return pipedrive.add_user("sato@example.com", "Sato")


@pytest.fixture
def call(pipedrive: PipedriveSandbox, sato: User) -> Iterator[Caller]:
    caller = Caller(pipedrive.url, {"x-api-token": pipedrive.api_token_for(sato)})
    yield caller
    caller.close()
