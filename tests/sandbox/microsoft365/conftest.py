"""A running Microsoft 365 sandbox with two colleagues, and the first one's program."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.sandbox import USUAL_SCOPES
from tests.sandbox.microsoft365.caller import Caller, Clock

SATO = "sato@example.com"
SUZUKI = "suzuki@example.com"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(clock: Clock) -> Iterator[Microsoft365Sandbox]:
    with Microsoft365Sandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, "佐藤 花子")
        sandbox.add_account(SUZUKI, "鈴木 一郎")
        yield sandbox


CallerOf = Callable[..., Caller]


@pytest.fixture
def caller_of(office: Microsoft365Sandbox) -> Iterator[CallerOf]:
    made: list[Caller] = []

    def make(email: str, scopes: tuple[str, ...] = USUAL_SCOPES) -> Caller:
        made.append(Caller(office, email, scopes))
        return made[-1]

    yield make
    for caller in made:
        caller.http.close()


@pytest.fixture
def sato(caller_of: CallerOf) -> Caller:
    return caller_of(SATO)


@pytest.fixture
def suzuki(caller_of: CallerOf) -> Caller:
    return caller_of(SUZUKI)
