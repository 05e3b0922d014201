"""Occurrences that go into a CRM as single items, and that somebody changed before this database saw the pair.

Neither of the two bears a stamp then: the CRM has no place for one, and an occurrence that does not differ from its
series has none either. What is left is where the series had put the occurrence, and what is still alike. The first is
enough to know the pair; the second is a reason to ask, and never to make both anew (S-2). Where nothing is alike any
more, the mark on the series tells that the occurrence has an activity somewhere, and when that came into the CRM
(`series_marks`). An event that another database claimed, and did not come to stamp, is no different; nor is one that
takes nothing from us, an invitation say, where this database took up a sync that had been at work before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import IntEnum

from soroe.core import notes
from soroe.core.event import EventContent, ItemId, ObservedItem, Ref, Side, Timed, occurrence_id
from soroe.core.finding import Finding, FindingAction, FindingKind
from soroe.core.link import same_time
from soroe.core.matching import Ambiguous, is_near
from soroe.core.plan import Decision, Nothing, Verb, Why
from soroe.core.rules.grid import rounded
from soroe.core.rules.privacy import project
from soroe.core.rules.recurrence import time_of
from soroe.core.series_mark import SeriesMark
from soroe.core.stamp import Claim, claims_of, read_claim

from .joint import STILL_OURS, Joint
from .moved import lies_on
from .series_marks import day_of, master_of, others_mark, takes_no_mark
from .series_shown import stands_alone
from .trees import Trees, series_of

A_MINUTE = timedelta(minutes=1)
"""How far a service's clock may be from ours."""

Eligible = Callable[[ObservedItem, Side], bool]
"""Whether an item has no partner, no lookalike, and would be made anew across."""


class Likeness(IntEnum):
    """What two items that may be one meeting still have in common; the least is the likeliest."""

    TIME = 0
    TITLE = 1
    NONE = 2


class ChangedTwins:
    """Finds what an unlinked item may have been paired with. Make a new one for every pass."""

    def __init__(self, joint: Joint, trees: Trees, eligible: Eligible) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees
        self._eligible = eligible
        self._made: dict[Ref, tuple[tuple[ItemId, datetime | None], ...]] = {}
        self._marks: dict[Ref, SeriesMark | None] = {}
        self._joined: datetime | None = None
        self._has_asked = False
        self._seen: dict[Ref, list[EventContent]] = {}
        self._asked: dict[Side, dict[Ref, list[ObservedItem]]] | None = None
        self.applies = not joint.crm.reader.capabilities.hidden_stamp

    # --- known by where the series had put it ---
    def by_slot(self, item: ObservedItem, side: Side) -> ObservedItem | None:
        """The one free item across that looks as the occurrence did before it was changed."""
        if not self.applies:
            return None
        if side is Side.CALENDAR:
            return self._made_of(item)
        found = [one for one in self._standing_in(item) if self._made_of(one) == item]
        return found[0] if len(found) == 1 else None

    def _made_of(self, event: ObservedItem) -> ObservedItem | None:
        before = self._unchanged(event)
        if before is None or event.version is None:
            return None
        alike = self._store.same_key(self._trees.key(Side.CALENDAR, before))
        if len(alike) != 1 or alike[0].side is not Side.CRM or alike[0].linked:
            return None
        return alike[0].item

    def _unchanged(self, event: ObservedItem) -> ObservedItem | None:
        """The occurrence as its series alone says it is."""
        series = series_of(event.ref)
        master = master_of(self._joint, series) if series is not None else None
        if master is None or event.occurrence is None or not stands_alone(self._joint, Side.CALENDAR, event):
            return None
        when = time_of(master.content, event.occurrence.original_start)
        return replace(master, ref=event.ref, content=replace(master.content, when=when, recurrence=None))

    def _standing_in(self, activity: ObservedItem) -> Iterator[ObservedItem]:
        """The free occurrences whose place in their series is the time of this activity."""
        when = activity.content.when
        start = when.start_utc.replace(tzinfo=None) if isinstance(when, Timed) else when.start
        for series in self._store.all_series(Side.CALENDAR):
            event = self._free(Side.CALENDAR, Ref(series.container, occurrence_id(series.id, start)))
            if event is not None and event.version is not None and stands_alone(self._joint, Side.CALENDAR, event):
                yield event

    # --- alike enough to ask ---
    def suspects(self, item: ObservedItem, side: Side) -> list[tuple[Side, ObservedItem]]:
        """The free items across that may be this one, changed; of those, the ones that are most alike.

        It is the same question from either side: one is asked about where it is the likeliest for either of the two.
        """
        if not self.applies or (side is Side.CALENDAR and not self._may_have_one(item)):
            return []
        if self._asked is None:
            self._asked = self._paired_off()
        return [(side.other, one) for one in self._asked[side].get(item.ref, ())]

    def _may_have_one(self, event: ObservedItem) -> bool:
        """Whether an event may have a twin that this database does not know of."""
        if event.occurrence is not None and self._was_synced(event):
            return True
        return self._is_claimed(event) or self._is_of_before(event)

    def _paired_off(self) -> dict[Side, dict[Ref, list[ObservedItem]]]:
        """Who is asked about together with whom."""
        events = {event.ref: event for event in self._events() if self._eligible(event, Side.CALENDAR)}
        free = [self._free(Side.CRM, ref) for ref in self._waiting(Side.CRM)] if events else []
        activities = [one for one in free if one is not None and self._eligible(one, Side.CRM)]
        found = [
            (likeness, event, activity)
            for event in events.values()
            for activity in activities
            if (likeness := self._likeness(event, activity)) is not None and not self._is_ruled_out(event, activity)
        ]
        best: dict[Ref, Likeness] = {}
        for likeness, event, activity in found:
            for one in (event, activity):
                best[one.ref] = min(likeness, best.get(one.ref, likeness))
        asked: dict[Side, dict[Ref, list[ObservedItem]]] = {side: {} for side in Side}
        for likeness, event, activity in found:
            if likeness in (best[event.ref], best[activity.ref]):
                asked[Side.CALENDAR].setdefault(event.ref, []).append(activity)
                asked[Side.CRM].setdefault(activity.ref, []).append(event)
        return asked

    def _is_ruled_out(self, event: ObservedItem, activity: ObservedItem) -> bool:
        """Whether a person said of just these two that they are different meetings."""
        question = notes.duplicate(event.ref, Side.CALENDAR, ((Side.CRM, activity.ref),))
        return self._store.is_dismissed(question.id)

    def _likeness(self, event: ObservedItem, activity: ObservedItem) -> Likeness | None:
        """How much alike the two are, as the event is or as its series says; None for two that cannot be the same."""
        near = [likeness for form in self._forms(event) if (likeness := self._seen_alike(form, activity)) is not None]
        if near:
            return min(near)
        may_be = (
            self._is_made_under_claim(event, activity)
            or self._is_of_marked_series(event, activity)
            or self._is_of_one_making(event, activity)
            or self._are_of_before(event, activity)
        )
        return Likeness.NONE if may_be else None

    def _forms(self, event: ObservedItem) -> list[EventContent]:
        if event.ref not in self._seen:
            versions = [one for one in (event, self._unchanged(event)) if one is not None]
            route, dialect = self._joint.route, self._joint.dialect
            self._seen[event.ref] = [project(one, route, dialect).content for one in versions]
        return self._seen[event.ref]

    def _seen_alike(self, form: EventContent, activity: ObservedItem) -> Likeness | None:
        dialect = self._joint.dialect
        if not is_near(form, activity.content, dialect):
            return None
        at_once = same_time(rounded(form.when, dialect), rounded(activity.content.when, dialect))
        return Likeness.TIME if at_once else Likeness.TITLE

    def _is_made_under_claim(self, event: ObservedItem, activity: ObservedItem) -> bool:
        claim, made = read_claim(event.stamp, self._joint.route.key), activity.created_at
        if claim is None or made is None or not self._lies_on(claim, event):
            return False
        return claim.at - A_MINUTE <= made <= claim.at + STILL_OURS + A_MINUTE

    def _are_of_before(self, event: ObservedItem, activity: ObservedItem) -> bool:
        """Whether both were there, and nothing could be hidden on either, when this database took up a sync that had
        been at work before. In a sync that writes nothing to the calendar, the CRM is full of others' activities."""
        since = self._since()
        made = activity.created_at
        if since is None or self._joint.calendar.writer is None:
            return False
        return self._is_of_before(event) and (made is None or made <= since)

    def _is_of_before(self, event: ObservedItem) -> bool:
        since = self._since()
        if since is None or (event.created_at is not None and event.created_at > since):
            return False
        return takes_no_mark(self._joint, event)

    def _since(self) -> datetime | None:
        """When this database took up a sync that had been at work before."""
        if not self._has_asked:
            self._joined, self._has_asked = self._store.state().joined, True
        return self._joined

    def _is_of_marked_series(self, event: ObservedItem, activity: ObservedItem) -> bool:
        """Whether another database's mark on the series tells of this occurrence, and the activity is as old as those
        it tells of.

        What the CRM has refused to take from this very database has none.
        """
        series = series_of(event.ref)
        mark = self._mark(series) if series is not None else None
        if mark is None or event.occurrence is None or not mark.may_mean(day_of(event.occurrence), activity.created_at):
            return False
        return self._store.why(Side.CALENDAR, event.ref) is not Why.REJECTED

    def _mark(self, series: Ref) -> SeriesMark | None:
        if series not in self._marks:
            self._marks[series] = others_mark(self._joint, series)
        return self._marks[series]

    def _is_of_one_making(self, event: ObservedItem, activity: ObservedItem) -> bool:
        """Whether the activity was made together with those of the occurrences around this one: however little it looks
        like its occurrence now, it came into the CRM with its siblings.

        They are made in order. Where none after this one is there, this one's own may never have been made either.
        """
        series, made = series_of(event.ref), activity.created_at
        if series is None or made is None:
            return False
        siblings = self._siblings(series)
        later = next((at for member, at in siblings if member > event.ref.id), None)
        earlier = next((at for member, at in reversed(siblings) if member < event.ref.id), None)
        return later is not None and any(abs(made - at) <= A_MINUTE for at in (earlier, later) if at is not None)

    def _claimed(self) -> Iterator[ObservedItem]:
        for event in self._store.stamped(Side.CALENDAR, claims_of(self._joint.route.key)):
            if self._free(Side.CALENDAR, event.ref) is not None and self._is_claimed(event):
                yield event

    def _is_claimed(self, event: ObservedItem) -> bool:
        """Whether a claim lies on the event that this database did not write: it cannot tell what came of it."""
        claim = read_claim(event.stamp, self._joint.route.key)
        if claim is None or not self._lies_on(claim, event):
            return False
        written = self._store.last_change_of(Side.CALENDAR, event.ref, Verb.UPDATE)
        return written is None or written.stamp != event.stamp

    def _lies_on(self, claim: Claim, event: ObservedItem) -> bool:
        """Whether it was written on this very event: a copy of an event brings the claim along, and is not claimed."""
        return lies_on(self._joint, Side.CALENDAR, event.ref, claim.own)

    def _events(self) -> Iterator[ObservedItem]:
        """The events that have no partner here, and may have one."""
        yield from self._unpaired()
        yield from self._claimed()
        if self._since() is not None:
            free = (self._free(Side.CALENDAR, ref) for ref in self._waiting(Side.CALENDAR))
            yield from (event for event in free if event is not None and self._is_of_before(event))

    def _unpaired(self) -> Iterator[ObservedItem]:
        for series in self._store.all_series(Side.CALENDAR):
            members = sorted(self._store.series_members(Side.CALENDAR, series))
            events = [self._free(Side.CALENDAR, Ref(series.container, member)) for member in members]
            yield from (event for event in events if event is not None and self._was_synced(event))

    def _was_synced(self, event: ObservedItem) -> bool:
        """Whether another database's mark tells of this occurrence, or another one of its series has a twin, or one
        that looks like it."""
        series = series_of(event.ref)
        if series is None or event.occurrence is None or not stands_alone(self._joint, Side.CALENDAR, event):
            return False
        mark = self._mark(series)
        return (mark is not None and mark.holds(day_of(event.occurrence))) or bool(self._siblings(series))

    def _siblings(self, series: Ref) -> tuple[tuple[ItemId, datetime | None], ...]:
        """The occurrences of a series that have a twin, in order, and when that was made."""
        if series not in self._made:
            members = sorted(self._store.series_members(Side.CALENDAR, series))
            found = ((member, self._twin(series, member)) for member in members)
            self._made[series] = tuple((member, twin.created_at) for member, twin in found if twin is not None)
        return self._made[series]

    def _twin(self, series: Ref, member: ItemId) -> ObservedItem | None:
        """The activity that an occurrence is linked with, or that looks like it."""
        ref = Ref(series.container, member)
        link = self._store.link(Side.CALENDAR, ref)
        if link is not None:
            linked = self._store.item(Side.CRM, link.crm)
            return linked if isinstance(linked, ObservedItem) else None
        event = self._store.item(Side.CALENDAR, ref)
        if not isinstance(event, ObservedItem):
            return None
        alike = self._store.same_key(self._trees.key(Side.CALENDAR, event))
        return next((found.item for found in alike if found.side is Side.CRM), None)

    def _waiting(self, side: Side) -> list[Ref]:
        """The items that nobody has decided about, or that were asked about."""
        asked = {place for finding in self._store.findings() for place in finding.group() if _is_question(finding)}
        return sorted({ref for where, ref in (*self._store.dirty(1_000_000), *asked) if where is side})

    def _free(self, side: Side, ref: Ref) -> ObservedItem | None:
        item = self._store.item(side, ref) if self._joint.has(side, ref) else None
        return item if isinstance(item, ObservedItem) and self._store.link(side, ref) is None else None

    def joined_by_person(self, found: Iterable[tuple[Side, ObservedItem]]) -> ObservedItem | None:
        """The one suspect that a person said is the same meeting."""
        said = [one for side, one in found if self._is_said(side, one.ref)]
        return said[0] if len(said) == 1 else None

    def _is_said(self, side: Side, ref: Ref) -> bool:
        choice = self._store.choice(side, ref)
        return choice is not None and choice.action is FindingAction.MERGE


def _is_question(finding: Finding) -> bool:
    return finding.kind is FindingKind.DUPLICATE


def one_by_one(decision: Decision, ref: Ref, side: Side, match: Ambiguous) -> Decision:
    """The decision with a question about each that may be the same meeting: at most one of them is, and the others are
    no copies, of which one would be kept."""
    if not isinstance(decision.outcome, Nothing) or decision.outcome.why is not Why.DUPLICATE:
        return decision
    return replace(decision, findings=tuple(notes.duplicate(ref, side, (other,)) for other in match.others))
