"""One person's sales in a CRM where nothing can be hidden, with laptops that come and go."""

from __future__ import annotations

from datetime import datetime

from soroe.core.dialect import PIPEDRIVE, Dialect
from soroe.core.event import Recurrence, Ref, occurrence_id
from soroe.core.finding import Finding, FindingKind
from soroe.core.route import Direction
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, FakeService

from .world import WINDOW

WEEKLY = Recurrence(("FREQ=WEEKLY;COUNT=3",))


class Sales:
    """One person's accounts, and the laptops that come and go."""

    def __init__(self, dialect: Dialect = PIPEDRIVE, direction: Direction = Direction.TWO_WAY) -> None:
        self.clock, self.dialect, self.direction = Clock(), dialect, direction
        self.crm = FakeService(PIPEDRIVE_LIKE, self.clock)
        self.calendar = FakeService(GOOGLE_LIKE, self.clock)
        self.old = self.laptop("old")

    def laptop(self, name: str = "new") -> Laptop:
        """A laptop with an empty database."""
        return Laptop(
            self.crm, self.calendar, clock=self.clock, dialect=self.dialect, installation=name, direction=self.direction
        )

    def series(self, **about: object) -> Ref:
        """A weekly meeting whose activities the old laptop made; hours have passed since."""
        series = self.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY), **about)
        self.old.until_quiet()
        self.clock.later(hours=5)
        return series

    def activity(self, number: int) -> Ref:
        """The activities in the order of their times."""
        return sorted(self.crm.items, key=lambda ref: self.crm.items[ref].content.when.start)[number]

    def change_beyond_knowing(self, number: int) -> Ref:
        """A person gives an activity another title and another time."""
        activity = self.activity(number)
        self.crm.user_changes(activity, title="Review", when=at(16, day=21))
        return activity

    def shown(self) -> list[list[str]]:
        """The titles on both sides."""
        sides = (self.crm, self.calendar)
        return [sorted(one.content.title for one in side.shown(WINDOW.first, WINDOW.last)) for side in sides]


def day(series: Ref, number: int) -> Ref:
    """An occurrence of a series that begins on 12 May at 10 in Tokyo."""
    return Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 12 + 7 * number, 1)))


def asked(laptop: Laptop) -> list[Finding]:
    """The questions whether two are one meeting."""
    return [found for found in laptop.joint().store.findings() if found.kind is FindingKind.DUPLICATE]


def pairs(laptop: Laptop) -> set[frozenset[Ref]]:
    """Who is asked about together with whom."""
    return {frozenset(ref for _, ref in finding.group()) for finding in asked(laptop)}
