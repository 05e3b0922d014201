"""Where Google is reached and as which application, and the small secret that stands for a signed-in account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from soroe.ports.errors import SignInRequired

EVENTS_SCOPE = "https://www.googleapis.com/auth/calendar.events"
CALENDAR_LIST_SCOPE = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
_API_PATH = "calendar/v3/"
_LONGEST_SECRET = 1200


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """The registered desktop application and the endpoints; every endpoint can be a test server or a gateway.

    Google's "client secret" of a desktop application is not a secret, but its token endpoint wants it.
    """

    client_id: str
    client_secret: str = ""
    api_endpoint: str = "https://www.googleapis.com/calendar/v3/"
    authorization_endpoint: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_endpoint: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret
    revocation_endpoint: str = "https://oauth2.googleapis.com/revoke"
    userinfo_endpoint: str = ""
    quota_per_minute: int = 600

    @property
    def api_base(self) -> str:
        """The API's address, always ending in `/calendar/v3/`."""
        base = self.api_endpoint.rstrip("/") + "/"
        return base if base.endswith("/" + _API_PATH) else base + _API_PATH

    @property
    def batch_address(self) -> str:
        """Where batches go: the API's own host, because the client library would send them to Google regardless."""
        return self.api_base.removesuffix(_API_PATH) + "batch/calendar/v3"

    @property
    def part_path(self) -> str:
        """The path that the calls inside a batch start with."""
        return "/" + _API_PATH

    @property
    def userinfo(self) -> str:
        """Where the account's user id is asked; next to the token endpoint when that one is not Google's."""
        if self.userinfo_endpoint:
            return self.userinfo_endpoint
        token = urlsplit(self.token_endpoint)
        if token.hostname == "oauth2.googleapis.com":
            return "https://openidconnect.googleapis.com/v1/userinfo"
        return f"{token.scheme}://{token.netloc}/oauth2/v3/userinfo"


@dataclass(frozen=True, slots=True)
class GoogleSecret:
    """What is kept in the keychain for an account: the refresh token and who it belongs to, no access token."""

    refresh_token: str
    client_id: str
    email: str
    subject: str = ""
    scopes: tuple[str, ...] = ()

    def text(self) -> str:
        """The secret as JSON; raises `ValueError` when it would not fit into the smallest keychain."""
        value = {
            "kind": "google",
            "refresh_token": self.refresh_token,
            "client_id": self.client_id,
            "email": self.email,
            "subject": self.subject,
            "scopes": [scope for scope in self.scopes if scope in {EVENTS_SCOPE, CALENDAR_LIST_SCOPE}],
        }
        text = json.dumps(value, separators=(",", ":"))
        if len(text) > _LONGEST_SECRET:
            raise ValueError(f"The secret has {len(text)} characters; keychains take {_LONGEST_SECRET}.")
        return text

    @classmethod
    def parse(cls, text: str) -> GoogleSecret:
        """The secret in this text; raises `SignInRequired` when it is none of ours."""
        try:
            value = json.loads(text)
            parts = [value[name] for name in ("refresh_token", "client_id", "email", "subject")]
            scopes = value["scopes"]
        except (ValueError, KeyError, TypeError) as error:
            raise SignInRequired("secret_unreadable") from error
        if not all(isinstance(part, str) for part in parts) or not isinstance(scopes, list) or not parts[0]:
            raise SignInRequired("secret_unreadable")
        token, client_id, email, subject = parts
        return cls(token, client_id, email, subject, tuple(str(scope) for scope in scopes))
