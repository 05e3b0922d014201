"""Occurrences that go into a CRM as single items, and that somebody changed before this database saw the pair.

Neither of the two bears a stamp then: the CRM has no place for one, and an occurrence that does not differ from its
series has none either. What is left is where the series had put the occurrence, and what is still alike. The first is
enough to know the pair; the second is a reason to ask, and never to make both anew (S-2). Where nothing is alike any
more, the mark on the series tells that the occurrence has an activity somewhere, and when that came into the CRM
(`series_marks`). An event that another database claimed, and did not come to stamp, is no different.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from soroe.core.event import ItemId, ObservedItem, Ref, Side, Timed, occurrence_id
from soroe.core.finding import FindingAction, FindingKind
from soroe.core.matching import is_near
from soroe.core.plan import Verb, Why
from soroe.core.rules.privacy import project
from soroe.core.rules.recurrence import time_of
from soroe.core.series_mark import SeriesMark
from soroe.core.stamp import claims_of, read_claim

from .joint import STILL_OURS, Joint
from .series_marks import day_of, known_by_looks, master_of, others_mark
from .series_shown import stands_alone
from .trees import Trees, series_of

A_MINUTE = timedelta(minutes=1)
"""How far a service's clock may be from ours."""

Eligible = Callable[[ObservedItem, Side], bool]
"""Whether an item has no partner, no lookalike, and would be made anew across."""


class ChangedTwins:
    """Finds what an unlinked item may have been paired with. Make a new one for every pass."""

    def __init__(self, joint: Joint, trees: Trees, eligible: Eligible) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees
        self._eligible = eligible
        self._made: dict[Ref, tuple[tuple[ItemId, datetime | None], ...]] = {}
        self._marks: dict[Ref, SeriesMark | None] = {}
        self._lonely: list[ObservedItem] | None = None
        self._waiting: list[Ref] | None = None
        self.applies = known_by_looks(joint)

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
        """The free items across that may be this one, changed: of a series that has been synced before, or of an event
        that another database has claimed and perhaps carried over."""
        if not self.applies:
            return []
        if side is Side.CALENDAR:
            if not (self._was_synced(item) if item.occurrence is not None else self._is_claimed(item)):
                return []
            activities = (self._free(Side.CRM, ref) for ref in self._waiting_activities())
            found = [one for one in activities if one is not None and self._may_be(item, one)]
        else:
            found = [event for event in self._events() if self._may_be(event, item)]
        return [(side.other, one) for one in found if self._eligible(one, side.other)]

    def _may_be(self, event: ObservedItem, activity: ObservedItem) -> bool:
        claim = read_claim(event.stamp, self._joint.route.key)
        made = activity.created_at
        if (
            claim is not None
            and claim.is_on(event.ref)
            and made is not None
            and claim.at - A_MINUTE <= made <= claim.at + STILL_OURS + A_MINUTE
        ):
            return True
        if self._is_of_marked_series(event, activity):
            return True
        return self._is_near(event, activity) or self._is_of_one_making(event, activity)

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
            if self._store.link(Side.CALENDAR, event.ref) is None and self._is_claimed(event):
                yield event

    def _is_claimed(self, event: ObservedItem) -> bool:
        """Whether a claim lies on the event that this database did not write: it cannot tell what came of it."""
        claim = read_claim(event.stamp, self._joint.route.key)
        if claim is None or not claim.is_on(event.ref):
            return False
        written = self._store.last_change_of(Side.CALENDAR, event.ref, Verb.UPDATE)
        return written is None or written.stamp != event.stamp

    def _events(self) -> list[ObservedItem]:
        """The events that have no partner here, and may have one: they are the same for the whole pass."""
        if self._lonely is None:
            self._lonely = [*self._unpaired(), *self._claimed()]
        return self._lonely

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

    def _waiting_activities(self) -> list[Ref]:
        """The activities that nobody has decided about, or that were asked about."""
        if self._waiting is None:
            waiting = {ref for side, ref in self._store.dirty(1_000_000) if side is Side.CRM}
            waiting |= {ref for side, ref in self._asked_about() if side is Side.CRM}
            self._waiting = sorted(waiting)
        return self._waiting

    def _asked_about(self) -> Iterator[tuple[Side, Ref]]:
        for finding in self._store.findings():
            if finding.kind is FindingKind.DUPLICATE:
                yield from finding.others

    def _is_near(self, event: ObservedItem, activity: ObservedItem) -> bool:
        """Whether the two share their time or their title, as the event is or as its series says."""
        before = self._unchanged(event)
        for version in (event, before):
            if version is None:
                continue
            seen = project(version, self._joint.route, self._joint.dialect).content
            if is_near(seen, activity.content, self._joint.dialect):
                return True
        return False

    def _free(self, side: Side, ref: Ref) -> ObservedItem | None:
        item = self._store.item(side, ref)
        return item if isinstance(item, ObservedItem) and self._store.link(side, ref) is None else None

    def joined_by_person(self, found: Iterable[tuple[Side, ObservedItem]]) -> ObservedItem | None:
        """The one suspect that a person said is the same meeting."""
        said = [one for side, one in found if self._is_said(side, one.ref)]
        return said[0] if len(said) == 1 else None

    def _is_said(self, side: Side, ref: Ref) -> bool:
        choice = self._store.choice(side, ref)
        return choice is not None and choice.action is FindingAction.MERGE
