"""What the keychains' own errors mean to us: missing, locked, denied or too large."""

from __future__ import annotations

from collections.abc import Iterator

from soroe.ports.keychain import (
    KeychainDenied,
    KeychainItemTooLarge,
    KeychainLocked,
    KeychainMissing,
    KeychainTrouble,
)

WINDOWS_ITEM_LIMIT = 1280
"""UTF-16 units: CRED_MAX_CREDENTIAL_BLOB_SIZE is 2,560 bytes."""
KEYRING_PACKAGE = "gnome-keyring"

_WINDOWS_TOO_LARGE = frozenset({1783, 8})
"""RPC_X_BAD_STUB_DATA and ERROR_NOT_ENOUGH_MEMORY: what CredWrite says of a blob beyond the limit."""
_WINDOWS_NO_VAULT = frozenset({1312})
"""ERROR_NO_SUCH_LOGON_SESSION: this session has no credential store."""

_LOCKED = frozenset({"KeyringLocked", "LockedException", "PromptDismissedException"})
_MISSING = frozenset({"NoKeyringError", "SecretServiceNotAvailableException"})
_MAC_DENIED = frozenset({"KeychainDenied", "SecAuthFailure"})
_DBUS_MISSING = frozenset(
    {
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NoReply",
        "org.freedesktop.DBus.Error.Disconnected",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
    }
)
_DBUS_LOCKED = "org.freedesktop.Secret.Error.IsLocked"


def translate(error: Exception) -> KeychainTrouble:
    """The port error for whatever a keychain raised; names and codes are kept, texts (which could quote) are not.

    The libraries differ by system and are not all installed, so their classes are told by name. The innermost known
    cause decides: keyring wraps "the user dismissed the dialog" and "there is no daemon" in one and the same error.
    """
    chain = list(_causes(error))
    for link in reversed(chain):
        trouble = _known(link)
        if trouble is not None:
            return trouble
    return KeychainDenied(type(error).__name__)


def _known(error: BaseException) -> KeychainTrouble | None:
    name = type(error).__name__
    if name in _MAC_DENIED:
        return KeychainDenied(_mac_status(error))
    if name in _LOCKED:
        return KeychainLocked()
    if name in _MISSING or isinstance(error, (ConnectionError, EOFError)):
        return KeychainMissing(KEYRING_PACKAGE)
    if name == "DBusErrorResponse":
        return _from_dbus(str(getattr(error, "name", "")))
    winerror = getattr(error, "winerror", None)
    if isinstance(winerror, int):
        return _from_windows(winerror)
    return None


def _from_dbus(name: str) -> KeychainTrouble:
    if name in _DBUS_MISSING:
        return KeychainMissing(KEYRING_PACKAGE)
    if name == _DBUS_LOCKED:
        return KeychainLocked()
    return KeychainDenied(name)


def _from_windows(code: int) -> KeychainTrouble:
    if code in _WINDOWS_TOO_LARGE:
        return KeychainItemTooLarge(WINDOWS_ITEM_LIMIT)
    if code in _WINDOWS_NO_VAULT:
        return KeychainMissing("")
    return KeychainDenied(f"windows_{code}")


def _mac_status(error: BaseException) -> str:
    status = error.args[0] if error.args and isinstance(error.args[0], int) else type(error).__name__
    return f"macos_{status}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
