"""Where secrets live: the operating system's keychain, and what can stand between us and it."""

from __future__ import annotations

from typing import Protocol

from .errors import LocalTrouble


class KeychainTrouble(LocalTrouble):
    """The keychain did not give or take a secret. None of these means that the user is signed out."""


class KeychainMissing(KeychainTrouble):
    """There is no keychain that encrypts what it keeps.

    `what_to_install` is the system package that brings one, or "" where the system always has one. `refused` names
    the unsafe keychain that was found instead, or "".
    """

    def __init__(self, what_to_install: str, refused: str = "") -> None:
        super().__init__("keychain_missing")
        self.what_to_install = what_to_install
        self.refused = refused


class KeychainLocked(KeychainTrouble):
    """The user has not unlocked the keychain: wait and try again. Nothing is lost and nobody is signed out."""

    def __init__(self) -> None:
        super().__init__("keychain_locked")


class KeychainDenied(KeychainTrouble):
    """The user or the system refuses us this keychain: permission must be given there. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__("keychain_denied")
        self.reason = reason


class KeychainItemTooLarge(KeychainTrouble):
    """The secret is longer than the keychain can hold, even in pieces. `limit` is in characters."""

    def __init__(self, limit: int) -> None:
        super().__init__("keychain_item_too_large")
        self.limit = limit


class KeychainItemDamaged(KeychainTrouble):
    """What the keychain holds under this name is not what we wrote: set it again. The value is never shown."""

    def __init__(self, account: str, item: str) -> None:
        super().__init__("keychain_item_damaged")
        self.account = account
        self.item = item


class Keychain(Protocol):
    """Keeps secrets by account and item, encrypted by the operating system.

    Every call may block until the user has answered the system's unlock dialog: never call it on the GUI thread.
    Every call may raise a `KeychainTrouble`.
    """

    def get(self, account: str, item: str) -> str | None:
        """The secret, or None if there is none. A locked keychain raises `KeychainLocked`, it never reads as None."""
        ...

    def set(self, account: str, item: str, value: str) -> None:
        """Keep a secret in place of the old one; interrupted half way, either the old or the new one is readable."""
        ...

    def delete(self, account: str, item: str) -> None:
        """Forget a secret; one that is not there is forgotten already."""
        ...
