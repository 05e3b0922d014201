"""What a run did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from soroe.core.event import Side
from soroe.core.plan import Verb


def _zero() -> dict[Side, int]:
    return {Side.CRM: 0, Side.CALENDAR: 0}


@dataclass(slots=True)
class Counts:
    """Counts per side; `created`, `updated` and `deleted` count what was written to that side.

    `stamped` counts writes that changed nothing a person sees, `waiting` items that another laptop is at work on.
    """

    created: dict[Side, int] = field(default_factory=_zero)
    updated: dict[Side, int] = field(default_factory=_zero)
    deleted: dict[Side, int] = field(default_factory=_zero)
    stamped: int = 0
    linked: int = 0
    conflicts: int = 0
    failed: int = 0
    held: int = 0
    waiting: int = 0

    def add(self, verb: Verb, side: Side) -> None:
        """Count a write that was done."""
        match verb:
            case Verb.CREATE:
                self.created[side] += 1
            case Verb.UPDATE:
                self.updated[side] += 1
            case Verb.DELETE:
                self.deleted[side] += 1
            case Verb.LINK:
                self.linked += 1
            case Verb.UNLINK:
                pass

    @property
    def writes(self) -> int:
        """All writes to both sides."""
        shown = sum(self.created.values()) + sum(self.updated.values()) + sum(self.deleted.values())
        return self.stamped + shown


def per_side(part: dict[Side, int]) -> tuple[int, int]:
    """Counts as History keeps them: the CRM's first, the calendar's second."""
    return part[Side.CRM], part[Side.CALENDAR]
