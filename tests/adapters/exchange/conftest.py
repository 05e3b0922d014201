"""A server that answers what a test tells it to, and a calendar that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from soroe.adapters.exchange.calendar import ExchangeCalendar
from soroe.adapters.exchange.settings import Auth, ExchangeSecret, ExchangeSettings
from soroe.sandbox.server import LoopbackServer
from tests.contracts.exchange_stand import ExchangeStand, exchange

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

SATO = "sato@example.com"
NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
XML = "text/xml; charset=utf-8"
_NAMES = (
    'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" '
    'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    'xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors"'
)


def envelope(body: str) -> bytes:
    """A SOAP answer of an Exchange 2016."""
    version = '<t:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="6"/>'
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope {_NAMES}><s:Header>{version}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def refusal(code: str, operation: str = "GetItem", count: int = 1) -> bytes:
    """Messages that refuse each item of a request with a code."""
    one = (
        f'<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>Refused</m:MessageText>'
        f"<m:ResponseCode>{code}</m:ResponseCode></m:{operation}ResponseMessage>"
    )
    inside = f"<m:ResponseMessages>{one * count}</m:ResponseMessages>"
    return envelope(f"<m:{operation}Response>{inside}</m:{operation}Response>")


def fault(code: str, milliseconds: int | None = None) -> bytes:
    """A SOAP fault, which Exchange sends with status 500."""
    wait = f'<t:Value Name="BackOffMilliseconds">{milliseconds}</t:Value>' if milliseconds is not None else ""
    xml = f"<t:MessageXml>{wait}</t:MessageXml>" if wait else ""
    detail = f"<e:ResponseCode>{code}</e:ResponseCode><e:Message>Fault</e:Message>{xml}"
    return envelope(
        f"<s:Fault><faultcode>a:{code}</faultcode><faultstring>Fault</faultstring><detail>{detail}</detail></s:Fault>"
    )


@dataclass
class Canned:
    """One answer for every request, until a test names another."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    asked: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def answers(self, status: int, body: bytes = b"", **headers: str) -> None:
        """What every request from now on is answered."""
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> list[bytes]:
        self.asked.append(environ)
        self.bodies.append(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        headers = {"Content-Type": XML, "Content-Length": str(len(self.body)), **self.headers}
        start(f"{self.status} Told", list(headers.items()))
        return [self.body]


@dataclass
class Desk:
    """A canned server with a calendar that is signed in to it; `password` is what the keychain holds."""

    canned: Canned
    endpoint: str
    auth: Auth = Auth.BASIC
    password: str = "secret"
    now: datetime = NOW
    opened: list[ExchangeCalendar] = field(default_factory=list)

    def settings(self, **more: Any) -> ExchangeSettings:
        return ExchangeSettings(SATO, endpoint=self.endpoint, auth=self.auth, zone="Asia/Tokyo", **more)

    def secret(self) -> str:
        return ExchangeSecret(self.password, self.endpoint, self.auth, "15.1.2507.6", SATO).text()

    def calendar(self, secret: Callable[[], str] | None = None, **more: Any) -> ExchangeCalendar:
        calendar = ExchangeCalendar(self.settings(**more), secret or self.secret, now=lambda: self.now)
        self.opened.append(calendar)
        return calendar


@pytest.fixture
def desk() -> Iterator[Desk]:
    canned = Canned()
    with LoopbackServer(canned, clock=lambda: NOW) as server:
        ready = Desk(canned, f"{server.url}/EWS/Exchange.asmx")
        yield ready
        for calendar in ready.opened:
            calendar.close()


@pytest.fixture
def office() -> Iterator[ExchangeStand]:
    """A mailbox on an Exchange Server, and the calendar that reads and writes it."""
    with exchange() as ready:
        yield ready


def later(minutes: float) -> datetime:
    """A time after `NOW`."""
    return NOW + timedelta(minutes=minutes)
