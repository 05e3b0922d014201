"""What comes over the wire, what is asked of the service meanwhile, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from soroe.ports.errors import PortError


@dataclass(frozen=True)
class Http:
    """Every request to the interface is answered so; `headers` as they are sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def told(cls, status: int, value: object, **headers: str) -> Http:
        """An answer in JSON; underscores of header names stand for hyphens."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **sent})


@dataclass(frozen=True)
class NoToken:
    """The access tokens have ended, and the token endpoint answers so."""

    status: int
    answer: Mapping[str, object]


@dataclass(frozen=True)
class Soap:
    """Exchange answers each item with this code; with `fault` the whole request."""

    code: str
    fault: bool = False


@dataclass(frozen=True)
class Raised:
    """A library, or the system, raises this."""

    error: BaseException


class Stumble(Enum):
    """What a person, or this computer, does amiss while the sign-in page is to be shown."""

    ONE_BOX = "a permission is not ticked"
    NO_BROWSER = "the browser does not open"
    NOBODY = "nobody comes back"
    PORT = "the port is taken"


class Dropped:
    """The connection ends before an answer."""


Wire = Http | NoToken | Soap | Raised | Dropped | Stumble


class Ask(Enum):
    """What is asked of the service while that comes."""

    LISTING = auto()
    CHANGE = auto()
    SIGN_IN = auto()
    LINK = auto()
    TEAMS = auto()


@dataclass(frozen=True)
class Case:
    """One case of a row: `means` is the port's error with its code, at the last of `times`."""

    row: str
    wire: Wire
    means: PortError
    ask: Ask = Ask.LISTING
    clock_off: bool = False
    times: int = 1

    @property
    def name(self) -> str:
        """What the test is called."""
        detail = getattr(self.wire, "status", None) or getattr(self.wire, "code", type(self.wire).__name__)
        return f"{self.row}-{detail}-{self.means}-{self.ask.name.lower()}"


PAGE = Http(200, b"<!DOCTYPE html><html><body>Welcome to the hotel</body></html>", {"Content-Type": "text/html"})
