"""What a run means to do and why: decisions in a fixed order, printed as they are by `soroe plan`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from .event import EventContent, Field, Occurrence, Particulars, Ref, Side, Version
from .finding import Finding
from .link import Baseline
from .quickly import quickly_made


class Verb(StrEnum):
    """What an action does to the side it names; `LINK` and `UNLINK` only write down what is so already."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LINK = "link"
    UNLINK = "unlink"


class Why(StrEnum):
    """Why an item is synced the way it is, or is not: the last word of `soroe explain`."""

    IN_STEP = "in_step"
    NEW_IN_CRM = "new_in_crm"
    NEW_IN_CALENDAR = "new_in_calendar"
    CHANGED_IN_CRM = "changed_in_crm"
    CHANGED_IN_CALENDAR = "changed_in_calendar"
    CHANGED_ON_BOTH = "changed_on_both"
    REMOVED_IN_CRM = "removed_in_crm"
    REMOVED_IN_CALENDAR = "removed_in_calendar"
    CHANGE_BEATS_REMOVAL = "change_beats_removal"
    SAME_MEETING = "same_meeting"
    STAMPED = "stamped"
    BOTH_GONE = "both_gone"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    OUT_OF_WINDOW = "out_of_window"
    TYPE_NOT_CHOSEN = "type_not_chosen"
    CALENDAR_NOT_CHOSEN = "calendar_not_chosen"
    UNCHANGED_SINCE_START = "unchanged_since_start"
    PRIVATE_SKIPPED = "private_skipped"
    PRIVATE_BLOCK = "private_block"
    PRIVATE_KEPT = "private_kept"
    PRIVATE_FREE = "private_free"
    NOT_A_MEETING = "not_a_meeting"
    HIDDEN_IN_CRM = "hidden_in_crm"
    NO_NEW_PAIRS = "no_new_pairs"
    DELETES_EVENT = "deletes_event"
    REASSIGNED = "reassigned"
    RELATED_DELETED = "related_deleted"
    DECLINED = "declined"
    DIRECTION = "direction"
    READ_ONLY = "read_only"
    OTHER_SYNC = "other_sync"
    WAITS_FOR_SERIES = "waits_for_series"
    NO_SERIES = "no_series"
    TOO_LONG = "too_long"
    SERIES_TOO_LONG = "series_too_long"
    SERIES_TOO_RARE = "series_too_rare"
    SERIES_ENDS_FIRST = "series_ends_first"
    PAST_OCCURRENCE = "past_occurrence"
    SPLIT_AT_TODAY = "split_at_today"
    GOES_ON = "goes_on"
    REJECTED = "rejected"
    UNREADABLE = "unreadable"
    HELD = "held"
    REWRITTEN_ON_BOTH_SIDES = "rewritten_on_both_sides"
    CHOSEN_BY_USER = "chosen_by_user"
    UNDONE = "undone"
    RESTORED = "restored"


@quickly_made
@dataclass(frozen=True, slots=True)
class Action:
    """One step: what is done to `side`.

    `source` is the item across that asks for it, `target` the item written to (None for a create). `content` is the
    whole content wanted, in the form of the side written to; `fields` are those that change. `version` is the state of
    the target that the decision was made on: the write is refused when it has moved on. `occurrence` names the
    occurrence of a series, on the side written to. `like` is the item there that a new one goes on from. `particulars`
    is what the CRM is to hold beside a place it is given.
    """

    verb: Verb
    side: Side
    why: Why
    source: Ref | None = None
    target: Ref | None = None
    content: EventContent | None = None
    fields: tuple[Field, ...] = ()
    version: Version | None = None
    activity_type: str | None = None
    stamp: str | None = None
    origin: Side | None = None
    occurrence: Occurrence | None = None
    like: Ref | None = None
    particulars: Particulars | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """We will do this. `baseline` is what both sides agree on before anything is written."""

    actions: tuple[Action, ...]
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """We cannot decide: a person must. `actions` still go ahead for the fields that are clear."""

    fields: tuple[Field, ...]
    actions: tuple[Action, ...] = ()
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to do, and why. A `baseline` is what both sides turn out to agree on already."""

    why: Why
    baseline: Baseline | None = None
    actions: ClassVar[tuple[Action, ...]] = ()


Outcome = Change | Conflict | Nothing


@quickly_made
@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one meeting, with what the user should know of it."""

    crm: Ref | None
    calendar: Ref | None
    outcome: Outcome
    findings: tuple[Finding, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """The steps, if any."""
        return self.outcome.actions


@dataclass(frozen=True, slots=True)
class Plan:
    """The decisions of a run, ordered by the items' ids: same input, same plan, same order."""

    decisions: tuple[Decision, ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        """All steps in order."""
        return tuple(action for decision in self.decisions for action in decision.actions)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in order."""
        return tuple(finding for decision in self.decisions for finding in decision.findings)


def placed(ref: Ref, side: Side) -> tuple[Ref | None, Ref | None]:
    """One item's place in a decision: the CRM's ref first, the calendar's second."""
    return (ref, None) if side is Side.CRM else (None, ref)


def about_one(side: Side, ref: Ref) -> Decision:
    """A decision about one item alone, for a step that a person asked for."""
    return Decision(*placed(ref, side), Change(()))


def in_order(decisions: list[Decision]) -> Plan:
    """The plan of these decisions, in the one order they always have."""
    return Plan(tuple(sorted(decisions, key=_place)))


def _place(decision: Decision) -> str:
    """The calendar's place, then the CRM's, as one text: texts are put in order four times as fast as tuples, and
    nothing else can run meanwhile (P-9)."""
    crm, calendar = decision.crm, decision.calendar
    there = f"{calendar.container}\0{calendar.id}" if calendar is not None else "\0"
    return f"{there}\0{crm.container}\0{crm.id}" if crm is not None else f"{there}\0\0"
