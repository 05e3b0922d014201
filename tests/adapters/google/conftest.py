"""One account's calendar behind the adapter, on a running Google sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from soroe.adapters.google.calendar import GoogleCalendar
from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret, GoogleSettings
from soroe.adapters.net.pacer import Pacer
from soroe.core.event import ContainerId, EventContent, ItemId, ObservedItem, Ref, Seen, Timed, Window
from soroe.ports.errors import PortError
from soroe.ports.remote import Create, Cursor, Failed, Result, Written
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET, USUAL_SCOPES

SATO = "sato@example.com"
SUZUKI = "suzuki@example.com"
HERS = ContainerId(SATO)
WINDOW = Window(date(2026, 3, 1), date(2026, 12, 31))


class Clock:
    """The time in the sandbox and in the adapter, moved by the test."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Desk:
    """A signed-in adapter, with the shortest ways to look and to write."""

    sandbox: GoogleSandbox
    calendar: GoogleCalendar

    def changes(self, cursor: Cursor | None = None, container: ContainerId = HERS) -> tuple[list[Seen], Cursor]:
        seen: list[Seen] = []
        for page in self.calendar.changes(container, cursor, WINDOW):
            seen += page.seen
            if page.cursor is not None:
                return seen, page.cursor
        raise AssertionError("the last page has no cursor")

    def items(self, container: ContainerId = HERS) -> dict[str, ObservedItem]:
        return {one.content.title: one for one in self.changes(None, container)[0] if isinstance(one, ObservedItem)}

    def write(self, *writes: Any) -> list[Result]:
        return list(self.calendar.writer.write(writes))

    def create(self, content: EventContent, seed: str = "seed") -> ObservedItem:
        (result,) = self.write(Create(HERS, content, seed))
        assert isinstance(result, Written), result
        return result.item

    def event(self, item: ObservedItem | Ref) -> dict[str, Any]:
        ref = item if isinstance(item, Ref) else item.ref
        return dict(self.sandbox.event(SATO, ref.id.replace("#", "_")))


def error(result: Result) -> PortError:
    assert isinstance(result, Failed), result
    return result.error


def meeting(title: str = "Visit", day: int = 10, **fields: Any) -> EventContent:
    start = datetime(2026, 4, day, 10, 0)
    return EventContent(title, Timed(start, start + timedelta(hours=1), "Asia/Tokyo"), **fields)


def body(title: str = "Visit", day: int = 10, **fields: Any) -> dict[str, Any]:
    zone = "Asia/Tokyo"
    return {
        "summary": title,
        "start": {"dateTime": f"2026-04-{day:02}T10:00:00+09:00", "timeZone": zone},
        "end": {"dateTime": f"2026-04-{day:02}T11:00:00+09:00", "timeZone": zone},
        **fields,
    }


def ref(own: str) -> Ref:
    return Ref(HERS, ItemId(own))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def google(clock: Clock) -> Iterator[GoogleSandbox]:
    with GoogleSandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, "佐藤 花子")
        sandbox.add_account(SUZUKI, "鈴木 一郎")
        yield sandbox


def settings_for(sandbox: GoogleSandbox, client_id: str = CLIENT_ID) -> GoogleSettings:
    return GoogleSettings(
        client_id,
        CLIENT_SECRET,
        api_endpoint=sandbox.api_endpoint,
        authorization_endpoint=sandbox.authorization_endpoint,
        token_endpoint=sandbox.token_endpoint,
        revocation_endpoint=sandbox.revocation_endpoint,
        userinfo_endpoint=sandbox.userinfo_endpoint,
    )


DeskFor = Callable[..., Desk]


@pytest.fixture
def desk_for(google: GoogleSandbox, clock: Clock) -> Iterator[DeskFor]:
    open_desks: list[Desk] = []

    def make(email: str = SATO, scopes: tuple[str, ...] = USUAL_SCOPES, pacer: Pacer | None = None) -> Desk:
        permission = google.give_permission(email, scopes)
        secret = GoogleSecret(permission.refresh_token, CLIENT_ID, email, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE))
        pacer = pacer or Pacer(600, clock=time.monotonic, wait=time.sleep)
        calendar = GoogleCalendar(settings_for(google), secret.text, pacer, now=clock)
        open_desks.append(Desk(google, calendar))
        return open_desks[-1]

    yield make
    for desk in open_desks:
        desk.calendar.close()


@pytest.fixture
def desk(desk_for: DeskFor) -> Desk:
    return desk_for()
