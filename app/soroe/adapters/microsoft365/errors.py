"""Graph's and Entra's errors, translated once into the port's (the M rows of the table of errors).

Decided by the codes first, outer to inner, then by the HTTP status; never by a message's words.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from soroe.adapters.net.failures import is_web_page, network_trouble, retry_after, status_trouble
from soroe.core.event import ReadOnlyCause
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    ConsentMissing,
    CursorExpired,
    Gone,
    ItemRejected,
    LimitReached,
    LocalTrouble,
    PortError,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

_OLD_CURSOR = frozenset(
    {
        "syncstatenotfound",
        "syncstateinvalid",
        "resyncrequired",
        "resyncapplydifferences",
        "resyncuploaddifferences",
        "fullsyncrequired",
        "errorinvalidsyncstatedata",
        "errorsyncfoldernotfound",
    }
)
_NO_MAILBOX = frozenset(
    {
        "mailboxnotenabledforrestapi",
        "mailboxnotsupportedforrestapi",
        "extensionerror",
        "errornonexistentmailbox",
        "resourcenotfound",
        "errormailboxnotfound",
    }
)
_GONE = frozenset(
    {
        "erroritemnotfound",
        "itemnotfound",
        "errorinvalididmalformed",
        "errorinvalidid",
        "errorcalendaroccurrenceisdeletedfromrecurrence",
        "errorcalendaroccurrenceindexisoutofrecurrencerange",
    }
)
_BUSY = frozenset(
    {
        "activitylimitreached",
        "applicationthrottled",
        "mailboxconcurrency",
        "errortoomanyobjectsopened",
        "errorserverbusy",
        "toomanyrequests",
        "servicenotavailable",
        "serviceunavailable",
        "errorinternalservertransienterror",
        "errormailboxstoreunavailable",
        "errormailboxmoveinprogress",
    }
)
_CONFLICT = frozenset({"errorirresolvableconflict", "resourcemodified", "namealreadyexists", "errorstaleobject"})
_FULL = frozenset({"quotalimitreached", "errorquotaexceeded", "insufficientstorage"})
_DENIED = frozenset({"erroraccessdenied", "accessdenied", "errorcannotdeleteobject", "errorcreateitemaccessdenied"})
_SCOPE = frozenset({"authorization_requestdenied"})
_ITEM = frozenset({"TimeZoneNotSupportedException"})
_SPOILT = frozenset(
    {
        "erroritemcorrupt",
        "errorcorruptdata",
        "errorcontentconversionfailed",
        "errormimecontentconversionfailed",
    }
)
TRANSIENT = "errorinternalservertransienterror"
INSUFFICIENT_CLAIMS = "insufficient_claims"
_FULL_PAUSE = timedelta(hours=4)
_MOST_DEPTH = 6


class WebPage(Exception):
    """Instead of an answer came a page for people: a captive portal or a proxy stands in between."""


@dataclass
class Refused(Exception):
    """An answer of Graph's that is not a success, with the parts a program decides by.

    `calendar` says that the call was about a whole calendar; `writing` that it changed something; `scope` is the
    permission the call needs, and `granted` whether the account has given it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    calendar: bool = False
    writing: bool = False
    scope: str = ""
    granted: bool = True
    codes: tuple[str, ...] = field(init=False, default=())
    message: str = field(init=False, default="")

    def __post_init__(self) -> None:
        Exception.__init__(self, self.status)
        self.codes, self.message = _parts(self.body)

    def __str__(self) -> str:
        return f"{self.status} {self.code}"

    @property
    def code(self) -> str:
        """The innermost code, which says most."""
        return self.codes[-1] if self.codes else ""

    def says(self, codes: frozenset[str]) -> str:
        """The first code of these that the answer carries; empty for none."""
        return next((code for code in self.codes if code.casefold() in codes), "")

    @property
    def is_gone(self) -> bool:
        """Whether Graph itself says that there is no such item; a 404 of something in between does not count."""
        return self.status in {400, 404} and bool(self.says(_GONE))

    @property
    def spoilt(self) -> str:
        """The code by which Graph says that it cannot show an item that it has; empty where it says no such thing."""
        return "" if self.calendar or self.writing else self.says(_SPOILT)

    @property
    def hidden(self) -> str:
        """The code by which Graph refuses to show one item, though all is granted that can be; else empty."""
        is_of_item = self.status == 403 and self.granted and not (self.calendar or self.writing)
        return self.says(_DENIED) if is_of_item else ""

    @property
    def claims(self) -> str:
        """What the service wants to know of the user anew (JSON), where it says so; else empty."""
        return claims_of(self.headers) if self.status in {401, 403} else ""


def claims_of(headers: Mapping[str, str]) -> str:
    """The claims that a `WWW-Authenticate` header asks for, decoded; empty where it asks for none."""
    found = re.search(r'claims="([^"]{1,8000})"', headers.get("www-authenticate", ""))
    if found is None:
        return ""
    text = found[1]
    try:
        told = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("utf-8")
        json.loads(told)
    except (binascii.Error, ValueError):
        return ""
    return told


def translate(error: BaseException, now: datetime, *, clock_wrong: bool = False) -> PortError:
    """What an error of Graph's or the network's means for the engine.

    `clock_wrong` says that the server's time was far from this machine's when the error came: then a refused sign-in
    is the clock's fault, and signing in again would not help.
    """
    match error:
        case PortError():
            return error
        case Refused():
            return _refusal(error, now, clock_wrong)
        case WebPage():
            return RetryLater("web_page", 30.0)
        case OSError() | ValueError():
            return network_trouble(error)
    return ServiceFault(type(error).__name__)


def _refusal(refused: Refused, now: datetime, clock_wrong: bool) -> PortError:
    code = refused.code
    if refused.claims or refused.says(frozenset({INSUFFICIENT_CLAIMS})):
        return SignInRequired(INSUFFICIENT_CLAIMS)
    if refused.status == 401:
        return LocalTrouble("clock_wrong") if clock_wrong else SignInRequired(code or "unauthenticated")
    known = _by_code(refused, now)
    if known is not None:
        return known
    if refused.status == 403:
        return _forbidden(refused)
    if refused.status == 400 and refused.writing and (code.startswith("Error") or code in _ITEM):
        return ItemRejected(code, None, refused.message)
    if code and refused.status < 500 and refused.status not in {407, 408, 413, 429}:
        return ServiceFault(code)
    trouble = status_trouble(refused.status, refused.headers, now)
    if isinstance(trouble, RetryLater) and not refused.writing:
        return RetryLater(trouble.reason, trouble.after)
    return trouble


def _by_code(refused: Refused, now: datetime) -> PortError | None:
    """What the codes say by themselves, and the statuses that mean one thing only."""
    status, code = refused.status, refused.code
    wait = retry_after(refused.headers, now)
    if status == 410 or refused.says(_OLD_CURSOR):
        return CursorExpired(code or "http_410")
    if mailbox := refused.says(_NO_MAILBOX):
        return AdminRequired(f"no_mailbox:{mailbox}")
    if status == 507 or refused.says(_FULL):
        return LimitReached(code or "http_507", now + (_FULL_PAUSE if wait is None else timedelta(seconds=wait)))
    if busy := refused.says(_BUSY):
        return RetryLater(busy, wait, outcome_unknown=refused.writing and status >= 500)
    if status == 424:
        return RetryLater("dependency_failed")
    if status in {409, 412} or refused.says(_CONFLICT):
        return ChangedMeanwhile(code or f"http_{status}")
    if refused.is_gone:
        return AdminRequired("calendar_not_found") if refused.calendar else Gone(code)
    return ItemRejected(refused.spoilt) if refused.spoilt else None  # whatever its status: no retry mends it


def _forbidden(refused: Refused) -> PortError:
    """A 403 has too many meanings to guess one (R5): the codes and what was granted decide."""
    if refused.says(_SCOPE) or (refused.says(_DENIED) and not refused.granted):
        return ConsentMissing(refused.scope or refused.code)
    if refused.says(_DENIED):
        if refused.writing:
            return ReadOnly(ReadOnlyCause.READ_ONLY_CONTAINER.value)
        return AdminRequired(f"access_denied:{refused.code}")
    return ServiceFault(refused.code or "http_403")


def _parts(body: bytes) -> tuple[tuple[str, ...], str]:
    """The codes of an error body, outer to inner, and its message; empty where the body is not what is documented."""
    try:
        error: Any = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return (), ""
    if not isinstance(error, dict):
        return (), ""
    message = error.get("message")
    codes: list[str] = []
    inner: Any = error
    for _ in range(_MOST_DEPTH):
        if not isinstance(inner, dict):
            break
        code = inner.get("code")
        if isinstance(code, str) and code:
            codes.append(code[:80])
        inner = inner.get("innerError", inner.get("innererror"))
    return tuple(codes), message[:300] if isinstance(message, str) else ""


def check_page(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raises `WebPage` where a page for people, or a redirect to one, came instead of an answer of the API."""
    if 300 <= status < 400 or (status in {200, 403, 404, 410} and is_web_page(headers, body)):
        raise WebPage(status)
