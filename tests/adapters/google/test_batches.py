"""Many writes in one request, and what becomes of each when something goes wrong."""

from __future__ import annotations

from itertools import pairwise

import pytest

from soroe.adapters.google.calendar import CAPABILITIES
from soroe.core.event import (
    Field,
    Version,
)
from soroe.ports.errors import AdminRequired, ChangedMeanwhile, ItemRejected, RetryLater, SignInRequired
from soroe.ports.remote import Create, Delete, Erased, Failed, Unsent, Update, Written
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.google import GoogleSandbox
from tests.adapters.google.conftest import HERS, SATO, Desk, error, meeting, ref


def test_fifty_writes_are_one_request(desk: Desk, google: GoogleSandbox) -> None:
    desk.changes()
    google.requests.clear()
    results = desk.write(*(Create(HERS, meeting(f"Visit {n}"), f"seed {n}", f"s{n}") for n in range(50)))
    assert all(isinstance(one, Written) for one in results)
    assert [one.item.content.title for one in results if isinstance(one, Written)] == [f"Visit {n}" for n in range(50)]
    assert len(google.requests) == 1
    assert CAPABILITIES.batch == 50


def test_a_batch_of_all_kinds_answers_each_in_its_place(desk: Desk, google: GoogleSandbox) -> None:
    first, second = desk.create(meeting("One"), "1"), desk.create(meeting("Two"), "2")
    google.user_patches(SATO, second.ref.id, {"location": "Kobe"})
    google.requests.clear()
    results = desk.write(
        Update(first.ref, first.version, meeting("Uno"), (Field.TITLE,)),
        Update(second.ref, second.version, meeting("Due"), (Field.TITLE,)),
        Delete(ref("neverwas"), Version('"1"')),
        Create(HERS, meeting("Three"), "3"),
        Create(HERS, meeting("One again"), "1"),
    )
    assert [type(one) for one in results] == [Written, Failed, Erased, Written, Written]
    assert isinstance(error(results[1]), ChangedMeanwhile)
    assert google.requests.count("POST", "/batch") >= 1


def test_two_writes_to_one_event_keep_their_order(desk: Desk) -> None:
    item = desk.create(meeting("0"))
    writes = [Update(item.ref, None, meeting(str(n)), (Field.TITLE,)) for n in range(1, 4)]
    results = desk.write(*writes)
    assert [one.item.content.title for one in results if isinstance(one, Written)] == ["1", "2", "3"]
    assert desk.event(item)["summary"] == "3"
    versions = [one.item.version for one in results if isinstance(one, Written)]
    assert all(a != b for a, b in pairwise(versions))


def test_an_endpoint_without_batches_is_remembered_and_written_to_one_by_one(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(Answer(404, b"<!DOCTYPE html>", "text/html"), path="/batch/", times=-1)
    for start in (0, 3):
        writes = [Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(start, start + 3)]
        assert all(isinstance(one, Written) for one in desk.write(*writes))
    assert google.requests.count("POST", "/batch/") == 1


@pytest.mark.parametrize("status", [200, 302, 502])
def test_a_page_in_answer_to_a_batch_may_stand_before_what_was_carried_out(
    desk: Desk, google: GoogleSandbox, status: int
) -> None:
    desk.changes()
    google.requests.clear()
    google.faults.add(Answer(status, b"<!DOCTYPE html>", "text/html"), path="/batch/")
    creates = [Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(3)]
    for one in desk.write(*creates):
        trouble = error(one)
        assert isinstance(trouble, RetryLater)
        assert trouble.outcome_unknown
    assert len(google.requests) == 1, "what may have been done is looked for, and not sent again"
    assert all(isinstance(one, Written) for one in desk.write(*creates))
    assert google.requests.count("POST", "/batch/") == 2


def test_pages_instead_of_answers_to_batches_are_in_the_end_a_matter_for_it(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(Answer(200, b"<!DOCTYPE html>", "text/html"), path="/batch/", times=-1)
    creates = [Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(2)]
    for _ in range(4):
        desk.write(*creates)
    assert isinstance(error(desk.write(*creates)[0]), AdminRequired)


def test_a_lost_answer_to_a_batch_leaves_every_part_unknown(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(DropAfterProcessing(), path="/batch/")
    creates = [Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(3)]
    for one in desk.write(*creates):
        trouble = error(one)
        assert isinstance(trouble, RetryLater)
        assert trouble.outcome_unknown
    again = desk.write(*creates)
    assert all(isinstance(one, Written) and one.already for one in again)
    assert len(google.events(SATO)) == 3


def test_a_batch_that_never_left_failed_for_sure(desk: Desk, google: GoogleSandbox) -> None:
    desk.changes()
    google.vanish()
    results = desk.write(*(Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(3)))
    trouble = error(results[0])
    assert isinstance(trouble, RetryLater)
    assert not trouble.outcome_unknown
    assert results[1:] == [Unsent(), Unsent()]


def test_a_part_without_an_answer_is_unknown_and_the_others_count(desk: Desk, google: GoogleSandbox) -> None:
    desk.changes()
    cut = b"--x\r\nContent-ID: <response-soroe+1>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n--x--"
    google.faults.add(Answer(200, cut, "multipart/mixed; boundary=x"), path="/batch/")
    results = desk.write(Delete(ref("first"), None), Delete(ref("second"), None))
    assert isinstance(results[0], Failed)
    assert results[1] == Erased(ref("second"))


def test_a_boundary_drawn_by_chance_makes_no_web_page_of_a_batch(desk: Desk, google: GoogleSandbox) -> None:
    done = b"--batch_9xHtMl\r\nContent-ID: <response-soroe+%d>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n"
    answer = Answer(200, done % 0 + done % 1 + b"--batch_9xHtMl--", "multipart/mixed; boundary=batch_9xHtMl")
    google.faults.add(answer, path="/batch/")
    results = desk.write(Delete(ref("first"), None), Delete(ref("second"), None))
    assert results == [Erased(ref("first")), Erased(ref("second"))]


def test_an_event_made_before_that_nobody_can_read_holds_up_no_other(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting("Visit"), "seed 0")
    odd: dict[str, object] = {"id": item.ref.id, "etag": item.version, "status": "confirmed", "start": {}, "end": {}}
    google.faults.add(Answer.as_json(200, odd), "GET", item.ref.id)
    results = desk.write(*(Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(3)))
    assert isinstance(error(results[0]), ItemRejected)
    assert [type(one) for one in results[1:]] == [Written, Written]


def test_trouble_of_the_whole_account_leaves_the_rest_unsent(desk: Desk, google: GoogleSandbox) -> None:
    google.user_removes_app(SATO)
    results = desk.write(*(Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(120)))
    assert isinstance(error(results[0]), SignInRequired)
    assert results[1:] == [Unsent()] * 119
