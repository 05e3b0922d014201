"""Where the services themselves help, and where they tell whether they are up (PD-12)."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.ui.ports import AccountKind


@dataclass(frozen=True, slots=True)
class HelpPages:
    """A service's own pages on the web; empty where it is the company's own server, or has none that is public."""

    support: str = ""
    status: str = ""


_MICROSOFT = HelpPages("https://support.microsoft.com/", "https://status.cloud.microsoft/")
_PAGES = {
    AccountKind.GOOGLE: HelpPages(
        "https://support.google.com/calendar", "https://www.google.com/appsstatus/dashboard/"
    ),
    AccountKind.MICROSOFT365: _MICROSOFT,
    AccountKind.TEAMS: _MICROSOFT,
    AccountKind.ZOOM: HelpPages("https://support.zoom.com/", "https://status.zoom.us/"),
    AccountKind.PIPEDRIVE: HelpPages("https://support.pipedrive.com/", "https://status.pipedrive.com/"),
    AccountKind.SALESFORCE: HelpPages("https://help.salesforce.com/", "https://status.salesforce.com/"),
    AccountKind.ESALES: HelpPages("https://www.e-sales-success.jp/"),
    AccountKind.ORACLE: HelpPages("https://support.oracle.com/"),
}


def help_pages(kind: AccountKind) -> tuple[tuple[str, str], ...]:
    """The pages there are, as the id of their name and their address."""
    pages = _PAGES.get(kind, HelpPages())
    named = (("connections.help.support", pages.support), ("connections.help.status", pages.status))
    return tuple((name, address) for name, address in named if address)
