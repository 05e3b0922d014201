"""Calendars that are chosen and taken out in the middle, and events moved between them, in any order (S-2, S-6)."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from soroe.core.event import ContainerId, ObservedItem, Ref
from tests.fakes.service import CALENDAR, SECOND_CALENDAR

from .test_any_order import LAPTOPS, SPARING, GoogleAndAnyCrm, GoogleAndPipedrive, TwoCalendars

CHOICES = ((CALENDAR,), (SECOND_CALENDAR,), (CALENDAR, SECOND_CALENDAR), (SECOND_CALENDAR, CALENDAR))


class ChosenCalendars(TwoCalendars):
    """Two calendars, of which the sync has one, the other, or both."""

    @rule(calendars=st.sampled_from(CHOICES))
    def other_calendars_are_chosen(self, calendars: tuple[ContainerId, ...]) -> None:
        self.world.choose(calendars=calendars)

    @rule(laptop=LAPTOPS)
    def a_laptop_syncs_what_is_chosen(self, laptop: str) -> None:
        """Nothing happens to a calendar that is not chosen."""
        before = self._not_chosen()
        self._laptop(laptop).run()
        assert self._not_chosen() == before

    def _not_chosen(self) -> dict[Ref, ObservedItem]:
        chosen = self.world.desk.route.calendars
        return {ref: item for ref, item in self.world.calendar.items.items() if ref.container not in chosen}


class ChosenCalendarsAndAnyCrm(ChosenCalendars, GoogleAndAnyCrm):
    pass


class ChosenCalendarsAndPipedrive(ChosenCalendars, GoogleAndPipedrive):
    pass


TestChosenCalendarsAndAnyCrm = ChosenCalendarsAndAnyCrm.TestCase
TestChosenCalendarsAndAnyCrm.settings = SPARING
TestChosenCalendarsAndPipedrive = ChosenCalendarsAndPipedrive.TestCase
TestChosenCalendarsAndPipedrive.settings = SPARING
