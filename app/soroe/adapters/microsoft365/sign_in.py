"""Signing in to Microsoft 365 in the user's own browser: PKCE, a redirect to this machine, and what was granted.

msal speaks with Entra. Waiting for the browser is ours, so that it can be cancelled, ends on our own pages, and is not
ended by another program's request.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from soroe.adapters.net.redirect import RedirectPages, SignInStopped
from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.ports.errors import ConsentMissing, LocalTrouble, PortError, RetryLater, ServiceFault, SignInRequired
from soroe.ports.remote import Identity
from soroe.ports.sign_in import SignedIn, SignInCancelled, WrongAccount

from .carrier import Carrier
from .entra_errors import refusal_of, refused_sign_in
from .landing import FormListener
from .settings import Microsoft365Settings
from .tokens import Microsoft365Secret, application, scope_names

_DECLINED = 65004


class Microsoft365SignIn:
    """One sign-in, from opening the browser to the secret; `run` blocks and belongs in a worker thread.

    `open_browser` shows an address in the system's browser and tells whether it could; `show_address`, where given,
    offers the address to be copied instead. `pages` are shown in the browser at the end. `now` is UTC. `former` is the
    account's secret so far, where there is one: in it stands what the service asked for (claims).
    """

    def __init__(
        self,
        settings: Microsoft365Settings,
        *,
        open_browser: Callable[[str], bool],
        pages: RedirectPages,
        now: Callable[[], datetime],
        show_address: Callable[[str], None] | None = None,
        former: str = "",
        network: Network | None = None,
    ) -> None:
        self._settings = settings
        self._open_browser = open_browser
        self._show_address = show_address
        self._pages = pages
        self._now = now
        self._former = former
        self._client = LibraryClient(RequestCount(), network)
        self._lock = threading.Lock()
        self._listener: FormListener | None = None
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

        Raises `SignInCancelled`, `WrongAccount`, `ConsentMissing`, `AdminRequired`, `LocalTrouble` (no browser, no
        port, `sign_in_timeout` after `timeout` seconds) and the network's errors.
        """
        from msal import SerializableTokenCache  # type: ignore[import-untyped]  # slow to load, and without types

        try:
            carrier = Carrier(self._client, self._settings, self._now)
            cache = SerializableTokenCache()
            entra = application(self._settings, carrier, cache)
            answer = self._answer(entra, carrier, expected, timeout)
            identity = _whose(entra, answer)
            _check_granted(answer, self._settings.needed)
        finally:
            self._client.close()
        if expected is not None and not _same(expected, identity):
            raise WrongAccount(identity.name)
        return SignedIn(Microsoft365Secret(cache.serialize(), self._settings.client_id).text(), identity)

    def _answer(self, entra: Any, carrier: Carrier, expected: Identity | None, timeout: float) -> dict[str, Any]:  # noqa: ANN401 - msal publishes no types
        """The tokens that the page's code is traded for."""
        with FormListener(self._pages, secrets.token_urlsafe(32)) as listener:
            with self._lock:
                self._listener = listener
                if self._cancelled:
                    raise SignInCancelled("cancelled")
            try:
                flow = self._flow(entra, listener, expected)
                self._open(carrier.real(str(flow["auth_uri"])))
                told = listener.wait(timeout)
            except SignInStopped as stopped:
                raise SignInCancelled("cancelled") from stopped
            finally:
                with self._lock:
                    self._listener = None
            if "error" in told or not told.get("code"):
                raise self._refused_by_page(told)
            return self._traded(entra, carrier, flow, told)

    def _flow(self, entra: Any, listener: FormListener, expected: Identity | None) -> dict[str, Any]:  # noqa: ANN401 - as above
        hint = expected.name if expected is not None else self._settings.email
        flow = entra.initiate_auth_code_flow(
            list(self._settings.wanted),
            redirect_uri=listener.redirect,
            state=listener.state,
            prompt=None if hint else "select_account",
            login_hint=hint or None,
            claims_challenge=self._claims() or None,
            response_mode="form_post",
        )
        return dict(flow)

    def _claims(self) -> str:
        """What the service asked for when it cut the last session short."""
        try:
            return Microsoft365Secret.parse(self._former).claims if self._former else ""
        except SignInRequired:  # a damaged secret is what a new sign-in is for
            return ""

    def _open(self, address: str) -> None:
        if self._show_address is not None:
            self._show_address(address)
        if not self._open_browser(address) and self._show_address is None:
            raise LocalTrouble("browser_not_opened")

    def _refused_by_page(self, told: dict[str, str]) -> PortError:
        refusal = refusal_of(told if told.get("error") else {"error": "no_code"})
        if refusal.error == "access_denied" and set(refusal.numbers) <= {_DECLINED}:
            return SignInCancelled("access_denied")
        return refused_sign_in(refusal, self._now(), permission=self._settings.needed[0])

    def _traded(self, entra: Any, carrier: Carrier, flow: dict[str, Any], told: dict[str, str]) -> dict[str, Any]:  # noqa: ANN401 - as above
        try:
            answer = entra.acquire_token_by_auth_code_flow(flow, told)
        except PortError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:  # it trusts every field
            raise RetryLater("token_answer_unreadable") from error
        if "error" in answer:
            raise refused_sign_in(
                refusal_of(answer),
                self._now(),
                permission=self._settings.needed[0],
                clock_wrong=carrier.clock_wrong,
            )
        return dict(answer)


def _whose(entra: Any, answer: dict[str, Any]) -> Identity:  # noqa: ANN401 - as above
    """The account that has signed in: under the key that msal's cache names it by, with its sign-in name."""
    accounts = entra.get_accounts()
    if len(accounts) != 1 or not isinstance(accounts[0].get("home_account_id"), str):
        raise ServiceFault("no_account_told")
    claims = answer.get("id_token_claims")
    told = claims.get("preferred_username") if isinstance(claims, dict) else None
    name = told if isinstance(told, str) and told else str(accounts[0].get("username") or "")
    if not name:
        raise ServiceFault("no_account_name_told")
    return Identity(accounts[0]["home_account_id"], name)


def _check_granted(answer: dict[str, Any], required: tuple[str, ...]) -> None:
    """Raises `ConsentMissing` for the first permission that we cannot do without, `SignInRequired` for no renewal.

    A service that names no permissions has given what was asked for.
    """
    told = answer.get("scope")
    granted = scope_names(told) if isinstance(told, str) and told else None
    for needed in required:
        if granted is not None and needed.casefold() not in granted:
            raise ConsentMissing(needed)
    if not answer.get("refresh_token"):
        raise SignInRequired("no_refresh_token")


def _same(expected: Identity, found: Identity) -> bool:
    return expected.key == found.key or expected.name.casefold() == found.name.casefold()
