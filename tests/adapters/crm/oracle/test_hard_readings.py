"""Readings that do not go as they should: fields that nobody describes, changes in the middle of a listing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.settings import OracleSettings
from soroe.adapters.crm.service import Line
from soroe.core.event import CRM_LIST, ObservedItem, Window
from soroe.ports.errors import CursorExpired, ServiceFault
from soroe.ports.remote import Cursor
from soroe.sandbox.faults import Answer
from soroe.sandbox.oracle import FOR_PRACTICE, Access, Book, OracleSandbox, User
from tests.fakes.clock import Clock

ZONE = "Asia/Tokyo"


@pytest.fixture
def crm(oracle: OracleSandbox, sato: User, clock: Clock) -> Iterator[OracleCrm]:
    opened = OracleCrm(OracleSettings(oracle.url, sato.sign_in, ZONE), FOR_PRACTICE, clock, Line())
    yield opened
    opened.close()


def read(crm: OracleCrm, clock: Clock, cursor: Cursor | None = None) -> tuple[list[str], Cursor]:
    """The titles of a reading, and where the next one goes on."""
    day = clock().date()
    titles: list[str] = []
    after: Cursor | None = None
    for page in crm.reader.changes(CRM_LIST, cursor, Window(day - timedelta(days=7), day + timedelta(days=60))):
        titles += [seen.content.title for seen in page.seen if isinstance(seen, ObservedItem)]
        after = page.cursor or after
    assert after is not None
    return titles, after


@pytest.fixture
def book(oracle: OracleSandbox, sato: User) -> Book:
    """A book that lets Sato see what is in it, as a manager sees the records of everybody."""
    return oracle.add_book("West", {sato: Access.READ_ONLY})


def everybodys(oracle: OracleSandbox, book: Book, clock: Clock, number: int) -> list[str]:
    """The appointments of a colleague, all in the book."""
    suzuki = oracle.add_user("suzuki@example.com", "Hana Suzuki")
    start = clock()
    made = [oracle.user_creates(suzuki, f"Hers {n}", start, start + timedelta(hours=1)).id for n in range(number)]
    for own in made:
        oracle.user_puts_in_book(own, book)
    return made


def test_od_9_a_manager_need_not_wait_until_everybodys_appointments_are_looked_into(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock, book: Book
) -> None:
    everybodys(oracle, book, clock, 60)
    oracle.user_creates(sato, "Mine", clock(), clock() + timedelta(hours=1))
    titles, cursor = read(crm, clock)
    assert titles == ["Mine"]
    assert len(oracle.requests) < 20
    sent: list[int] = []
    for _ in range(8):
        before = len(oracle.requests)
        titles, cursor = read(crm, clock, cursor)
        assert titles == []
        sent.append(len(oracle.requests) - before)
    assert max(sent) < 25  # what a minute allows
    assert sent[-1] == 3  # all are known now; one of them is looked into again, in its turn


def test_od_8_a_seen_appointment_comes_into_the_calendar_once_its_team_is_joined(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock, book: Book
) -> None:
    made = everybodys(oracle, book, clock, 4)
    _, cursor = read(crm, clock)
    oracle.user_adds_user(made[2], sato)  # which no listing tells
    told: list[str] = []
    for _ in made:
        titles, cursor = read(crm, clock, cursor)
        told += titles
    assert told == ["Hers 2"]


def test_what_is_known_of_other_peoples_appointments_outlives_the_daily_listing(
    oracle: OracleSandbox, crm: OracleCrm, clock: Clock, book: Book
) -> None:
    everybodys(oracle, book, clock, 10)
    _, cursor = read(crm, clock)
    clock.later(days=1)
    with pytest.raises(CursorExpired):
        read(crm, clock, cursor)
    before = len(oracle.requests)
    read(crm, clock)
    paths = [request.path for request in oracle.requests.all()[before:]]
    assert [path.rpartition("/")[2] for path in paths] == ["Appointments", "Connection", "Appointments"]


def test_a_field_that_the_company_calls_otherwise_and_nobody_describes_is_named(
    oracle: OracleSandbox, crm: OracleCrm, clock: Clock
) -> None:
    oracle.rename_field("Appointments", "Subject", "Topic")
    oracle.faults.add(Answer.as_json(404, {}), "GET", "describe", times=-1)
    with pytest.raises(ServiceFault, match="Subject"):
        read(crm, clock)


def test_what_is_changed_while_a_long_listing_is_read_comes_with_the_next_one(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock
) -> None:
    start = clock()
    made = [oracle.user_creates(sato, f"Visit {n}", start, start + timedelta(hours=1)).id for n in range(250)]
    _, cursor = read(crm, clock)
    clock.later(minutes=5)
    for number, own in enumerate(made):
        oracle.user_changes(sato, own, Subject=f"Visit {number}, moved")
    pages = crm.reader.changes(CRM_LIST, cursor, Window(start.date(), start.date() + timedelta(days=1)))
    next(pages)
    oracle.user_changes(sato, made[0], Subject="Moved once more")
    next(pages)
    clock.later(minutes=2)  # the last page has to wait for its minute
    oracle.user_creates(sato, "New meanwhile", start, start + timedelta(hours=1))
    rest = list(pages)
    after = rest[-1].cursor
    told, _ = read(crm, clock, after)
    assert "Moved once more" in told
