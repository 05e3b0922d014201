"""Two CRMs that sync with one calendar account, two laptops that have both syncs, and the people who use them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from soroe.core.dialect import Dialect
from soroe.core.event import ObservedItem, Ref, Side
from soroe.core.stamp import decode, sync_key
from soroe.ports.remote import Capabilities
from tests.builders import Laptop
from tests.fakes.service import FakeService

from .world import MOST_ANSWERS, WINDOW, World, token

LAPTOPS = ("desk", "travel")


@dataclass(frozen=True, slots=True)
class Place:
    """The calendar, or one of the CRMs: where people do things."""

    world: World
    side: Side

    @property
    def service(self) -> FakeService:
        """Its service."""
        return self.world.side(self.side)


class SharedWorld:
    """One calendar, a CRM for each of two syncs. Meetings are told apart as in `World`, over all three places."""

    def __init__(self, first: tuple[Capabilities, Dialect], second: tuple[Capabilities, Dialect]) -> None:
        one = World(*first)
        other = World(*second, calendar=one.calendar, key=sync_key("crm-2", "calendar-1"))
        self.worlds = (one, other)
        self.calendar = one.calendar
        self.clock = one.clock
        self.born: dict[str, Place] = {}

    def born_here(self, place: Place, ref: Ref) -> None:
        """Note where somebody made a meeting."""
        self.born[token(place.service.items[ref])] = place

    def places(self) -> tuple[Place, ...]:
        """The calendar and the CRMs, each ready for what a person does there next."""
        one, other = self.worlds
        one.count = other.count = max(one.count, other.count) + 1  # no two places give the same title or time
        return (Place(one, Side.CALENDAR), Place(one, Side.CRM), Place(other, Side.CRM))

    def laptops(self) -> Iterator[tuple[World, str]]:
        """Every sync of every laptop."""
        for name in LAPTOPS:
            for world in self.worlds:
                yield world, name

    # --- what holds when things have calmed down ---
    def calm(self) -> None:
        """No more faults; all syncs come to rest, questions are answered, and then all holds that always must."""
        for world in self.worlds:
            for service in (world.crm, world.calendar):
                service.before_write = service.after_write = None
        for _ in range(MOST_ANSWERS):
            self._rest()
            for world in self.worlds:
                world.remember()
            if not any([world.answer() for world in self.worlds]):
                break
        before = self._written()
        for world, name in self.laptops():
            assert laptop_of(world, name).run().converged
        assert self._written() == before
        self.check()

    def _rest(self) -> None:
        """What one sync brings into the calendar goes on through the other: one round more than there are syncs."""
        for _ in range(4):
            before = self._written()
            for world, name in self.laptops():
                self.clock.later(minutes=15)
                assert laptop_of(world, name).until_quiet() <= 2, "the sync takes more than two runs"
            if self._written() == before:
                return
        raise AssertionError("the syncs do not come to rest")

    def _written(self) -> int:
        return sum(len(service.written) for service in (self.calendar, *(world.crm for world in self.worlds)))

    def check(self) -> None:
        """Nothing is doubled anywhere; what a CRM has is in the calendar, and what the calendar has in some CRM."""
        calendar = self.calendar.shown(WINDOW.first, WINDOW.last)
        crms = [world.crm.shown(WINDOW.first, WINDOW.last) for world in self.worlds]
        for shown in (calendar, *crms):
            twice = [seen for seen, times in Counter(map(self.told, shown)).items() if times > 1]
            assert not twice, f"doubled: {twice}"
        there = set(map(self.told, calendar))
        carried = [set(map(self.told, shown)) for shown in crms]
        assert not set().union(*carried) - there, f"only in a CRM: {set().union(*carried) - there}"
        assert not there - set().union(*carried), f"only in the calendar: {there - set().union(*carried)}"
        for world, shown in zip(self.worlds, crms, strict=True):
            strangers = {token(item) for item in shown if self.born[token(item)].side is Side.CRM}
            strangers = {one for one in strangers if self.born[one].service is not world.crm}
            assert not strangers, f"taken from the other sync: {strangers}"
            left = [item for item in calendar if self.told(item) not in set(map(self.told, shown))]
            mute = [item.ref for item in left if not self._is_marked(item)]
            assert not mute, f"left out without reason: {mute}"
        for world, name in self.laptops():
            assert not laptop_of(world, name).joint().store.open_changes()

    def _is_marked(self, item: ObservedItem) -> bool:
        """Whether a sync has stamped an event, or the series that it belongs to."""
        series = item.occurrence and self.calendar.items.get(Ref(item.ref.container, item.occurrence.series))
        return any(decode(one.stamp) is not None for one in (item, series) if one is not None)

    def told(self, item: ObservedItem) -> tuple[str, str]:
        """The subject and the start."""
        return item.content.title, self.worlds[0].starts(item)


def laptop_of(world: World, name: str) -> Laptop:
    """A laptop's sync with this world's CRM."""
    return world.desk if name == "desk" else world.travel


def picked(place: Place, which: int) -> list[Ref]:
    """What a person clicks on, if there is anything."""
    refs = place.world.visible(place.side)
    return [refs[which % len(refs)]] if refs else []


__all__ = ["LAPTOPS", "Place", "SharedWorld", "laptop_of", "picked", "token"]
