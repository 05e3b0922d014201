"""Writing to Pipedrive, against a Pipedrive-shaped server's real HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from soroe.adapters.crm.pipedrive.crm import PipedriveCrm
from soroe.core.event import (
    CRM_LIST,
    AllDay,
    EventContent,
    Field,
    Guest,
    ItemId,
    Occurrence,
    Recurrence,
    Ref,
    ShowAs,
    Timed,
)
from soroe.core.link import same_time
from soroe.ports.errors import ChangedMeanwhile, ConsentMissing, Gone, ItemRejected, RetryLater, ServiceFault
from soroe.ports.remote import Create, Delete, Erased, Restore, Unsent, Update, Written
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.pipedrive.activity import User, activity_json
from tests.adapters.crm.builders import Clock, day_off, done, meeting, trouble


def create(title: str = "Visit", day: int = 5, hour: int = 8) -> Create:
    return Create(CRM_LIST, meeting(title, day, hour), "seed", "stamp is ignored", "meeting")


@pytest.mark.parametrize(
    ("hour", "due"), [(8, ("2026-05-04", "23:00:00")), (9, ("2026-05-05", "00:00:00")), (0, ("2026-05-04", "15:00:00"))]
)
def test_a_time_around_midnight_in_tokyo_is_written_in_utc(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, hour: int, due: tuple[str, str]
) -> None:
    item = done(crm.writer.write([create(hour=hour)])[0])
    [request] = sandbox.requests.all("POST")
    body = json.loads(request.body)
    assert (body["due_date"], body["due_time"], body["duration"]) == (*due, "01:00:00")
    assert same_time(item.content.when, meeting(day=5, hour=hour).when)


def test_a_whole_day_is_a_date_without_a_time(crm: PipedriveCrm, sandbox: PipedriveSandbox) -> None:
    item = done(crm.writer.write([Create(CRM_LIST, day_off(), "seed", activity_type="task")])[0])
    assert item.content.when == AllDay(date(2026, 5, 4), date(2026, 5, 5))
    assert sandbox.activities()[0].fields.due_time is None


@pytest.mark.parametrize(
    ("content", "field"),
    [(day_off(days=2), "when"), (replace(meeting(), recurrence=Recurrence(("FREQ=DAILY",))), "recurrence")],
)
def test_what_pipedrive_cannot_hold_is_refused_before_it_is_sent(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, content: EventContent, field: str
) -> None:
    error = trouble(crm.writer.write([replace(create(), content=content)])[0])
    assert isinstance(error, ItemRejected) and error.field == field
    assert len(sandbox.requests) == 0


def test_several_creates_are_sent_one_after_the_other_and_each_is_told_what_it_made(
    crm: PipedriveCrm, sandbox: PipedriveSandbox
) -> None:
    batch = [create("First"), replace(create(), content=day_off(days=2)), create("Third")]
    first, refused, third = crm.writer.write(batch)
    assert [done(one).content.title for one in (first, third)] == ["First", "Third"]
    assert isinstance(trouble(refused), ItemRejected)
    assert [one.fields.subject for one in sandbox.activities()] == ["First", "Third"]


def test_of_several_creates_none_is_sent_after_trouble_of_the_account(
    crm: PipedriveCrm, sandbox: PipedriveSandbox
) -> None:
    done(crm.writer.write([create("First")])[0])
    sandbox.faults.add(Answer.as_json(429, {}), method="POST")
    stopped, *left = crm.writer.write([create("Second"), create("Third"), create("Fourth")])
    assert isinstance(trouble(stopped), RetryLater)
    assert left == [Unsent(), Unsent()]
    assert len(sandbox.requests.all("POST")) == 2


def test_a_web_page_instead_of_an_answer_ends_several_creates(crm: PipedriveCrm, sandbox: PipedriveSandbox) -> None:
    sandbox.faults.add(Answer.as_html(200, "<html>Sign in to the network</html>"), method="POST")
    stopped, left = crm.writer.write([create("First"), create("Second")])
    error = trouble(stopped)
    assert isinstance(error, RetryLater) and error.outcome_unknown
    assert left == Unsent()
    assert len(sandbox.requests.all("POST")) == 1


def test_of_several_creates_an_answer_that_nobody_can_read_leaves_the_others_as_they_are(
    crm: PipedriveCrm, sandbox: PipedriveSandbox
) -> None:
    sandbox.faults.add(Answer.as_json(201, {"success": True, "data": {"id": 1}}, processed=True), method="POST")
    lost, told = crm.writer.write([create("First"), create("Second")])
    error = trouble(lost)
    assert isinstance(error, RetryLater) and error.outcome_unknown
    assert done(told).content.title == "Second"


def test_a_create_is_not_sent_once_its_time_is_over(crm: PipedriveCrm, sandbox: PipedriveSandbox, clock: Clock) -> None:
    in_time, too_late = (create().in_time(clock() + timedelta(seconds=more)) for more in (1, 0))
    results = crm.writer.write([too_late, in_time, too_late])
    assert [type(result) for result in results] == [Unsent, Written, Unsent]
    assert len(sandbox.requests.all("POST")) == 1


def test_an_occurrence_has_no_place_in_pipedrive(crm: PipedriveCrm) -> None:
    one = replace(create(), occurrence=Occurrence(ItemId("1"), date(2026, 5, 4)))
    assert isinstance(trouble(crm.writer.write([one])[0]), ItemRejected)


def test_only_the_changed_fields_are_sent_and_guests_only_when_asked(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User
) -> None:
    made = sandbox.user_creates(
        sato,
        "Visit",
        datetime(2026, 5, 5, 8),
        timedelta(hours=1),
        note="internal",
        attendees=({"email": "ito@example.com"},),
    )
    item = crm.reader.read(Ref(CRM_LIST, ItemId(str(made.id))))
    assert item.__class__.__name__ == "ObservedItem"
    wanted = replace(meeting("New"), location="Osaka", guests=(Guest("a@example.com"),))
    version = getattr(item, "version", None)
    done(crm.writer.write([Update(item.ref, version, wanted, (Field.TITLE, Field.LOCATION, Field.VISIBILITY))])[0])
    [request] = sandbox.requests.all("PATCH")
    assert json.loads(request.body) == {"subject": "New", "location": {"value": "Osaka"}}
    stored = sandbox.activity(made.id).fields
    assert stored.note == "internal" and stored.attendees[0]["email"] == "ito@example.com"


def test_guests_are_written_when_they_are_asked_for(crm: PipedriveCrm) -> None:
    item = done(crm.writer.write([create()])[0])
    wanted = replace(meeting(), guests=(Guest("a@example.com", "A"),))
    item = done(crm.writer.write([Update(item.ref, item.version, wanted, (Field.GUESTS,))])[0])
    assert item.content.guests == (Guest("a@example.com", "A"),)


def test_every_field_comes_back_as_it_was_written(crm: PipedriveCrm) -> None:
    content = replace(meeting(), description="Agenda\n1 < 2", location="Osaka", show_as=ShowAs.FREE)
    item = done(crm.writer.write([replace(create(), content=content)])[0])
    assert (item.content.description, item.content.location) == ("Agenda\n1 < 2", "Osaka")
    assert item.content.show_as is ShowAs.FREE
    emptied = replace(content, description="", location="")
    item = done(crm.writer.write([Update(item.ref, item.version, emptied, (Field.DESCRIPTION, Field.LOCATION))])[0])
    assert (item.content.description, item.content.location) == ("", "")


def test_a_change_made_meanwhile_is_noticed_right_before_writing(crm: PipedriveCrm, sandbox: PipedriveSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    sandbox.user_changes(int(item.ref.id), subject="Theirs, within the same second")
    update = Update(item.ref, item.version, meeting("Ours"), (Field.TITLE,))
    assert isinstance(trouble(crm.writer.write([update])[0]), ChangedMeanwhile)
    assert isinstance(trouble(crm.writer.write([Delete(item.ref, item.version)])[0]), ChangedMeanwhile)
    assert sandbox.requests.count("PATCH") == sandbox.requests.count("DELETE") == 0


def test_deleting_what_is_gone_counts_as_done_and_changing_it_says_so(
    crm: PipedriveCrm, sandbox: PipedriveSandbox
) -> None:
    item = done(crm.writer.write([create()])[0])
    assert crm.writer.write([Delete(item.ref, item.version)]) == [Erased(item.ref)]
    assert crm.writer.write([Delete(item.ref, item.version)]) == [Erased(item.ref)]
    never = Ref(CRM_LIST, ItemId("999"))
    assert crm.writer.write([Delete(never, None)]) == [Erased(never)]
    update = Update(item.ref, item.version, meeting("X"), (Field.TITLE,))
    assert isinstance(trouble(crm.writer.write([update])[0]), Gone)


def test_an_activity_that_belongs_to_a_colleague_now_is_left_alone(
    crm: PipedriveCrm, sandbox: PipedriveSandbox
) -> None:
    item = done(crm.writer.write([create()])[0])
    sandbox.user_reassigns(int(item.ref.id), sandbox.add_user("ito@example.com", "Ito"))
    assert crm.writer.write([Delete(item.ref, None)]) == [Erased(item.ref)]
    assert [one.fields.subject for one in sandbox.activities()] == ["Visit"]


def test_a_create_whose_answer_was_lost_is_found_by_title_and_time(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, clock: Clock
) -> None:
    sandbox.faults.add(DropAfterProcessing(), method="POST")
    error = trouble(crm.writer.write([create()])[0])
    assert isinstance(error, RetryLater) and error.outcome_unknown
    clock.passes(hours=30)
    found = crm.reader.find(create("  VISIT "))
    assert [one.ref.id for one in found] == ["1"]
    assert crm.reader.find(create(hour=9)) == []


def test_a_deleted_activity_is_made_anew_as_pipedrive_brings_nothing_back(
    crm: PipedriveCrm, sandbox: PipedriveSandbox
) -> None:
    item = done(crm.writer.write([create()])[0])
    crm.writer.write([Delete(item.ref, item.version)])
    back = done(crm.writer.write([Restore(item.ref, meeting(), "seed", activity_type="meeting")])[0])
    assert back.ref != item.ref and same_time(back.content.when, meeting().when)


def test_an_activity_brought_back_by_hand_gets_its_content(crm: PipedriveCrm, sandbox: PipedriveSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    crm.writer.write([Delete(item.ref, item.version)])
    sandbox.user_restores(int(item.ref.id))
    back = done(crm.writer.write([Restore(item.ref, meeting("As it was"), "seed")])[0])
    assert (back.ref, back.content.title) == (item.ref, "As it was")


def test_one_refused_item_leaves_the_others_alone(crm: PipedriveCrm) -> None:
    results = crm.writer.write([create("x" * 300), create("Fine")])
    error = trouble(results[0])
    assert isinstance(error, ItemRejected) and error.field == "subject"
    assert isinstance(results[1], Written)


def test_a_missing_scope_stops_the_account_and_names_it(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User
) -> None:
    sandbox.withdraw_permission(sato, "activities:full")
    results = crm.writer.write([create("One"), create("Two")])
    error = trouble(results[0])
    assert isinstance(error, ConsentMissing) and error.permission == "activities:full"
    assert results[1] == Unsent()


def test_a_place_rewritten_by_the_server_is_told_as_it_is_now(crm: PipedriveCrm, sandbox: PipedriveSandbox) -> None:
    sandbox.geocodes("Tokyo Tower", "Tokyo Tower, Minato, Japan")
    item = done(crm.writer.write([replace(create(), content=replace(meeting(), location="Tokyo Tower"))])[0])
    assert item.content.location == "Tokyo Tower, Minato, Japan"


def test_a_meeting_longer_than_a_day_keeps_its_length(crm: PipedriveCrm) -> None:
    long = Timed(datetime(2026, 5, 5, 8), datetime(2026, 5, 7, 9, 30), "Asia/Tokyo")
    item = done(crm.writer.write([replace(create(), content=replace(meeting(), when=long))])[0])
    assert same_time(item.content.when, long)


def test_an_answer_about_another_activity_is_not_believed(crm: PipedriveCrm, sandbox: PipedriveSandbox) -> None:
    mine, other = (done(one) for one in crm.writer.write([create("Mine"), create("Other", hour=11)]))
    [document] = [activity_json(one, True) for one in sandbox.activities() if str(one.id) == other.ref.id]
    told = Answer.as_json(200, {"success": True, "data": document})
    sandbox.faults.add(told, method="PATCH")
    error = trouble(crm.writer.write([Update(mine.ref, mine.version, meeting("New", 5, 8), (Field.TITLE,))])[0])
    assert isinstance(error, RetryLater) and error.outcome_unknown
    sandbox.faults.add(told, method="GET", path="/activities/")
    with pytest.raises(ServiceFault):
        crm.reader.read(mine.ref)
