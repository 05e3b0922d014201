"""Signing in in the browser, as every service's own flow comes to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .errors import PortError
from .remote import Identity


class SignInCancelled(PortError):
    """The user pressed Cancel, on the service's page or in our own window; nothing has changed."""


class WrongAccount(PortError):
    """The user signed in with another account than the one to be reconnected. `name` is the one he chose."""

    def __init__(self, name: str) -> None:
        super().__init__("wrong_account")
        self.name = name


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A finished sign-in: the secret for the keychain, whose it is, and its end (UTC) where the service told one."""

    secret: str = field(repr=False)
    identity: Identity
    ends: datetime | None = None


class BrowserFlow(Protocol):
    """One sign-in, from opening the browser to the secret."""

    def run(self, expected: Identity | None = None, timeout: float = 300.0) -> SignedIn:
        """Sign in; with `expected`, only as that account. Blocks for at most `timeout` seconds.

        Raises `SignInCancelled`, `WrongAccount`, and the errors of the account.
        """
        ...

    def cancel(self) -> None:
        """Give up, from any thread; `run` then raises `SignInCancelled`."""
        ...
