"""Asking a server what it is and how it lets people sign in, by a request that carries no password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from soroe.adapters.net.address import UnsafeAddress, check_address
from soroe.adapters.net.failures import clock_is_wrong, is_web_page, network_trouble
from soroe.adapters.net.transport import LibraryClient
from soroe.ports.errors import (
    AdminRequired,
    LocalTrouble,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .errors import Refused, translate
from .settings import Auth, is_online_address, is_online_build

_ASK = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'
    ' xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">'
    '<s:Header><t:RequestServerVersion Version="Exchange2013"/></s:Header>'
    "<s:Body><m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"
    '<m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>'
).encode("ascii")
_HEADERS = {"content-type": "text/xml; charset=utf-8", "accept": "text/xml"}


@dataclass(frozen=True, slots=True)
class Found:
    """A server that answers as Exchange does: its address, and how it lets people sign in."""

    endpoint: str
    offered: frozenset[Auth]


def probe(client: LibraryClient, address: str, now: datetime) -> Found:
    """Ask one address without signing in, and read from its refusal what it wants."""
    try:
        check_address(address)
    except UnsafeAddress as error:
        raise ServiceFault("unsafe_address") from error
    if is_online_address(address):
        raise SignInRequired("exchange_online")
    try:
        answer, body = client.request(address, "POST", _ASK, _HEADERS)
    except OSError as error:
        trouble = network_trouble(error)
        raise RetryLater("server_unreachable") if isinstance(trouble, RetryLater) else trouble from error
    if answer.status == 407:
        raise AdminRequired("proxy_authentication")
    online = is_online_build(answer.get("x-owa-version", "")) or "modern auth" in _diagnostics(answer)
    if answer.status != 401:
        raise _no_challenge(answer.status, answer, body, online, now)
    if online:
        raise SignInRequired("exchange_online")
    offered = offered_by(answer.get("www-authenticate", ""))
    if not offered:
        raise AdminRequired("no_known_sign_in")
    if clock_is_wrong(answer, now) and Auth.BASIC not in offered:
        raise LocalTrouble("clock_wrong")
    return Found(address, offered)


def offered_by(challenge: str) -> frozenset[Auth]:
    """The ways to sign in that a challenge offers and we know. "Negotiate" is Kerberos, and NTLM inside it too."""
    schemes = {part.strip().partition(" ")[0].lower() for part in challenge.split(",")}
    offered = {Auth.BASIC} if "basic" in schemes else set()
    if "ntlm" in schemes:
        offered.add(Auth.NTLM)
    if "negotiate" in schemes:
        offered |= {Auth.KERBEROS, Auth.NTLM}
    return frozenset(offered)


def chosen(wanted: Auth, offered: frozenset[Auth]) -> Auth:
    """The way that the settings want where the server offers it, else the strongest that takes a password."""
    if wanted in offered:
        return wanted
    if wanted is not Auth.KERBEROS:
        for other in (Auth.NTLM, Auth.BASIC):
            if other in offered:
                return other
    raise AdminRequired("no_known_sign_in")


def _no_challenge(status: int, headers: Mapping[str, str], body: bytes, online: bool, now: datetime) -> PortError:
    """What an answer means that asks for no sign-in: it cannot be an Exchange Server that is in order."""
    if status == 200 or (300 <= status < 400 and not online):
        if is_web_page(headers, body) or status != 200:
            return _page(headers)
        return AdminRequired("no_sign_in_wanted")  # whoever answers anybody is no mailbox of a person
    return translate(Refused(status, headers, body, online), now)


def _page(headers: Mapping[str, str]) -> PortError:
    """A page, or a redirect to one: a portal in between, or the web pages of a mail server of another make."""
    target = headers.get("location", "")
    if target.startswith("/") or "owa" in target.lower() or "x-owa-version" in headers:
        return SignInRequired("server_not_found")
    return RetryLater("captive_portal", 30.0)


def _diagnostics(headers: Mapping[str, str]) -> str:
    return headers.get("ms-diagnostics-public", "").lower()
