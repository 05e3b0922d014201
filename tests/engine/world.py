"""A CRM, a calendar, two laptops and the people who use them, for trying whole runs in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from soroe.core.dialect import Dialect
from soroe.core.event import (
    AllDay,
    ContainerId,
    EventContent,
    ObservedItem,
    Particulars,
    Recurrence,
    Ref,
    Side,
    Timed,
    Visibility,
    Window,
)
from soroe.core.finding import Finding, FindingAction, FindingKind
from soroe.core.guard import Limits
from soroe.core.plan import Verb
from soroe.core.route import Direction, PrivacyPolicy, SyncKey
from soroe.core.rules.grid import rounded
from soroe.core.rules.title import tail_like
from soroe.core.stamp import creation_seed, sync_key
from soroe.engine.resolve import resolve
from soroe.ports.remote import Capabilities
from tests.builders import TODAY, ZONE, Laptop
from tests.fakes.clock import Clock
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, FakeService

WINDOW = Window.around(TODAY, 30, 1095)
UNASKED = Limits(deletes=10_000, rewrites=10_000, duplicates=10_000)
SECRET = "secret"
MOST_ANSWERS = 10
USUAL_KEY = sync_key("crm-1", "calendar-1")


class World:
    """Everything outside the program, and two installations of it.

    Meetings are told apart by their titles' first word, and by their starts, which no two share.
    """

    def __init__(
        self,
        crm: Capabilities,
        dialect: Dialect,
        calendars: tuple[ContainerId, ...] = (CALENDAR,),
        service: type[FakeService] = FakeService,
        shared: FakeService | None = None,
        key: SyncKey = USUAL_KEY,
    ) -> None:
        """`shared` is an account that another world syncs with as well, under another `key`."""
        self.clock = shared.clock if shared is not None else Clock()
        services = (service(crm, self.clock), service(GOOGLE_LIKE, self.clock, calendars))
        self.crm, self.calendar = (
            shared if shared is not None and shared.capabilities.side is own.capabilities.side else own
            for own in services
        )
        self.dialect = dialect
        self.key = key
        self.calendars = self.calendar.all_containers
        self.desk = self.laptop("desk")
        self.travel = self.laptop("travel")
        self.count = 0
        self.deleted: set[str] = set()
        self.was_open = False
        self.pairs: dict[Ref, Ref] = {}

    def laptop(self, name: str) -> Laptop:
        """An installation that knows nothing yet."""
        return Laptop(
            self.crm, self.calendar, clock=self.clock, dialect=self.dialect, installation=name, limits=UNASKED,
            calendars=self.calendars, key=self.key,
        )  # fmt: skip # short values, several a line

    def side(self, side: Side) -> FakeService:
        """One of the two services."""
        return self.crm if side is Side.CRM else self.calendar

    # --- what people do ---
    def new_title(self) -> str:
        """A title that no other meeting has."""
        self.count += 1
        return f"m{self.count}"

    def new_time(self) -> Timed:
        """A time at which no other meeting starts."""
        self.count += 1
        start = datetime(2026, 5, 12, 8) + timedelta(minutes=7 * self.count)
        return Timed(start, start + timedelta(minutes=30), ZONE)

    def new_days(self) -> AllDay:
        """A day of its own."""
        self.count += 1
        day = date(2026, 6, 1) + timedelta(days=self.count)
        return AllDay(day, day + timedelta(days=1))

    def create(self, side: Side, kind: str) -> Ref:
        """A person makes a meeting."""
        when = self.new_days() if kind == "all-day" else self.new_time()
        rules = {"daily": "FREQ=DAILY;COUNT=5", "weekly": "FREQ=WEEKLY;COUNT=4"}
        recurrence = Recurrence((rules[kind],)) if kind in rules else None
        content = EventContent(self.new_title(), when, recurrence=recurrence)
        if side is Side.CALENDAR:
            return self.calendar.user_creates(content)
        if self.dialect.title_tail is None:
            return self.crm.user_creates(content, activity_type="meeting")
        content = replace(content, location="room")
        return self.crm.user_creates(content, activity_type="Event", particulars=self.new_particulars())

    def new_particulars(self) -> Particulars:
        """A customer, a deal and a building that no other activity has."""
        self.count += 1
        return Particulars(f"Aoki{self.count}", f"Deal{self.count}", f"Building{self.count}", "100-0005")

    def learn(self, ref: Ref) -> None:
        """A person chooses another deal for an activity."""
        self.crm.user_learns(ref, self.new_particulars())

    def change(self, side: Side, ref: Ref, what: str) -> None:
        """A person changes one thing about a meeting."""
        self.count += 1
        item = self.look(side, ref)
        word = SECRET if side is Side.CALENDAR and is_private(item) else "note"
        changes: dict[str, object] = {
            "title": f"{token(item)} v{self.count}",
            "description": f"{word} {self.count}",
            "location": f"{word} {self.count}",
        }
        if what == "when":
            changes["when"] = self.new_days() if isinstance(item.content.when, AllDay) else self.new_time()
        if item.content.recurrence is not None and what == "when":
            what = "title"
        wanted = {what: changes[what]}
        if side is Side.CRM:  # a CRM with a grid of its own rounds the times of whatever is edited there (ESM-I9)
            when = changes.get("when") if what == "when" else item.content.when
            assert isinstance(when, AllDay | Timed)
            wanted["when"] = rounded(when, self.dialect)
        self.side(side).user_changes(ref, **wanted)

    def delete(self, side: Side, ref: Ref) -> None:
        """A person deletes a meeting, or one occurrence of it."""
        self.deleted.add(self.story(side, ref))
        self.side(side).user_deletes(ref)

    def hide(self, ref: Ref) -> None:
        """A person makes a calendar event private."""
        self.calendar.user_changes(ref, visibility=Visibility.PRIVATE, description=f"{SECRET} plan")

    def copy(self, side: Side, ref: Ref) -> Ref:
        """A person copies a meeting to another time, under another name."""
        return self.side(side).user_copies(ref, title=self.new_title(), when=self.new_time())

    def move(self, ref: Ref) -> None:
        """A person moves an event to the next of the calendars."""
        places = self.calendar.all_containers
        self.calendar.user_moves(ref, places[(places.index(ref.container) + 1) % len(places)])

    def look(self, side: Side, ref: Ref) -> ObservedItem:
        """An item as a person sees it."""
        found = self.side(side).read(ref)
        assert isinstance(found, ObservedItem)
        return found

    def story(self, side: Side, ref: Ref) -> str:
        """Which meeting this is."""
        return token(self.look(side, ref))

    def visible(self, side: Side) -> list[Ref]:
        """All that a person can click on."""
        return sorted({item.ref for item in self.side(side).shown(WINDOW.first, WINDOW.last)})

    # --- what a person knows, and answers when she is asked ---
    # --- what a company or a person decides for both laptops ---
    def choose(self, **choices: Any) -> None:
        """Both laptops are told of new choices at once; what the CRM was once told in full, its own items keep."""
        self.was_open |= choices.get("privacy") is PrivacyPolicy.FULL
        for laptop in (self.desk, self.travel):
            laptop.route = replace(laptop.route, **choices)

    def remember(self) -> None:
        """A person knows which activity and which event are one meeting, whatever becomes of a laptop."""
        for laptop in (self.desk, self.travel):
            for link in laptop.joint().store.links():
                self.pairs[link.crm] = link.calendar

    def made_of(self, activity: Ref) -> Ref | None:
        """The event that is the same meeting as an activity: linked once, or made from it without anybody noting it."""
        if activity in self.pairs:
            return self.pairs[activity]
        key = self.desk.route.key
        for ref in self.visible(Side.CALENDAR):
            made = self.crm.made_by(creation_seed(key, ref))
            if made == activity:
                return ref
        return None

    def answer(self) -> bool:
        """The person answers every question whether two items are one meeting; returns whether there were any."""
        asked = False
        for laptop in (self.desk, self.travel):
            for finding in laptop.joint().store.findings():
                if finding.kind is FindingKind.DUPLICATE and finding in laptop.joint().store.findings():
                    asked = True
                    resolve(laptop.joint(), finding.id, self._said(finding))
        return asked

    def _said(self, finding: Finding) -> FindingAction:
        sides = dict(finding.group())
        assert len(sides) == len(finding.group()) == 2, "a person is asked about two items at a time"
        same = self.made_of(sides[Side.CRM]) == sides[Side.CALENDAR]
        return FindingAction.MERGE if same else FindingAction.NOT_A_DUPLICATE

    # --- what holds when things have calmed down ---
    def calm(self) -> None:
        """No more faults; both laptops come to rest, questions are answered, and then all holds that always must."""
        for service in (self.crm, self.calendar):
            service.before_write = service.after_write = None
            service.lies = type(service.lies)()
        self.choose(
            privacy=PrivacyPolicy.BLOCK,
            direction=Direction.TWO_WAY,
            activity_types=None,
            window=WINDOW,
            changed_since=None,
            calendars=self.calendars,
        )
        for _ in range(MOST_ANSWERS):
            self.clock.later(minutes=15)
            assert self.desk.until_quiet() <= 2, "the sync takes more than two runs"
            self.clock.later(minutes=15)
            assert self.travel.until_quiet() <= 2, "the second laptop's sync takes more than two runs"
            self.clock.later(minutes=15)
            assert self.desk.run().converged  # what the other laptop did may have answered a question
            self.remember()
            if not self.answer():
                break
        before = len(self.crm.written) + len(self.calendar.written)
        assert self.desk.run().converged
        assert self.travel.run().converged
        assert len(self.crm.written) + len(self.calendar.written) == before
        self.check()

    def check(self) -> None:
        """Both sides show the same meetings, none is lost, none doubled, no secret told, no change left open."""
        crm, calendar = (self.side(side).shown(WINDOW.first, WINDOW.last) for side in (Side.CRM, Side.CALENDAR))
        veiled = {self.starts(item) for item in calendar if is_private(item)}
        assert Counter(self.told(i, veiled) for i in crm) == Counter(self.told(i, veiled) for i in calendar)
        grown = [item.content.title for item in (*crm, *calendar) if self.has_grown(item.content.title)]
        assert not grown, f"titles grew: {grown}"
        twice = [seen for seen, times in Counter((token(i), self.starts(i)) for i in calendar).items() if times > 1]
        assert not twice, f"doubled: {twice}"
        told = [item.ref for item in crm if SECRET in str(item.content)]
        assert self.was_open or not told, "a secret was told to the CRM"
        for laptop in (self.desk, self.travel):
            assert not laptop.joint().store.open_changes()

    def deletions(self) -> list[Ref]:
        """What the program deleted on its own account."""
        found = []
        for laptop in (self.desk, self.travel):
            store = laptop.joint().store
            for run in store.runs(10_000):
                found += [c.target for c in store.changes(run.id) if c.verb is Verb.DELETE and c.target is not None]
        return found

    def starts(self, item: ObservedItem) -> str:
        """When it starts, the same text on both sides."""
        when = rounded(item.content.when, self.dialect)
        return str(when.start_utc if isinstance(when, Timed) else when.start)

    def told(self, item: ObservedItem, veiled: set[str]) -> tuple[str, str]:
        """What both sides must show alike: the start, and the subject unless it is hidden."""
        start = self.starts(item)
        title = item.content.title
        while tail_like(title, self.dialect)[1]:
            title = tail_like(title, self.dialect)[0]
        return ("" if start in veiled else title), start

    def has_grown(self, title: str) -> bool:
        """Whether the same stands behind a subject twice."""
        rest, tail = tail_like(title, self.dialect)
        return bool(tail) and tail_like(rest, self.dialect)[1] == tail


def token(item: ObservedItem) -> str:
    """The first word of the title."""
    return item.content.title.replace("（", " ").split()[0]


def is_private(item: ObservedItem) -> bool:
    """Whether its owner marked it private."""
    return item.content.visibility is Visibility.PRIVATE
