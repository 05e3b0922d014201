"""Signing in to Google in the user's own browser: PKCE, a redirect to this machine, and what was really granted.

google-auth-oauthlib speaks with Google (`consent.py`). Waiting for the browser is ours: the library's listener is ended
by the first request of any program on this machine, and cannot be cancelled.
"""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from soroe.adapters.net.address import UnsafeAddress, check_address
from soroe.adapters.net.failures import clock_is_wrong, network_trouble
from soroe.adapters.net.reading import Json
from soroe.adapters.net.redirect import RedirectListener, RedirectPages, SignInStopped
from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.ports.errors import ConsentMissing, LocalTrouble, RetryLater, ServiceFault, SignInRequired
from soroe.ports.remote import Identity
from soroe.ports.sign_in import SignedIn, SignInCancelled, WrongAccount

from .errors import TokenRefused, WebPage, check_page, sign_in_refusal
from .settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret, GoogleSettings

if TYPE_CHECKING:
    from .consent import Consent

_FULL = "https://www.googleapis.com/auth/calendar"
_ENOUGH = {
    EVENTS_SCOPE: frozenset({EVENTS_SCOPE, _FULL}),
    CALENDAR_LIST_SCOPE: frozenset({CALENDAR_LIST_SCOPE, f"{_FULL}.calendarlist", f"{_FULL}.readonly", _FULL}),
}
_BUSY = frozenset({408, 429})


class GoogleSignIn:
    """One sign-in, from opening the browser to the secret; `run` blocks and belongs in a worker thread.

    `open_browser` shows an address in the system's browser and tells whether it could; `show_address`, where given,
    offers the address to be copied instead. `pages` are shown in the browser at the end. `now` is UTC.
    """

    def __init__(
        self,
        settings: GoogleSettings,
        *,
        open_browser: Callable[[str], bool],
        pages: RedirectPages,
        now: Callable[[], datetime],
        show_address: Callable[[str], None] | None = None,
        network: Network | None = None,
    ) -> None:
        self._settings = settings
        self._open_browser = open_browser
        self._show_address = show_address
        self._pages = pages
        self._now = now
        self._client = LibraryClient(RequestCount(), network)
        self._lock = threading.Lock()
        self._listener: RedirectListener | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Give up, from any thread; `run` then raises `SignInCancelled`."""
        with self._lock:
            self._cancelled = True
            listener = self._listener
        if listener is not None:
            listener.stop()

    def run(self, expected: Identity | None = None, timeout: float = 300.0) -> SignedIn:
        """Sign in; with `expected`, only as that account.

        Raises `SignInCancelled`, `WrongAccount`, `ConsentMissing` (a box was not ticked), `AdminRequired`,
        `LocalTrouble` (no browser, no port, `sign_in_timeout` after `timeout` seconds) and the network's errors.
        """
        self._check_endpoints()
        try:
            code, consent = self._code(expected, timeout)
            token = self._tokens(consent, code)
            granted = _granted(token)
            identity = self._whose(token)
        finally:
            self._client.close()
        if expected is not None and not _same(expected, identity):
            raise WrongAccount(identity.name)
        refresh_token = _text(token, "refresh_token")
        if not refresh_token:
            raise SignInRequired("no_refresh_token")
        subject = identity.key if identity.key != identity.name else ""
        secret = GoogleSecret(refresh_token, self._settings.client_id, identity.name, subject, tuple(sorted(granted)))
        try:
            return SignedIn(secret.text(), identity, _end(token, self._now()))
        except ValueError as error:
            raise ServiceFault("secret_too_long") from error

    def _check_endpoints(self) -> None:
        settings = self._settings
        try:
            for address in (settings.authorization_endpoint, settings.token_endpoint, settings.userinfo):
                check_address(address)
        except UnsafeAddress as error:
            raise ServiceFault("unsafe_address") from error

    def _code(self, expected: Identity | None, timeout: float) -> tuple[str, Consent]:
        """The code that Google's page sends back, and the consent it belongs to."""
        from .consent import Consent  # with it come the library, requests and cryptography

        with RedirectListener(self._pages) as listener:
            with self._lock:
                self._listener = listener
                if self._cancelled:
                    raise SignInCancelled("cancelled")
            try:
                consent = Consent(self._settings, listener.address, self._client)
                self._open(consent.address(listener.state, None if expected is None else expected.name))
                answer = listener.wait(timeout)
            except SignInStopped as stopped:
                raise SignInCancelled("cancelled") from stopped
            finally:
                with self._lock:
                    self._listener = None
            error = answer.get("error", "")
            if error == "access_denied":
                raise SignInCancelled("access_denied")
            if error or not answer.get("code"):
                raise sign_in_refusal(error[:60] or "no_code", False, False)
            return answer["code"], consent

    def _open(self, address: str) -> None:
        if self._show_address is not None:
            self._show_address(address)
        if not self._open_browser(address) and self._show_address is None:
            raise LocalTrouble("browser_not_opened")

    def _tokens(self, consent: Consent, code: str) -> Json:
        try:
            return consent.tokens(code)
        except TokenRefused as refused:
            wrong = clock_is_wrong(refused.headers, self._now())
            raise sign_in_refusal(refused.code, refused.retryable, wrong) from refused
        except WebPage as page:
            raise RetryLater("web_page") from page
        except OSError as error:
            raise network_trouble(error) from error

    def _whose(self, token: Json) -> Identity:
        """Whose account it is: by the user's page, or without one by the id token, or by the primary calendar's name.

        A gateway that serves the calendar alone has no page for the user.
        """
        bearer = {"authorization": f"Bearer {_text(token, 'access_token')}"}
        status, answer = self._ask(self._settings.userinfo, bearer)
        if status == 404:
            answer = _claims(token, self._settings.client_id)
            if not _text(answer, "email"):
                status, entry = self._ask(self._settings.api_base + "users/me/calendarList/primary", bearer)
                answer = {"email": entry["id"]} if status == 200 and _text(entry, "id") else {}
        if status not in {200, 404} or (status == 404 and not answer):
            raise sign_in_refusal(f"userinfo_{status}", status >= 500 or status in _BUSY, False)
        email = _text(answer, "email")
        if not email:
            raise ConsentMissing("email")
        return Identity(_text(answer, "sub") or email.casefold(), email)

    def _ask(self, address: str, headers: dict[str, str]) -> tuple[int, Json]:
        try:
            response, content = self._client.request(address, headers={"accept": "application/json", **headers})
            check_page(response.status, response, content)
        except OSError as error:
            raise network_trouble(error) from error
        except WebPage as page:
            if page.args == (404,):  # no page for the user, told as web servers tell it
                return 404, {}
            raise RetryLater("web_page") from page
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        return response.status, answer if isinstance(answer, dict) else {}


def revoke(settings: GoogleSettings, secret: str, network: Network | None = None) -> None:
    """Give the permission back to Google, so that the secret opens nothing any more; done already counts as done.

    Raises the network's errors; the secret may be forgotten all the same.
    """
    form = urlencode({"token": GoogleSecret.parse(secret).refresh_token})
    kind = {"content-type": "application/x-www-form-urlencoded"}
    client = LibraryClient(RequestCount(), network)
    try:
        response, _ = client.request(settings.revocation_endpoint, "POST", form, kind)
    except OSError as error:
        raise network_trouble(error) from error
    finally:
        client.close()
    if response.status >= 500 or response.status in _BUSY:
        raise RetryLater(f"http_{response.status}")


def _granted(token: Json) -> frozenset[str]:
    """The permissions really given; raises `ConsentMissing` for the first one that we cannot do without.

    The user may untick any box and still finish. A service that names no scopes has given what was asked for.
    """
    told = token.get("scope")
    granted = frozenset(_ENOUGH) if told is None else frozenset(str(told).split() if isinstance(told, str) else told)
    for needed, enough in _ENOUGH.items():
        if not granted & enough:
            raise ConsentMissing(needed)
    return granted


def _claims(token: Json, client_id: str) -> Json:
    """What the id token says of the user, {} without one for this application.

    It came from the token endpoint itself, whose certificate vouches for it (OpenID Connect Core 3.1.3.7): its
    signature adds nothing.
    """
    try:
        body = _text(token, "id_token").split(".")[1]
        told = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and client_id in (told.get("aud"), told.get("azp")) else {}


def _end(token: Json, now: datetime) -> datetime | None:
    """When the sign-in ends by itself; Google tells it where the user gave access for a limited time."""
    seconds = token.get("refresh_token_expires_in")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 10**9:
        return None
    return now + timedelta(seconds=seconds)


def _same(expected: Identity, found: Identity) -> bool:
    return expected.key == found.key or expected.name.casefold() == found.name.casefold()


def _text(answer: Json, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""
