"""The part of the error table that every service shares: network, certificates, proxies, plain HTTP statuses."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from soroe.ports.errors import AdminRequired, ItemRejected, PortError, RetryLater, ServiceFault

from .address import UnsafeAddress
from .body import BodyBroken, BodyTooLarge
from .transport import AnswerLost

_PROXY_PASSWORD = re.compile(r"\b407\b")
_LONGEST_WAIT = 24 * 3600.0
_CLOCK_TOLERANCE = 300.0


def network_trouble(error: BaseException) -> PortError:
    """What an exception of the transport or of the system means for the engine.

    Certificates that do not hold and proxies that want a password are for the organisation's IT; everything else is
    offline or a lost answer. `outcome_unknown` is set when the request may have been carried out.
    """
    chain = list(_chain(error))
    if any(isinstance(one, ssl.SSLError) and "CERTIFICATE" in str(one).upper() for one in chain):
        return AdminRequired("certificate")
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain):
        return AdminRequired("certificate")
    if any(isinstance(one, OSError) and _PROXY_PASSWORD.search(str(one)) for one in chain):
        return AdminRequired("proxy_authentication")
    for one in chain:
        if isinstance(one, UnsafeAddress):
            return ServiceFault("unsafe_address")
        if isinstance(one, BodyTooLarge):
            return ServiceFault("answer_too_large")
    if any(isinstance(one, (AnswerLost, BodyBroken)) for one in chain):
        return RetryLater("answer_lost", outcome_unknown=True)
    return RetryLater("offline")


def status_trouble(status: int, headers: Mapping[str, str], now: datetime) -> PortError:
    """What a bare HTTP status means where the service's own code says nothing; headers have lower-case names."""
    if status == 407:
        return AdminRequired("proxy_authentication")
    if status == 413:
        return ItemRejected("too_large")
    if status == 429:
        return RetryLater("http_429", retry_after(headers, now))
    if status == 408 or status >= 500:
        return RetryLater(f"http_{status}", retry_after(headers, now), outcome_unknown=True)
    return ServiceFault(f"http_{status}")


def is_web_page(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer is a page for people: a captive portal or a proxy stands in between."""
    # The type alone: what separates the parts of a batch is told behind it, and is drawn by chance (`batch_xHtmL…`).
    if "content-type" in headers and "html" in headers["content-type"].partition(";")[0].lower():
        return True
    return body[:1] != b"{" and body[:64].lstrip().lower().startswith((b"<!", b"<html"))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that the service asks us to wait (`Retry-After`, as a number or a date), or None."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 8:
        return min(float(text), _LONGEST_WAIT)
    moment = _http_date(text)
    return None if moment is None else min(max(0.0, (moment - now).total_seconds()), _LONGEST_WAIT)


def clock_is_wrong(headers: Mapping[str, str], now: datetime) -> bool:
    """Whether this machine's clock is more than five minutes off, by the server's `Date` header."""
    moment = _http_date(headers.get("date", ""))
    return moment is not None and abs((moment - now).total_seconds()) > _CLOCK_TOLERANCE


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        inner = next((part for part in one.args if isinstance(part, BaseException)), None)
        one = one.__cause__ or inner or one.__context__
