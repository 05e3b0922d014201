"""How the fake service cuts what it tells into pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from soroe.core.event import ObservedItem, Seen
from soroe.ports.remote import Cursor, KnownVersions, Page


def in_pages(seen: Sequence[Seen], end: Cursor, known: KnownVersions) -> Iterator[Page]:
    """Two pages where there is enough for two; items in the state known are named only."""
    half = len(seen) // 2
    if half:
        yield _page(seen[:half], None, known)
    yield _page(seen[half:], end, known)


def _page(seen: Sequence[Seen], end: Cursor | None, known: KnownVersions) -> Page:
    same = {one.ref for one in seen if isinstance(one, ObservedItem) and known.get(one.ref.id, "") == one.version}
    return Page(tuple(one for one in seen if one.ref not in same), end, tuple(ref.id for ref in sorted(same)))
