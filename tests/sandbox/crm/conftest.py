"""A running sandbox CRM and somebody who calls it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from soroe.sandbox.crm import CrmSandbox, User
from tests.sandbox.crm.caller import Caller, Clock, Contract

RESOURCES = Path(__file__).parents[3] / "resources" / "crm"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(yaml.safe_load((RESOURCES / "activities.openapi.yaml").read_text(encoding="utf-8")))


@pytest.fixture
def crm(clock: Clock) -> Iterator[CrmSandbox]:
    with CrmSandbox(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def sato(crm: CrmSandbox) -> User:
    return crm.add_user("sato@example.com", "Sato")


@pytest.fixture
def call(crm: CrmSandbox, sato: User, contract: Contract) -> Iterator[Caller]:
    caller = Caller(crm.base_url, crm.api_key_for(sato), contract)
    yield caller
    caller.close()
