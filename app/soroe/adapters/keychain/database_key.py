"""The key of the local database."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from soroe.ports.keychain import Keychain, KeychainDenied, KeychainItemDamaged

KEY_BYTES = 32
ACCOUNT = "local"
ITEM = "database-key"


def database_key(keychain: Keychain, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """The 32 bytes that encrypt the local database: made once, then always the same.

    The first key is read back before it is returned, so that no database is encrypted with a key that nobody kept.
    Raises `KeychainTrouble`; a locked or missing keychain never leads to a new key. `KeychainItemDamaged`: the entry
    is not a key; `forget_database_key` and a rebuild of the database mend it.
    """
    known = keychain.get(ACCOUNT, ITEM)
    if known is not None:
        return _parse(known)
    made = random_bytes(KEY_BYTES)
    keychain.set(ACCOUNT, ITEM, made.hex())
    if keychain.get(ACCOUNT, ITEM) != made.hex():
        raise KeychainDenied("not_kept")
    return made


def forget_database_key(keychain: Keychain) -> None:
    """Throw the key away; what it encrypted is unreadable from then on and is rebuilt from both sides (S-2)."""
    keychain.delete(ACCOUNT, ITEM)


def _parse(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise KeychainItemDamaged(ACCOUNT, ITEM) from error
    if len(key) != KEY_BYTES:
        raise KeychainItemDamaged(ACCOUNT, ITEM)
    return key
