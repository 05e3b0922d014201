"""A salesman's day between Salesforce and Google, and the shortest ways to say what is on either side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from soroe.bootstrap.workers import workshop
from soroe.core.event import CRM_LIST, Side
from soroe.core.finding import Finding
from soroe.engine.messages import Event as Message
from soroe.engine.run import RunResult
from soroe.engine.worker import Desk
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.salesforce import SalesforceSandbox, User
from soroe.sandbox.salesforce.values import Values
from tests.end_to_end.crms import EMAIL, TOKYO, SalesforceCrm, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World
from tests.end_to_end.office import at

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
Event = dict[str, Any]


@dataclass
class Salesroom:
    """Sato's Salesforce and Google; the laptop is set up at the first sync, with `choices` for its config.toml."""

    world: World
    install: Callable[..., Installation]
    choices: dict[str, object] = field(default_factory=lambda: {"guests": "both"})
    _laptop: Installation | None = None

    # --- the two sides ---
    @property
    def side(self) -> SalesforceCrm:
        assert isinstance(self.world.side, SalesforceCrm)
        return self.world.side

    @property
    def salesforce(self) -> SalesforceSandbox:
        return self.side.box

    @property
    def google(self) -> GoogleSandbox:
        return self.world.google

    @property
    def sato(self) -> User:
        return self.side.user

    @property
    def laptop(self) -> Installation:
        if self._laptop is None:
            self._laptop = self.install(**self.choices)
        return self._laptop

    # --- Salesforce ---
    def enters(
        self, subject: str = "Visit", start: datetime | date | None = None, length: Any = HOUR, **fields: Any
    ) -> str:
        """Sato enters an event of an hour tomorrow at ten, or as told; its id."""
        return str(self.salesforce.user_creates(self.sato, subject, start or tomorrow(10), length, **fields)["Id"])

    def enters_weekly(self, subject: str = "Review", weeks: int = 4, **fields: Any) -> str:
        """Sato enters a recurring event of an hour, every week from tomorrow at nine; the id of the whole."""
        first = tomorrow(9)
        pattern = {"RecurrenceType": "RecursWeekly", "RecurrenceInterval": 1}
        made = self.salesforce.user_creates_recurring(
            self.sato, subject, first, (first + (weeks - 1) * WEEK).date(), HOUR,
            RecurrenceDayOfWeekMask=1 << (first.weekday() + 1) % 7, **pattern, **fields,
        )  # fmt: skip # short values, several a line
        return str(made["Id"])

    def record(self) -> Values:
        """The only event of Sato's in Salesforce, occurrences aside."""
        (one,) = self.records()
        return one

    def records(self, owner: User | None = None) -> list[Values]:
        """Every living event of somebody's, Sato's unless told otherwise, without the meetings of recurring ones."""
        rows = self.salesforce.events(owner or self.sato)
        return [row for row in rows if row["IsRecurrence"] or row["RecurrenceActivityId"] is None]

    def invited(self, event: str) -> set[str]:
        """The ids of the people invited to an event in Salesforce."""
        return {str(one["RelationId"]) for one in self.salesforce.invited(event)}

    # --- Google ---
    def makes(self, title: str = "Visit", start: datetime | date | None = None, **more: Any) -> Event:
        """Sato makes an event of an hour tomorrow at three, or as told."""
        begin = start or tomorrow(15)
        end = more.pop("end", begin + (HOUR if isinstance(begin, datetime) else DAY))
        return self.google.user_inserts(EMAIL, {"summary": title, "start": at(begin), "end": at(end), **more})

    def changes(self, event: Event | str, **change: Any) -> Event:
        """Sato changes an event, or one occurrence of a series, in Google's web page."""
        return self.google.user_patches(EMAIL, event if isinstance(event, str) else str(event["id"]), change)

    def events(self) -> list[Event]:
        """Every living event of Sato's in Google."""
        return self.google.events(EMAIL, deleted=False)

    def event(self) -> Event:
        """The only living event there is in Google."""
        (one,) = self.events()
        return one

    # --- between them ---
    def syncs(self) -> RunResult:
        """Run until nothing is left to do."""
        return self.laptop.settle()

    @contextmanager
    def desk(self) -> Iterator[tuple[Desk, list[Message]]]:
        """The sync's own thread, as the window speaks to it, and what it tells."""
        told: list[Message] = []
        sync = self.laptop.program.settings().sync(SYNC)
        assert sync is not None
        shop = workshop(self.laptop.program, sync, told.append)
        yield Desk(shop, self.laptop.store), told
        shop.let_go()

    def look_closely(self) -> None:
        """Let the next run list everything anew, as one does every day."""
        self.laptop.store.sync(SYNC).set_cursor(Side.CRM, CRM_LIST, None)

    def findings(self, rule: str = "") -> list[Finding]:
        """What the user is told, of one rule or of all."""
        found = self.laptop.store.sync(SYNC).findings()
        return [finding for finding in found if not rule or finding.rule == rule]

    def rules(self) -> list[str]:
        """The rules behind what the user is told."""
        return sorted({finding.rule for finding in self.findings()})

    def writes(self) -> list[str]:
        """Every write that left for either side, to be compared before and after."""
        sent = [*self.google.requests, *self.salesforce.requests]
        return [
            f"{one.method} {one.path}"
            for one in sent
            if one.method not in {"GET", "HEAD"} and not one.path.endswith("/token")
        ]


def invite(*addresses: str) -> list[dict[str, str]]:
    """Guests in the shape of Google's event resource."""
    return [{"email": address} for address in addresses]


def guests(event: Event) -> list[str]:
    """The addresses of an event's guests in Google, Sato's own left out."""
    return sorted(str(guest["email"]) for guest in event.get("attendees", []) if guest["email"] != EMAIL)


def instance(event: Event, start: datetime) -> str:
    """The id of one occurrence of a series in Google, by its original start."""
    return f"{event['id']}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def wall(moment: datetime | date) -> str:
    """A time as Tokyo's clocks show it: `1 10:03` is tomorrow at three past ten; `1` the whole day."""
    first = tomorrow(0).date()
    if not isinstance(moment, datetime):
        return str((moment - first).days + 1)
    local = moment.astimezone(TOKYO)
    return f"{(local.date() - first).days + 1} {local:%H:%M}"


def span(event: Event) -> tuple[str, str]:
    """An event's start and end in Google."""
    return _wall_of(event["start"]), _wall_of(event["end"])


def _wall_of(point: dict[str, str]) -> str:
    if "date" in point:
        return wall(date.fromisoformat(point["date"]))
    return wall(datetime.fromisoformat(point["dateTime"]))
