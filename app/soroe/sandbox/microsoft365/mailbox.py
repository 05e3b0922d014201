"""The mail to other people that a write made the service send. Graph has no switch to prevent it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail caused by one request of a program. `kind` is invitation, update, cancellation or answer."""

    to: str
    kind: str
    event_id: str
    calendar_id: str
