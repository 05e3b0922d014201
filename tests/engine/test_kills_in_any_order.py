"""Laptops that are killed at any write or commit, among all else that happens: nothing is doubled or lost (S-2)."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from soroe.core.event import Side
from soroe.ports.remote import Write
from tests.builders import Laptop
from tests.fakes.mortal import Killed, MortalDatabase

from .test_any_order import LAPTOPS, SIDES, SPARING, AnyOrder, GoogleAndAnyCrm, GoogleAndPipedrive, TwoCalendars
from .world import World


class MortalWorld(World):
    """A world whose laptops are killed and start again."""

    def laptop(self, name: str) -> Laptop:
        """An installation that knows nothing yet."""
        laptop = super().laptop(name)
        self.databases = {**getattr(self, "databases", {}), name: MortalDatabase()}
        laptop.store = self.databases[name].store()
        return laptop

    def kill(self, laptop: Laptop, run: Callable[[], object]) -> bool:
        """Let a laptop do something that may kill it, and start again; returns whether it was killed."""
        killed = False
        try:
            run()
        except Killed:
            killed = True
        database = self.databases[laptop.installation]
        database.commits_left = None
        self.databases[laptop.installation] = database.again()
        laptop.store = self.databases[laptop.installation].store()
        for service in (self.crm, self.calendar):
            service.before_write = service.after_write = None
        return killed


class Kills(AnyOrder):
    """A laptop may be killed while it syncs. It starts again at once or later, maybe after the other one has synced."""

    @initialize()
    def begin(self) -> None:
        self.world: MortalWorld = MortalWorld(self.crm, self.dialect, self.calendars)

    @rule(laptop=LAPTOPS, side=SIDES, after=st.booleans(), skip=st.integers(0, 5), other=st.booleans())
    def a_laptop_is_killed_at_a_write(self, laptop: str, side: Side, after: bool, skip: int, other: bool) -> None:
        world, left = self.world, [skip]

        def die(_write: Write) -> None:
            left[0] -= 1
            if left[0] < 0:
                world.databases[laptop].die()

        service = world.side(side)
        service.before_write, service.after_write = (None, die) if after else (die, None)
        self._starts_again(laptop, world.kill(self._laptop(laptop), self._laptop(laptop).run), other=other)

    @rule(laptop=LAPTOPS, skip=st.integers(0, 12), holds=st.booleans(), other=st.booleans())
    def a_laptop_is_killed_at_a_commit(self, laptop: str, skip: int, holds: bool, other: bool) -> None:
        database = self.world.databases[laptop]
        database.commits_left, database.holds_last = skip, holds
        self._starts_again(laptop, self.world.kill(self._laptop(laptop), self._laptop(laptop).run), other=other)

    def _starts_again(self, laptop: str, killed: bool, *, other: bool) -> None:
        """What was made without a mark is found by its looks: it must not change them before it is looked for."""
        if other:
            self._laptop("travel" if laptop == "desk" else "desk").run()
        if killed and not self.crm.safe_create:
            self._laptop(laptop).run()


class KillsAndAnyCrm(Kills, GoogleAndAnyCrm):
    pass


class KillsAndPipedrive(Kills, GoogleAndPipedrive):
    pass


class KillsAndTwoCalendars(Kills, TwoCalendars, GoogleAndPipedrive):
    pass


TestKillsAndAnyCrm = KillsAndAnyCrm.TestCase
TestKillsAndAnyCrm.settings = SPARING
TestKillsAndPipedrive = KillsAndPipedrive.TestCase
TestKillsAndPipedrive.settings = SPARING
TestKillsAndTwoCalendars = KillsAndTwoCalendars.TestCase
TestKillsAndTwoCalendars.settings = SPARING
