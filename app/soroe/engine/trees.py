"""Keep the observed trees: what a feed, a direct read or a write's answer tells goes in here, and only here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

from soroe.core import notes
from soroe.core.event import (
    ObservedItem,
    Ref,
    Removed,
    Seen,
    Side,
    Tombstone,
    Unreadable,
    Witness,
    bounds_utc,
    occurrence_named,
)
from soroe.core.finding import FindingKind
from soroe.core.link import Link, same_time
from soroe.core.matching import match_key
from soroe.core.plan import Why
from soroe.core.rules import recurrence
from soroe.core.rules.privacy import visible
from soroe.ports.store import Entry, Known

from .joint import Joint
from .series_shown import Shown, shown

_SOME_KEYS = 500
_KEYS = 20_000
"""Items of which a run remembers what matching compares: it asks when it sees them, and when it decides."""


class Trees:
    """The two observed trees of one sync, kept true to what the services tell."""

    def __init__(self, joint: Joint) -> None:
        self._joint = joint
        self._store = joint.store
        self._keys: dict[int, tuple[ObservedItem, bytes]] = {}
        self.asks = not joint.crm.reader.capabilities.hidden_stamp
        """Whether people are asked about items that look different; where stamps tell what belongs together, never."""
        self.moved: set[tuple[Side, Ref]] | None = None
        """Items that were seen anew since something was decided about them; None before anything is decided."""

    @cached_property
    def _series(self) -> dict[Side, set[Ref]]:
        """All series; most runs find nothing changed, and never ask."""
        return {side: set(self._store.all_series(side)) for side in Side}

    def key(self, side: Side, item: ObservedItem) -> bytes:
        """What matching compares, of the item as its policy lets it be seen."""
        known = self._keys.get(id(item))
        if known is not None and known[0] is item:
            return known[1]
        key = self._key(side, item)
        self._remember(item, key)
        return key

    def _remember(self, item: ObservedItem, key: bytes) -> None:
        if len(self._keys) >= _KEYS:
            for oldest in list(islice(self._keys, _SOME_KEYS)):  # all at once would hold up the window
                del self._keys[oldest]
        self._keys[id(item)] = item, key

    def _key(self, side: Side, item: ObservedItem) -> bytes:
        route, dialect = self._joint.route, self._joint.dialect
        content = visible(item, route, dialect) if side is Side.CALENDAR else item.content
        return match_key(content, side, dialect, route.zone)

    def absorb(self, side: Side, page: Sequence[Seen]) -> int:
        """Take in the last word of a page about each item; returns how many items changed. Call in a transaction."""
        told = {seen.ref: seen for seen in page}
        known = self._store.known(side, told)
        found = [(seen, known.get(ref)) for ref, seen in told.items()]
        fresh = [(seen, before) for seen, before in found if before is None or not _is_known(seen, before)]
        if self.moved is not None:
            self.moved.update((side, seen.ref) for seen, _ in fresh)
        self._store.read_ahead(side, [seen.ref for seen, before in fresh if self._is_compared(side, seen, before)])
        entries: list[Entry] = []
        touched: dict[Ref, None] = {}
        for seen, before in fresh:
            if isinstance(seen, ObservedItem) and self.is_plain(side, seen):
                entry = self._entry(side, seen, before)
                if entry is not None:
                    entries.append(entry)
                continue
            series = self._series_of(side, seen)
            if series is not None:
                self._take_part(side, series, seen)
                touched[series] = None
            else:
                self._take(side, seen)
        self._put(side, entries, known)
        for series in touched:
            self.refresh_series(side, series)
        return len(fresh)

    def is_plain(self, side: Side, item: ObservedItem) -> bool:
        """Whether this is a single meeting, on which no other item depends."""
        return item.occurrence is None and item.content.recurrence is None and not self.is_series(side, item.ref)

    def keep_plain(self, side: Side, items: Sequence[tuple[ObservedItem, ObservedItem | None]]) -> None:
        """Take in the answers of our own writes of plain items, whose keys are hardly ever asked for again.

        Beside an item stands what it was before, where it looks as before: then its key is the same, too.
        """
        entries, restamped = [], []
        for item, before in items:
            if before is None:
                entries.append(Entry(item, self._key(side, item), dirty=False))
            else:
                kept = item.changed_on(before.changed_at)  # a stamp is no change that anybody made
                self._remember(kept, self.key(side, before))  # a claim that was written is soon followed by a stamp
                restamped.append(kept)
        self._store.restamp(side, restamped)
        self._store.put(side, entries)

    def keep(self, side: Side, item: ObservedItem) -> None:
        """Take in the answer of our own write: it is no news to reconcile."""
        if item.occurrence is not None:
            self._put_part(side, Ref(item.ref.container, item.occurrence.series), item)
        elif item.content.recurrence is not None or item.ref in self._series[side]:
            self._put_part(side, item.ref, item)
            self.refresh_series(side, item.ref)
            return
        returns = item.occurrence is not None and self.is_cancelled(side, item.ref)
        self._store.put(side, [Entry(item, self.key(side, item), dirty=False)])
        series = series_of(item.ref)
        if returns and series is not None:
            self.refresh_series(side, series)

    def is_series(self, side: Side, ref: Ref) -> bool:
        """Whether this is a series, which may be shown to the sync as its occurrences only."""
        series = self._series[side]
        return bool(series) and ref in series  # most syncs have none, and looking for a ref costs more than this

    def _put_part(self, side: Side, series: Ref, part: Seen) -> None:
        self._store.put_series_part(side, series, part)
        if isinstance(part, Tombstone) and part.occurrence is None and part.ref == series:
            self._series[side].discard(series)
        else:
            self._series[side].add(series)

    def _series_of(self, side: Side, seen: Seen) -> Ref | None:
        """The series that this belongs to, or None for a single item."""
        match seen:
            case ObservedItem(occurrence=None):
                is_series = seen.content.recurrence is not None or seen.ref in self._series[side]
                return seen.ref if is_series else None
            case ObservedItem() | Tombstone() if seen.occurrence is not None:
                return Ref(seen.ref.container, seen.occurrence.series)
            case Tombstone():
                return self._series_of_removed(side, seen.ref)
            case _:
                return None

    def _series_of_removed(self, side: Side, ref: Ref) -> Ref | None:
        if ref in self._series[side]:
            return ref
        last = self._store.item(side, ref)
        if isinstance(last, ObservedItem) and last.occurrence is not None:
            return Ref(ref.container, last.occurrence.series)
        return None

    def _is_compared(self, side: Side, seen: Seen, known: Known | None) -> bool:
        """Whether what an item was before is going to be asked for, as far as one can tell before it is taken in."""
        return known is not None and not (isinstance(seen, ObservedItem) and _looks_new(known, self.key(side, seen)))

    def _take(self, side: Side, seen: Seen) -> None:
        """Take in what is told of an item that is gone, or that nobody can read."""
        match seen:
            case Tombstone():
                self._remove(side, [Removed(seen.ref, Witness.TOMBSTONE, seen.at)])
            case Unreadable():
                self._store.set_findings([(side, seen.ref)], [notes.unreadable(seen, side, self._joint.dialect)])
                self._store.settle([(side, seen.ref, Why.UNREADABLE)])

    def _entry(self, side: Side, item: ObservedItem, known: Known | None) -> Entry | None:
        """What to keep of an item; None where the tree has the very same."""
        key = self.key(side, item)
        if known is None or _looks_new(known, key):
            return Entry(item, key, dirty=True)
        old = self._store.item(side, item.ref)
        if not isinstance(old, ObservedItem) or old.content != item.content:
            return Entry(item, key, dirty=True)
        if old == item:
            return None
        is_same = replace(old, version=item.version, changed_at=item.changed_at, stamp=item.stamp) == item
        if is_same and old.stamp != item.stamp:  # the other laptop wrote it: nobody has changed the meeting
            return Entry(replace(item, changed_at=old.changed_at), key, dirty=True)
        return Entry(item, key, dirty=not is_same)

    def _put(self, side: Side, entries: Sequence[Entry], known: Mapping[Ref, Known]) -> None:
        """Keep items; what looked like one of them before it took another look is looked at again."""
        looks = [
            (entry.item.ref, old.match_key)
            for entry in entries
            if (old := known.get(entry.item.ref)) is not None
            if old.present and old.match_key is not None and old.match_key != entry.match_key
        ]
        self._store.wake_lookalikes(side, looks)
        for ref, _ in looks:
            self.wake_asked(side, ref)
        self._store.put(side, entries)

    def _remove(self, side: Side, removed: Sequence[Removed]) -> None:
        for gone in removed:
            old = self._store.item(side, gone.ref)
            if isinstance(old, ObservedItem):
                self._store.wake_lookalikes(side, [(gone.ref, self.key(side, old))])
                self.wake_asked(side, gone.ref)
            elif old is None:
                self._store.set_findings([(side, gone.ref)], [])
        self._store.mark_removed(side, removed)

    def wake_asked(self, side: Side, ref: Ref) -> None:
        """Items that a person is asked about together with this one are looked at again: the question has changed."""
        if not self.asks or not self._store.has_item_findings() or self._store.why(side, ref) is not Why.DUPLICATE:
            return
        for finding in self._store.findings():
            group = finding.group()
            if finding.kind is FindingKind.DUPLICATE and (side, ref) in group:
                for where, other in group:
                    if other != ref:
                        self._store.mark_dirty(where, [other])

    def erase(self, side: Side, ref: Ref) -> None:
        """Forget an item that is gone on purpose, with its series if it was one; an occurrence is cancelled."""
        if ref in self._series[side]:
            self._put_part(side, ref, Tombstone(ref))
        occurrence = occurrence_named(ref.id)
        if occurrence is not None and Ref(ref.container, occurrence.series) in self._series[side]:
            series = Ref(ref.container, occurrence.series)
            self._store.put_series_part(side, series, Tombstone(ref, occurrence=occurrence))
            self._store.forget(side, [ref])
            if isinstance(self._store.item(side, series), ObservedItem):
                self.refresh_series(side, series)  # where it stands as a series, it leaves the occurrence out
        self._store.forget(side, [ref])

    def revive(self, side: Side, alive: ObservedItem) -> None:
        """Take back that an occurrence was cancelled: it was read, and is there."""
        series = series_of(alive.ref)
        if series is None or series not in self._series[side]:
            return
        parts = [part for part in self._store.series_parts(side, series) if part.ref != alive.ref]
        self._store.put_series_part(side, series, Tombstone(series))
        for part in parts:
            self._store.put_series_part(side, series, part)
        if alive.version is not None:
            self._store.put_series_part(side, series, alive)
        self.refresh_series(side, series)

    def is_cancelled(self, side: Side, ref: Ref) -> bool:
        """Whether this is an occurrence that its series, as it was last seen, leaves out."""
        series, occurrence = series_of(ref), occurrence_named(ref.id)
        master = self._store.item(side, series) if series is not None else None
        if occurrence is None or not isinstance(master, ObservedItem) or master.content.recurrence is None:
            return False
        start = recurrence.wall_start(occurrence.original_start, master.content.when)
        return start in master.content.recurrence.removed

    def absent(self, side: Side, refs: Sequence[Ref]) -> None:
        """These items were missing from a full listing: a suspicion; a direct read must confirm it before a delete."""
        missing = set(refs)
        series = {ref for ref in refs if ref in self._series[side]}
        owners = {owner for ref in refs if (owner := series_of(ref)) in self._series[side]}
        series |= {owner for owner in owners if owner is not None and self._present(side, owner) <= missing}
        for ref in sorted(series):
            self._drop_series(side, ref, Witness.ABSENT)
        for ref in refs:
            owner = series_of(ref)
            if owner in owners - series:
                self._store.put_series_part(side, owner, Tombstone(ref, occurrence=occurrence_named(ref.id)))
        self._remove(side, [Removed(ref, Witness.ABSENT) for ref in refs if ref not in series])

    def _present(self, side: Side, series: Ref) -> set[Ref]:
        members = {Ref(series.container, member) for member in self._store.series_members(side, series)}
        return {ref for ref in members if isinstance(self._store.item(side, ref), ObservedItem)}

    # --- series ---
    def _take_part(self, side: Side, series: Ref, seen: Seen) -> None:
        match seen:
            case Tombstone() if seen.ref == series:
                self._drop_series(side, series, Witness.TOMBSTONE)
            case Tombstone(occurrence=None):
                last = self._store.item(side, seen.ref)
                occurrence = last.occurrence if isinstance(last, ObservedItem) else None
                self._put_part(side, series, replace(seen, occurrence=occurrence))
                self._remove(side, [Removed(seen.ref, Witness.TOMBSTONE, seen.at)])
            case _:
                self._put_part(side, series, seen)

    def _drop_series(self, side: Side, series: Ref, witness: Witness) -> None:
        members = self._store.series_members(side, series)
        refs = [Ref(series.container, member) for member in sorted(members)]
        self._put_part(side, series, Tombstone(series))
        self._remove(side, [Removed(ref, witness) for ref in [series, *refs]])

    def refresh_series(self, side: Side, series: Ref) -> None:
        """Show the series to the sync as its CRM can take it: whole, or occurrence by occurrence in the window."""
        parts = self._store.series_parts(side, series)
        if not parts:
            return
        whole = recurrence.assemble(parts)
        if whole is None:
            self._without_series(side, series, parts)
            return
        try:
            seen = shown(self._joint, side, whole)
        except recurrence.RunawayRule as trouble:
            bad = Unreadable(series, "recurrence", str(trouble), whole.master.version)
            self._store.set_findings([(side, series)], [notes.unreadable(bad, side, self._joint.dialect)])
            return
        if seen.single and self._joint.dialect.series is not None:
            self._store.set_findings([(side, series)], seen.findings)
        self._show(side, series, seen)

    def _show(self, side: Side, series: Ref, seen: Shown) -> None:
        items = seen.items
        refs = {item.ref for item in seen.whole}
        known = self._store.known(side, refs | {series})
        if series not in refs and series in known:
            self._single_became_series(side, series, items)
        entries = (self._entry(side, item, known.get(item.ref)) for item in items)
        self._put(side, [entry for entry in entries if entry is not None], known)
        vanished = []
        for member in sorted(self._store.series_members(side, series)):
            ref = Ref(series.container, member)
            last = self._store.item(side, ref)
            if ref in refs or not isinstance(last, ObservedItem):
                continue
            if self._joint.route.window.holds(last.content.when):
                vanished.append(Removed(ref, Witness.TOMBSTONE))
        self._remove(side, vanished)

    def _single_became_series(self, side: Side, series: Ref, items: Sequence[ObservedItem]) -> None:
        """A linked single event that was made a series hands its link to its first occurrence."""
        link = self._store.link(side, series)
        old = self._store.item(side, series)
        if link is not None and isinstance(old, ObservedItem):
            heir = next((item for item in items if same_time(item.content.when, old.content.when)), None)
            heir = heir or min(items, key=lambda item: bounds_utc(item.content.when), default=None)
            if heir is not None:
                self._hand_over(side, link, heir.ref)
        self._store.forget(side, [series])

    def _hand_over(self, side: Side, link: Link, heir: Ref) -> None:
        """The link goes on with another item of this side."""
        self._store.drop_link(link)
        self._store.save_link(replace(link, crm=heir) if side is Side.CRM else replace(link, calendar=heir))

    def _without_series(self, side: Side, series: Ref, parts: Sequence[Seen]) -> None:
        """The master stopped repeating; or nobody shows it to us, and its exceptions stand for themselves."""
        master = next((part for part in parts if isinstance(part, ObservedItem) and part.occurrence is None), None)
        if master is None:
            alone = [replace(part, occurrence=None) for part in parts if isinstance(part, ObservedItem)]
            known = self._store.known(side, [item.ref for item in alone])
            entries = (self._entry(side, item, known.get(item.ref)) for item in alone)
            self._put(side, [entry for entry in entries if entry is not None], known)
            return
        for member in sorted(self._store.series_members(side, series)):
            ref = Ref(series.container, member)
            link, old = self._store.link(side, ref), self._store.item(side, ref)
            if link is not None and isinstance(old, ObservedItem) and same_time(old.content.when, master.content.when):
                self._hand_over(side, link, series)
        self._drop_series(side, series, Witness.TOMBSTONE)
        self._store.put(side, [Entry(master, self.key(side, master), dirty=True)])

    def roll(self) -> None:
        """The window moved on to a new day: series show the occurrences that came into it."""
        for side in Side:
            for series in self._store.all_series(side):
                self.refresh_series(side, series)
                if self._joint.dialect.series is not None and self._store.link(side, series) is not None:
                    self._store.mark_dirty(side, [series])  # it may be over across, and go on here


def series_of(ref: Ref) -> Ref | None:
    """The series that an id names an occurrence of, or None for the id of a whole item."""
    occurrence = occurrence_named(ref.id) if "#" in ref.id else None
    return Ref(ref.container, occurrence.series) if occurrence is not None else None


def _looks_new(known: Known, key: bytes) -> bool:
    """Whether an item has another look than the tree has it with, or was gone: then it is news in any case."""
    return not known.present or known.match_key != key


def _is_known(seen: Seen, known: Known) -> bool:
    """Whether the tree has exactly this already, by its version: an echo of our own write, or an unchanged item."""
    if isinstance(seen, Tombstone):
        return not known.present
    return known.present and seen.version is not None and known.version == seen.version
