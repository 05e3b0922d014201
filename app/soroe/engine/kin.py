"""Who belongs to whom: by stamps, by the series both belong to, by the id that a moved event keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from soroe.core.event import (
    CRM_LIST,
    Field,
    ItemId,
    ObservedItem,
    Presence,
    Ref,
    Removed,
    Side,
    Unreadable,
    occurrence_id,
)
from soroe.core.link import Baseline, Link
from soroe.core.rules.recurrence import time_of
from soroe.core.stamp import Stamp, decode, find_partner, partner_text, stamps_of

from .joint import Joint
from .moved import known_as, lies_on, now_at
from .resting import let_rest
from .seen import fingerprint
from .trees import Trees


class Kin:
    """Finds the partner of an item, as far as the two trees tell; with `look`, a service is asked for one they lack."""

    def __init__(self, joint: Joint, trees: Trees, *, look: bool) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees
        self._look = look
        self._unreadable: set[tuple[Side, Ref]] = set()
        """Items that the tree lacks and that were looked up: they are there, in a form that nobody can use."""
        self._asked: tuple[Ref, bool] | None = None
        """The series asked about last, and whether it is another sync's: its occurrences come one after another."""

    def begin_pass(self) -> None:
        """What was found of series in the pass before holds no more: some of it may be linked by now."""
        self._asked = None

    def link(self, side: Side, ref: Ref) -> Link | None:
        """The link of an item. A link follows an event that was moved between two synced calendars: gone from one, the
        same id in the other."""
        link = self._store.link(side, ref)
        if link is not None:
            return self._followed(link)
        for container in self._joint.end(side).containers:
            old = self._store.link(side, Ref(container, ref.id)) if container != ref.container else None
            if old is not None:
                followed = self._followed(old)
                if followed.ref(side) == ref:
                    return followed
        return None

    def let_go(self, link: Link, crm: Presence, calendar: Presence) -> bool:
        """Whether a link was given up of which one item is gone, so that the other one stands for itself."""
        if isinstance(crm, ObservedItem) and isinstance(calendar, ObservedItem):  # as nearly always
            return False
        return let_rest(self._joint, self._trees, link, crm, calendar) or self.remade(link, crm, calendar)

    def remade(self, link: Link, crm: Presence, calendar: Presence) -> bool:
        """Whether somebody made a removed item again, as a stamp tells or its looks; then the old link is let go."""
        for side, gone, left in ((Side.CRM, crm, calendar), (Side.CALENDAR, calendar, crm)):
            if not isinstance(gone, Removed) or not isinstance(left, ObservedItem):
                continue
            if self.by_stamp(left, side.other) or self._has_lookalike(left, side.other):
                if self._look and (self.looked_up(side, gone.ref) or (side, gone.ref) in self._unreadable):
                    return False
                with self._store.transaction():
                    self._store.drop_link(link)
                    self._trees.erase(side, gone.ref)
                    self._store.mark_dirty(side.other, [left.ref])
                return True
        return False

    def succeed(self, item: ObservedItem, side: Side) -> None:
        """Let the link go of a partner whose other item is gone, where this item's stamp says that it follows it.

        Of a partner that is said to be gone as well, the service is asked: its end would make a new one of it.
        """
        named = self._named_by(item, side)
        link = self._store.link(side.other, named) if named is not None else None
        if named is None or link is None:
            return
        if isinstance(self._store.item(side, link.ref(side)), Removed):
            if self._look and isinstance(self._store.item(side.other, named), Removed):
                self.looked_up(side.other, named)
            self.remade(link, self._store.item(Side.CRM, link.crm), self._store.item(Side.CALENDAR, link.calendar))

    def _has_lookalike(self, item: ObservedItem, side: Side) -> bool:
        """Whether exactly one free item across has the same subject, start and end."""
        alike = [found for found in self._store.same_key(self._trees.key(side, item)) if found.side is not side]
        if len(alike) != 1 or alike[0].linked or not self._joint.has(side.other, alike[0].item.ref):
            return False
        return not self.of_other_sync(alike[0].item)

    def _followed(self, link: Link) -> Link:
        for side in Side:
            old, containers = link.ref(side), self._joint.end(side).containers
            if len(containers) < 2 or not isinstance(self._store.item(side, old), Removed):
                continue
            for ref in (Ref(container, old.id) for container in containers if container != old.container):
                if self._free(side, ref) is not None:
                    link = replace(link, crm=ref) if side is Side.CRM else replace(link, calendar=ref)
                    with self._store.transaction():
                        self._store.save_link(link)
                        self._store.set_findings([(side, old)], [])  # nobody decides about it any more
                        self._store.forget(side, [old])
                        self._store.mark_dirty(side, [ref])
                    break
        return link

    def by_stamp(self, item: ObservedItem, side: Side) -> ObservedItem | None:
        """The free item across that a stamp ties to this one, whichever of the two carries it."""
        partner = self._likeliest(item, side)
        if partner is None:
            return None
        other = self._likeliest(partner, side.other)
        return partner if other is None or other.ref == item.ref else None

    def _likeliest(self, item: ObservedItem, side: Side) -> ObservedItem | None:
        """The free item across that a stamp ties to this one most firmly.

        A stamp that was written on this very item beats all. One that it has had since it was made is older news than
        the stamp of an item that was made of it, and may have come along when it was copied.
        """
        named = self._named_by(item, side)
        partner = self._free(side.other, named, look=self._look) if named is not None else None
        stamp = decode(item.stamp)
        if partner is not None and stamp is not None and stamp.own:
            return partner
        suitor = self._bearer(side.other, item.ref)
        if suitor is not None and self._free(side.other, suitor.ref) is not None:
            return suitor
        return partner

    def has_unreadable_partner(self, item: ObservedItem, side: Side) -> bool:
        """Whether the partner that the item's stamp names was looked up, and is there, but nobody can read it."""
        return bool(self._unreadable) and (side.other, self._named_by(item, side)) in self._unreadable

    def former(self, item: ObservedItem, side: Side) -> Ref | None:
        """The partner that the item's stamp names and that is gone, where its service can bring it back."""
        if item.occurrence is not None or not self._joint.end(side.other).reader.capabilities.restore:
            return None
        named = self._named_by(item, side)
        if named is None or self._store.link(side.other, named) is not None:
            return None
        return named if not isinstance(self._store.item(side.other, named), ObservedItem) else None

    def _named_by(self, item: ObservedItem, side: Side) -> Ref | None:
        """The partner that an item's stamp names truthfully: a copy of an item carries the stamp along, and lies."""
        stamp = decode(item.stamp)
        if stamp is None or stamp.sync != self._joint.route.key or not self._is_own(stamp, side, item):
            return None
        named = find_partner(stamp.partner, self._joint.end(side.other).containers)
        if named is None:
            return None
        named = now_at(self._joint, side.other, named)
        if stamp.own:
            return named
        bearer = self._bearer(side, named)
        return named if bearer is None or bearer.ref == item.ref else None

    def _bearer(self, side: Side, named: Ref) -> ObservedItem | None:
        """The item on a side whose stamp names this one truthfully: sealed with its own check, or else the oldest."""
        beginning = stamps_of(self._joint.route.key)
        texts = [f"{beginning}{partner_text(ref)}|" for ref in known_as(self._joint, side.other, named)]
        stamped = [(item, decode(item.stamp)) for text in texts for item in self._store.stamped(side, text)]
        truthful = [item for item, stamp in stamped if stamp is not None and self._is_own(stamp, side, item)]
        return min(truthful, key=_precedence, default=None)

    def _is_own(self, stamp: Stamp, side: Side, item: ObservedItem) -> bool:
        """Whether a stamp does not say that it was written on another item than this."""
        return not stamp.own or lies_on(self._joint, side, item.ref, stamp.own)

    def _free(self, side: Side, ref: Ref, *, look: bool = False) -> ObservedItem | None:
        """The item if it is there and not linked; with `look`, one that the tree lacks is read from its service.

        A feed that told of the end of a living partner is not believed: its other item would be taken for new.
        """
        if self._store.link(side, ref) is not None or not self._joint.has(side, ref):
            return None
        presence = self._store.item(side, ref)
        if look and not isinstance(presence, ObservedItem) and self.looked_up(side, ref):
            presence = self._store.item(side, ref)
        return presence if isinstance(presence, ObservedItem) else None

    def looked_up(self, side: Side, ref: Ref) -> bool:
        """Whether an item that the tree lacks is there after all; then the tree has it from now on."""
        answer = self._joint.ask(side).read(ref)
        if isinstance(answer, Unreadable):
            self._unreadable.add((side, ref))
        if not isinstance(answer, ObservedItem):
            return False
        with self._store.transaction():
            was_known = self._store.item(side, ref) is not None
            if was_known:
                self._store.set_cursor(side, ref.container, None)  # the feed told of its end, and may lie about more
            if was_known and answer.occurrence is not None:
                self._trees.revive(side, answer)
            else:
                self._trees.absorb(side, [answer])
        return True

    def by_occurrence(self, item: ObservedItem, side: Side) -> ObservedItem | None:
        """The same occurrence of the same series across, where both series are linked."""
        series = self.series_across(item, side)
        if item.occurrence is None or series is None:
            return None
        across = self._across(item, side)
        known = Ref(across.container, occurrence_id(series, item.occurrence.original_start))
        if self._free(side.other, known) is not None:
            return self._free(side.other, known)
        for member in sorted(self._store.series_members(side.other, across)):
            other = self._free(side.other, Ref(across.container, member))
            if other is None or other.occurrence is None:
                continue
            if other.occurrence.original_start == item.occurrence.original_start:
                return other
        return None

    def _across(self, item: ObservedItem, side: Side) -> Ref:
        link = self._store.link(side, _series_ref(item))
        if link is None:
            raise LookupError("the series is not linked")
        return link.ref(side.other)

    def series_across(self, item: ObservedItem, side: Side) -> ItemId | None:
        """The id of the series across that an occurrence belongs to."""
        if item.occurrence is None:
            return None
        link = self._store.link(side, _series_ref(item))
        return link.ref(side.other).id if link is not None else None

    def agreed(self, item: ObservedItem, partner: ObservedItem) -> Baseline | None:
        """What both sides agreed on of the series that two exceptions belong to: so much was said of their occurrence
        before somebody changed it on one side, and somebody else on the other (S-1). None where that is not known."""
        if item.occurrence is None or partner.occurrence is None:
            return None
        link = self._store.link(_side_of(item.ref), _series_ref(item))
        if link is None:
            return None
        before = link.baseline
        for side in Side:
            master = self._store.item(side, link.ref(side))
            if not isinstance(master, ObservedItem) or master.content.recurrence is None:
                return None
            when = time_of(master.content, item.occurrence.original_start)
            unmoved = replace(master, content=replace(master.content, when=when, recurrence=None))
            said = before.of(side).replaced(fingerprint(self._joint, side, unmoved), (Field.WHEN, Field.RECURRENCE))
            before = before.with_side(side, said)
        return before

    def of_other_sync(self, item: ObservedItem) -> bool:
        """Whether a stamp says, truthfully, that another sync looks after this item.

        No sync makes an occurrence by itself: a stamp on one says only who else carries it. Whose it is, its series
        says (`is_carried_by_other_sync`).
        """
        stamp = decode(item.stamp) if item.occurrence is None else None
        side = _side_of(item.ref)
        if stamp is None or not self._is_own(stamp, side, item):
            return False
        if stamp.sync != self._joint.route.key:
            return True
        hashed = stamp.partner.startswith("=")
        elsewhere = find_partner(stamp.partner, self._joint.calendar.containers) is None
        return side is Side.CRM and elsewhere and not hashed

    def is_carried_by_other_sync(self, item: ObservedItem) -> bool:
        """Whether another sync looks after an item, or after the series that it belongs to and of which this sync has
        nothing: where it has some already, it goes on with what comes to the series."""
        if item.occurrence is None:
            return item.stamp is not None and self.of_other_sync(item)
        series = _series_ref(item)
        if self._asked is None or self._asked[0] != series:
            self._asked = (series, self._is_series_of_other_sync(series))
        return self._asked[1]

    def _is_series_of_other_sync(self, series: Ref) -> bool:
        side = _side_of(series)
        master = next((one for one in self._store.series_parts(side, series) if one.ref == series), None)
        if not isinstance(master, ObservedItem) or not self.of_other_sync(master):
            return False
        members = (Ref(series.container, member) for member in self._store.series_members(side, series))
        return all(self._store.link(side, ref) is None for ref in members)


def _side_of(ref: Ref) -> Side:
    return Side.CRM if ref.container == CRM_LIST else Side.CALENDAR


def _series_ref(item: ObservedItem) -> Ref:
    if item.occurrence is None:
        raise LookupError("not an occurrence")
    return Ref(item.ref.container, item.occurrence.series)


def _precedence(item: ObservedItem) -> tuple[bool, datetime, Ref]:
    stamp = decode(item.stamp)
    return stamp is None or not stamp.own, item.created_at or datetime.max.replace(tzinfo=UTC), item.ref
