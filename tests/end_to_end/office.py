"""An employee's day between eSales Manager and Google, and the shortest ways to say what is on either side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from soroe.core.finding import Finding
from soroe.engine.run import RunResult
from soroe.sandbox.esales import Employee, EsalesSandbox, Kind, Schedule
from soroe.sandbox.google import GoogleSandbox
from tests.end_to_end.crms import EMAIL, TOKYO, EsalesCrm, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World

DAY = timedelta(days=1)
Event = dict[str, Any]


@dataclass
class Office:
    """Sato's eSales and Google; the laptop is set up at the first sync, with `choices` for its config.toml."""

    world: World
    install: Callable[..., Installation]
    choices: dict[str, object] = field(default_factory=lambda: {"guests": "both"})
    _laptop: Installation | None = None

    # --- the two sides ---
    @property
    def esales(self) -> EsalesSandbox:
        assert isinstance(self.world.side, EsalesCrm)
        return self.world.side.box

    @property
    def google(self) -> GoogleSandbox:
        return self.world.google

    @property
    def sato(self) -> Employee:
        assert isinstance(self.world.side, EsalesCrm)
        return self.world.side.user

    @property
    def laptop(self) -> Installation:
        if self._laptop is None:
            self._laptop = self.install(**self.choices)
        return self._laptop

    # --- eSales ---
    def enters(self, subject: str = "訪問", start: datetime | date | None = None, **more: Any) -> Schedule:
        """Sato enters a schedule of an hour tomorrow at ten, or as told."""
        end = more.pop("end", None)
        return self.esales.user_creates(self.sato, subject, start or tomorrow(10), end, **more)

    def edits(self, schedule: Schedule, **changes: Any) -> Schedule:
        """Sato changes a schedule in eSales' own pages, which round its times down."""
        return self.esales.user_changes(schedule.id, **changes)

    def schedules(self) -> list[Schedule]:
        """Every schedule there is."""
        return self.esales.schedules()

    def schedule(self) -> Schedule:
        """The only schedule there is."""
        (one,) = self.esales.schedules()
        return one

    # --- Google ---
    def makes(self, title: str = "Visit", start: datetime | None = None, **more: Any) -> Event:
        """Sato makes an event of an hour tomorrow at three, or as told."""
        begin = start or tomorrow(15)
        end = more.pop("end", begin + timedelta(hours=1))
        return self.google.user_inserts(EMAIL, {"summary": title, "start": at(begin), "end": at(end), **more})

    def changes(self, event: Event, **change: Any) -> Event:
        """Sato changes an event in Google's web page."""
        return self.google.user_patches(EMAIL, str(event["id"]), change)

    def events(self) -> list[Event]:
        """Every living event of Sato's."""
        return self.google.events(EMAIL, deleted=False)

    def event(self) -> Event:
        """The only living event there is."""
        (one,) = self.events()
        return one

    # --- between them ---
    def syncs(self) -> RunResult:
        """Run until nothing is left to do."""
        return self.laptop.settle()

    def findings(self) -> list[Finding]:
        """What the user is told."""
        return list(self.laptop.store.sync(SYNC).findings())

    def rules(self) -> list[str]:
        """The rules behind what the user is told."""
        return sorted({finding.rule for finding in self.findings()})

    def writes(self) -> list[str]:
        """Every write that left for either side, to be compared before and after."""
        sent = [*self.google.requests, *self.esales.requests]
        return [
            f"{one.method} {one.path}"
            for one in sent
            if one.method not in {"GET", "HEAD"} and not one.path.endswith(("/token", "/search"))
        ]


def at(moment: datetime | date) -> dict[str, str]:
    """A time or a day in the shape of Google's event resource."""
    if isinstance(moment, datetime):
        return {"dateTime": moment.isoformat(), "timeZone": "Asia/Tokyo"}
    return {"date": moment.isoformat()}


def day(days: int = 1) -> date:
    """The date of tomorrow, or of `days` from now, in Tokyo."""
    return tomorrow(0, days).date()


def wall(moment: datetime | date) -> str:
    """A schedule's time as Tokyo's clocks show it: `1 10:03` is tomorrow at three past ten; `1` the whole day."""
    if not isinstance(moment, datetime):
        return str((moment - day(0)).days)
    local = moment.astimezone(TOKYO)
    return f"{(local.date() - day(0)).days} {local:%H:%M}"


def times(schedule: Schedule) -> tuple[Kind, str, str]:
    """A schedule's type, start and end."""
    return schedule.fields.type, wall(schedule.fields.start), wall(schedule.fields.end)


def event_times(event: Event) -> tuple[str, str]:
    """An event's start and end."""
    return _wall_of(event["start"]), _wall_of(event["end"])


def _wall_of(point: dict[str, str]) -> str:
    if "date" in point:
        return wall(date.fromisoformat(point["date"]))
    return wall(datetime.fromisoformat(point["dateTime"]).astimezone(UTC))
