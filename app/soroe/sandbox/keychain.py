"""A keychain that forgets everything when the program ends: for the demo, which keeps no real secret."""

from __future__ import annotations

from soroe.ports.keychain import KeychainTrouble


class MemoryKeychain:
    """Secrets in memory, one store an object. `trouble`, when set, is raised by every call, to show how it looks."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, str], str] = {}
        self.trouble: KeychainTrouble | None = None

    def get(self, account: str, item: str) -> str | None:
        """See `Keychain.get`."""
        self._check()
        return self._secrets.get((account, item))

    def set(self, account: str, item: str, value: str) -> None:
        """See `Keychain.set`."""
        self._check()
        self._secrets[account, item] = value

    def delete(self, account: str, item: str) -> None:
        """See `Keychain.delete`."""
        self._check()
        self._secrets.pop((account, item), None)

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble
