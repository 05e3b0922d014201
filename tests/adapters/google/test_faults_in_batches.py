"""Parts of a batch that met a fault of the service: sent again together, after a rest, and never done twice."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from soroe.adapters.net.pacer import Pacer
from soroe.core.event import Field, Version
from soroe.ports.errors import LocalTrouble, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Result, Unsent, Update, Written
from soroe.sandbox.faults import Answer
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.errors import user_rate_limit_exceeded
from tests.adapters.google.conftest import HERS, SATO, Clock, Desk, DeskFor, error, meeting

PARTS = "^/calendar/v3/calendars/"
NO_HEADERS: Mapping[str, str] = {}


def fault(status: int = 503, headers: Mapping[str, str] = NO_HEADERS, *, carried_out: bool = False) -> Answer:
    return Answer(status, b"{}", headers=headers, processed=carried_out)


def creates(count: int) -> list[Create]:
    return [Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(count)]


def is_unknown(result: Result) -> bool:
    trouble = error(result)
    return isinstance(trouble, RetryLater) and trouble.outcome_unknown


@pytest.fixture
def desk(desk_for: DeskFor, clock: Clock, google: GoogleSandbox) -> Desk:
    """A desk whose rests pass at once, on the clock."""
    made = desk_for(pacer=Pacer(600, clock=clock.seconds, wait=clock.wait))
    made.changes()
    google.requests.clear()
    return made


def sent(google: GoogleSandbox) -> list[str]:
    return [f"{one.method} {one.path.partition('?')[0].rsplit('/', 2)[1]}" for one in google.requests]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_parts_that_met_a_fault_are_sent_again_together_after_a_rest(
    desk: Desk, google: GoogleSandbox, clock: Clock, status: int
) -> None:
    google.faults.add(fault(status), "POST", PARTS, times=3)
    before = clock.seconds()
    results = desk.write(*creates(5))
    assert [one.item.content.title for one in results if isinstance(one, Written)] == [f"Visit {n}" for n in range(5)]
    assert sent(google) == ["POST calendar", "POST calendar"], "two batches, and nothing alone"
    assert 0 < clock.seconds() - before <= 1
    assert len(google.events(SATO)) == 5


def test_the_rest_is_as_long_as_the_service_asks_for(desk: Desk, google: GoogleSandbox, clock: Clock) -> None:
    google.faults.add(fault(headers={"Retry-After": "9"}), "POST", PARTS, times=1)
    google.faults.add(fault(headers={"Retry-After": "4"}), "POST", PARTS, times=1)
    before = clock.seconds()
    assert all(isinstance(one, Written) for one in desk.write(*creates(3)))
    assert clock.seconds() - before == 9


def test_a_rest_that_would_be_too_long_is_left_to_the_scheduler(
    desk: Desk, google: GoogleSandbox, clock: Clock
) -> None:
    google.faults.add(fault(headers={"Retry-After": "600"}), "POST", PARTS, times=1)
    before = clock.seconds()
    results = desk.write(*creates(60))
    trouble = error(results[0])
    assert isinstance(trouble, RetryLater)
    assert (trouble.after, trouble.outcome_unknown) == (600, True)
    assert [type(one) for one in results[1:]] == [Written] * 49 + [Unsent] * 10
    assert clock.seconds() == before


def test_what_was_carried_out_before_its_fault_is_not_done_twice(desk: Desk, google: GoogleSandbox) -> None:
    changed, gone = desk.create(meeting("One"), "one"), desk.create(meeting("Two"), "two")
    google.faults.add(fault(carried_out=True), "POST|PATCH|DELETE", PARTS, times=3)
    results = desk.write(
        Update(changed.ref, changed.version, meeting("Uno"), (Field.TITLE,)),
        Delete(gone.ref, gone.version),
        Create(HERS, meeting("Three"), "three"),
        Create(HERS, meeting("Four"), "four"),
    )
    # Somebody changed the first since, as far as its version tells: it is read again, and found to be as it should.
    assert [type(one) for one in results] == [Failed, Erased, Written, Written]
    assert type(error(results[0])).__name__ == "ChangedMeanwhile"
    assert sorted(str(event["summary"]) for event in google.events(SATO) if event["status"] == "confirmed") == [
        "Four", "Three", "Uno",
    ]  # fmt: skip # short values, several a line


def test_a_write_that_could_be_done_twice_is_not_sent_again(desk: Desk, google: GoogleSandbox) -> None:
    first, second = desk.create(meeting("One"), "one"), desk.create(meeting("Two"), "two")
    google.requests.clear()
    google.faults.add(fault(), "PATCH", PARTS, times=1)
    results = desk.write(
        Update(first.ref, None, meeting("Uno"), (Field.TITLE,)),
        Update(second.ref, second.version, meeting("Due"), (Field.TITLE,)),
    )
    assert is_unknown(results[0])
    assert isinstance(results[1], Written)
    assert sent(google) == ["POST calendar"]


def test_faults_that_do_not_end_are_left_to_the_scheduler_and_nobody_knows_what_was_done(
    desk: Desk, google: GoogleSandbox, clock: Clock
) -> None:
    google.faults.add(fault(), "POST", PARTS, times=-1)
    before = clock.seconds()
    results = desk.write(*creates(60))
    assert all(is_unknown(one) for one in results[:50])
    assert results[50:] == [Unsent()] * 10
    assert sent(google) == ["POST calendar"] * 3
    assert clock.seconds() - before <= 3


def test_after_trouble_of_the_account_no_fault_is_sent_again(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(fault(), "POST", PARTS, times=1)
    google.refuse(user_rate_limit_exceeded(), "POST", PARTS, times=2)
    results = desk.write(*creates(4))
    assert is_unknown(results[0])
    limited = error(results[1])
    assert isinstance(limited, RetryLater)
    assert not limited.outcome_unknown
    assert [type(one) for one in results[2:]] == [Unsent, Written]
    assert sent(google) == ["POST calendar"]


def test_a_limit_on_the_second_try_leaves_it_open_what_became_of_the_first(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(fault(), "POST", PARTS, times=2)
    google.refuse(user_rate_limit_exceeded(), "POST", PARTS, times=2)
    results = desk.write(*creates(2))
    assert all(is_unknown(one) for one in results)
    assert sent(google) == ["POST calendar"] * 2


def test_a_program_that_ends_meanwhile_waits_for_no_fault(
    desk_for: DeskFor, google: GoogleSandbox, clock: Clock
) -> None:
    def ends(_seconds: float) -> None:
        raise LocalTrouble("shutting_down")

    desk = desk_for(pacer=Pacer(600, clock=clock.seconds, wait=ends))
    google.faults.add(fault(), "POST", PARTS, times=1)
    results = desk.write(*creates(3))
    assert is_unknown(results[0])
    assert [type(one) for one in results[1:]] == [Written, Written]


def test_parts_that_clashed_are_sent_alone_after_the_others(desk: Desk, google: GoogleSandbox) -> None:
    google.lies.conflict_in_batch(2)
    google.faults.add(fault(), "POST", PARTS, times=1)
    results = desk.write(*creates(4))
    assert all(isinstance(one, Written) for one in results)
    assert len(google.events(SATO)) == 4


def test_a_part_that_names_no_version_is_deleted_once(desk: Desk, google: GoogleSandbox) -> None:
    items = [desk.create(meeting(f"Visit {n}"), f"seed {n}") for n in range(2)]
    google.faults.add(fault(carried_out=True), "DELETE", PARTS, times=1)
    results = desk.write(Delete(items[0].ref, None), Delete(items[1].ref, Version(str(items[1].version))))
    assert is_unknown(results[0])
    assert isinstance(results[1], Erased)
