"""Finding the server of a mailbox: where it is named, by autodiscover, or under the names that servers usually have.

Only hosts of the mail address's own domain, and addresses that they tell, are asked. Where autodiscover wants a
sign-in the password is sent there once; a refusal ends the search, so that no account is locked by it.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.ports.errors import AdminRequired, LocalTrouble, PortError, RetryLater, ServiceFault, SignInRequired

from .errors import Refused, translate
from .probe import Found, chosen, probe
from .settings import Auth, ExchangeSettings, is_online_host

_EWS = "/EWS/Exchange.asmx"
_PLAIN = "/autodiscover/autodiscover.xml"
_WITHOUT_SIGN_IN = "/autodiscover/autodiscover.json"
_TOLD = re.compile(r"<EwsUrl>\s*(https?://[^<\s]{1,500})\s*</EwsUrl>", re.IGNORECASE)
_MOVED = re.compile(r"<RedirectAddr>[^<]{1,300}@[^<@]{1,200}\.onmicrosoft\.com\s*</RedirectAddr>", re.IGNORECASE)
_MOST = 4
"""Addresses of one answer that are tried: a server tells at most an inner and an outer one."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search needs: whose mailbox, the password, and the ways to the network. `now` is UTC.

    `canonical` gives the name that a host's name stands for, or an empty text.
    """

    settings: ExchangeSettings
    password: str
    client: LibraryClient
    now: datetime
    network: Network
    canonical: Callable[[str], str]


def find_server(search: Search) -> Found:
    """The server of these settings; raises errors of the port, each with a code that says what is in the way."""
    settings = search.settings
    if is_online_host(settings.domain):
        raise SignInRequired("exchange_online")
    if settings.address and not settings.autodiscover:
        return probe(search.client, settings.address, search.now)
    hosts = _hosts(settings)
    if not hosts:
        raise SignInRequired("server_not_found")
    if any(is_online_host(search.canonical(urlsplit(host).hostname or "")) for host in hosts):
        raise SignInRequired("exchange_online")
    troubles: list[PortError] = []
    for host in hosts:
        found = _tried(search, host, troubles)
        if found is not None:
            return found
    raise max(troubles, key=_weight, default=SignInRequired("server_not_found"))


def canonical_name(host: str) -> str:
    """The name that a host's name stands for, by the system's resolver; empty where it does not tell."""
    try:
        return socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)[0][3]
    except (OSError, UnicodeError):
        return ""


def _hosts(settings: ExchangeSettings) -> list[str]:
    if settings.address:
        parts = urlsplit(settings.address)
        return [f"{parts.scheme}://{parts.netloc}"]
    if not settings.domain:
        return []
    names = (f"autodiscover.{settings.domain}", f"mail.{settings.domain}", settings.domain)
    return [f"https://{name}" for name in names]


def _tried(search: Search, host: str, troubles: list[PortError]) -> Found | None:
    """The server that a host tells of, or is; what stood in the way is noted, and a refused password ends it all."""
    for ask in (_without_sign_in, _with_sign_in, _itself):
        try:
            for address in ask(search, host)[:_MOST]:
                return probe(search.client, address, search.now)
        except SignInRequired as error:
            if error.code != "server_not_found":
                raise
            troubles.append(error)
        except (AdminRequired, RetryLater, LocalTrouble, ServiceFault) as error:
            troubles.append(error)
            if isinstance(error, RetryLater):
                return None  # whoever does not answer at all need not be asked in three ways
    return None


def _itself(_search: Search, host: str) -> list[str]:
    return [host + _EWS]


def _without_sign_in(search: Search, host: str) -> list[str]:
    """What autodiscover tells anybody; servers from 2016 on do."""
    query = f"?Email={quote(search.settings.email)}&Protocol=EWS&RedirectCount=1"
    answer, body = _asked(search, "GET", f"{host}{_WITHOUT_SIGN_IN}{query}")
    if answer != 200:
        return []
    try:
        told = json.loads(body).get("Url")
    except (ValueError, AttributeError, RecursionError):
        return []
    return [told] if isinstance(told, str) and urlsplit(told).hostname else []


def _asked(search: Search, method: str, address: str) -> tuple[int, bytes]:
    try:
        answer, body = search.client.request(address, method, headers={"accept": "application/json"})
    except OSError as error:
        trouble = translate(error, search.now)
        raise RetryLater("server_unreachable") if isinstance(trouble, RetryLater) else trouble from error
    return answer.status, body


def _with_sign_in(search: Search, host: str) -> list[str]:
    """What autodiscover tells the owner of the mailbox."""
    from .wires import Wire, open_session, signing  # with them comes requests

    address = host + _PLAIN
    offered = probe(search.client, address, search.now).offered
    auth = chosen(search.settings.auth, offered)
    if not search.password and auth is not Auth.KERBEROS:
        raise SignInRequired("password_refused")
    wire = Wire(search.network, RequestCount())
    signed = signing(auth, search.settings.login, search.password)
    session = open_session(address, wire, signed, {"Content-Type": "text/xml; charset=utf-8"})
    try:
        answer = session.post(address, data=_question(search.settings.email), allow_redirects=False)
    except OSError as error:
        raise translate(error, search.now) from error
    finally:
        session.close()
    if answer.status_code != 200:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        raise translate(Refused(answer.status_code, headers, answer.content[:4_096]), search.now)
    text = answer.content.decode("utf-8", "replace")
    if _MOVED.search(text):  # the mailbox has gone to Exchange Online, and a pointer to it stayed behind
        raise SignInRequired("exchange_online")
    return [unescape(one) for one in dict.fromkeys(_TOLD.findall(text))]


def _question(email: str) -> bytes:
    space = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
    wanted = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{space}"><Request>'
        f"<EMailAddress>{escape(email)}</EMailAddress><AcceptableResponseSchema>{wanted}</AcceptableResponseSchema>"
        "</Request></Autodiscover>"
    ).encode()


def _weight(error: PortError) -> int:
    """Which trouble says most, of several servers that might have been the one."""
    code = getattr(error, "code", "") or getattr(error, "reason", "")
    order = ("server_unreachable", "server_not_found", "captive_portal", "certificate", "proxy_authentication")
    return order.index(code) if code in order else len(order)
