"""Signing in to an Exchange mailbox: find the server without a password, then send the password exactly once.

A mailbox in Exchange Online or outlook.com is recognised before any password is sent: passwords open nothing there. A
server that refuses a password does not say why; only a locked account and an expired password are told apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.ports.errors import ServiceFault, SignInRequired
from soroe.ports.sign_in import SignedIn

from .calendars import primary
from .find_server import Search, canonical_name, find_server
from .probe import chosen
from .session import Session
from .settings import Auth, ExchangeSecret, ExchangeSettings, is_online_build


def sign_in(
    settings: ExchangeSettings,
    password: str,
    *,
    now: Callable[[], datetime],
    network: Network | None = None,
) -> SignedIn:
    """Find the server, sign in once, and open the mailbox's calendar; blocks, so it belongs in a worker thread.

    The identity is the mailbox's address, which the server was asked to open by it. Raises `SignInRequired` with
    `server_not_found`, `exchange_online`, `password_refused`, `account_locked` or `password_expired`; `AdminRequired`
    with `certificate`, `proxy_authentication`, `ews_switched_off` or the mailbox's own trouble; `LocalTrouble` with
    `clock_wrong` or `kerberos_not_installed`; `RetryLater` with `server_unreachable` or `captive_portal`.
    """
    client = LibraryClient(RequestCount(), network)
    try:
        search = Search(settings, password, client, now(), network or Network(), canonical_name)
        found = find_server(search)
    finally:
        client.close()
    auth = chosen(settings.auth, found.offered)
    if not password and auth is not Auth.KERBEROS:
        raise SignInRequired("password_refused")
    identity = settings.identity
    draft = ExchangeSecret(password, found.endpoint, auth, "", identity.key)
    build = _build(settings, _text(draft), now, network)
    secret = ExchangeSecret(password, found.endpoint, auth, build, identity.key)
    return SignedIn(_text(secret), identity)


def _build(settings: ExchangeSettings, secret: str, now: Callable[[], datetime], network: Network | None) -> str:
    """The server's build, from the one signed-in request: it opens the mailbox's own calendar."""
    found = replace(settings, endpoint="", server="")  # where the server is, the search has settled
    session = Session(found, lambda: secret, now=now, network=network)
    try:
        primary(session)
        build = session.run(lambda mailbox: mailbox.build)
    finally:
        session.close()
    if is_online_build(build):
        raise SignInRequired("exchange_online")
    return build


def _text(secret: ExchangeSecret) -> str:
    try:
        return secret.text()
    except ValueError as error:
        raise ServiceFault("secret_too_long") from error
