"""How a feed can be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from soroe.core.event import Ref


@dataclass
class Lies:
    """How the service's feed is wrong: `empty` and `truncated` listings, tombstones for what lives, expired cursors."""

    empty: bool = False
    truncated: int | None = None
    false_tombstones: list[Ref] = field(default_factory=list)
    expired: bool = False
