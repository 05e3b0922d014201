"""Which of the keychains that keyring knows we trust with a secret."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Protocol

from soroe.ports.keychain import KeychainMissing

from .errors import KEYRING_PACKAGE

TRUSTED = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.macOS.Keyring",
    }
)
"""The systems' own keychains. Everything else (plaintext files, the null keyring, a chain that may end in one of these)
is refused: security rules, "plaintext or null backends are refused"."""

_NO_KEYCHAIN = frozenset({"keyring.backends.fail.Keyring", "keyring.backends.chainer.ChainerBackend"})
"""No keychains of their own. The chain is never asked: it remembers keychains that are gone, and may end in a file."""


class Backend(Protocol):
    """What we use of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """The password, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the password."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget the password."""
        ...


Choose = Callable[[], Backend]


def system_keychain() -> Backend:
    """The keychain to use now; raises `KeychainMissing` if there is none we trust.

    A keyring that the user set in keyring's own configuration or in PYTHON_KEYRING_BACKEND is taken or refused, never
    passed over. Looks afresh at each call, so that a keychain installed or started later is found.
    """
    from keyring import backend, core

    try:
        configured = core.load_env() or core.load_config()
    except Exception as error:
        named = os.environ.get("PYTHON_KEYRING_BACKEND", "")
        raise KeychainMissing(_package(), refused="" if named in TRUSTED else named) from error
    if configured is not None:
        return trusted(configured)
    backend.get_all_keyring()  # imports the backends; its own list is made only once, so it is not used
    kinds = [kind for kind in backend.KeyringBackend.get_viable_backends() if _name(kind) not in _NO_KEYCHAIN]
    kinds.sort(key=lambda kind: float(kind.priority), reverse=True)
    return best(kinds)


def best(viable: Iterable[type[Backend]]) -> Backend:
    """The first trusted keychain of a list, best first; names the unsafe one in the error if that is all there is."""
    refused = ""
    for kind in viable:
        name = _name(kind)
        if name in TRUSTED:
            return kind()
        refused = refused or name
    raise KeychainMissing(_package(), refused)


def trusted(backend: Backend) -> Backend:
    """The backend itself; raises `KeychainMissing` naming it if it would not encrypt what it keeps."""
    name = _name(type(backend))
    if name not in TRUSTED:
        raise KeychainMissing(_package(), refused=name)
    return backend


def _name(kind: type[Backend]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _package() -> str:
    return KEYRING_PACKAGE if sys.platform.startswith("linux") else ""
