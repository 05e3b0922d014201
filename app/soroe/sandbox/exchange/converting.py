"""ConvertId, which clients also use to learn the server's version from the header of its answer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, refused, succeeded
from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.ids import item_id, read_item_id
from soroe.sandbox.exchange.reading import one_of
from soroe.sandbox.exchange.soap import local, node

_FORMATS = ("EwsLegacyId", "EwsId", "EntryId", "HexEntryId", "StoreId", "OwaId")


def convert_ids(call: Call) -> list[Element]:
    """Answers ConvertId, one message for each id. Entry ids are the same bytes, written in base64 or in hexadecimal."""
    wanted = one_of(call.body.get("DestinationFormat", ""), _FORMATS, "DestinationFormat")
    return [_converted(call, source, wanted) for source in call.parts("SourceIds")]


def _converted(call: Call, source: Element, wanted: str) -> Element:
    if local(source) != "AlternateId":
        raise schema(f"The element 'SourceIds' has invalid child element '{local(source)}'.")
    kind = one_of(source.get("Format", ""), _FORMATS, "Format")
    mailbox = source.get("Mailbox", "")
    try:
        if mailbox.lower() not in call.state.accounts:
            raise EwsError("ErrorNonExistentMailbox")
        text = _WRITTEN[wanted](_READ[kind](source.get("Id", "")))
    except EwsError as error:
        return refused(call, error)
    xsi = {"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:type": "t:AlternateIdType"}
    return succeeded(call, node("m:AlternateId", Format=wanted, Id=text, Mailbox=mailbox, **xsi))


def _from_ews(text: str) -> bytes:
    record_id, original = read_item_id(text)
    return base64.b64decode(item_id(record_id, original))


def _from_hex(text: str) -> bytes:
    try:
        return _from_ews(base64.b64encode(binascii.unhexlify(text)).decode())
    except (binascii.Error, ValueError):
        raise EwsError("ErrorInvalidIdMalformed") from None


def _in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


_READ: Mapping[str, Callable[[str], bytes]] = {**dict.fromkeys(_FORMATS, _from_ews), "HexEntryId": _from_hex}
_WRITTEN: Mapping[str, Callable[[bytes], str]] = {
    **dict.fromkeys(_FORMATS, _in_base64),
    "HexEntryId": lambda raw: raw.hex().upper(),
}
