"""Two syncs that share an account, two laptops that have both, and the people who use them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from soroe.core.dialect import Dialect
from soroe.core.event import ContainerId, ObservedItem, Ref, Side
from soroe.core.stamp import decode, sync_key
from soroe.ports.remote import Capabilities
from tests.builders import Laptop
from tests.fakes.service import CALENDAR, SECOND_CALENDAR, FakeService

from .world import MOST_ANSWERS, WINDOW, World, token

LAPTOPS = ("desk", "travel")


@dataclass(frozen=True, slots=True)
class Place:
    """One of the three accounts: where people do things."""

    world: World
    side: Side
    container: ContainerId | None = None
    """Only this calendar of the account."""

    @property
    def service(self) -> FakeService:
        """Its service."""
        return self.world.side(self.side)

    def has(self, ref: Ref) -> bool:
        """Whether an item lies here."""
        return self.container is None or ref.container == self.container

    def shown(self) -> list[ObservedItem]:
        """Every meeting as its user sees it here."""
        return [item for item in self.service.shown(WINDOW.first, WINDOW.last) if self.has(item.ref)]

    def create(self, kind: str) -> Ref:
        """A person makes a meeting here."""
        return self._brought(self.world.create(self.side, kind))

    def copy(self, ref: Ref) -> Ref:
        """A person copies a meeting."""
        return self._brought(self.world.copy(self.side, ref))

    def _brought(self, ref: Ref) -> Ref:
        return ref if self.has(ref) or self.container is None else self.service.user_moves(ref, self.container)


class SharedWorld:
    """Two syncs that share the account of one side: `hub`. Each has an account of its own on the other side.

    Meetings are told apart as in `World`, over all three places.
    """

    def __init__(
        self, first: tuple[Capabilities, Dialect], second: tuple[Capabilities, Dialect], hub: Side = Side.CALENDAR
    ) -> None:
        one = World(*first)
        self.hub = one.side(hub)
        self.worlds = (one, World(*second, shared=self.hub, key=sync_key("crm-2", "calendar-2")))
        self.hub_side = hub
        self.clock = one.clock
        self.born: dict[str, Place] = {}

    def born_here(self, place: Place, ref: Ref) -> None:
        """Note where somebody made a meeting."""
        self.born[token(place.service.items[ref])] = place

    def places(self) -> tuple[Place, ...]:
        """The shared account and the two others, each ready for what a person does there next."""
        one, other = self.worlds
        one.count = other.count = max(one.count, other.count) + 1  # no two places give the same title or time
        return (
            Place(one, self.hub_side), Place(one, self.hub_side.other, self._part(one)),
            Place(other, self.hub_side.other, self._part(other)),
        )  # fmt: skip # short values, several a line

    def _part(self, world: World) -> ContainerId | None:
        """The calendar of a sync that shares both accounts with the other."""
        one, other = self.worlds
        return world.calendars[0] if one.calendar is other.calendar and one.crm is other.crm else None

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
            if sum(world.answer() for world in self.worlds) == 0:
                break
        before = self._written()
        for world, name in self.laptops():
            assert laptop_of(world, name).run().converged
        assert self._written() == before
        self.check()

    def _rest(self) -> None:
        """What one sync brings into the shared account goes on through the other."""
        for _ in range(4):
            before = self._written()
            for world, name in self.laptops():
                self.clock.later(minutes=15)
                assert laptop_of(world, name).until_quiet() <= 2, "the sync takes more than two runs"
            if self._written() == before:
                return
        raise AssertionError("the syncs do not come to rest")

    def _written(self) -> int:
        return sum(len(world.side(side).written) for world in self.worlds for side in Side)

    def check(self) -> None:
        """Nothing is doubled anywhere; what one has is in the shared account, and what that has in one of the two.

        What the shared account has, and one of the two has not, is looked after by the other sync, as a stamp tells.
        """
        shared, *others = (place.shown() for place in self.places())
        for shown in (shared, *others):
            twice = [seen for seen, times in Counter(map(self.told, shown)).items() if times > 1]
            assert not twice, f"doubled: {twice}"
        there = set(map(self.told, shared))
        carried = [set(map(self.told, shown)) for shown in others]
        assert not set().union(*carried) - there, f"on one side only: {set().union(*carried) - there}"
        assert not there - set().union(*carried), f"only in the shared account: {there - set().union(*carried)}"
        for place, shown, known in zip(self.places()[1:], others, carried, strict=True):
            born = {token(item): self.born[token(item)] for item in shown}
            taken = [one for one, where in born.items() if where not in (place, self.places()[0])]
            assert not taken or not self.hub.capabilities.hidden_stamp, f"taken from the other sync: {taken}"
            mute = [item.ref for item in shared if self.told(item) not in known and not self._is_marked(item)]
            assert not mute, f"left out without reason: {mute}"
        for world, name in self.laptops():
            assert not laptop_of(world, name).joint().store.open_changes()

    def _is_marked(self, item: ObservedItem) -> bool:
        """Whether a sync has stamped an item, or the series that it belongs to."""
        about = [item]
        if item.occurrence is not None:
            series = Ref(item.ref.container, item.occurrence.series)
            about += [self.hub.items[series]] if series in self.hub.items else []
        return any(decode(one.stamp) is not None for one in about)

    def told(self, item: ObservedItem) -> tuple[str, str]:
        """The subject and the start."""
        return item.content.title, self.worlds[0].starts(item)


class SplitWorld(SharedWorld):
    """Two syncs of the same two accounts, each with a calendar of its own: they have the same key."""

    def __init__(self, crm: Capabilities, dialect: Dialect) -> None:
        super().__init__((crm, dialect), (crm, dialect), Side.CRM)
        one, _ = self.worlds
        one.calendar.all_containers = (CALENDAR, SECOND_CALENDAR)
        other = World(crm, dialect, shared=self.hub)
        other.calendar = one.calendar
        self.worlds = (one, other)
        for world, calendar in zip(self.worlds, one.calendar.all_containers, strict=True):
            world.calendars = (calendar,)
            world.desk, world.travel = (world.laptop(name) for name in LAPTOPS)


def laptop_of(world: World, name: str) -> Laptop:
    """A laptop's sync with this world's CRM."""
    return world.desk if name == "desk" else world.travel


def picked(place: Place, which: int) -> list[Ref]:
    """What a person clicks on, if there is anything."""
    refs = [ref for ref in place.world.visible(place.side) if place.has(ref)]
    return [refs[which % len(refs)]] if refs else []
