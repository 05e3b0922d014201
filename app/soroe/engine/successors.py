"""A series that was cut by "this and following" goes on as another one: what hangs on its twins stays (SF-17, ESM-I7).

Every calendar does it alike: the old series ends early, and a new one begins on the day of the cut. Where the CRM
holds single items, their links go on with the new series' occurrences; where it holds series, the new one goes on from
the old one's. Only a clear case counts: what is not clear is made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from soroe.core.event import ItemId, ObservedItem, Occurrence, Ref, Side, Timed, occurrence_named, starts_on
from soroe.core.matching import normalised
from soroe.core.rules.recurrence import RunawayRule, occurs_on, parts_of, wall_start
from soroe.core.rules.recurrence_cut import is_over

from .joint import Joint
from .trees import Trees, series_of

NEAR = timedelta(days=6)
"""How far "this and following" moves a series at most, to be known by its title alone: to another day of the week."""


class Successors:
    """Finds the series that go on from others. Make a new one for every pass."""

    def __init__(self, joint: Joint, trees: Trees) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees

    # --- single items across ---
    def hand_over(self, dirty: Sequence[tuple[Side, Ref]]) -> bool:
        """Let the links of the occurrences that were cut off go on with those of the series that took their place.

        Returns whether any did.
        """
        lost = self._lost()
        if not lost:
            return False
        fresh = self._fresh(dirty)
        with self._store.transaction():
            moved = [self._pair_up(days, self._unlinked(series)) for series, days in sorted(lost.items())]
            found = {series: self._heir(series, days, fresh) for series, days in lost.items() if days}
            heirs = [heir for heir in found.values() if heir is not None]
            for series, heir in sorted(found.items()):
                if heir is not None and heirs.count(heir) == 1:
                    moved.append(self._pair_up(lost[series], fresh[heir]))
        return any(moved)

    def _pair_up(self, lost: dict[date, Ref], fresh: dict[date, Ref]) -> bool:
        """Let each lost one's link go on with the one that takes its place; those are lost no more."""
        pairs = list(_paired(lost, fresh))
        for old, new in pairs:
            self._go_on(lost.pop(old), fresh.pop(new))
        return bool(pairs)

    def _unlinked(self, series: Ref) -> dict[date, Ref]:
        """The occurrences of a series that nobody has linked, by their day: it was moved to other hours or days."""
        master = self._master(series)
        if master is None:
            return {}
        members = [Ref(series.container, member) for member in self._store.series_members(Side.CALENDAR, series)]
        return {
            _day_in(master, ref.id): ref
            for ref in members
            if self._store.link(Side.CALENDAR, ref) is None
            and isinstance(self._store.item(Side.CALENDAR, ref), ObservedItem)
        }

    def _lost(self) -> dict[Ref, dict[date, Ref]]:
        """The linked occurrences that are gone, by the series that is still there, and their day in it.

        Of a series that is linked as such they are exceptions: each has its own place across, and leaves it to nobody.
        """
        lost: dict[Ref, dict[date, Ref]] = defaultdict(dict)
        for ref in self._store.dirty_and_gone(Side.CALENDAR):
            series = series_of(ref)
            master = self._master(series)
            if series is None or master is None or self._store.link(Side.CALENDAR, series) is not None:
                continue
            if self._store.link(Side.CALENDAR, ref) is not None:
                lost[series][_day_in(master, ref.id)] = ref
        return dict(lost)

    def _fresh(self, dirty: Sequence[tuple[Side, Ref]]) -> dict[Ref, dict[date, Ref]]:
        """The occurrences of series that nobody has linked anything of, by their day."""
        fresh: dict[Ref, dict[date, Ref]] = {}
        asked = {series_of(ref) for side, ref in dirty if side is Side.CALENDAR}
        for series in sorted(one for one in asked if one is not None):
            master = self._master(series)
            members = [Ref(series.container, member) for member in self._store.series_members(Side.CALENDAR, series)]
            if master is None or any(self._store.link(Side.CALENDAR, ref) is not None for ref in (series, *members)):
                continue
            fresh[series] = self._unlinked(series)
        return fresh

    def _heir(self, series: Ref, lost: dict[date, Ref], fresh: dict[Ref, dict[date, Ref]]) -> Ref | None:
        master, cut = self._master(series), min(lost)
        if master is None or not _ends_before(master, cut):
            return None
        heirs = [other for other in fresh if other.container == series.container and self._follows(other, master, cut)]
        return heirs[0] if len(heirs) == 1 else None

    def _follows(self, series: Ref, old: ObservedItem, cut: date) -> bool:
        """Whether a series is what was made of another from the day of its cut on."""
        new = self._master(series)
        if new is None or new.ref == old.ref:
            return False
        begins = starts_on(new.content.when)
        if _is_family(old.ref.id, new.ref.id):
            return abs(begins - cut) <= NEAR
        same_title = normalised(new.content.title) == normalised(old.content.title)
        if begins != cut:
            return same_title and abs(begins - cut) <= NEAR
        return same_title or _same_hours(old, new) or _same_steps(old, new)

    def _go_on(self, old: Ref, new: Ref) -> None:
        link = self._store.link(Side.CALENDAR, old)
        if link is None:
            return
        self._store.drop_link(link)
        self._store.save_link(replace(link, calendar=new))
        self._store.forget(Side.CALENDAR, [old])
        self._store.mark_dirty(Side.CALENDAR, [new])

    # --- series across ---
    def went_before(self, item: ObservedItem) -> Ref | None:
        """The series in the CRM that this event's goes on from: it still has an occurrence on the day of the cut."""
        series = item.ref if item.content.recurrence is not None else series_of(item.ref)
        new = self._master(series) if series is not None else None
        if series is None or new is None:
            return None
        found = [twin for old, twin in self._linked_series(series) if self._was_cut(old, twin, new)]
        return found[0].ref if len(found) == 1 else None

    def _linked_series(self, but: Ref) -> Iterator[tuple[ObservedItem, ObservedItem]]:
        for series in self._store.all_series(Side.CALENDAR):
            link = self._store.link(Side.CALENDAR, series) if series != but else None
            old = self._master(series) if link is not None and series.container == but.container else None
            twin = self._store.item(Side.CRM, link.crm) if link is not None else None
            if old is not None and isinstance(twin, ObservedItem) and twin.content.recurrence is not None:
                yield old, twin

    def _was_cut(self, old: ObservedItem, twin: ObservedItem, new: ObservedItem) -> bool:
        """Whether the twin still has an occurrence about when the new series begins, where the old one has none."""
        begins = starts_on(new.content.when)
        try:
            days = [begins + timedelta(days=number) for number in range(-NEAR.days, NEAR.days + 1)]
            left = [day for day in days if occurs_on(twin.content, day) and _ends_before(old, day)]
        except RunawayRule:
            return False
        return bool(left) and self._follows(new.ref, old, left[0] if begins not in left else begins)

    def _master(self, series: Ref | None) -> ObservedItem | None:
        parts = self._store.series_parts(Side.CALENDAR, series) if series is not None else ()
        return next((part for part in parts if isinstance(part, ObservedItem) and part.occurrence is None), None)


def _day_in(master: ObservedItem, occurrence: ItemId) -> date:
    """The day on which the series puts an occurrence, by its own clock."""
    named = occurrence_named(occurrence) or Occurrence(occurrence, starts_on(master.content.when))
    start = wall_start(named.original_start, master.content.when)
    return start.date() if isinstance(start, datetime) else start


def _ends_before(master: ObservedItem, day: date) -> bool:
    rules = master.content.recurrence.rules if master.content.recurrence is not None else ()
    has_end = all({"UNTIL", "COUNT"} & parts_of(rule).keys() for rule in rules)
    return has_end and is_over(master.content, day)


def _is_family(old: ItemId, new: ItemId) -> bool:
    """Whether a calendar says itself, by its ids, that one series was cut off another (Google: …_R20260519T010000)."""
    base = old.partition("_R")[0]
    return new.startswith(f"{base}_R") and new != old


def _same_hours(old: ObservedItem, new: ObservedItem) -> bool:
    one, other = old.content.when, new.content.when
    if isinstance(one, Timed) and isinstance(other, Timed):
        return (one.start.time(), one.end - one.start, one.zone) == (
            other.start.time(),
            other.end - other.start,
            other.zone,
        )
    return False


def _same_steps(old: ObservedItem, new: ObservedItem) -> bool:
    return _steps(old) == _steps(new)


def _steps(master: ObservedItem) -> list[dict[str, str]]:
    rules = master.content.recurrence.rules if master.content.recurrence is not None else ()
    ends = {"UNTIL", "COUNT", "WKST"}
    return [{name: value for name, value in parts_of(rule).items() if name not in ends} for rule in sorted(rules)]


def _paired(lost: dict[date, Ref], fresh: dict[date, Ref]) -> Iterator[tuple[date, date]]:
    """Who takes whose place: the one of the same day; where no day is the same, the next in turn, in the same week."""
    same = sorted(lost.keys() & fresh.keys())
    if same:
        yield from zip(same, same, strict=True)
        return
    yield from ((old, new) for old, new in zip(sorted(lost), sorted(fresh), strict=False) if abs(new - old) <= NEAR)
