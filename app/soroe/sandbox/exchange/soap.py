"""SOAP as Exchange speaks it: requests are read without entities or document types, answers are put into envelopes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers import expat

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f]")
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
TYPES = "{http://schemas.microsoft.com/exchange/services/2006/types}"
MESSAGES = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
ERRORS = "{http://schemas.microsoft.com/exchange/services/2006/errors}"
LONGEST = 35 * 1024 * 1024
"""Bytes of a request; Exchange's own limit for EWS (maxAllowedContentLength, 35 MB)."""

_PREFIXES = {"s": SOAP, "t": TYPES, "m": MESSAGES, "e": ERRORS}


@dataclass(frozen=True, slots=True)
class Build:
    """The version a server says it has. Exchange Online is 15.20, Exchange 2019 is 15.2, Exchange 2016 is 15.1."""

    major: int
    minor: int
    build: int
    revision: int
    schema: str

    @property
    def online(self) -> bool:
        return (self.major, self.minor) == (15, 20)


EXCHANGE_2016 = Build(15, 1, 2507, 35, "V2017_07_11")
EXCHANGE_2019 = Build(15, 2, 1544, 9, "V2018_01_08")
EXCHANGE_ONLINE = Build(15, 20, 8769, 22, "V2018_01_08")


class NotXml(ValueError):
    """The request cannot be read. Send well-formed XML without a document type."""


def node(tag: str, *children: Element | str | None, **attributes: str) -> Element:
    """Makes an element of an answer; `tag` carries its prefix (`t:Subject`), a string child is its text."""
    made = Element(tag, attributes)
    for child in children:
        if isinstance(child, str):
            made.text = child
        elif child is not None:
            made.append(child)
    return made


def parse(body: bytes) -> Element:
    """Reads a request. Anything with a document type is refused, so no entity is ever expanded."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        named = {_named(key): value for key, value in attributes.items()}
        builder.start(_named(name), named)

    def refuse(*_: object) -> None:
        raise NotXml("For security reasons DTD is prohibited in this XML document.")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: builder.end(_named(name))
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:
        raise NotXml(str(error)) from None
    return builder.close()


def envelope(content: Element, build: Build) -> bytes:
    """Wraps an operation's answer."""
    header = node(
        "h:ServerVersionInfo",
        MajorVersion=str(build.major),
        MinorVersion=str(build.minor),
        MajorBuildNumber=str(build.build),
        MinorBuildNumber=str(build.revision),
        Version=build.schema,
        **{"xmlns:h": TYPES[1:-1]},
    )
    return _written(node("s:Envelope", node("s:Header", header), node("s:Body", content)))


def fault(code: str, message: str, values: dict[str, str] | None = None, violation: str = "") -> bytes:
    """A SOAP fault with Exchange's own response code, as it comes with HTTP 500."""
    details = [node("t:Value", text, Name=name) for name, text in (values or {}).items()]
    if violation:
        details = [node("t:LineNumber", "1"), node("t:LinePosition", "1"), node("t:Violation", violation)]
    return _written(
        node(
            "s:Envelope",
            node(
                "s:Body",
                node(
                    "s:Fault",
                    node("faultcode", f"a:{code}", **{"xmlns:a": TYPES[1:-1]}),
                    node("faultstring", f"{message} {violation}".strip(), **{"xml:lang": "en-US"}),
                    node(
                        "detail",
                        node("e:ResponseCode", code),
                        node("e:Message", message),
                        node("t:MessageXml", *details) if details else None,
                    ),
                ),
            ),
        )
    )


def local(element: Element) -> str:
    """The name of an element of a request without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, path: str) -> list[Element]:
    """The entries of an optional list of a request."""
    found = element.find(path)
    return [] if found is None else list(found)


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def _written(root: Element) -> bytes:
    for prefix, uri in _PREFIXES.items():
        root.set(f"xmlns:{prefix}", uri[1:-1])
    # A carriage return has to be written as a reference: a reader of XML turns a bare one into a line feed. So does
    # Exchange write what XML knows no place for, such as the &#x1A; of a pasted title.
    return b'<?xml version="1.0" encoding="utf-8"?>' + _CONTROL.sub(lambda one: b"&#x%X;" % one[0][0], tostring(root))
