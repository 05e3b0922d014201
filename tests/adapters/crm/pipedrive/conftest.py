"""A running Pipedrive-shaped server and the connector signed in to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.pipedrive.crm import PipedriveCrm, PipedriveSettings
from soroe.adapters.crm.service import Line
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.pipedrive.activity import User
from tests.adapters.crm.builders import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[PipedriveSandbox]:
    with PipedriveSandbox(clock=clock) as server:
        yield server


@pytest.fixture
def sato(sandbox: PipedriveSandbox) -> User:
    return sandbox.add_user()


@pytest.fixture
def crm(sandbox: PipedriveSandbox, sato: User, clock: Clock) -> Iterator[PipedriveCrm]:
    keys = ApiKey(sandbox.api_token_for(sato), "x-api-token")
    account = PipedriveCrm(PipedriveSettings(sandbox.url), keys, clock, Line())
    yield account
    account.close()
