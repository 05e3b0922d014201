"""Whole runs in any order, with faults, lies, lost databases and a second laptop: the promises of sync.md hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from soroe.core.dialect import ESALES, GENERIC, ORACLE, PIPEDRIVE, SALESFORCE, Dialect
from soroe.core.event import ContainerId, Ref, Side
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy
from soroe.ports.errors import ItemRejected, PortError, RetryLater
from soroe.ports.remote import Capabilities, Write
from tests.builders import Laptop
from tests.fakes.salesforce import STAMPED
from tests.fakes.service import CALENDAR, PIPEDRIVE_LIKE, REST_LIKE, SECOND_CALENDAR, FakeService

from .world import World

SIDES = st.sampled_from(Side)
PICK = st.integers(0, 1_000)
LAPTOPS = st.sampled_from(("desk", "travel"))


class AnyOrder(RuleBasedStateMachine):
    """People, faults and two laptops; every history ends in calm, where everything must hold."""

    crm: Capabilities
    dialect: Dialect
    kinds: tuple[str, ...]
    calendars: tuple[ContainerId, ...] = (CALENDAR,)

    @initialize()
    def begin(self) -> None:
        self.world = World(self.crm, self.dialect, self.calendars)

    # --- people ---
    @rule(side=SIDES, kind=PICK)
    def someone_makes_a_meeting(self, side: Side, kind: int) -> None:
        kinds = self.kinds if side is Side.CALENDAR or self.crm.native_recurrence else ("single", "all-day")
        self.world.create(side, kinds[kind % len(kinds)])

    @rule(side=SIDES, which=PICK, what=st.sampled_from(("title", "description", "location", "when")))
    def someone_changes_a_meeting(self, side: Side, which: int, what: str) -> None:
        for ref in self._picked(side, which):
            self.world.change(side, ref, what)

    @rule(side=SIDES, which=PICK)
    def someone_changes_a_meeting_beyond_knowing(self, side: Side, which: int) -> None:
        for ref in self._picked(side, which):
            self.world.change(side, ref, "title")
            self.world.change(side, ref, "when")

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        if self.dialect.series is None:  # in a CRM with series, what is past by then stays as it was (SF-15)
            self.world.clock.later(hours=hours)

    @rule(which=PICK)
    def someone_chooses_another_deal(self, which: int) -> None:
        if self.dialect.title_tail is not None:
            for ref in self._picked(Side.CRM, which):
                if ref in self.world.crm.items:
                    self.world.learn(ref)

    @rule(side=SIDES, which=PICK)
    def someone_deletes_a_meeting(self, side: Side, which: int) -> None:
        for ref in self._picked(side, which):
            self.world.delete(side, ref)

    @rule(which=PICK)
    def someone_makes_an_event_private(self, which: int) -> None:
        for ref in self._picked(Side.CALENDAR, which):
            if ref in self.world.calendar.items:
                self.world.hide(ref)

    @rule(side=SIDES, which=PICK)
    def someone_copies_a_meeting(self, side: Side, which: int) -> None:
        for ref in self._picked(side, which):
            if ref in self.world.side(side).items and self.world.look(side, ref).occurrence is None:
                self.world.copy(side, ref)

    def _picked(self, side: Side, which: int) -> list[Ref]:
        refs = self.world.visible(side)
        return [refs[which % len(refs)]] if refs else []

    # --- the program ---
    @rule(laptop=LAPTOPS)
    def a_laptop_syncs(self, laptop: str) -> None:
        self._laptop(laptop).run()
        self.world.clock.later(minutes=1)

    @rule(laptop=LAPTOPS, side=SIDES, after=st.booleans())
    def the_other_laptop_syncs_in_the_middle_of_a_write(self, laptop: str, side: Side, after: bool) -> None:
        service = self.world.side(side)
        other = self._laptop("travel" if laptop == "desk" else "desk")

        def interrupt(_write: Write) -> None:
            _no_hooks(service)
            other.run()

        _hook(service, interrupt, after=after)
        self._laptop(laptop).run()
        _no_hooks(service)

    @rule(laptop=LAPTOPS, new_only=st.booleans())
    def a_database_is_lost(self, laptop: str, new_only: bool) -> None:
        """And the sync is started again, maybe for what is touched from then on only (PD-3)."""
        self.world.remember()
        fresh = self.world.laptop(laptop)
        fresh.route = replace(self._laptop(laptop).route, changed_since=self.world.clock() if new_only else None)
        setattr(self.world, laptop, fresh)
        fresh.run()

    @rule()
    def everything_calms_down(self) -> None:
        self.world.calm()

    def _laptop(self, name: str) -> Laptop:
        return self.world.desk if name == "desk" else self.world.travel

    # --- choices ---
    @rule(policy=st.sampled_from(PrivacyPolicy))
    def the_company_decides_about_private_events(self, policy: PrivacyPolicy) -> None:
        self.world.choose(privacy=policy)

    @rule(direction=st.sampled_from(Direction))
    def the_sync_runs_another_way(self, direction: Direction) -> None:
        if self.crm.hidden_stamp or direction is not Direction.CALENDAR_TO_CRM:
            self.world.choose(direction=direction)  # a pair that bears no mark on either side has a known limit

    @rule(policy=st.sampled_from((ConflictPolicy.NEWEST_FIELD, ConflictPolicy.NEWEST_ITEM, ConflictPolicy.CRM)))
    def conflicts_are_settled_another_way(self, policy: ConflictPolicy) -> None:
        self.world.choose(conflicts=policy)

    @rule(word=st.sampled_from(("Private", "予定あり")))
    def the_app_speaks_another_language(self, word: str) -> None:
        self.world.choose(private_title=word)

    @rule(types=st.sampled_from((None, frozenset({"meeting", "Event"}), frozenset({"call"}))))
    def other_types_of_activities_go_out(self, types: frozenset[str] | None) -> None:
        self.world.choose(activity_types=types)

    @rule(laptop=LAPTOPS, zone=st.sampled_from(("Asia/Tokyo", "Europe/London")))
    def a_laptop_travels(self, laptop: str, zone: str) -> None:
        if self.dialect.series is None:  # what is past, and stays as it was (SF-15), is another day's elsewhere
            self._laptop(laptop).route = replace(self._laptop(laptop).route, zone=zone)

    # --- trouble ---
    @rule(laptop=LAPTOPS, side=SIDES, after=st.booleans(), skip=st.integers(0, 3), rejected=st.booleans())
    def a_write_fails(self, laptop: str, side: Side, after: bool, skip: int, rejected: bool) -> None:
        service = self.world.side(side)
        left = [skip]

        def fail(_write: Write) -> PortError | None:
            left[0] -= 1
            if left[0] >= 0:
                return None
            if after:
                return RetryLater("timeout", outcome_unknown=True)
            return ItemRejected("no") if rejected else RetryLater("unreachable")

        _hook(service, fail, after=after)
        self._laptop(laptop).run()
        _no_hooks(service)
        if after and not self.crm.safe_create:
            # What was made without a mark is found by its looks: it must not change them before it is looked for.
            self._laptop(laptop).run()
        if rejected and not after:  # a refused item rests until somebody touches it
            store = self._laptop(laptop).joint().store
            store.mark_all_dirty()

    @rule(laptop=LAPTOPS, side=SIDES, which=PICK)
    def someone_changes_an_item_while_it_is_written(self, laptop: str, side: Side, which: int) -> None:
        service = self.world.side(side)

        def change(_write: Write) -> None:
            _no_hooks(service)
            for ref in self._picked(side, which):
                self.world.change(side, ref, "title")

        if service.capabilities.conditional_writes:
            _hook(service, change, after=False)
        self._laptop(laptop).run()
        _no_hooks(service)

    @rule(laptop=LAPTOPS, side=SIDES, which=PICK, lie=st.sampled_from(("empty", "truncated", "tombstone", "expired")))
    def a_feed_lies(self, laptop: str, side: Side, which: int, lie: str) -> None:
        if self._laptop(laptop).joint().store.link_count() == 0:
            return
        shown = 0 if lie == "empty" else which % 3
        if lie in {"empty", "truncated"} and not self._would_miss_something(laptop, side, shown):
            return
        lies = self.world.side(side).lies
        match lie:
            case "empty" | "truncated":
                lies.expired = True
                lies.truncated = shown
            case "tombstone":
                lies.false_tombstones = self._picked(side, which)
            case _:
                lies.expired = True
        self._laptop(laptop).run()
        self.world.side(side).lies = type(lies)()

    def _would_miss_something(self, laptop: str, side: Side, shown: int) -> bool:
        """Whether a listing cut off after so many lacks something that lives and that this laptop has seen.

        What a listing leaves out and nobody here has ever seen looks as if there were no such thing: a listing that
        lacks nothing else cannot be told from a whole one, and whatever hangs on the rest is new, or its own original.
        """
        service = self.world.side(side)
        seen = {item.partition("#")[0] for item in self._laptop(laptop).joint().store.refs(side, service.container)}
        cut_off = sorted(service.items)[shown:]
        return any("#" not in ref.id and ref.id in seen for ref in cut_off)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.calm()


Hook = Callable[[Write], PortError | None]


def _hook(service: FakeService, hook: Hook, *, after: bool) -> None:
    if after:
        service.after_write = hook
    else:
        service.before_write = hook


def _no_hooks(service: FakeService) -> None:
    service.before_write = service.after_write = None


class GoogleAndAnyCrm(AnyOrder):
    crm = REST_LIKE
    dialect = GENERIC
    kinds = ("single", "all-day", "daily", "weekly")


class GoogleAndPipedrive(AnyOrder):
    crm = PIPEDRIVE_LIKE
    dialect = PIPEDRIVE
    kinds = ("single", "all-day", "weekly")


class TwoCalendars(AnyOrder):
    """Events are moved from one synced calendar to the other, too."""

    calendars = (CALENDAR, SECOND_CALENDAR)

    @rule(which=PICK)
    def someone_moves_an_event_to_the_other_calendar(self, which: int) -> None:
        events = [ref for ref, item in sorted(self.world.calendar.items.items()) if item.occurrence is None]
        if events:
            self.world.move(events[which % len(events)])

    @rule(laptop=LAPTOPS, which=PICK, side=SIDES, after=st.booleans())
    def someone_moves_an_event_while_something_is_written(
        self, laptop: str, which: int, side: Side, after: bool
    ) -> None:
        service = self.world.side(side)

        def move(_write: Write) -> None:
            _no_hooks(service)
            self.someone_moves_an_event_to_the_other_calendar(which)

        _hook(service, move, after=after)
        self._laptop(laptop).run()
        _no_hooks(service)

    def _would_miss_something(self, laptop: str, side: Side, shown: int) -> bool:
        return False


class TwoCalendarsAndAnyCrm(TwoCalendars, GoogleAndAnyCrm):
    pass


class TwoCalendarsAndPipedrive(TwoCalendars, GoogleAndPipedrive):
    pass


class GoogleAndSalesforce(AnyOrder):
    crm = STAMPED
    dialect = SALESFORCE
    kinds = ("single", "all-day", "daily", "weekly")


class GoogleAndEsales(AnyOrder):
    crm = PIPEDRIVE_LIKE
    dialect = ESALES
    kinds = ("single", "all-day", "weekly")


class GoogleAndOracle(AnyOrder):
    crm = PIPEDRIVE_LIKE
    dialect = ORACLE
    kinds = ("single", "all-day", "weekly")


PATIENT = settings(stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None)
SPARING = settings(PATIENT, max_examples=max(10, PATIENT.max_examples // 4), stateful_step_count=20)
"""For the many machines that go other ways: fewer histories each, in every profile."""
TestGoogleAndAnyCrm = GoogleAndAnyCrm.TestCase
TestGoogleAndAnyCrm.settings = PATIENT
TestGoogleAndPipedrive = GoogleAndPipedrive.TestCase
TestGoogleAndPipedrive.settings = PATIENT
TestGoogleAndSalesforce = GoogleAndSalesforce.TestCase
TestGoogleAndSalesforce.settings = PATIENT
TestGoogleAndEsales = GoogleAndEsales.TestCase
TestGoogleAndEsales.settings = PATIENT
TestGoogleAndOracle = GoogleAndOracle.TestCase
TestGoogleAndOracle.settings = PATIENT
TestTwoCalendarsAndAnyCrm = TwoCalendarsAndAnyCrm.TestCase
TestTwoCalendarsAndAnyCrm.settings = PATIENT
TestTwoCalendarsAndPipedrive = TwoCalendarsAndPipedrive.TestCase
TestTwoCalendarsAndPipedrive.settings = PATIENT
