"""Marks on the calendar's series of which a CRM without room for stamps holds single activities (S-2).

The mark is on the series before its activities are made. It is one write that no person sees, made anew when the window
brings new occurrences. A series that takes no write from us, an invitation say, stays without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from soroe.core.dialect import RecurrenceSupport
from soroe.core.event import ObservedItem, Occurrence, Ref, Side, occurrence_named
from soroe.core.plan import Decision, Verb, about_one
from soroe.core.series_mark import STILL_MADE, SeriesMark, first_mark, mark_text, read_mark
from soroe.core.stamp import claims_of, stamps_of, token
from soroe.ports.errors import ItemRejected, ReadOnly
from soroe.ports.remote import Create, Failed, Update, Written

from .joint import Joint
from .moved import known_as
from .series_shown import stands_alone
from .stamping import may_replace, stamping
from .steps import Step
from .trees import Trees, series_of

Told = tuple[date, datetime | None]
"""The day of an occurrence that has an activity, and when that came into the CRM, where the CRM says so."""


def known_by_looks(joint: Joint) -> bool:
    """Whether series stand in this CRM as single activities, and nothing can be hidden on those."""
    single = joint.dialect.recurrence is RecurrenceSupport.SINGLE_ITEMS or joint.dialect.series is not None
    return single and not joint.crm.reader.capabilities.hidden_stamp


def master_of(joint: Joint, series: Ref) -> ObservedItem | None:
    """The series itself, as the calendar last told it."""
    parts = joint.store.series_parts(Side.CALENDAR, series)
    return next((part for part in parts if isinstance(part, ObservedItem) and part.occurrence is None), None)


def others_mark(joint: Joint, series: Ref) -> SeriesMark | None:
    """What other databases have hidden on a series of the calendar: of what this one made, it knows the partner."""
    master = master_of(joint, series)
    mark = None if master is None else _mark_on(joint, master)
    return None if mark is None or master is None or _is_ours(joint, mark, master) else mark


def _mark_on(joint: Joint, master: ObservedItem) -> SeriesMark | None:
    refs = known_as(joint, Side.CALENDAR, master.ref)
    marks = (read_mark(master.stamp, joint.route.key, ref) for ref in refs)
    return next((mark for mark in marks if mark is not None), None)


def _is_ours(joint: Joint, mark: SeriesMark, master: ObservedItem) -> bool:
    """Whether this database wrote all of a mark: this laptop did, and the database was not lost since."""
    if mark.by != token(joint.installation, 6):
        return False
    written, joined = joint.store.last_change_of(Side.CALENDAR, master.ref, Verb.UPDATE), joint.store.state().joined
    return written is not None and written.stamp == master.stamp and (joined is None or joined < written.at)


def takes_no_mark(joint: Joint, event: ObservedItem) -> bool:
    """Whether nothing can be hidden on an event of the calendar, nor on its series where it goes with that."""
    if not _can_write(joint):
        return True
    if not stands_alone(joint, Side.CALENDAR, event):
        return event.read_only is not None
    series = series_of(event.ref)
    master = master_of(joint, series) if series is not None else None
    return master is None or master.read_only is not None or not may_replace(joint, master.stamp)


def was_at_work(joint: Joint, trees: Trees) -> bool:
    """Whether this sync has been at work before, on whatever laptop: by anything that it has hidden in the calendar.

    Where it may write nothing there, by half of the calendar's meetings or more looking like one in the CRM.
    """
    key, store = joint.route.key, joint.store
    if joint.crm.reader.capabilities.hidden_stamp:
        return False  # stamps tell of every pair, and nobody asks
    if not _can_write(joint):
        return _is_mostly_paired(joint, trees)
    if any(store.stamped(Side.CALENDAR, prefix) for prefix in (stamps_of(key), claims_of(key))):
        return True
    masters = (master_of(joint, series) for series in store.all_series(Side.CALENDAR))
    return any(_mark_on(joint, one) is not None for one in masters if one is not None)


def _is_mostly_paired(joint: Joint, trees: Trees) -> bool:
    seen = paired = 0
    for container in joint.calendar.containers:
        for ref in (Ref(container, item) for item in joint.store.refs(Side.CALENDAR, container)):
            event = joint.store.item(Side.CALENDAR, ref)
            if isinstance(event, ObservedItem) and joint.route.window.holds(event.content.when):
                alike = joint.store.same_key(trees.key(Side.CALENDAR, event))
                seen, paired = seen + 1, paired + any(one.side is Side.CRM for one in alike)
    return 0 < seen <= paired * 2


def _can_write(joint: Joint) -> bool:
    capabilities = joint.calendar.reader.capabilities
    return joint.calendar.writer is not None and capabilities.hidden_stamp and capabilities.conditional_writes


def day_of(occurrence: Occurrence) -> date:
    """The day by which a mark knows an occurrence: of its original start, in UTC where that is a time."""
    start = occurrence.original_start
    return start.date() if isinstance(start, datetime) else start


class SeriesMarks:
    """Writes the marks of one run, those of each chunk before its activities are made."""

    def __init__(self, joint: Joint) -> None:
        self._joint = joint
        self._store = joint.store
        self._applies = known_by_looks(joint) and _can_write(joint)
        self._marks: dict[Ref, SeriesMark] = {}
        self._writing: dict[Ref, Step] = {}

    def before(self, decisions: Sequence[Decision], steps: Sequence[Step]) -> Iterator[Step]:
        """The marks to write before these steps; the links of these decisions are on disk."""
        self._marks.clear()
        self._writing.clear()
        if not self._applies:
            return
        made = {step.action.source for step in steps if isinstance(step.write, Create) and step.action.source}
        linked = (decision.calendar for decision in decisions if decision.calendar is not None)
        touched: dict[Ref, set[Ref]] = {}
        for ref in (*made, *linked):
            series = series_of(ref)
            if series is not None:
                touched.setdefault(series, set()).add(ref)
        for series, refs in sorted(touched.items()):
            step = self._marking(series, sorted(refs), made)
            if step is not None:
                self._writing[series] = step
                yield step

    def _marking(self, series: Ref, refs: Sequence[Ref], made: set[Ref]) -> Step | None:
        """The write of a mark that tells of these occurrences, and of all that are linked; None where none is due."""
        master = master_of(self._joint, series)
        if master is None or not self._takes_mark(master):
            return None
        old = _mark_on(self._joint, master)
        told = self._told(refs, made)
        if not told or (old is not None and self._is_enough(old, told, making=not made.isdisjoint(refs))):
            self._marks.update({series: old} if old is not None else {})
            return None
        mark = self._widened(old, master, self._told([*refs, *self._members(series)], made))
        self._marks[series] = mark
        text = mark_text(mark, self._joint.route.key, series)
        action = stamping(self._joint, Side.CALENDAR, master, None, text)
        write = Update(series, master.version, master.content, (), text)
        return Step(about_one(Side.CALENDAR, refs[0]), action, write, master.content)

    def _widened(self, old: SeriesMark | None, master: ObservedItem, told: Sequence[Told]) -> SeriesMark:
        now, by = self._joint.clock(), token(self._joint.installation, 6)
        if old is not None and not _is_ours(self._joint, old, master):
            old = replace(old, by="")
        mark = old or first_mark(told[0][0], told[0][1] or now, by)
        for day, at in told:
            mark = mark.with_one(day, at or now)
        return mark

    def _is_enough(self, old: SeriesMark, told: Sequence[Told], *, making: bool) -> bool:
        if making and self._joint.clock() - old.newest > STILL_MADE / 2:
            return False
        return all(old.tells_of(day, at) for day, at in told)

    def _takes_mark(self, master: ObservedItem) -> bool:
        """Whether a mark may be written. One that is left out because nobody touched it since the start stays so."""
        touched, since = master.changed_at or master.created_at, self._joint.route.changed_since
        if since is not None and touched is not None and touched < since:
            return False
        return master.read_only is None and master.version is not None and may_replace(self._joint, master.stamp)

    def _members(self, series: Ref) -> list[Ref]:
        return [Ref(series.container, member) for member in self._store.series_members(Side.CALENDAR, series)]

    def _told(self, refs: Sequence[Ref], made: set[Ref]) -> list[Told]:
        return [told for ref in refs if (told := self._of(ref, is_made=ref in made)) is not None]

    def _of(self, ref: Ref, *, is_made: bool) -> Told | None:
        """What a mark tells of an occurrence; None for one that has no activity and gets none."""
        event, occurrence = self._store.item(Side.CALENDAR, ref), occurrence_named(ref.id)
        if occurrence is None or not isinstance(event, ObservedItem):
            return None
        if not stands_alone(self._joint, Side.CALENDAR, event):
            return None
        link = self._store.link(Side.CALENDAR, ref)
        if is_made:
            return day_of(occurrence), self._joint.clock()
        activity = self._store.item(Side.CRM, link.crm) if link is not None else None
        return (day_of(occurrence), activity.created_at) if isinstance(activity, ObservedItem) else None

    def ready(self, step: Step) -> bool:
        """Whether an activity may be made now: the mark of its series is written, and not so long ago.

        A series that its calendar refuses to mark goes without: its meetings are not to be lost for that.
        """
        series = series_of(step.action.source) if step.action.source is not None else None
        mark = self._marks.get(series) if series is not None else None
        if series is None or mark is None:
            return True
        writing = self._writing.get(series)
        if writing is None or isinstance(writing.result, Written):
            return self._joint.clock() - mark.newest <= STILL_MADE
        return isinstance(writing.result, Failed) and isinstance(writing.result.error, ItemRejected | ReadOnly)
