"""A running eSales-shaped server and somebody who calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from soroe.sandbox.esales import Employee, EsalesSandbox
from tests.sandbox.crm.caller import Clock
from tests.sandbox.esales.caller import Caller


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def esales(clock: Clock) -> Iterator[EsalesSandbox]:
    with EsalesSandbox(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def sato(esales: EsalesSandbox) -> Employee:
    return esales.add_employee("sato@example.com", "佐藤 健")


@pytest.fixture
def call(esales: EsalesSandbox) -> Iterator[Caller]:
    caller = Caller(esales.url, esales.api_token())
    yield caller
    caller.close()
