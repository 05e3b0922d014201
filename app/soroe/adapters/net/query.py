"""Queries of addresses. Few parts of them ever change, so each is escaped once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote_plus

_escaped = lru_cache(maxsize=256)(quote_plus)


def query_text(pairs: Iterable[tuple[str, str]]) -> str:
    """The query of an address, as `urlencode` writes it."""
    return "&".join([f"{_escaped(name)}={_escaped(value)}" for name, value in pairs])
