"""Readings that do not go as they should: fields that nobody describes, changes in the middle of a listing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.settings import OracleSettings
from soroe.adapters.crm.service import Line
from soroe.core.event import CRM_LIST, ObservedItem, Window
from soroe.ports.errors import ServiceFault
from soroe.ports.remote import Cursor
from soroe.sandbox.faults import Answer
from soroe.sandbox.oracle import FOR_PRACTICE, OracleSandbox, User
from tests.fakes.clock import Clock

ZONE = "Asia/Tokyo"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def oracle(clock: Clock) -> Iterator[OracleSandbox]:
    with OracleSandbox(clock=clock) as sandbox:
        sandbox.lift_limit()
        yield sandbox


@pytest.fixture
def sato(oracle: OracleSandbox) -> User:
    return oracle.add_user()


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
