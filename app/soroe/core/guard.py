"""What is implausible is held and asked (S-4, PD-9): mass deletions, mass rewrites, a wave of duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .plan import Decision, Nothing, Verb, Why
from .stamp import token


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may do unasked: so many items, or so large a part of the linked ones, whichever is larger."""

    deletes: int = 10
    delete_share: float = 0.10
    rewrites: int = 10
    rewrite_share: float = 0.50
    duplicates: int = 10
    duplicate_share: float = 0.10


@dataclass(frozen=True, slots=True)
class Allowed:
    """Nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A person must say yes first. `question` is the same as long as the very same is asked."""

    reason: str
    count: int
    limit: int
    question: str


Verdict = Allowed | Held

MASS_DELETE = "mass_delete"
MASS_REWRITE = "mass_rewrite"
DUPLICATE_WAVE = "duplicate_wave"


@dataclass(slots=True)
class Tally:
    """Counts decisions as they come, so that a large plan need not be kept for judging it.

    The occurrences of one series count as one deletion: removing a weekly meeting is one thought, not fifty.
    """

    linked: int
    limits: Limits = field(default_factory=Limits)
    _deletes: Counter[str] = field(default_factory=Counter)
    _rewrites: int = 0
    _duplicates: set[str] = field(default_factory=set)

    def add(self, decision: Decision) -> None:
        """Count one decision."""
        outcome = decision.outcome
        for action in outcome.actions:
            if action.verb is Verb.DELETE and action.target is not None:
                thing = action.occurrence.series if action.occurrence else _series_of(decision) or action.target.id
                self._deletes[f"{action.side}/{thing}"] += 1
            elif action.verb is Verb.UPDATE and action.fields:
                self._rewrites += 1
        if isinstance(outcome, Nothing) and outcome.why is Why.DUPLICATE:
            self._duplicates.update(finding.id for finding in decision.findings)

    def verdict(self, allowed: str = "") -> Verdict:
        """Whether the run may go on, all things counted; `allowed` is the question that a person has said yes to."""
        limits, linked = self.limits, self.linked
        questions = (
            (MASS_DELETE, len(self._deletes), max(limits.deletes, int(linked * limits.delete_share))),
            (MASS_REWRITE, self._rewrites, max(limits.rewrites, int(linked * limits.rewrite_share))),
            (DUPLICATE_WAVE, len(self._duplicates), max(limits.duplicates, int(linked * limits.duplicate_share))),
        )
        for reason, count, limit in questions:
            if count > limit:
                subject = ",".join(sorted(self._deletes)) if reason == MASS_DELETE else ""
                held = Held(reason, count, limit, f"{reason}:{count}:{token(subject, 6)}")
                if held.question != allowed:
                    return held
        return Allowed()


def _series_of(decision: Decision) -> str | None:
    """The series that a deleted twin stood for, read off the occurrence id of the calendar's side."""
    if decision.calendar is None or "#" not in decision.calendar.id:
        return None
    return decision.calendar.id.rpartition("#")[0]


def judge(decisions: Iterable[Decision], linked: int, limits: Limits) -> Verdict:
    """The verdict on a whole plan."""
    tally = Tally(linked, limits)
    for decision in decisions:
        tally.add(decision)
    return tally.verdict()
