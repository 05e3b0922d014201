"""Finding the server and what it wants, before any password is sent: by requests that carry none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

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
from .settings import Auth, ExchangeSettings, is_online_address, is_online_build, is_online_host

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


def find_server(client: LibraryClient, settings: ExchangeSettings, now: datetime) -> Found:
    """The server of these settings; raises errors of the port, each with a code that says what is in the way.

    A server that is named is asked alone. Otherwise autodiscover is, and then the names that servers of a domain
    usually have; all of them belong to the domain of the mail address.
    """
    if is_online_host(settings.domain):
        raise SignInRequired("exchange_online")
    if settings.address:
        return probe(client, settings.address, now)
    if not settings.domain or not settings.autodiscover:
        raise SignInRequired("server_not_found")
    told = _autodiscovered(client, settings)
    if told:
        return probe(client, told, now)
    trouble: PortError = SignInRequired("server_not_found")
    for host in (f"autodiscover.{settings.domain}", f"mail.{settings.domain}", settings.domain):
        try:
            return probe(client, f"https://{host}/EWS/Exchange.asmx", now)
        except (SignInRequired, AdminRequired, RetryLater) as error:
            if getattr(error, "code", "") == "exchange_online":
                raise
            if _weight(error) > _weight(trouble):
                trouble = error
    raise trouble


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


def _autodiscovered(client: LibraryClient, settings: ExchangeSettings) -> str:
    """What autodiscover tells without a sign-in (2016 and later do); empty where it tells nothing."""
    path = f"/autodiscover/autodiscover.json?Email={quote(settings.email)}&Protocol=EWS&RedirectCount=1"
    for host in (f"autodiscover.{settings.domain}", settings.domain):
        try:
            answer, body = client.request(f"https://{host}{path}", headers={"accept": "application/json"})
            told = json.loads(body).get("Url", "") if answer.status == 200 else ""
        except (OSError, ValueError, AttributeError, RecursionError):
            continue
        if isinstance(told, str) and urlsplit(told).hostname:
            return told
    return ""


def _weight(error: PortError) -> int:
    """Which trouble says most, of several servers that might have been the one."""
    code = getattr(error, "code", "") or getattr(error, "reason", "")
    order = ("server_unreachable", "server_not_found", "captive_portal", "certificate", "proxy_authentication")
    return order.index(code) if code in order else len(order)


def _diagnostics(headers: Mapping[str, str]) -> str:
    return headers.get("ms-diagnostics-public", "").lower()
