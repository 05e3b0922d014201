"""What goes into the observed trees, and what is known of it without reading it."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.core.event import ObservedItem, Side, Version


@dataclass(frozen=True, slots=True)
class Entry:
    """An observed item to keep. `match_key` is what matching compares; `dirty` asks for the item to be reconciled."""

    item: ObservedItem
    match_key: bytes | None
    dirty: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an item without reading its content; `match_key` is the one it was kept with."""

    version: Version | None
    present: bool
    match_key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item with a certain match key, and whether it is linked."""

    side: Side
    item: ObservedItem
    linked: bool
