"""The part of the doctor that reaches out: every endpoint, through the system's proxy, with its certificates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from soroe.adapters.net.failures import network_trouble
from soroe.adapters.net.proxy import system_proxy
from soroe.adapters.net.transport import LibraryClient, Limits, Network, RequestCount
from soroe.cli.ports import Check
from soroe.ports.errors import AdminRequired, PortError, ServiceFault
from soroe.settings.model import Account

ADDRESSES = ("api_endpoint", "token_endpoint", "base_url", "server", "login_url", "authority")
PATIENCE = Limits(connect=5.0, read=10.0, whole=15.0, body=1024 * 1024)
TOLERANCE = 300.0
"""Seconds that the clock may be off before sign-ins are refused."""


def endpoints(accounts: Sequence[Account]) -> list[str]:
    """The address of every server that the accounts name, each host once."""
    found: dict[str, str] = {}
    for account in accounts:
        for key in ADDRESSES:
            address = str(getattr(account, key, "") or "")
            if address:
                found.setdefault(urlsplit(address).netloc, address)
    return list(found.values())


def network_checks(accounts: Sequence[Account]) -> list[Check]:
    """Proxy, endpoints, certificates and clock; nothing is sent but one request for a page, without any secret."""
    addresses = endpoints(accounts)
    if not addresses:
        return [Check("network", "skipped", "no_accounts")]
    checks = [_proxy(addresses)]
    clocks: list[float] = []
    for address in addresses:
        checks += _endpoint(address, clocks)
    checks.append(_clock(clocks))
    reached = [check for check in checks if check.check == "endpoint" and check.state == "ok"]
    checks.insert(0, Check("network", "ok", "ok") if reached else Check("network", "error", "offline"))
    return checks


def _proxy(addresses: Sequence[str]) -> Check:
    for address in addresses:
        proxy = system_proxy(address)
        if proxy is not None:
            return Check("proxy", "ok", "through", "", urlsplit(proxy).netloc.rpartition("@")[2])
    return Check("proxy", "ok", "none")


def _endpoint(address: str, clocks: list[float]) -> Iterator[Check]:
    """One server; any answer at all shows that it is there, whatever it says to a stranger."""
    host = urlsplit(address).netloc
    secure = address.startswith("https:")
    client = LibraryClient(RequestCount(), Network(PATIENCE))
    try:
        answer, _ = client.request(address)
    except (OSError, ValueError) as error:
        yield from _unreached(network_trouble(error), host)
        return
    finally:
        client.close()
    if "date" in answer:
        clocks += _offset(answer["date"])
    if answer.status == 407:
        yield Check("proxy", "error", "proxy_authentication", host)
        return
    yield Check("endpoint", "ok", "ok", host)
    if secure:
        yield Check("certificate", "ok", "ok", host)


def _unreached(trouble: PortError, host: str) -> Iterator[Check]:
    match trouble:
        case AdminRequired(code="certificate"):
            yield Check("endpoint", "ok", "ok", host)
            yield Check("certificate", "error", "certificate", host)
        case AdminRequired(code=code):
            yield Check("proxy", "error", code, host)
        case ServiceFault(code=code):
            yield Check("endpoint", "error", code, host)
        case _:
            yield Check("endpoint", "error", "unreachable", host)


def _offset(text: str) -> list[float]:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return []
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return [(datetime.now(UTC) - moment).total_seconds()]


def _clock(offsets: Sequence[float]) -> Check:
    """This computer's clock against the servers'; one server with a wrong clock does not make ours wrong."""
    if not offsets:
        return Check("clock", "skipped", "not_asked")
    least = min(offsets, key=abs)
    if abs(least) > TOLERANCE:
        return Check("clock", "error", "clock_wrong", "", f"{round(least / 60)} min")
    return Check("clock", "ok", "ok")
