"""Access tokens from msal, renewed without ever being lost: a changed cache is kept before its token is used."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from soroe.adapters.net.transport import LibraryClient
from soroe.ports.errors import PortError, RetryLater, ServiceFault, SignInRequired

from .carrier import Carrier
from .entra_errors import refusal_of, refused_sign_in
from .settings import Microsoft365Settings

if TYPE_CHECKING:
    from msal import PublicClientApplication, SerializableTokenCache  # type: ignore[import-untyped]  # it has no types

CAPABILITIES = ["cp1"]
"""We understand claims challenges, so the service may cut a session short at once (continuous access evaluation)."""

_EARLY = timedelta(minutes=4)
"""So long before its end a token counts as ended: a call that is sent in time must not arrive too late."""


@dataclass(frozen=True, slots=True)
class Microsoft365Secret:
    """What is kept in the keychain for an account: msal's cache, and what the service asks for at the next sign-in.

    A bare cache of msal's is read too.
    """

    cache: str = field(repr=False)
    client_id: str = ""
    claims: str = ""

    def text(self) -> str:
        """The secret as JSON; some 6,000 to 15,000 characters, which the keychain adapter splits where it must."""
        told = {"kind": "microsoft365", "client_id": self.client_id, "claims": self.claims, "cache": self.cache}
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Microsoft365Secret:
        """The secret in this text; raises `SignInRequired` when it is none of ours."""
        try:
            told = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SignInRequired("secret_unreadable") from error
        if isinstance(told, dict) and told.get("kind") == "microsoft365":
            parts = [told.get(name) for name in ("cache", "client_id", "claims")]
            if all(isinstance(part, str) for part in parts) and parts[0]:
                cache, client_id, claims = parts
                return cls(str(cache), str(client_id), str(claims))
        elif isinstance(told, dict) and isinstance(told.get("RefreshToken"), dict):
            return cls(text)
        raise SignInRequired("secret_unreadable")


@dataclass(frozen=True, slots=True)
class AccountTold:
    """The account in the cache: its key, which never changes, and the name it signs in with."""

    key: str
    name: str


def application(
    settings: Microsoft365Settings, carrier: Carrier, cache: SerializableTokenCache
) -> PublicClientApplication:
    """msal's application over our transport. Asks the authority for its endpoints, once.

    The authority is the one that the settings name, so nobody else is asked whether it is known.
    """
    import msal

    logging.getLogger("msal").setLevel(logging.CRITICAL + 1)  # its lines quote addresses and accounts
    try:
        return msal.PublicClientApplication(
            settings.client_id,
            authority=carrier.authority,
            validate_authority=False,
            instance_discovery=False,
            http_client=carrier,
            token_cache=cache,
            client_capabilities=CAPABILITIES,
        )
    except (ValueError, KeyError) as error:  # an unknown tenant, or an authority that is none
        raise ServiceFault("authority_unknown") from error


class Tokens:
    """The access tokens of one account. Safe to share between threads, and between processes by their common secret."""

    def __init__(
        self,
        settings: Microsoft365Settings,
        secret: Callable[[], str],
        keep: Callable[[str], None],
        client: LibraryClient,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._keep = keep
        self._now = now
        self._client = client
        self._lock = threading.Lock()
        self._carrier: Carrier | None = None
        self._application: Any = None
        self._cache: Any = None
        self.renewals = 0
        """How many tokens have been got from the authority; what another process has got is not counted."""
        self._known = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        self._granted: frozenset[str] = frozenset()

    def access(self, refused: str | None = None, claims: str = "") -> str:
        """A valid access token; `refused` is one that the service no longer takes, `claims` what it wants to know.

        The secret is read anew, so that a sign-in or a renewal of another process is seen. A cache that has changed is
        kept before its token is handed out. Raises `SignInRequired`, `ConsentMissing`, `AdminRequired` and the rest.
        """
        with self._lock:
            if self._known and self._known != refused and not claims and self._now() < self._until:
                return self._known
            for last in (False, True):
                text = self._secret()
                try:
                    self._known = self._acquired(text, refused, claims)
                except SignInRequired:
                    if last or self._secret() == text:
                        raise
                    continue  # another process has renewed or signed in meanwhile
                return self._known
        raise AssertionError  # the second round returns or raises

    def account(self) -> AccountTold:
        """Who is signed in, by the cache."""
        with self._lock:
            self._load(Microsoft365Secret.parse(self._secret()))
            found = self._account()
            return AccountTold(str(found["home_account_id"]), str(found.get("username") or self._settings.email))

    def granted(self, scope: str) -> bool:
        """Whether the account has given this permission, as far as the last token told."""
        with self._lock:
            return not self._granted or scope.casefold() in self._granted

    def note_claims(self, claims: str) -> None:
        """Keep what the service wants to know for the next sign-in."""
        with self._lock:
            now = Microsoft365Secret.parse(self._secret())
            if now.claims != claims:
                self._keep(Microsoft365Secret(now.cache, self._settings.client_id, claims).text())
            self._known = ""

    def _acquired(self, text: str, refused: str | None, claims: str) -> str:
        secret = Microsoft365Secret.parse(text)
        if secret.client_id and secret.client_id != self._settings.client_id:
            raise SignInRequired("other_client")
        self._load(secret)
        answer = self._silent(renew=False, claims=claims)
        if refused is not None and not claims and answer.get("access_token") == refused:
            answer = self._silent(renew=True, claims="")
        token = answer.get("access_token")
        if "error" in answer or not isinstance(token, str) or not token:
            raise self._refused(secret, answer, claims)
        if self._cache.has_state_changed:
            # Before the token is used: its refresh token may be the only one that is still good.
            self._keep(Microsoft365Secret(self._cache.serialize(), self._settings.client_id, secret.claims).text())
        self.renewals += answer.get("token_source") == "identity_provider"
        life = answer.get("expires_in")
        self._until = self._now() + timedelta(seconds=life if isinstance(life, int) else 0) - _EARLY
        self._granted = self._targets()
        return token

    def _load(self, secret: Microsoft365Secret) -> None:
        """Make the cache what the keychain holds; the application is made at the first need."""
        if self._application is None:
            from msal import SerializableTokenCache

            cache = SerializableTokenCache()
            carrier = Carrier(self._client, self._settings, self._now)
            self._application = application(self._settings, carrier, cache)
            self._carrier, self._cache = carrier, cache
        try:
            self._cache.deserialize(secret.cache)
        except (ValueError, RecursionError) as error:
            raise SignInRequired("secret_unreadable") from error

    def _account(self) -> dict[str, Any]:
        """The account in the cache: the expected one, or the only one."""
        try:
            found = [one for one in self._application.get_accounts() if isinstance(one.get("home_account_id"), str)]
        except (AttributeError, KeyError, TypeError) as error:
            raise SignInRequired("secret_unreadable") from error
        if not found:
            raise SignInRequired("no_account")
        wanted = self._settings.email.casefold()
        named = [one for one in found if str(one.get("username", "")).casefold() == wanted]
        return dict((named or found)[0])

    def _silent(self, *, renew: bool, claims: str) -> dict[str, Any]:
        try:
            answer = self._application.acquire_token_silent_with_error(
                list(self._settings.needed), self._account(), force_refresh=renew, claims_challenge=claims or None
            )
        except PortError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:  # it trusts every field
            raise RetryLater("token_answer_unreadable") from error
        return answer if isinstance(answer, dict) else {"error": "no_refresh_token"}

    def _refused(self, secret: Microsoft365Secret, answer: dict[str, Any], claims: str) -> PortError:
        refusal = refusal_of(answer)
        wrong = self._carrier is not None and self._carrier.clock_wrong
        trouble = refused_sign_in(refusal, self._now(), permission=self._settings.needed[0], clock_wrong=wrong)
        wanted = refusal.claims or claims
        if wanted and wanted != secret.claims and isinstance(trouble, SignInRequired):
            self._keep(Microsoft365Secret(secret.cache, self._settings.client_id, wanted).text())
        return trouble

    def _targets(self) -> frozenset[str]:
        """The permissions of the access tokens in the cache, without the service's address."""
        kind = self._cache.CredentialType.ACCESS_TOKEN
        words = " ".join(str(one.get("target", "")) for one in self._cache.search(kind))
        return scope_names(words)


def scope_names(told: str) -> frozenset[str]:
    """The permissions in a `scope` text, in lower case, without the address of the service they belong to."""
    return frozenset(word.rpartition("/")[2].casefold() for word in told.split())
