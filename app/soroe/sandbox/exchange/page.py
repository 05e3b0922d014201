"""An answer on its way out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A status, XML, and further headers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
