"""The operating system's keychain as a `Keychain`."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from soroe.ports.keychain import KeychainItemDamaged, KeychainItemTooLarge, KeychainTrouble

from .choice import Backend, Choose, system_keychain
from .errors import WINDOWS_ITEM_LIMIT, translate
from .pieces import (
    MOST_PIECES,
    SETS,
    Head,
    PieceSet,
    Split,
    Whole,
    checksum,
    cut,
    head_text,
    length,
    other_set,
    parse_head,
    piece_item,
)


def service_name(home: Path | None) -> str:
    """The name our secrets stand under; a home of its own (SOROE_HOME) has secrets of its own."""
    if home is None:
        return "Soroe"
    mark = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    return f"Soroe {mark}"


def item_limit(platform: str = sys.platform) -> int | None:
    """The characters that one item of this system's keychain holds; None: enough for every secret.

    Only Windows cuts. On macOS every further item may be one more question to the user, so nothing is split there.
    """
    return WINDOWS_ITEM_LIMIT if platform == "win32" else None


class SystemKeychain:
    """Secrets in the operating system's keychain, split where an item is limited.

    `limit` is in UTF-16 units. Calls may block on the system's unlock dialog. The keychain is looked for at the first
    call and again after any trouble, so one that was started or unlocked meanwhile is used at once.
    """

    def __init__(self, service: str, limit: int | None, choose: Choose = system_keychain) -> None:
        self._service = service
        self._limit = limit
        self._choose = choose
        self._backend: Backend | None = None

    def get(self, account: str, item: str) -> str | None:
        """See `Keychain.get`; raises `KeychainItemDamaged` if what is there was not written by us or is incomplete."""
        name = _entry(account, item)
        text = self._read(name)
        if text is None:
            return None
        head = parse_head(text)
        if head is None:
            raise KeychainItemDamaged(account, item)
        if isinstance(head, Whole):
            return head.value
        pieces = [self._read(piece_item(name, head.pieces, number)) for number in range(head.count)]
        value = "".join(piece or "" for piece in pieces)
        if checksum(value) != head.checksum:
            raise KeychainItemDamaged(account, item)
        return value

    def set(self, account: str, item: str, value: str) -> None:
        """See `Keychain.set`."""
        name = _entry(account, item)
        whole = Whole(value)
        if self._limit is None:
            self._write(name, head_text(whole))
            return
        fits = length(head_text(whole)) <= self._limit
        head = whole if fits else self._write_pieces(name, value, other_set(self._head(name)), self._limit)
        self._write(name, head_text(head))
        for pieces in SETS:
            keep = head.count if isinstance(head, Split) and head.pieces == pieces else 0
            self._drop_pieces(name, pieces, keep)

    def delete(self, account: str, item: str) -> None:
        """See `Keychain.delete`. The head goes first: what is left of it after a crash is unreadable and reused."""
        name = _entry(account, item)
        self._forget(name)
        if self._limit is not None:
            for pieces in SETS:
                self._drop_pieces(name, pieces, 0)

    def _head(self, name: str) -> Head | None:
        text = self._read(name)
        return None if text is None else parse_head(text)

    def _write_pieces(self, name: str, value: str, pieces: PieceSet, limit: int) -> Split:
        parts = cut(value, limit)
        if len(parts) > MOST_PIECES:
            raise KeychainItemTooLarge(limit * MOST_PIECES)
        for number, part in enumerate(parts):
            self._write(piece_item(name, pieces, number), part)
        return Split(pieces, len(parts), checksum(value))

    def _drop_pieces(self, name: str, pieces: PieceSet, keep: int) -> None:
        """Remove the pieces from `keep` on, the last first: an interruption leaves no gap that would hide the rest."""
        end = keep
        while end < MOST_PIECES and self._read(piece_item(name, pieces, end)) is not None:
            end += 1
        for number in reversed(range(keep, end)):
            self._forget(piece_item(name, pieces, number))

    def _read(self, name: str) -> str | None:
        with self._translated() as backend:
            return backend.get_password(self._service, name)

    def _write(self, name: str, text: str) -> None:
        with self._translated() as backend:
            backend.set_password(self._service, name, text)

    def _forget(self, name: str) -> None:
        if self._read(name) is None:
            return  # keyring reports deleting a missing entry with the same error as a failed deletion
        with self._translated() as backend:
            backend.delete_password(self._service, name)

    @contextmanager
    def _translated(self) -> Iterator[Backend]:
        try:
            if self._backend is None:
                self._backend = self._choose()
            yield self._backend
        except KeychainTrouble:
            self._backend = None
            raise
        except Exception as error:
            self._backend = None
            raise translate(error) from error


def _entry(account: str, item: str) -> str:
    """One name for the pair; the separators are escaped, so that two pairs never share a name."""
    return f"{_escaped(account)}/{_escaped(item)}"


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F").replace("#", "%23")
