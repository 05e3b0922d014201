"""Carries msal's requests over our own transport: trust store, proxy, limits, checked addresses, no redirects.

msal takes https alone. For an authority on this machine (a test server, the demo) it is told an https address, and the
request goes to the http one; no other address is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from soroe.adapters.net.address import UnsafeAddress, check_address
from soroe.adapters.net.failures import clock_is_wrong, network_trouble, retry_after
from soroe.adapters.net.transport import LibraryClient
from soroe.ports.errors import AdminRequired, RetryLater, ServiceFault

from .errors import WebPage, check_page
from .settings import Microsoft365Settings


class Told:
    """An answer in the shape that msal reads."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.text = text
        self.headers = headers

    def raise_for_status(self) -> None:
        """Raises `ServiceFault` for a refusal that msal does not read itself."""
        if self.status_code >= 400:
            raise ServiceFault(f"authority_http_{self.status_code}")


class Carrier:
    """msal's `http_client`. Raises the port's errors for everything but an answer that msal can read."""

    def __init__(self, client: LibraryClient, settings: Microsoft365Settings, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._real = settings.authority_origin
        plain = urlsplit(self._real).scheme == "http"
        self._shown = f"https{self._real.removeprefix('http')}" if plain else self._real
        try:
            check_address(settings.authority_address)
        except UnsafeAddress as error:
            raise ServiceFault("unsafe_address") from error
        self.authority = self.shown(settings.authority_address)
        self.clock_wrong = False

    def shown(self, text: str) -> str:
        """The text with the authority's address as msal knows it."""
        return text.replace(self._real, self._shown) if self._real != self._shown else text

    def real(self, text: str) -> str:
        """The text with the authority's address as it is."""
        return text.replace(self._shown, self._real) if self._real != self._shown else text

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> Told:
        """One GET."""
        return self._send("GET", url, params, None, headers)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> Told:
        """One POST of a form."""
        form = data if isinstance(data, str) else urlencode({k: v for k, v in (data or {}).items() if v is not None})
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._send("POST", url, params, form, {**kind, **(headers or {})})

    def close(self) -> None:
        """Nothing: the client is closed by whoever opened it."""

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        form: str | None,
        headers: Mapping[str, str] | None,
    ) -> Told:
        address = self.real(url)
        if params:
            address += ("&" if "?" in address else "?") + urlencode(params)
        told = {name.lower(): str(value) for name, value in (headers or {}).items() if value is not None}
        try:
            response, content = self._client.request(address, method, form, {"accept": "application/json", **told})
            check_page(response.status, response, content)
        except (OSError, ValueError) as error:
            trouble = network_trouble(error)
            # Whatever was to be sent with the token has not been sent.
            raise RetryLater(trouble.reason, trouble.after) if isinstance(trouble, RetryLater) else trouble from error
        except WebPage as page:
            raise RetryLater("web_page", 30.0) from page
        self.clock_wrong = clock_is_wrong(response, self._now())
        if response.status == 407:
            raise AdminRequired("proxy_authentication")
        if response.status in {408, 429} or response.status >= 500:
            raise RetryLater(f"authority_http_{response.status}", retry_after(response, self._now()))
        return Told(response.status, self.shown(content.decode("utf-8", "replace")), dict(response))
