"""Signing in with OAuth in the system browser, and tokens that renew themselves without ever being lost."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from soroe.ports.errors import ConsentMissing, LocalTrouble, PortError, RetryLater, ServiceFault, SignInRequired

from .exchange import Answer, Json, exchange
from .redirect import LandingPlace, RedirectListener, RedirectPages, SignInStopped

if TYPE_CHECKING:
    from .transport import LibraryClient

LONGEST_SECRET = 1_200
SIGN_IN_TIME = 300.0
_EARLY = timedelta(seconds=60)
_AGAIN = frozenset({"server_error", "temporarily_unavailable", "internal_failure", "slow_down"})
_OURS = frozenset(
    {"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_request"}
)


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """How this program is registered with a service.

    Without `client_secret` it is a public client. `redirect_port` 0 takes a free port; a service that knows one exact
    address needs port and path as registered; one that knows a few has them in `redirect_ports`, and the first free one
    is taken. `refusal` tells what a service's own code and description mean, where they say more than the code alone.
    """

    authorization_endpoint: str
    token_endpoint: str
    client_id: str
    scopes: tuple[str, ...] = ()
    client_secret: str = field(default="", repr=False)
    redirect_host: str = "127.0.0.1"
    redirect_port: int = 0
    redirect_path: str = "/"
    parameters: Mapping[str, str] = field(default_factory=dict)
    redirect_ports: tuple[int, ...] = ()
    refusal: Callable[[str, str], PortError | None] | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a service gave us. `until` is the access token's end (UTC), `site` the address it belongs to.

    `ends` is the end of the whole sign-in (UTC), where the service told one just now; it is not kept in the keychain.
    """

    refresh: str = field(repr=False)
    access: str = field(default="", repr=False)
    until: datetime | None = None
    site: str = ""
    ends: datetime | None = None

    def secret(self) -> str:
        """The text for the keychain, at most 1,200 characters: a long access token is left out and fetched anew."""
        told = {"r": self.refresh, "s": self.site}
        whole = {**told, "a": self.access, "u": self.until.isoformat() if self.until else ""}
        for part in (whole, told):
            text = json.dumps(part, separators=(",", ":"))
            if len(text) <= LONGEST_SECRET:
                return text
        raise LocalTrouble("refresh_token_too_long_for_keychain")

    @classmethod
    def of(cls, secret: str) -> Tokens:
        """The tokens in a keychain text; `SignInRequired` for anything else."""
        try:
            told = json.loads(secret)
            until = datetime.fromisoformat(told["u"]) if told.get("u") else None
            found = cls(str(told["r"]), str(told.get("a", "")), until, str(told.get("s", "")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignInRequired("secret_is_damaged") from error
        if not found.refresh:
            raise SignInRequired("no_refresh_token")
        return found


def sign_in(
    client: OAuthClient,
    http: LibraryClient,
    open_browser: Callable[[str], None],
    random: Callable[[int], bytes],
    clock: Callable[[], datetime],
    pages: RedirectPages,
    *,
    timeout: float = SIGN_IN_TIME,
    cancelled: Callable[[], bool] = lambda: False,
) -> Tokens:
    """Lets the user sign in and consent in the browser; returns the tokens.

    `random` gives that many random bytes, `timeout` is in seconds, `pages` are what the browser ends on. Raises
    `LocalTrouble` (port taken, no browser, time up, cancelled), `ConsentMissing`, and every account error.
    """
    verifier, state = _text(random(48)), _text(random(24))
    challenge = _text(sha256(verifier.encode("ascii")).digest())
    with _listening(client, pages, state) as listener:
        redirect = listener.address
        query = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": redirect,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"scope": " ".join(client.scopes)} if client.scopes else {}),
            **client.parameters,
        }
        mark = "&" if "?" in client.authorization_endpoint else "?"
        address = f"{client.authorization_endpoint}{mark}{urlencode(query)}"
        open_browser(address)
        try:
            told = listener.wait(timeout, cancelled)
        except SignInStopped as stopped:
            raise LocalTrouble("sign_in_cancelled") from stopped
    if "error" in told:
        raise _refused_consent(told["error"], told.get("error_description", ""), client)
    if not told.get("code"):
        raise ServiceFault("sign_in_without_code")
    form = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": redirect,
        "code_verifier": verifier,
    }
    document = _ask(client, http, form)
    _check_scopes(document, client)
    return _tokens(document, clock(), refresh="")


def _listening(client: OAuthClient, pages: RedirectPages, state: str) -> RedirectListener:
    """Listens on the first port that is free, of those the service knows."""
    *others, last = client.redirect_ports or (client.redirect_port,)
    for port in others:
        try:
            return RedirectListener(pages, LandingPlace(client.redirect_host, port, client.redirect_path), state)
        except LocalTrouble:
            continue  # another program has it: that is why there are several
    return RedirectListener(pages, LandingPlace(client.redirect_host, last, client.redirect_path), state)


@dataclass(frozen=True, slots=True)
class Safe:
    """Where the tokens of one account are kept, for everybody on this computer who uses them.

    `read` gives the secret as it is kept now, `save` keeps a new one. `alone` lets one at a time renew: a service that
    rotates refresh tokens takes a second renewal with the same one for a theft, and ends the user's consent.
    """

    read: Callable[[], str]
    save: Callable[[str], None]
    alone: Callable[[], AbstractContextManager[object]] = nullcontext


class OAuthKeys:
    """Sends an access token with every call, and renews it when it ends or is refused (R3).

    A renewed pair is saved before it is used: a refresh token that was rotated and lost would end the user's consent.
    Two threads or processes never renew at once; who comes second takes what the first one brought.
    """

    def __init__(self, client: OAuthClient, http: LibraryClient, safe: Safe, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._http = http
        self._safe = safe
        self._tokens = Tokens.of(safe.read())
        self._clock = clock
        self._lock = threading.Lock()
        self._ended: SignInRequired | None = None

    @property
    def site(self) -> str:
        """The address that the service told with the tokens; "" where it told none."""
        with self._lock:
            return self._tokens.site

    def headers(self) -> Mapping[str, str]:
        """The header with a valid access token; raises `SignInRequired` and every account error."""
        with self._lock:
            if not self._is_good(self._tokens):
                self._renew()
            return _bearer(self._tokens)

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Renews the refused token, unless another thread has done so meanwhile."""
        with self._lock:
            if _bearer(self._tokens) == dict(refused):
                self._renew()
            return True

    def _is_good(self, tokens: Tokens) -> bool:
        """Whether the access token is there, and not about to end."""
        return bool(tokens.access) and (tokens.until is None or self._clock() < tokens.until - _EARLY)

    def _renew(self) -> None:
        with self._safe.alone():
            kept = Tokens.of(self._safe.read())
            if kept.refresh != self._tokens.refresh:  # renewed, or signed in anew, by somebody else meanwhile
                self._tokens, self._ended = kept, None
                if self._is_good(kept):
                    return
            if self._ended is not None:
                raise SignInRequired(self._ended.code)
            form = {"grant_type": "refresh_token", "refresh_token": self._tokens.refresh}
            try:
                document = _ask(self._client, self._http, form)
            except SignInRequired as error:
                self._ended = error
                raise
            renewed = _tokens(document, self._clock(), self._tokens.refresh, self._tokens.site)
            self._safe.save(renewed.secret())
            self._tokens = renewed


def _bearer(tokens: Tokens) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.access}"}


def _ask(client: OAuthClient, http: LibraryClient, form: Mapping[str, str]) -> Json:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    fields = dict(form)
    if client.client_secret:
        pair = base64.b64encode(f"{client.client_id}:{client.client_secret}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {pair}"
    else:
        fields["client_id"] = client.client_id
    content = urlencode(fields).encode("ascii")
    answer = exchange(http, "POST", client.token_endpoint, (), headers, content, writes=False)
    if not 200 <= answer.status < 300:
        raise _told_apart(answer, client) or token_trouble(answer)
    document = answer.document()
    if not isinstance(document, dict):
        raise ServiceFault("token_answer_unreadable")
    return document


def token_trouble(answer: Answer) -> PortError:
    """What a refusal of the token endpoint means (RFC 6749, section 5.2)."""
    if answer.is_page:
        return RetryLater("web_page_instead_of_answer")
    document = answer.document_or_none()
    code = document.get("error") if isinstance(document, dict) else None
    if not isinstance(code, str):
        code = f"http_{answer.status}"
    if code in _AGAIN or answer.status in {408, 429} or answer.status >= 500:
        return RetryLater(code)
    if code in _OURS:
        return ServiceFault(code)
    return SignInRequired(code)


def _told_apart(answer: Answer, client: OAuthClient) -> PortError | None:
    """What the service itself means by a refusal of its token endpoint, where the client knows."""
    document = answer.document_or_none()
    if client.refusal is None or answer.is_page or not isinstance(document, dict):
        return None
    code, words = document.get("error"), document.get("error_description")
    return client.refusal(code, words if isinstance(words, str) else "") if isinstance(code, str) else None


def _refused_consent(code: str, words: str, client: OAuthClient) -> PortError:
    known = None if client.refusal is None else client.refusal(code, words)
    if known is not None:
        return known
    if code == "access_denied":
        return ConsentMissing(" ".join(client.scopes) or code)
    if code in _AGAIN:
        return RetryLater(code)
    return ServiceFault(code[:80])


def _check_scopes(document: Json, client: OAuthClient) -> None:
    granted = document.get("scope")
    if not isinstance(granted, str):
        return  # RFC 6749, section 5.1: silence means that everything asked for was granted
    words = set(granted.replace(",", " ").split())
    for scope in client.scopes:
        if scope not in words:
            raise ConsentMissing(scope)


def _tokens(document: Json, now: datetime, refresh: str, site: str = "") -> Tokens:
    access, renewed, seconds = (document.get(name) for name in ("access_token", "refresh_token", "expires_in"))
    if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
        raise ServiceFault("token_answer_without_token")
    if renewed is not None and not isinstance(renewed, str):
        raise ServiceFault("token_answer_unreadable")
    kept = renewed or refresh
    if not kept:
        raise ServiceFault("token_answer_without_refresh_token")
    told = document.get("api_domain") or document.get("instance_url")  # as Pipedrive calls it, and as Salesforce does
    ends = _later(now, document.get("refresh_token_expires_in"))
    return Tokens(kept, access, _later(now, seconds), told if isinstance(told, str) else site, ends)


def _later(now: datetime, seconds: object) -> datetime | None:
    """The moment that many seconds from now; None for what is no such number."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 10**9:
        return None
    return now + timedelta(seconds=seconds)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
