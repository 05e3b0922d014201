"""A stand-in for the identity platform: answers msal's requests from memory, in the shape of our own transport."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from msal import SerializableTokenCache  # type: ignore[import-untyped]  # it has no types

from soroe.adapters.microsoft365.settings import Microsoft365Settings
from soroe.adapters.microsoft365.tokens import Microsoft365Secret
from soroe.adapters.net.transport import LibraryClient, RequestCount, Response

CLIENT = "c0ffee00-0000-4000-8000-000000000001"
TENANT = "acme.example"
SETTINGS = Microsoft365Settings(CLIENT, TENANT, authority="https://login.example/")
SCOPE = "Calendars.ReadWrite User.Read MailboxSettings.Read openid profile"
UID, UTID = "user-object-id", "tenant-id"


def part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def tokens(
    number: int, client: str = CLIENT, name: str = "sato@example.com", scope: str = SCOPE, nonce: str = ""
) -> dict[str, Any]:
    """What the token endpoint gives: the access token `at-N` and the refresh token `rt-N`."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "aud": client,
        "iss": "x",
        "iat": now,
        "exp": now + 3600,
        "sub": "s",
        "preferred_username": name,
    }
    claims |= {"nonce": nonce} if nonce else {}
    return {
        "token_type": "Bearer",
        "access_token": f"at-{number}",
        "refresh_token": f"rt-{number}",
        "expires_in": 3600,
        "scope": scope,
        "client_info": part({"uid": UID, "utid": UTID}),
        "id_token": f"{part({'alg': 'none'})}.{part({**claims, 'oid': UID, 'tid': UTID})}.x",
    }


def secret_text(number: int = 0, settings: Microsoft365Settings = SETTINGS, claims: str = "", **more: Any) -> str:
    """The secret of an account that has signed in; its access token is `at-N`."""
    cache = SerializableTokenCache()
    answer = {**tokens(number, settings.client_id), **more}
    endpoint = f"{settings.authority_address}/oauth2/v2.0/token".replace("http://", "https://")  # all that msal knows
    cache.add({"client_id": settings.client_id, "scope": SCOPE.split(), "token_endpoint": endpoint, "response": answer})
    return Microsoft365Secret(cache.serialize(), settings.client_id, claims).text()


class Entra(LibraryClient):
    """Answers as the identity platform does. `answers` are given first, one a token request; `forms` were sent."""

    def __init__(self, real: str = "https://login.example") -> None:
        super().__init__(RequestCount())
        self.forms: list[dict[str, str]] = []
        self.addresses: list[str] = []
        self.answers: list[tuple[int, Any]] = []
        self.given = 0
        self.scope = SCOPE
        self.nonce = ""
        self._real = real

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        *_: object,
        **__: object,
    ) -> tuple[Response, bytes]:
        self.addresses.append(uri)
        if method == "GET":
            base = f"{self._real}/{TENANT}/oauth2/v2.0"
            found = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": "x"}
            return self._answer(200, found)
        text = body.decode() if isinstance(body, bytes) else body or ""
        self.forms.append({name: values[0] for name, values in parse_qs(text).items()})
        if self.answers:
            return self._answer(*self.answers.pop(0))
        self.given += 1
        return self._answer(200, tokens(self.given, scope=self.scope, nonce=self.nonce))

    def _answer(self, status: int, value: Any) -> tuple[Response, bytes]:
        return Response(status, {"content-type": "application/json"}), json.dumps(value).encode()
