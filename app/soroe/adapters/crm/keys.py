"""An API key in a header: the plain way to prove who we are."""

from __future__ import annotations

from collections.abc import Mapping

from soroe.ports.errors import SignInRequired

LONGEST_KEY = 1_000


class ApiKey:
    """Sends an API key with every call. A refused key stays refused: nothing renews it (R3)."""

    def __init__(self, key: str, header: str, scheme: str = "") -> None:
        self._key = key.strip()
        self._header = header
        self._scheme = scheme

    def headers(self) -> Mapping[str, str]:
        """The header with the key; raises `SignInRequired` without a usable one."""
        if not self._key:
            raise SignInRequired("no_api_key")
        if not self._key.isascii() or not self._key.isprintable() or len(self._key) > LONGEST_KEY:
            raise SignInRequired("api_key_is_damaged")
        return {self._header: f"{self._scheme} {self._key}" if self._scheme else self._key}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Never: only the user has another key."""
        return False
