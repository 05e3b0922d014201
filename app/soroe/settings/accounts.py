"""Reading the accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from .checks import BadValue, listed
from .checks import name as checked_name
from .model import (
    CALENDAR_KINDS,
    CRM_KINDS,
    ESALES_GATEWAY,
    LOCATION_KINDS,
    Account,
    AccountName,
    CrmAuth,
    EsalesAccount,
    ExchangeAccount,
    ExchangeAuth,
    GoogleAccount,
    Microsoft365Account,
    OracleAccount,
    OracleTimes,
    PipedriveAccount,
    RestAccount,
    SalesforceAccount,
    TeamsAccount,
    ZoomAccount,
)
from .table import Table

ORACLE_RESOURCES = frozenset({"Appointments", "Events"})
TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

AVAILABLE_KINDS = frozenset(
    {"google", "exchange", "microsoft365", "rest", "esales", "pipedrive", "salesforce", "oracle", "zoom", "teams"}
)
"""The kinds that can be connected today; the others can be described, and are refused by name until they can."""


def read_accounts(tables: Table, available: Collection[str]) -> tuple[Account, ...]:
    """All accounts that could be read; what could not is noted."""
    found: list[Account] = []
    for name, table in tables.tables():
        account = _read_account(name, table, available)
        if account is not None:
            found.append(account)
    return tuple(found)


def _read_account(name: str, table: Table, available: Collection[str]) -> Account | None:
    try:
        checked_name(name)
    except BadValue as bad:
        table.note("", bad.code, bad.detail)
    if not table.has("kind"):
        table.note("kind", "missing_key")
        table.discard()
        return None
    kind = table.text("kind")
    read = _READERS.get(kind)
    if read is None:
        table.note("kind", "unknown_kind", listed((*CALENDAR_KINDS, *CRM_KINDS, *LOCATION_KINDS)))
        table.discard()
        return None
    account = read(AccountName(name), table)
    table.close()
    if kind not in available:
        table.note("kind", "kind_not_available", kind)
    return account


def _google(name: AccountName, table: Table) -> GoogleAccount:
    return GoogleAccount(
        name,
        email=table.text("email"),
        client_id=table.text("client_id"),
        client_secret=table.text("client_secret"),
        api_endpoint=table.address("api_endpoint", "https://www.googleapis.com/calendar/v3/"),
        authorization_endpoint=table.address("authorization_endpoint", "https://accounts.google.com/o/oauth2/v2/auth"),
        token_endpoint=table.address("token_endpoint", "https://oauth2.googleapis.com/token"),
        revocation_endpoint=table.address("revocation_endpoint", "https://oauth2.googleapis.com/revoke"),
    )


def _exchange(name: AccountName, table: Table) -> ExchangeAccount:
    account = ExchangeAccount(
        name,
        username=table.needed_text("username"),
        email=table.text("email"),
        server=table.address("server"),
        autodiscover=table.flag("autodiscover", default=False),
        auth=table.choice("auth", ExchangeAuth, ExchangeAuth.NTLM),
    )
    if bool(account.server) == account.autodiscover:
        table.note("server", "server_or_autodiscover")
    if account.autodiscover and not account.email:
        table.note("email", "autodiscover_without_email")
    return account


def _microsoft365(name: AccountName, table: Table) -> Microsoft365Account:
    return Microsoft365Account(
        name,
        email=table.text("email"),
        client_id=table.text("client_id"),
        tenant=table.maybe_text("tenant") or "organizations",
        api_endpoint=table.address("api_endpoint", "https://graph.microsoft.com/v1.0/"),
        authority=table.address("authority", "https://login.microsoftonline.com/"),
    )


def _rest(name: AccountName, table: Table) -> RestAccount:
    return RestAccount(
        name,
        base_url=table.needed_address("base_url"),
        profile=table.maybe_text("profile") or "generic",
        auth=table.maybe_choice("auth", CrmAuth),
        email=table.text("email"),
        client_id=table.text("client_id"),
        authorization_endpoint=table.address("authorization_endpoint"),
        token_endpoint=table.address("token_endpoint"),
        revocation_endpoint=table.address("revocation_endpoint"),
        tenant=_tenant(table, table.text("tenant")),
    )


def _esales(name: AccountName, table: Table) -> EsalesAccount:
    return EsalesAccount(
        name,
        base_url=table.address("base_url", ESALES_GATEWAY),
        profile=table.maybe_text("profile") or "esales",
        auth=table.maybe_choice("auth", CrmAuth),
        email=table.needed_text("email"),
        client_id=table.text("client_id"),
        authorization_endpoint=table.address("authorization_endpoint"),
        token_endpoint=table.address("token_endpoint"),
        revocation_endpoint=table.address("revocation_endpoint"),
        tenant=_tenant(table, table.needed_text("tenant")),
    )


def _tenant(table: Table, tenant: str) -> str:
    """A company's name in addresses: letters, digits and a few marks, so that it cannot lead elsewhere."""
    if tenant and TENANT.fullmatch(tenant) is None:
        table.note("tenant", "not_a_tenant")
    return tenant


def _pipedrive(name: AccountName, table: Table) -> PipedriveAccount:
    account = PipedriveAccount(
        name,
        base_url=table.needed_address("base_url"),
        auth=table.choice("auth", CrmAuth, CrmAuth.API_KEY),
        email=table.text("email"),
        client_id=table.text("client_id"),
        authorization_endpoint=table.address("authorization_endpoint", "https://oauth.pipedrive.com/oauth/authorize"),
        token_endpoint=table.address("token_endpoint", "https://oauth.pipedrive.com/oauth/token"),
    )
    if account.auth is CrmAuth.OAUTH2 and not account.client_id:
        table.note("client_id", "oauth2_without_client_id")
    return account


def _salesforce(name: AccountName, table: Table) -> SalesforceAccount:
    return SalesforceAccount(
        name,
        email=table.text("email"),
        client_id=table.text("client_id"),
        login_url=table.address("login_url", "https://login.salesforce.com/"),
        stamp_field=table.text("stamp_field"),
        redirect_ports=table.numbers("redirect_ports", 1_024, 65_535) or (),
    )


def _oracle(name: AccountName, table: Table) -> OracleAccount:
    return OracleAccount(
        name,
        base_url=table.needed_address("base_url"),
        username=table.needed_text("username"),
        zone=table.zone("zone"),
        times=table.choice("times", OracleTimes, OracleTimes.USER),
        show_events=table.flag("show_events", default=True),
        fields=_field_names(table),
        requests_per_minute=table.number("requests_per_minute", 25, 1, 10_000),
    )


def _field_names(table: Table) -> tuple[tuple[str, str], ...]:
    """Pairs of a usual name and the company's own, written "Appointments.Subject=Thema"."""
    pairs = []
    for text in table.texts("fields") or ():
        usual, mark, own = (part.strip() for part in text.partition("="))
        if mark and own and usual.partition(".")[0] in ORACLE_RESOURCES and usual.partition(".")[2]:
            pairs.append((usual, own))
        else:
            table.note("fields", "not_field_name", text)
    return tuple(pairs)


def _zoom(name: AccountName, table: Table) -> ZoomAccount:
    return ZoomAccount(
        name,
        email=table.text("email"),
        client_id=table.text("client_id"),
        scopes=table.texts("scopes") or (),
        api_endpoint=table.address("api_endpoint", "https://api.zoom.us/v2/"),
        authorization_endpoint=table.address("authorization_endpoint", "https://zoom.us/oauth/authorize"),
        token_endpoint=table.address("token_endpoint", "https://zoom.us/oauth/token"),
    )


def _teams(name: AccountName, table: Table) -> TeamsAccount:
    return TeamsAccount(
        name,
        email=table.text("email"),
        client_id=table.text("client_id"),
        tenant=table.maybe_text("tenant") or "organizations",
        api_endpoint=table.address("api_endpoint", "https://graph.microsoft.com/v1.0/"),
        authority=table.address("authority", "https://login.microsoftonline.com/"),
    )


_READERS: dict[str, Callable[[AccountName, Table], Account]] = {
    "google": _google,
    "exchange": _exchange,
    "microsoft365": _microsoft365,
    "rest": _rest,
    "esales": _esales,
    "pipedrive": _pipedrive,
    "salesforce": _salesforce,
    "oracle": _oracle,
    "zoom": _zoom,
    "teams": _teams,
}
