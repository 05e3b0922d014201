"""A running server shaped like Oracle CRM On Demand, and ways to sign in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.session import Passport
from soroe.adapters.crm.oracle.settings import OracleSettings
from soroe.adapters.crm.service import Line
from soroe.sandbox.oracle import FOR_PRACTICE, OracleSandbox, User
from tests.fakes.clock import Clock

Opens = Callable[..., OracleCrm]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def oracle(clock: Clock) -> Iterator[OracleSandbox]:
    with OracleSandbox(clock=clock) as sandbox:
        sandbox.lift_limit()
        yield sandbox


@pytest.fixture
def sato(oracle: OracleSandbox) -> User:
    return oracle.add_user()


@pytest.fixture
def opens(oracle: OracleSandbox, sato: User, clock: Clock) -> Iterator[Opens]:
    """Opens connections of Sato's account."""
    opened: list[OracleCrm] = []

    def make(passport: Passport | None = None, password: str = FOR_PRACTICE, **settings: Any) -> OracleCrm:
        wanted = OracleSettings(oracle.url, sato.sign_in, **{"zone": "Asia/Tokyo", **settings})
        opened.append(OracleCrm(wanted, password, clock, Line(), passport))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def crm(opens: Opens) -> OracleCrm:
    """A connection of its own."""
    return opens()
