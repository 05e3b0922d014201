"""Where Salesforce is reached, and how this program is registered there."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from soroe.adapters.net.address import UnsafeAddress, check_address
from soroe.adapters.net.oauth import OAuthClient
from soroe.ports.errors import ServiceFault, SignInRequired

from .errors import sign_in_refusal
from .pauses import Intervals

SCOPES = ("api", "refresh_token", "openid")
REDIRECT_PORTS = (1717, 1718, 1719)
"""Salesforce compares the whole redirect address, port included: each of these is registered with the app."""
REDIRECT_PATH = "/callback"
API_VERSION = "v60.0"


@dataclass(frozen=True, slots=True)
class SalesforceSettings:
    """Where users sign in (a company's My Domain, or a sandbox's own page), and as which app.

    `stamp_field` names a text field that IT made on Activity for our stamp; "" where there is none.
    """

    login_url: str = "https://login.salesforce.com/"
    client_id: str = ""
    stamp_field: str = ""
    redirect_ports: tuple[int, ...] = REDIRECT_PORTS
    api_version: str = API_VERSION
    intervals: Intervals = field(default_factory=Intervals)

    def client(self) -> OAuthClient:
        """The program as Salesforce knows it: a public client with PKCE."""
        base = self.login_url.rstrip("/") + "/"
        return OAuthClient(
            urljoin(base, "services/oauth2/authorize"),
            urljoin(base, "services/oauth2/token"),
            self.client_id,
            SCOPES,
            redirect_host="localhost",
            redirect_path=REDIRECT_PATH,
            redirect_ports=self.redirect_ports,
            refusal=sign_in_refusal,
        )

    def instance(self, told: str) -> str:
        """The organisation's own address, as it was told with the tokens.

        It has to lie in the domain that the user signed in at: a token is shown to nobody else.
        """
        if not told:
            raise SignInRequired("secret_is_damaged")
        try:
            check_address(told)
        except UnsafeAddress as unsafe:
            raise ServiceFault("unsafe_address") from unsafe
        if _domain(told) != _domain(self.login_url):
            raise ServiceFault("instance_elsewhere")
        return told


def _domain(address: str) -> tuple[str, ...]:
    """The last two parts of a host's name; all of a numeric address."""
    host = urlsplit(address).hostname or ""
    parts = tuple(host.split("."))
    return parts if all(part.isdecimal() for part in parts) else parts[-2:]
