"""Two syncs that share an account, on two laptops, in any order: none takes what is the other's (S-2)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from soroe.core.dialect import GENERIC, PIPEDRIVE, Dialect
from soroe.core.event import Side
from soroe.ports.errors import ItemRejected, PortError, RetryLater
from soroe.ports.remote import Capabilities, Write
from tests.builders import Laptop
from tests.fakes.service import PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .shared_world import LAPTOPS, Place, SharedWorld, SplitWorld, laptop_of, picked
from .test_any_order import SPARING

PICK = st.integers(0, 1_000)
PLACES = st.integers(0, 2)
SYNCS = st.integers(0, 3)


class SharedAccount(RuleBasedStateMachine):
    """People in three places, faults, and two syncs on two laptops."""

    first: tuple[Capabilities, Dialect]
    second: tuple[Capabilities, Dialect]
    hub = Side.CALENDAR
    kinds: tuple[str, ...] = ("single", "all-day", "weekly")

    @initialize()
    def begin(self) -> None:
        self.shared = SharedWorld(self.first, self.second, self.hub)

    def _place(self, place: int) -> Place:
        return self.shared.places()[place]

    def _laptop(self, sync: int) -> Laptop:
        return laptop_of(self.shared.worlds[sync % 2], LAPTOPS[sync // 2])

    # --- people ---
    @rule(place=PLACES, kind=PICK)
    def someone_makes_a_meeting(self, place: int, kind: int) -> None:
        where = self._place(place)
        single = where.side is Side.CRM and not where.service.capabilities.native_recurrence
        kinds = ("single", "all-day") if single else self.kinds
        self.shared.born_here(where, where.create(kinds[kind % len(kinds)]))

    @rule(place=PLACES, which=PICK, what=st.sampled_from(("title", "description", "location", "when")))
    def someone_changes_a_meeting(self, place: int, which: int, what: str) -> None:
        where = self._place(place)
        for ref in picked(where, which):
            where.world.change(where.side, ref, what)

    @rule(place=PLACES, which=PICK)
    def someone_changes_a_meeting_beyond_knowing(self, place: int, which: int) -> None:
        where = self._place(place)
        for ref in picked(where, which):
            where.world.change(where.side, ref, "title")
            where.world.change(where.side, ref, "when")

    @rule(place=PLACES, which=PICK)
    def someone_deletes_a_meeting(self, place: int, which: int) -> None:
        where = self._place(place)
        for ref in picked(where, which):
            where.world.delete(where.side, ref)

    @rule(place=PLACES, which=PICK)
    def someone_copies_a_meeting(self, place: int, which: int) -> None:
        where = self._place(place)
        for ref in picked(where, which):
            if ref in where.service.items and where.world.look(where.side, ref).occurrence is None:
                self.shared.born_here(where, where.copy(ref))

    # --- the program ---
    @rule(sync=SYNCS)
    def a_sync_runs(self, sync: int) -> None:
        self._laptop(sync).run()
        self.shared.clock.later(minutes=1)

    @rule(sync=SYNCS, other=SYNCS, place=PLACES, after=st.booleans())
    def another_runs_in_the_middle_of_a_write(self, sync: int, other: int, place: int, after: bool) -> None:
        service = self._place(place).service

        def interrupt(_write: Write) -> None:
            _no_hooks(service)
            if other != sync:
                self._laptop(other).run()

        _hook(service, interrupt, after=after)
        self._laptop(sync).run()
        _no_hooks(service)

    @rule(sync=SYNCS, place=PLACES, after=st.booleans(), skip=st.integers(0, 3), rejected=st.booleans())
    def a_write_fails(self, sync: int, place: int, after: bool, skip: int, rejected: bool) -> None:
        service = self._place(place).service
        left = [skip]

        def fail(_write: Write) -> PortError | None:
            left[0] -= 1
            if left[0] >= 0:
                return None
            if after:
                return RetryLater("timeout", outcome_unknown=True)
            return ItemRejected("no") if rejected else RetryLater("unreachable")

        _hook(service, fail, after=after)
        laptop = self._laptop(sync)
        laptop.run()
        _no_hooks(service)
        if after and not laptop.crm.capabilities.safe_create:
            laptop.run()  # what was made without a mark must not change its looks before it is looked for
        if rejected and not after:  # a refused item rests until somebody touches it
            laptop.joint().store.mark_all_dirty()

    @rule(sync=SYNCS)
    def a_database_is_lost(self, sync: int) -> None:
        world = self.shared.worlds[sync % 2]
        world.remember()
        setattr(world, LAPTOPS[sync // 2], world.laptop(LAPTOPS[sync // 2]))
        self._laptop(sync).run()

    @rule()
    def everything_calms_down(self) -> None:
        self.shared.calm()

    def teardown(self) -> None:
        if hasattr(self, "shared"):
            self.shared.calm()


def _hook(service: FakeService, hook: object, *, after: bool) -> None:
    if after:
        service.after_write = hook  # type: ignore[assignment]  # a function of a write
    else:
        service.before_write = hook  # type: ignore[assignment]  # a function of a write


def _no_hooks(service: FakeService) -> None:
    service.before_write = service.after_write = None


class TwoCrms(SharedAccount):
    first = (REST_LIKE, GENERIC)
    second = (REST_LIKE, GENERIC)


class AnyCrmAndPipedrive(SharedAccount):
    first = (REST_LIKE, GENERIC)
    second = (PIPEDRIVE_LIKE, PIPEDRIVE)


class TwoPipedrives(SharedAccount):
    first = (PIPEDRIVE_LIKE, PIPEDRIVE)
    second = (PIPEDRIVE_LIKE, PIPEDRIVE)


class TwoCalendarsAndPipedrive(SharedAccount):
    first = second = (PIPEDRIVE_LIKE, PIPEDRIVE)
    hub = Side.CRM


class SplitCalendarsAndAnyCrm(SharedAccount):
    """One account of each side; each sync has a calendar of its own."""

    first = second = (REST_LIKE, GENERIC)

    @initialize()
    def begin(self) -> None:
        self.shared = SplitWorld(*self.first)


TestAnyCrmAndPipedrive = AnyCrmAndPipedrive.TestCase
TestAnyCrmAndPipedrive.settings = SPARING
TestTwoPipedrives = TwoPipedrives.TestCase
TestTwoPipedrives.settings = SPARING
TestTwoCalendarsAndPipedrive = TwoCalendarsAndPipedrive.TestCase
TestTwoCalendarsAndPipedrive.settings = SPARING
TestSplitCalendarsAndAnyCrm = SplitCalendarsAndAnyCrm.TestCase
TestSplitCalendarsAndAnyCrm.settings = SPARING
