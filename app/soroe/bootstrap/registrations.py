"""What the organisation knows of an account: the application it uses, the server, the permissions it was given."""

from __future__ import annotations

from urllib.parse import urlsplit

from soroe.engine.health import Health, HealthState
from soroe.settings.model import (
    Account,
    GoogleAccount,
    Microsoft365Account,
    SalesforceAccount,
    TeamsAccount,
    ZoomAccount,
)
from soroe.ui.ports import Permission, Registration

_SERVERS = ("server", "base_url", "api_endpoint", "login_url")


def registration_of(account: Account) -> Registration:
    """Client id, tenant and server of an account, as far as it has them."""
    addresses = (str(getattr(account, name, "") or "") for name in _SERVERS)
    server = next((urlsplit(address).netloc for address in addresses if address), "")
    return Registration(str(getattr(account, "client_id", "")), str(getattr(account, "tenant", "")), server)


def scopes_of(account: Account) -> tuple[str, ...]:
    """The permissions that an account needs, by the names its service has for them."""
    match account:
        case GoogleAccount():
            from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE

            return EVENTS_SCOPE, CALENDAR_LIST_SCOPE
        case Microsoft365Account():
            from soroe.adapters.microsoft365.settings import NEEDED_SCOPES

            return NEEDED_SCOPES
        case TeamsAccount():
            from soroe.adapters.microsoft365.settings import TEAMS_NEEDED

            return TEAMS_NEEDED
        case SalesforceAccount():
            from soroe.adapters.crm.salesforce.settings import SCOPES as SALESFORCE_SCOPES

            return SALESFORCE_SCOPES
        case ZoomAccount():
            from soroe.adapters.zoom.settings import SCOPES

            return account.scopes or SCOPES
        case _:
            return ()


def permissions_of(account: Account, health: Health) -> tuple[Permission, ...]:
    """What was granted: a sign-in without all of the boxes does not count as one, but a box can be lost later."""
    missing = health.code if health.state is HealthState.PERMISSION_MISSING else ""
    return tuple(Permission(scope, scope != missing) for scope in scopes_of(account))
