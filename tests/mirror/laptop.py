"""A laptop that keeps a company's events and appointments in step, and one that syncs them with a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.mirror import EVENTS_LIST
from soroe.adapters.crm.oracle.settings import OracleSettings
from soroe.adapters.crm.service import Line
from soroe.adapters.database import open_store
from soroe.core.dialect import ORACLE
from soroe.core.event import CRM_LIST, EventContent, Side, Timed, Window
from soroe.core.mirror import EVENT_TYPE, MIRROR
from soroe.core.route import Route, SyncName
from soroe.core.stamp import sync_key
from soroe.engine.joint import End, Joint
from soroe.engine.run import Run, RunResult
from soroe.sandbox.oracle import OracleSandbox
from soroe.sandbox.oracle.records import Record, User
from soroe.sandbox.oracle.sandbox import FOR_PRACTICE
from tests.builders import TEST_KEY, TODAY, ZONE
from tests.fakes.clock import Clock
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, FakeService

MIRROR_SYNC, CALENDAR_SYNC = SyncName("mirror"), SyncName("work")


class Office:
    """A company on loopback with Sato in it. By default it does not mirror by itself: then our mirror does it all."""

    def __init__(self, box: OracleSandbox, clock: Clock, *, company_mirrors: bool = False) -> None:
        self.box = box
        self.clock = clock
        self.sato: User = box.add_user()
        box.lift_limit()
        box.show_events(company_mirrors)

    def event(
        self, name: str = "Symposium", hour: int = 9, place: str = "Marriott", user: User | None = None
    ) -> Record:
        """An event of a day in May, made by a person."""
        start = datetime(2026, 5, 20, hour)
        whose = user or self.sato
        return self.box.user_creates_event(whose, name, start, start + timedelta(hours=2), Location=place)

    def appointment(self, subject: str = "Symposium", hour: int = 9, kind: str = EVENT_TYPE) -> Record:
        """An appointment of that day, made by a person."""
        start = datetime(2026, 5, 20, hour)
        return self.box.user_creates(self.sato, subject, start, start + timedelta(hours=2), Type=kind)

    def subjects(self) -> list[str]:
        """The subjects of all appointments."""
        return sorted(record.title for record in self.box.appointments())

    def names(self) -> list[str]:
        """The names of all events."""
        return sorted(record.title for record in self.box.events())

    def twin(self, subject: str = "Symposium") -> Record:
        """The one appointment of this subject."""
        (found,) = [record for record in self.box.appointments() if record.title == subject]
        return found

    def team(self, record: Record) -> set[str]:
        """The ids of the users on a record, without its owner."""
        now = self.box.record(record.id)
        return {member.user_id for member in now.members} - {now.owner_id}

    def books(self, record: Record) -> set[str]:
        """The ids of the books a record is in."""
        return {link.book_id for link in self.box.record(record.id).books}


class Laptop:
    """One installation; `show_events` is what its account says about the company's setting."""

    def __init__(self, office: Office, *, show_events: bool = True, calendar: FakeService | None = None) -> None:
        self.office = office
        self.clock = office.clock
        self.calendar = calendar or FakeService(GOOGLE_LIKE, self.clock)
        self.store = open_store(None, TEST_KEY)
        settings = OracleSettings(office.box.url, office.sato.sign_in, ZONE, show_events=show_events)
        self.crm = OracleCrm(settings, FOR_PRACTICE, self.clock, Line())
        self.started = self.clock()
        self.clock.later(minutes=1)  # the service tells whole seconds
        self.show_events = show_events
        self.deletes_events = False

    def close(self) -> None:
        """Log off."""
        self.crm.close()
        self.store.close()

    def mirrors(self) -> RunResult:
        """One run of the mirror."""
        return Run(self.mirror()).carry_out()

    def syncs(self) -> RunResult:
        """One run of the sync with the calendar."""
        return Run(self.work()).carry_out()

    def settles(self, *, hours: float = 1) -> None:
        """Time passes, and both syncs run until neither writes anything."""
        self.clock.later(hours=hours)
        for _ in range(8):
            results = self.mirrors(), self.syncs()
            assert all(result.trouble is None for result in results), [result.trouble for result in results]
            if all(result.converged for result in results):
                return
            self.clock.later(minutes=2)
        raise AssertionError("the two syncs do not come to rest")

    def mirror(self) -> Joint:
        """The mirror, ready to run."""
        appointments, events = self.crm.mirror().both
        route = replace(
            self._route(MIRROR_SYNC, "mirror"), calendars=(EVENTS_LIST,), activity_types=frozenset({EVENT_TYPE}),
            incoming_type=EVENT_TYPE, guests_to_calendar=True, guests_to_crm=True, changed_since=self.started,
            makes_new=self.show_events, deletes_events=True, links_untouched=True,
        )  # fmt: skip # short values, several a line
        return self._joint(
            route, End(Side.CRM, "crm", appointments.reader, appointments.writer, (CRM_LIST,)),
            End(Side.CALENDAR, "crm", events.reader, events.writer, (EVENTS_LIST,)), MIRROR,
        )  # fmt: skip # short values, several a line

    def work(self) -> Joint:
        """The sync of the appointments with a calendar, ready to run."""
        route = replace(self._route(CALENDAR_SYNC, "work"), incoming_type="Meeting", deletes_events=self.deletes_events)
        calendar = self.calendar
        return self._joint(
            route, End(Side.CRM, "crm", self.crm.reader, self.crm.writer, (CRM_LIST,)),
            End(Side.CALENDAR, "calendar", calendar, calendar, calendar.all_containers), ORACLE,
        )  # fmt: skip # short values, several a line

    def titles(self) -> list[str]:
        """What the calendar shows."""
        return sorted(item.content.title for item in self.calendar.items.values())

    def content(self) -> EventContent:
        """The one event of the calendar."""
        (only,) = self.calendar.items.values()
        return only.content

    def _route(self, name: SyncName, key: str) -> Route:
        window = Window.around(TODAY, 30, 365)
        return Route(name, sync_key("sato", key), (CALENDAR,), window, zone=ZONE)

    def _joint(self, route: Route, crm: End, calendar: End, dialect: object) -> Joint:
        assert dialect in (MIRROR, ORACLE)
        own = MIRROR if dialect == MIRROR else ORACLE
        return Joint(route, own, crm, calendar, self.store.sync(route.name), self.clock, past_days=30)


def hours(start: int, end: int, day: int = 20) -> Timed:
    """A time of that day, by the wall clock of Tokyo."""
    return Timed(datetime(2026, 5, day, start), datetime(2026, 5, day, end), ZONE)
