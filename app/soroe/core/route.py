"""One sync's choices, as the user or IT made them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from .event import ContainerId, ObservedItem, ReadOnlyCause, Side, Window

SyncName = NewType("SyncName", str)
SyncKey = NewType("SyncKey", str)
"""The same on every laptop that joins the same two accounts: a hash of both accounts' identities."""


class Direction(StrEnum):
    """Which way changes travel."""

    TWO_WAY = "two-way"
    CRM_TO_CALENDAR = "crm-to-calendar"
    CALENDAR_TO_CRM = "calendar-to-crm"

    def writes(self, side: Side) -> bool:
        """Whether this direction may write to a side."""
        return self is Direction.TWO_WAY or (self is Direction.CALENDAR_TO_CRM) == (side is Side.CRM)


class PrivacyPolicy(StrEnum):
    """What the CRM learns of a private event (PD-7)."""

    SKIP = "skip"
    BLOCK = "block"
    FULL = "full"


class ConflictPolicy(StrEnum):
    """Who wins when both sides changed the same field."""

    NEWEST_FIELD = "newest-field"
    NEWEST_ITEM = "newest-item"
    CRM = "crm"
    CALENDAR = "calendar"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Route:
    """What one sync carries, where to, and under which policies.

    `changed_since` (UTC) keeps out items that nobody touched since then (PD-3); None takes all in the window.
    `zone` is the user's own zone: new calendar events from a CRM that tells only UTC get it.
    `private_title` is the title of the block that stands for a private event, in the user's language.
    `foreign_calendars` are other people's calendars: their private events are never shown in full.
    `links_untouched`: what nobody touched since `changed_since` is still linked with what looks like it. `makes_new`
    False: pairs stay in step, and what is alone stays alone (OD-6). `deletes_events`: a meeting that was
    deleted in the calendar may take a CRM's whole event with it, team and all; otherwise that is asked (OD-7).
    `today` is the user's own day, for what a CRM lets nobody change once it is past; None where nothing is past.
    """

    name: SyncName
    key: SyncKey
    calendars: tuple[ContainerId, ...]
    window: Window
    direction: Direction = Direction.TWO_WAY
    activity_types: frozenset[str] | None = None
    incoming_type: str | None = None
    privacy: PrivacyPolicy = PrivacyPolicy.BLOCK
    conflicts: ConflictPolicy = ConflictPolicy.NEWEST_FIELD
    changed_since: datetime | None = None
    zone: str = "Etc/UTC"
    private_title: str = "Private"
    guests_to_calendar: bool = False
    guests_to_crm: bool = False
    foreign_calendars: frozenset[ContainerId] = frozenset()
    links_untouched: bool = False
    makes_new: bool = True
    deletes_events: bool = False
    today: date | None = None

    def obstacle(self, side: Side, target: ObservedItem | None) -> ReadOnlyCause | Direction | None:
        """Why this sync may not change `target` on `side`: its direction, the item's own cause, or None if it may."""
        if not self.direction.writes(side):
            return self.direction
        return target.read_only if target is not None else None


TAKEN_KINDS = frozenset({"default", "outOfOffice"})
"""The kinds of calendar entries that are meetings. All others stay out: working places, birthdays (google-calendar:
status events), and whatever a service may show one day that nobody knows yet, such as appointment slots (ESM-S1). This
is the switch for them (ESM-S6).
"""
