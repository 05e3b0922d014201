"""GetItem."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, find_item, refused, succeeded
from soroe.sandbox.exchange.errors import EwsError
from soroe.sandbox.exchange.shapes import read_shape, shown_item
from soroe.sandbox.exchange.soap import node


def get_item(call: Call) -> list[Element]:
    """Answers GetItem, one message for each id."""
    shape = read_shape(call, deep=True, strict=False)

    def one(wanted: Element) -> Element:
        try:
            return succeeded(call, node("m:Items", shown_item(call, find_item(call, wanted), shape)))
        except EwsError as error:
            return refused(call, error)

    return [one(wanted) for wanted in call.parts("ItemIds")]
