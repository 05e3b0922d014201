"""From an account in the settings to how its service is reached, and as which application."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from soroe.ports.errors import LocalTrouble, SignInRequired
from soroe.settings.model import (
    ExchangeAccount,
    ExchangeAuth,
    GoogleAccount,
    Microsoft365Account,
    OracleAccount,
    RestAccount,
    TeamsAccount,
    ZoomAccount,
)

if TYPE_CHECKING:
    from soroe.adapters.crm.oracle.settings import OracleSettings
    from soroe.adapters.crm.rest.profile_requests import OAuthAuth
    from soroe.adapters.exchange.settings import ExchangeSettings
    from soroe.adapters.google.settings import GoogleSettings
    from soroe.adapters.microsoft365.settings import Microsoft365Settings
    from soroe.adapters.net.oauth import OAuthClient
    from soroe.adapters.zoom.settings import ZoomSettings


def google_settings(account: GoogleAccount) -> GoogleSettings:
    """Where Google is reached, and as which application."""
    from soroe.adapters.google.settings import GoogleSettings

    return GoogleSettings(
        client_id=account.client_id,
        client_secret=account.client_secret,
        api_endpoint=account.api_endpoint,
        authorization_endpoint=account.authorization_endpoint,
        token_endpoint=account.token_endpoint,
        revocation_endpoint=account.revocation_endpoint,
    )


def exchange_settings(account: ExchangeAccount, zone: str) -> ExchangeSettings:
    """Where the mailbox is and how to sign in; `zone` is the user's own (IANA).

    Raises `SignInRequired("exchange_online")` for a sign-in that only Microsoft's cloud has: that account belongs to
    the Microsoft 365 connector.
    """
    from soroe.adapters.exchange.settings import Auth, ExchangeSettings

    if account.auth is ExchangeAuth.OAUTH2:
        raise SignInRequired("exchange_online")
    email = account.email or (account.username if "@" in account.username else "")
    return ExchangeSettings(
        email,
        account.username,
        endpoint=account.server,
        autodiscover=account.autodiscover,
        auth=Auth(account.auth.value),
        zone=zone,
    )


def microsoft365_settings(account: Microsoft365Account) -> Microsoft365Settings:
    """Where Microsoft 365 is reached, and as which application."""
    from soroe.adapters.microsoft365.settings import Microsoft365Settings

    return Microsoft365Settings(
        account.client_id, account.tenant, account.email, account.api_endpoint, account.authority
    )


def teams_settings(account: TeamsAccount) -> Microsoft365Settings:
    """Where Microsoft 365 is reached for meetings in Teams, and with which permissions."""
    from soroe.adapters.microsoft365.settings import TEAMS_NEEDED, TEAMS_WANTED, Microsoft365Settings

    return Microsoft365Settings(
        account.client_id,
        account.tenant,
        account.email,
        account.api_endpoint,
        account.authority,
        needed=TEAMS_NEEDED,
        wanted=TEAMS_WANTED,
    )


def zoom_settings(account: ZoomAccount) -> ZoomSettings:
    """Where Zoom is reached, and as which application."""
    from soroe.adapters.zoom.settings import SCOPES, ZoomSettings

    return ZoomSettings(
        account.client_id,
        account.scopes or SCOPES,
        account.api_endpoint,
        account.authorization_endpoint,
        account.token_endpoint,
    )


def oracle_settings(account: OracleAccount, zone: str) -> OracleSettings:
    """Where a company's Oracle CRM On Demand is, and how it tells times; `zone` is the user's own (IANA)."""
    from soroe.adapters.crm.oracle.settings import OracleSettings
    from soroe.adapters.crm.oracle.times import Times

    return OracleSettings(
        account.base_url,
        account.username,
        account.zone or zone,
        Times(account.times.value),
        account.show_events,
        fields=account.fields,
    )


def oauth_client(account: RestAccount, oauth: OAuthAuth) -> OAuthClient:
    """How we are registered with a CRM: as the profile says, or as the account itself does where it names anything."""
    from soroe.adapters.net.oauth import OAuthClient

    client_id = account.client_id or oauth.client_id
    if not client_id:
        raise LocalTrouble("no_client_id")
    return OAuthClient(
        account.authorization_endpoint or address_of(account.base_url, oauth.authorization_endpoint),
        account.token_endpoint or address_of(account.base_url, oauth.token_endpoint),
        client_id,
        tuple(oauth.scopes),
        redirect_host=oauth.redirect_host,
        parameters=dict(oauth.parameters),
    )


def address_of(base_url: str, endpoint: str) -> str:
    """An endpoint of a profile: "/x" on the host of the CRM, "x" below its base address, or a full address."""
    if endpoint.startswith("/"):
        parts = urlsplit(base_url)
        return f"{parts.scheme}://{parts.netloc}{endpoint}"
    return urljoin(base_url.rstrip("/") + "/", endpoint)
