"""An API key in a header: the plain way to prove who we are."""

from __future__ import annotations

from collections.abc import Mapping

from soroe.ports.errors import SignInRequired

LONGEST_KEY = 1_000


class ApiKey:
    """Sends an API key with every call. A refused key stays refused: nothing renews it (R3)."""

    def __init__(self, key: str, header: str, scheme: str = "") -> None:
        self._key = key.strip()
        self._told = {header: f"{scheme} {self._key}" if scheme else self._key}
        self._is_sound = self._key.isascii() and self._key.isprintable() and len(self._key) <= LONGEST_KEY

    def headers(self) -> Mapping[str, str]:
        """The header with the key; raises `SignInRequired` without a usable one."""
        if not self._key:
            raise SignInRequired("no_api_key")
        if not self._is_sound:
            raise SignInRequired("api_key_is_damaged")
        return self._told

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Never: only the user has another key."""
        return False
