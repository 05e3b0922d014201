"""Runs that are undone, deletions that are taken back, findings that are answered, at any moment (S-7)."""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from soroe.core.dialect import Dialect
from soroe.core.event import ContainerId, Ref, Side
from soroe.core.finding import FindingAction
from soroe.core.plan import Verb
from soroe.core.route import ConflictPolicy
from soroe.engine.resolve import resolve
from soroe.engine.undo import restore, undo
from soroe.ports.errors import PortError, RetryLater
from soroe.ports.remote import Capabilities, Write
from soroe.ports.store import ChangeState, JournalEntry, RunId
from tests.builders import Laptop
from tests.fakes.service import CALENDAR

from .test_any_order import LAPTOPS, PICK, SIDES, SPARING, AnyOrder, GoogleAndAnyCrm, GoogleAndPipedrive
from .test_kills_in_any_order import MortalWorld
from .world import SECRET, WINDOW, is_private, token

SETTLED = frozenset({FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR, FindingAction.RETRY, FindingAction.DISMISS})


class RegretWorld(MortalWorld):
    """A world in which both sides may differ, because a person said so; nothing may be lost or doubled for that."""

    def __init__(self, crm: Capabilities, dialect: Dialect, calendars: tuple[ContainerId, ...] = (CALENDAR,)) -> None:
        super().__init__(crm, dialect, calendars)
        self.born: dict[str, Side] = {}

    def create(self, side: Side, kind: str) -> Ref:
        return self._born(side, super().create(side, kind))

    def copy(self, side: Side, ref: Ref) -> Ref:
        return self._born(side, super().copy(side, ref))

    def hide(self, ref: Ref) -> None:
        """Nobody can say any more which meeting somebody deletes in the CRM, where it has no name now."""
        self.born.pop(self.story(Side.CALENDAR, ref), None)
        super().hide(ref)

    def _born(self, side: Side, ref: Ref) -> Ref:
        if not is_private(self.look(side, ref)):
            self.born[self.story(side, ref)] = side
        return ref

    def check(self) -> None:
        """Nobody deleted it, so it is there where it was made; nothing is there twice; no secret was told."""
        shown = {side: self.side(side).shown(WINDOW.first, WINDOW.last) for side in Side}
        there = {(side, token(item)) for side in Side for item in shown[side]}
        born = {(side, one) for one, side in self.born.items() if one not in self.deleted}
        assert not born - there, f"lost: {born - there}"
        for side in Side:
            seen = Counter((token(item), self.starts(item)) for item in shown[side])
            assert max(seen.values(), default=0) <= 1, f"doubled: {side} {seen}"
        grown = [item.content.title for side in Side for item in shown[side] if self.has_grown(item.content.title)]
        assert not grown, f"titles grew: {grown}"
        assert self.was_open or not [1 for item in shown[Side.CRM] if SECRET in str(item.content)], "a secret was told"
        for laptop in (self.desk, self.travel):
            assert not laptop.joint().store.open_changes()


class Regrets(AnyOrder):
    """Somebody thinks better of it, again and again."""

    @initialize()
    def begin(self) -> None:
        self.world: RegretWorld = RegretWorld(self.crm, self.dialect, self.calendars)

    @rule(laptop=LAPTOPS, which=st.integers(0, 3))
    def someone_undoes_a_run(self, laptop: str, which: int) -> None:
        run = self._run_to_undo(self._laptop(laptop), which)
        if run is not None:
            undo(self._laptop(laptop).joint(), run)
        self.world.clock.later(minutes=1)

    @rule(laptop=LAPTOPS, which=st.integers(0, 3), side=SIDES, after=st.booleans(), fails=st.booleans())
    def someone_undoes_a_run_in_trouble(self, laptop: str, which: int, side: Side, after: bool, fails: bool) -> None:
        """A write fails, or the other laptop syncs just then."""
        service = self.world.side(side)
        run = self._run_to_undo(self._laptop(laptop), which)
        other = self._laptop("travel" if laptop == "desk" else "desk")

        def trouble(_write: Write) -> PortError | None:
            service.before_write = service.after_write = None
            if fails:
                return RetryLater("timeout", outcome_unknown=True) if after else RetryLater("unreachable")
            other.run()
            return None

        if run is not None:
            service.before_write, service.after_write = (None, trouble) if after else (trouble, None)
            undo(self._laptop(laptop).joint(), run)
            service.before_write = service.after_write = None

    @rule(laptop=LAPTOPS, which=st.integers(0, 3), skip=st.integers(0, 8), holds=st.booleans())
    def a_laptop_is_killed_while_a_run_is_undone(self, laptop: str, which: int, skip: int, holds: bool) -> None:
        run, database = self._run_to_undo(self._laptop(laptop), which), self.world.databases[laptop]
        if run is not None:
            database.commits_left, database.holds_last = skip, holds
            self.world.kill(self._laptop(laptop), lambda: undo(self._laptop(laptop).joint(), run))

    @rule(laptop=LAPTOPS, which=PICK)
    def someone_brings_back_what_was_deleted(self, laptop: str, which: int) -> None:
        found = [entry for entry in self._changes(self._laptop(laptop)) if entry.verb is Verb.DELETE]
        found = [entry for entry in found if entry.state is ChangeState.DONE]
        if found:
            restore(self._laptop(laptop).joint(), found[which % len(found)].id)

    @rule(laptop=LAPTOPS, which=PICK, action=PICK)
    def someone_answers_a_finding(self, laptop: str, which: int, action: int) -> None:
        joint = self._laptop(laptop).joint()
        found = [one for one in joint.store.findings() if SETTLED & set(one.actions)]
        if found:
            finding = found[which % len(found)]
            offered = [one for one in finding.actions if one in SETTLED]
            resolve(joint, finding.id, offered[action % len(offered)])

    @rule()
    def conflicts_are_asked_about(self) -> None:
        self.world.choose(conflicts=ConflictPolicy.ASK)

    def _changes(self, laptop: Laptop) -> list[JournalEntry]:
        store = laptop.joint().store
        return [entry for record in store.runs(20) for entry in store.changes(record.id)]

    def _run_to_undo(self, laptop: Laptop, which: int) -> RunId | None:
        """One of the last runs, unless another laptop could not be told what became of a twin (README: two limits)."""
        store = laptop.joint().store
        records = [record for record in store.runs(8) if store.changes(record.id)]
        if not records:
            return None
        run = records[which % len(records)].id
        return run if all(self._can_be_told(laptop, entry) for entry in store.changes(run)) else None

    def _can_be_told(self, laptop: Laptop, entry: JournalEntry) -> bool:
        if entry.verb is not Verb.CREATE or entry.source is None:
            return True
        if "#" in entry.source.id or entry.after is None or entry.after.recurrence is not None:
            return False
        side = entry.side.other  # a sync that writes nothing there can tell nobody either
        return self.world.side(side).capabilities.hidden_stamp and laptop.route.direction.writes(side)


class RegretsAndAnyCrm(Regrets, GoogleAndAnyCrm):
    pass


class RegretsAndPipedrive(Regrets, GoogleAndPipedrive):
    pass


TestRegretsAndAnyCrm = RegretsAndAnyCrm.TestCase
TestRegretsAndAnyCrm.settings = SPARING
TestRegretsAndPipedrive = RegretsAndPipedrive.TestCase
TestRegretsAndPipedrive.settings = SPARING
