"""A running Exchange sandbox with two accounts, and their programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import exchangelib  # type: ignore[import-untyped]  # it publishes no typing information
import pytest
from exchangelib.version import EXCHANGE_2016 as LIBRARY_2016  # type: ignore[import-untyped]  # as above

from soroe.sandbox.exchange import ExchangeSandbox
from tests.sandbox.exchange.caller import PASSWORD, SATO, SUZUKI, Caller, Clock

VERSION = exchangelib.Version(build=LIBRARY_2016)


class Stamp(exchangelib.ExtendedProperty):  # type: ignore[misc]  # as above
    property_set_id = "0f3c1a52-5f0b-4c0e-9d2b-6d4c1a7e8b90"
    property_name = "Stamp"
    property_type = "String"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def exchange(clock: Clock) -> Iterator[ExchangeSandbox]:
    with ExchangeSandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, PASSWORD, "佐藤 花子")
        sandbox.add_account(SUZUKI, PASSWORD, "鈴木 一郎")
        yield sandbox


@pytest.fixture
def sato(exchange: ExchangeSandbox) -> Iterator[Caller]:
    caller = Caller(exchange)
    yield caller
    caller.http.close()


@pytest.fixture
def suzuki(exchange: ExchangeSandbox) -> Iterator[Caller]:
    caller = Caller(exchange, SUZUKI)
    yield caller
    caller.http.close()


LibraryAccount = Callable[..., exchangelib.Account]


@pytest.fixture
def library(exchange: ExchangeSandbox) -> Iterator[LibraryAccount]:
    """Makes accounts of exchangelib, as it is published."""
    exchangelib.CalendarItem.register("sandbox_stamp", Stamp)

    def make(
        auth: str | None = "basic",
        password: str = PASSWORD,
        version: exchangelib.Version | None = VERSION,
    ) -> exchangelib.Account:
        credentials = exchangelib.Credentials(SATO, password)
        configuration = exchangelib.Configuration(
            service_endpoint=exchange.ews_url, credentials=credentials, auth_type=auth, version=version
        )
        return exchangelib.Account(
            SATO,
            config=configuration,
            credentials=credentials,
            access_type=exchangelib.DELEGATE,
            default_timezone=exchangelib.EWSTimeZone("Asia/Tokyo"),
        )

    yield make
    exchangelib.close_connections()
    exchangelib.CalendarItem.deregister("sandbox_stamp")
