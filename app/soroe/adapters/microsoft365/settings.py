"""Where Microsoft 365 is reached and as which application."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

CALENDARS_SCOPE = "Calendars.ReadWrite"
USER_SCOPE = "User.Read"
ZONE_SCOPE = "MailboxSettings.Read"
SHARED_SCOPE = "Calendars.Read.Shared"
MEETINGS_SCOPE = "OnlineMeetings.ReadWrite"
READ_CALENDAR_SCOPE = "Calendars.Read"
NEEDED_SCOPES = (CALENDARS_SCOPE, USER_SCOPE)
"""Without these nothing works."""
WANTED_SCOPES = (*NEEDED_SCOPES, ZONE_SCOPE, SHARED_SCOPE)
"""What is asked for at sign-in. Without the last two, the calendars' time zone is not told, and colleagues' calendars
are not listed."""
TEAMS_NEEDED = (MEETINGS_SCOPE, USER_SCOPE)
"""Without these no Teams meeting can be made."""
TEAMS_WANTED = (*TEAMS_NEEDED, READ_CALENDAR_SCOPE)
"""Without the last one it is not told beforehand whether the account has Teams at all."""


@dataclass(frozen=True, slots=True)
class Microsoft365Settings:
    """The registered public client and the endpoints; every endpoint can be another cloud's, or a test server.

    `tenant` is a directory's id or name, `organizations`, `common` or `consumers`. `email` is the account expected, if
    any. Quotas are those of the Outlook service: requests of one application to one mailbox. `wanted` are the
    permissions asked for at sign-in, `needed` those among them without which nothing works.
    """

    client_id: str
    tenant: str = "organizations"
    email: str = ""
    api_endpoint: str = "https://graph.microsoft.com/v1.0/"
    authority: str = "https://login.microsoftonline.com/"
    quota: int = 10_000
    quota_period: float = 600.0
    needed: tuple[str, ...] = NEEDED_SCOPES
    wanted: tuple[str, ...] = WANTED_SCOPES

    @property
    def api_base(self) -> str:
        """The API's address, always ending in a slash."""
        return self.api_endpoint.rstrip("/") + "/"

    @property
    def authority_address(self) -> str:
        """The authority with its tenant."""
        return f"{self.authority.rstrip('/')}/{quote(self.tenant or 'organizations', safe='')}"

    @property
    def authority_origin(self) -> str:
        """Scheme, host and port of the authority."""
        parts = urlsplit(self.authority)
        return f"{parts.scheme}://{parts.netloc}"
