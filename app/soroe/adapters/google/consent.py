"""google-auth-oauthlib's flow over our own transport: the address to consent at, and the code traded for tokens.

Loaded by a sign-in only: the library brings requests and cryptography along.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import MissingTokenError, OAuth2Error
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from soroe.adapters.net.address import check_address
from soroe.adapters.net.reading import Json
from soroe.adapters.net.transport import LibraryClient
from soroe.ports.errors import RetryLater

from .errors import TokenRefused, check_page
from .settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSettings

_SCOPES = ("openid", "email", EVENTS_SCOPE, CALENDAR_LIST_SCOPE)
_PLAIN_HTTP = "OAUTHLIB_INSECURE_TRANSPORT"
_plain_http_lock = threading.Lock()


class Consent:
    """One consent: the library makes the challenge (PKCE) and the two requests; we carry them.

    `redirect` is where the browser is sent back to, `client` sends what the library asks.
    """

    def __init__(self, settings: GoogleSettings, redirect: str, client: LibraryClient) -> None:
        # At its lowest level the library writes codes and tokens into the log.
        for name in ("requests_oauthlib", "oauthlib"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._settings = settings
        application = {
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "auth_uri": settings.authorization_endpoint,
            "token_uri": settings.token_endpoint,
        }
        self._flow = Flow.from_client_config(
            {"installed": application}, _SCOPES, redirect_uri=redirect, autogenerate_code_verifier=True
        )
        session = self._flow.oauth2session
        session.trust_env = False  # or a password of the user's .netrc would be sent along
        session.headers.clear()
        carrier = _Carrier(client)
        session.mount("https://", carrier)
        session.mount("http://", carrier)
        session.register_compliance_hook("access_token_response", _refuse)

    def address(self, state: str, hint: str | None) -> str:
        """The page where the user consents; `hint` is the account it is to suggest."""
        suggestion = {} if hint is None else {"login_hint": hint}
        with _plain_http_here(self._settings.authorization_endpoint):
            # Only offline, and only after a consent, comes a refresh token.
            address, _ = self._flow.authorization_url(
                state=state, access_type="offline", prompt="consent", **suggestion
            )
        return str(address)

    def tokens(self, code: str) -> Json:
        """What the token endpoint gives for the code, also when fewer permissions were given than asked for.

        Raises `TokenRefused`, `WebPage`, `RetryLater` for a garbled answer, and the network's errors.
        """
        try:
            with _plain_http_here(self._settings.token_endpoint):
                # The application's name and its "secret" go into the form, where Google documents them.
                found = self._flow.fetch_token(code=code, include_client_id=True)
        except MissingTokenError as error:
            raise RetryLater("token_answer_unreadable") from error
        except OAuth2Error as error:  # a refusal under a status of success
            raise TokenRefused(error.status_code, {}, {"error": error.error}) from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:  # it trusts the type of every field
            raise RetryLater("token_answer_unreadable") from error
        except Warning as fewer:  # a box was not ticked: which one is for the caller to see
            found = getattr(fewer, "token", None)
        if not isinstance(found, dict):
            raise RetryLater("token_answer_unreadable")
        return dict(found)


class _Carrier(BaseAdapter):
    """Sends the library's requests over our own client: trust store, proxy, limits, checked addresses, no redirects."""

    def __init__(self, client: LibraryClient) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:  # noqa: ANN401 - theirs
        """Carry one request out; a page for people or a redirect raises `WebPage`."""
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        body = request.body
        assert body is None or isinstance(body, bytes | str)
        response, content = self._client.request(str(request.url), str(request.method), body, headers)
        check_page(response.status, response, content)
        answer = requests.Response()
        answer.status_code = response.status
        answer.headers = CaseInsensitiveDict(response)
        answer.raw = BytesIO(content)
        answer.encoding = "utf-8"
        answer.request = request
        answer.url = str(request.url)
        return answer

    def close(self) -> None:
        """Nothing: the client is closed by whoever opened it."""


def _refuse(answer: requests.Response) -> requests.Response:
    """Raises `TokenRefused` for every status but success, before the library reads the body its own way."""
    if answer.status_code != 200:
        try:
            told = json.loads(answer.content)
        except (ValueError, RecursionError):
            told = {}
        headers: Mapping[str, str] = {name.lower(): value for name, value in answer.headers.items()}
        raise TokenRefused(answer.status_code, headers, told if isinstance(told, dict) else {})
    return answer


@contextmanager
def _plain_http_here(address: str) -> Iterator[None]:
    """Lets the library take plain http for this one call, if the address is on this machine; else it stays forbidden.

    The library can be told so by the process's environment only, which is as before when the call has ended.
    """
    check_address(address)
    if urlsplit(address).scheme == "https":
        yield
        return
    with _plain_http_lock:
        before = os.environ.get(_PLAIN_HTTP)
        os.environ[_PLAIN_HTTP] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ[_PLAIN_HTTP]
            else:
                os.environ[_PLAIN_HTTP] = before
