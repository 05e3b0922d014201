"""Ids and change keys: opaque, case-sensitive, and made so that an occurrence's id leads to its series."""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.errors import EwsError
from soroe.sandbox.exchange.model import Record
from soroe.sandbox.exchange.soap import node

_RECORD = 54
_OCCURRENCE = _RECORD + 8
_KEY = struct.Struct(">5s8sQ")
_KEY_HEAD = b"\x0f\x00\x00\x00\x16"


def item_id(record_id: bytes, original: datetime | None = None) -> str:
    """The id of an item, or of the occurrence that by its series' rule starts at `original`."""
    raw = record_id if original is None else record_id + struct.pack(">q", int(original.timestamp()))
    return base64.b64encode(raw).decode()


def read_item_id(text: str) -> tuple[bytes, datetime | None]:
    """Takes an id apart into the record's id and an occurrence's original start."""
    if not text:
        raise EwsError("ErrorInvalidIdEmpty")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EwsError("ErrorInvalidIdMalformed") from None
    if len(raw) == _OCCURRENCE:
        (seconds,) = struct.unpack(">q", raw[_RECORD:])
        try:
            return raw[:_RECORD], datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            raise EwsError("ErrorInvalidIdMalformed") from None
    if len(raw) != _RECORD:
        raise EwsError("ErrorInvalidIdMalformed")
    return raw, None


def change_key(record: Record, original: datetime | None = None) -> str:
    """The change key; an exception has its own, an untouched occurrence that of its series."""
    exception = record.exceptions.get(original) if original is not None else None
    change = record.change if exception is None else exception[1]
    return base64.b64encode(_KEY.pack(_KEY_HEAD, record.id[-8:], change)).decode()


def check_change_key(text: str, record: Record) -> None:
    """Refuses what no server has given out for this item."""
    try:
        head, owner, _ = _KEY.unpack(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, struct.error):
        raise EwsError("ErrorInvalidChangeKey") from None
    if head != _KEY_HEAD or owner != record.id[-8:]:
        raise EwsError("ErrorInvalidChangeKey")


def shown_id(record: Record, original: datetime | None = None) -> Element:
    return node("t:ItemId", Id=item_id(record.id, original), ChangeKey=change_key(record, original))
