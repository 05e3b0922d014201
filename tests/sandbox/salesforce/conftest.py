"""A running Salesforce-shaped server and people who call it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import Caller


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def salesforce(clock: Clock) -> Iterator[SalesforceSandbox]:
    with SalesforceSandbox(clock=clock) as sandbox:
        sandbox.let_sessions_last(timedelta(days=90))
        yield sandbox


@pytest.fixture
def sato(salesforce: SalesforceSandbox) -> User:
    return salesforce.add_user("sato@example.com", "Sato")


@pytest.fixture
def suzuki(salesforce: SalesforceSandbox) -> User:
    return salesforce.add_user("suzuki@example.com", "Suzuki")


@pytest.fixture
def call(salesforce: SalesforceSandbox, sato: User) -> Iterator[Caller]:
    caller = Caller(salesforce.url, salesforce.session_for(sato))
    yield caller
    caller.close()


@pytest.fixture
def call_suzuki(salesforce: SalesforceSandbox, suzuki: User) -> Iterator[Caller]:
    caller = Caller(salesforce.url, salesforce.session_for(suzuki))
    yield caller
    caller.close()
