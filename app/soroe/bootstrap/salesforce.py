"""From a Salesforce account in the settings to its connector."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from soroe.settings.model import SalesforceAccount

if TYPE_CHECKING:
    from soroe.adapters.crm.salesforce.crm import SalesforceCrm
    from soroe.adapters.crm.salesforce.settings import SalesforceSettings
    from soroe.adapters.net.oauth import Safe


def salesforce_settings(account: SalesforceAccount) -> SalesforceSettings:
    """Where the organisation's users sign in, and as which app."""
    from soroe.adapters.crm.salesforce.settings import REDIRECT_PORTS, SalesforceSettings

    return SalesforceSettings(
        account.login_url,
        account.client_id,
        account.stamp_field,
        account.redirect_ports or REDIRECT_PORTS,
    )


def salesforce_crm(
    account: SalesforceAccount, safe: Safe, clock: Callable[[], datetime]
) -> tuple[SalesforceCrm, Callable[[], None]]:
    """The CRM at the address that was told at sign-in, and what closes it with the connection its tokens are renewed
    over."""
    from soroe.adapters.crm.salesforce.crm import SalesforceCrm
    from soroe.adapters.crm.service import Line
    from soroe.adapters.net.oauth import OAuthKeys
    from soroe.adapters.net.transport import LibraryClient, RequestCount

    settings = salesforce_settings(account)
    renewing = LibraryClient(RequestCount())
    keys = OAuthKeys(settings.client(), renewing, safe, clock)
    crm = SalesforceCrm(settings, keys.site, keys, clock, Line())
    closing = ExitStack()
    closing.callback(renewing.close)
    closing.callback(crm.close)
    return crm, closing.close
