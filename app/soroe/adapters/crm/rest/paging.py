"""How a listing goes from page to page, in the ways a profile can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from soroe.adapters.crm.documents import at
from soroe.ports.errors import ServiceFault

from .profile_requests import CursorPaging, LinkPaging, NoPaging, OffsetPaging, Operation, PagePaging, Paging

_LONGEST_CURSOR = 8_192
_PAGE_WORDS = ("cursor", "page", "offset")


@dataclass(frozen=True, slots=True)
class Step:
    """One page to ask for. `key` tells it from all others; `target` is a full address where the CRM named one."""

    key: str
    query: tuple[tuple[str, str], ...]
    words: Mapping[str, str]
    target: str | None = None
    count: int = 0


def first_step(paging: Paging, cursor: str = "") -> Step:
    """The first page; with a cursor, the first one after it."""
    match paging:
        case CursorPaging():
            return _cursor_step(paging, cursor)
        case LinkPaging():
            return Step("", _size(paging), _size_word(paging.size))
        case PagePaging():
            return _numbered(paging, paging.first, "page")
        case OffsetPaging():
            return _numbered(paging, 0, "offset")
        case NoPaging():
            return Step("", (), {})
        case _:
            assert_never(paging)


def next_step(paging: Paging, step: Step, document: object, found: int) -> tuple[Step | None, str]:
    """The page after this one (None at the end), and the cursor for the next reading, where there is one."""
    match paging:
        case CursorPaging():
            cursor = _cursor(document, paging.next_at)
            more = at(document, paging.more_at) if paging.more_at is not None else bool(cursor)
            if not isinstance(more, bool):
                raise ServiceFault(f"paging:{paging.more_at}")
            if not more:
                return None, cursor
            if not cursor:
                raise ServiceFault(f"paging:{paging.next_at}")
            return _cursor_step(paging, cursor), cursor
        case LinkPaging():
            link = _cursor(document, paging.next_at)
            return (Step(link, (), {}, target=link) if link else None), ""
        case PagePaging():
            more = _has_more(document, paging, found)
            return (_numbered(paging, step.count + 1, "page") if more else None), ""
        case OffsetPaging():
            more = _has_more(document, paging, found)
            return (_numbered(paging, step.count + found, "offset") if more else None), ""
        case NoPaging():
            return None, ""
        case _:
            assert_never(paging)


def outside(operation: Operation, query: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The paging parameters, unless the operation's body holds them already."""
    inside = operation.json is not None and any(f"{{{w}}}" in repr(operation.json) for w in _PAGE_WORDS)
    return () if inside else query


def _cursor(document: object, path: str) -> str:
    value = at(document, path)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or len(value) > _LONGEST_CURSOR:
        raise ServiceFault(f"paging:{path}")
    return value


def _has_more(document: object, paging: PagePaging | OffsetPaging, found: int) -> bool:
    if paging.more_at is None:
        return found >= paging.size
    more = at(document, paging.more_at)
    if not isinstance(more, bool):
        raise ServiceFault(f"paging:{paging.more_at}")
    return more


def _cursor_step(paging: CursorPaging, cursor: str) -> Step:
    query = (((paging.parameter, cursor),) if cursor else ()) + _size(paging)
    words = {**_size_word(paging.size), **({"cursor": cursor} if cursor else {})}
    return Step(cursor, query, words)


def _numbered(paging: PagePaging | OffsetPaging, number: int, word: str) -> Step:
    query = ((paging.parameter, str(number)), *_size(paging))
    return Step(str(number), query, {**_size_word(paging.size), word: str(number)}, count=number)


def _size(paging: CursorPaging | LinkPaging | PagePaging | OffsetPaging) -> tuple[tuple[str, str], ...]:
    return ((paging.size_parameter, str(paging.size)),) if paging.size_parameter and paging.size else ()


def _size_word(size: int | None) -> dict[str, str]:
    return {"limit": str(size)} if size else {}
