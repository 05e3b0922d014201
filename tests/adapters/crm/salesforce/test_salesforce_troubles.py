"""What goes wrong in the middle of a write: nothing is made twice, nothing is lost, and the rest goes through."""

from __future__ import annotations

import pytest

from soroe.core.event import Field, Guest
from soroe.ports.errors import ChangedMeanwhile, LimitReached, RetryLater
from soroe.ports.remote import Erased, Failed, Unsent, Update, Written
from soroe.sandbox.faults import Answer, DropAfterProcessing
from tests.contracts.salesforce_stand import SalesforceStand
from tests.contracts.stand import at, error, meeting

BUSY = Answer.as_json(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "Try again."}])


def test_an_event_that_was_made_and_could_not_be_read_is_found_again(stand: SalesforceStand) -> None:
    stand.seen()
    create = stand.creating()
    stand.sandbox.faults.add(BUSY, "GET", "/queryAll")
    trouble = error(stand.write(create)[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
    (found,) = stand.reader.find(create)
    assert found.content.title == "Visit" and stand.titles() == ["Visit"]


def test_an_event_whose_guests_could_not_be_invited_in_time_is_in_doubt_and_found_again(
    stand: SalesforceStand,
) -> None:
    stand.seen()
    create = stand.creating(meeting(guests=(Guest("suzuki@example.com"),)))
    stand.sandbox.faults.add(BUSY, "POST", "/composite/sobjects", skip=1)
    trouble = error(stand.write(create)[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
    assert [one.content.title for one in stand.reader.find(create)] == ["Visit"]


def test_somebody_elses_lock_is_waited_for_and_no_more_is_sent(stand: SalesforceStand) -> None:
    made = [stand.creates(meeting(f"Visit {n}", at(9 + n)), f"seed {n}") for n in range(3)]
    stand.sandbox.lies.lock_rows()
    first, second, third = stand.write(*(stand.updating(one, location="Kyoto") for one in made))
    trouble = error(first)
    assert isinstance(trouble, RetryLater) and trouble.after == 3.0 and not trouble.outcome_unknown
    assert (second, third) == (Unsent(), Unsent())


def test_a_change_between_our_look_and_our_write_is_told_as_one(stand: SalesforceStand) -> None:
    made = stand.creates()
    stand.clock.later(minutes=1)
    stand.sandbox.faults.add(Answer(412, b"", "text/html"), "PATCH", "/sobjects/Event/")
    assert isinstance(error(stand.write(stand.updating(made, title="Ours"))[0]), ChangedMeanwhile)
    assert stand.titles() == ["Visit"]


def test_every_change_is_tied_to_the_state_it_was_decided_on(stand: SalesforceStand) -> None:
    made = stand.creates()
    stand.does(stand.updating(made, title="Ours"))
    (patch,) = [one for one in stand.sandbox.requests if one.method == "PATCH"]
    assert patch.headers["if-unmodified-since"].endswith(" GMT")


def test_ten_changes_look_once_and_read_once(stand: SalesforceStand) -> None:
    made = stand.write(*(stand.creating(meeting(f"Visit {n}"), f"seed {n}") for n in range(10)))
    items = [one.item for one in made if isinstance(one, Written)]
    stand.seen()
    before = stand.arrived()
    results = stand.write(*(stand.updating(one, location="Kyoto") for one in items))
    assert all(isinstance(one, Written) for one in results)
    assert stand.arrived() - before == 12


def test_many_deletions_go_together_and_one_that_was_gone_is_done(stand: SalesforceStand) -> None:
    made = [stand.creates(meeting(f"Visit {n}", at(9 + n)), f"seed {n}") for n in range(3)]
    stand.user_deletes(made[1].ref)
    stand.seen()
    before = stand.arrived()
    assert stand.write(*(stand.deleting(one) for one in made)) == [Erased(one.ref) for one in made]
    assert stand.arrived() - before == 2 and stand.titles() == []


def test_when_the_days_requests_are_spent_nothing_more_is_sent(stand: SalesforceStand) -> None:
    made = stand.creates()
    stand.sandbox.spend_daily_budget()
    first, second = stand.write(stand.updating(made, title="One"), stand.creating(meeting("Two"), "two"))
    assert isinstance(error(first), LimitReached) and second == Unsent()


def test_a_session_that_ended_is_renewed_and_the_write_goes_through(stand: SalesforceStand) -> None:
    made = stand.creates()
    stand.sandbox.expire_access_tokens()
    assert stand.does(stand.updating(made, title="Later")).content.title == "Later"


@pytest.mark.parametrize("place", ["/composite/sobjects", "/services/Soap"])
def test_bringing_back_whose_answer_was_lost_is_in_doubt(stand: SalesforceStand, place: str) -> None:
    made = stand.creates()
    stand.write(stand.deleting(made))
    if place == "/composite/sobjects":
        stand.sandbox.empty_recycle_bin()
    stand.sandbox.faults.add(DropAfterProcessing(), "POST", place)
    (result,) = stand.write(stand.restoring(made))
    assert isinstance(result, Failed) and isinstance(result.error, RetryLater) and result.error.outcome_unknown
    assert stand.titles() == ["Visit"]


def test_a_guest_whom_salesforce_refuses_is_left_out_and_the_event_is_there(stand: SalesforceStand) -> None:
    stand.seen()
    refused = [{"success": False, "errors": [{"statusCode": "FIELD_INTEGRITY_EXCEPTION", "message": "No."}]}]
    stand.sandbox.faults.add(Answer.as_json(200, refused), "POST", "/composite/sobjects", skip=1)
    made = stand.does(stand.creating(meeting(guests=(Guest("suzuki@example.com"),))))
    assert made.content.guests == () and stand.titles() == ["Visit"]


def test_a_stamp_alone_changes_nothing_that_people_see(stamped: SalesforceStand) -> None:
    made = stamped.creates()
    marked = stamped.does(Update(made.ref, made.version, made.content, (), "soroe1|key|partner"))
    assert marked.stamp == "soroe1|key|partner" and marked.content == made.content
    assert stamped.does(Update(made.ref, marked.version, meeting("Later"), (Field.TITLE,))).stamp == marked.stamp
