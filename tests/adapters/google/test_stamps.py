"""Stamps written alone on events that are known: Google is asked for what changes, and tells no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from soroe.core.event import Field, ItemId, Occurrence, Recurrence, Version
from soroe.ports.errors import ChangedMeanwhile, RetryLater
from soroe.ports.remote import Update, Written
from soroe.sandbox.faults import Answer
from soroe.sandbox.google import GoogleSandbox
from tests.adapters.google.conftest import Desk, error, meeting


def test_a_stamp_on_a_known_event_is_answered_in_short_and_told_in_full(desk: Desk, google: GoogleSandbox) -> None:
    one, other = desk.create(meeting("Visit"), "one"), desk.create(meeting("Other"), "other")
    google.requests.clear()
    (alone,) = desk.write(Update(one.ref, one.version, one.content, (), "soroe1|a", known=one))
    (sent,) = google.requests.all("PATCH")
    assert "summary" not in sent.query["fields"][0]
    assert isinstance(alone, Written)
    one = alone.item
    together = desk.write(
        Update(one.ref, one.version, one.content, (), "soroe1|b", known=one),
        Update(other.ref, other.version, other.content, (), "soroe1|c", known=other),
    )
    found = desk.items()
    assert [Written(found["Visit"]), Written(found["Other"])] == together
    assert [found["Visit"].stamp, found["Other"].stamp] == ["soroe1|b", "soroe1|c"]


def test_a_stamp_on_a_known_event_that_moved_on_is_not_written(desk: Desk) -> None:
    item = desk.create(meeting("Visit"))
    desk.write(Update(item.ref, item.version, replace(item.content, title="Moved"), (Field.TITLE,)))
    (result,) = desk.write(Update(item.ref, item.version, item.content, (), "soroe1|a", known=item))
    assert isinstance(error(result), ChangedMeanwhile)
    assert desk.items()["Moved"].stamp is None


@pytest.mark.parametrize(
    "unfit",
    [
        {"version": Version('"another"')},
        {"invited": True},
        {"content": meeting("Visit", recurrence=Recurrence(("RRULE:FREQ=DAILY",)))},
        {"occurrence": Occurrence(ItemId("series"), datetime(2026, 4, 10, 10))},
    ],
)
def test_a_stamp_on_what_is_no_own_single_event_is_answered_in_full(desk: Desk, unfit: dict[str, Any]) -> None:
    item = desk.create(meeting("Visit"))
    known = replace(item, **unfit)
    (result,) = desk.write(Update(item.ref, item.version, item.content, (), "soroe1|a", known=known))
    assert result == Written(desk.items()["Visit"])


def test_a_short_answer_about_a_cancelled_or_another_event_is_not_believed(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting("Visit"))
    for wrong in ({"id": "another1"}, {"status": "cancelled"}, {"etag": 5}, {"updated": "soon"}):
        google.faults.add(Answer.as_json(200, {"id": item.ref.id, "etag": '"1"', **wrong}))
        (result,) = desk.write(Update(item.ref, item.version, item.content, (), "soroe1|a", known=item))
        trouble = error(result)
        assert isinstance(trouble, RetryLater), wrong
        assert (trouble.reason, trouble.outcome_unknown) == ("unreadable_answer", True)
