"""A running Oracle-shaped server, two users of one company, and a program that is signed in for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from soroe.sandbox.oracle import OracleSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.oracle.caller import Caller

SignIn = Callable[[User], Caller]


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
    return oracle.add_user("sato@example.com", "Takeshi Sato")


@pytest.fixture
def suzuki(oracle: OracleSandbox) -> User:
    return oracle.add_user("suzuki@example.com", "Hana Suzuki")


@pytest.fixture
def signed_in(oracle: OracleSandbox) -> Iterator[SignIn]:
    """Makes callers that are signed in."""
    callers: list[Caller] = []

    def act(user: User) -> Caller:
        callers.append(Caller(oracle, user))
        assert callers[-1].sign_in().status_code == 200
        return callers[-1]

    yield act
    for caller in callers:
        caller.close()


@pytest.fixture
def call(sato: User, signed_in: SignIn) -> Caller:
    return signed_in(sato)
