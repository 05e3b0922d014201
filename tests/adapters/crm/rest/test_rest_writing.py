"""Writing to a CRM through the generic contract, against the sandbox's real HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.rest.crm import RestCrm, RestSettings
from soroe.adapters.crm.rest.profile import Profile
from soroe.adapters.crm.service import Line
from soroe.core.event import (
    CRM_LIST,
    AllDay,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Recurrence,
    Ref,
    Tombstone,
    Version,
    occurrence_id,
)
from soroe.ports.errors import ChangedMeanwhile, ConsentMissing, Gone, ItemRejected, ReadOnly, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Unsent, Update, Written
from soroe.sandbox.crm import CrmSandbox, User
from soroe.sandbox.crm.activity import activity_json
from soroe.sandbox.faults import Answer, DropAfterProcessing, DropConnectionBefore, MalformedJson
from tests.adapters.crm.builders import WINDOW, Clock, day_off, done, meeting, trouble

STAMP = "soroe1|key|cal.event|"


def create(title: str = "Visit", seed: str = "seed-0001", stamp: str | None = STAMP, day: int = 4) -> Create:
    return Create(CRM_LIST, meeting(title, day), seed, stamp, "meeting")


def test_a_created_meeting_carries_its_stamp_and_type(crm: RestCrm, sandbox: CrmSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    [stored] = sandbox.activities()
    assert (item.ref.id, item.stamp, item.activity_type) == (stored.id, STAMP, "meeting")
    assert stored.content.external_id == STAMP
    assert item.content == meeting()


def test_every_write_says_that_nobody_is_mailed(crm: RestCrm, sandbox: CrmSandbox) -> None:
    invited = replace(meeting(), guests=(Guest("ito@example.com"),))
    item = done(crm.writer.write([Create(CRM_LIST, invited, "seed-0001", STAMP, "meeting")])[0])
    item = done(crm.writer.write([Update(item.ref, item.version, meeting("Moved", 5), (Field.TITLE, Field.WHEN))])[0])
    crm.writer.write([Delete(item.ref, item.version)])
    done(crm.writer.write([Restore(item.ref, meeting(), "seed-0002", STAMP, "meeting")])[0])
    crm.writer.write([create("One", "seed-0003", None), create("Two", "seed-0004", None)])
    writes = [request for request in sandbox.requests if request.method != "GET"]
    assert len(writes) >= 6
    assert all(request.query["notify_guests"] == ["false"] for request in writes)
    assert sandbox.mails_sent == []


def test_only_the_changed_fields_are_sent(crm: RestCrm, sandbox: CrmSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    sandbox.requests.clear()
    changed = replace(item.content, title="Renamed", location="Osaka", guests=(Guest("ito@example.com"),))
    done(crm.writer.write([Update(item.ref, item.version, changed, (Field.TITLE,))])[0])
    [request] = sandbox.requests.all("PATCH")
    assert json.loads(request.body) == {"subject": "Renamed"}
    assert sandbox.activity(item.ref.id).content.guests == ()


def test_a_timed_meeting_becomes_an_all_day_one_and_back(crm: RestCrm) -> None:
    item = done(crm.writer.write([create()])[0])
    item = done(crm.writer.write([Update(item.ref, item.version, day_off(), (Field.WHEN,))])[0])
    assert isinstance(item.content.when, AllDay)
    item = done(crm.writer.write([Update(item.ref, item.version, meeting(), (Field.WHEN,))])[0])
    assert item.content.when == meeting().when


def test_what_the_crm_ties_to_an_activity_survives_our_changes(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    made = sandbox.user_creates(
        sato, "Visit", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11), related={"deal": "d1"}, done=True
    )
    item = crm.reader.read(Ref(CRM_LIST, ItemId(made.id)))
    assert isinstance(item, ObservedItem)
    done(crm.writer.write([Update(item.ref, item.version, meeting("New"), (Field.TITLE, Field.WHEN))])[0])
    assert sandbox.activity(made.id).related == {"deal": "d1"}
    assert sandbox.activity(made.id).content.done is True


def test_a_stale_version_is_refused_by_the_crm_itself(crm: RestCrm, sandbox: CrmSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    sandbox.user_changes(item.ref.id, subject="Theirs")
    update = Update(item.ref, item.version, meeting("Ours"), (Field.TITLE,))
    assert isinstance(trouble(crm.writer.write([update])[0]), ChangedMeanwhile)
    assert isinstance(trouble(crm.writer.write([Delete(item.ref, item.version)])[0]), ChangedMeanwhile)
    assert sandbox.activity(item.ref.id).content.subject == "Theirs"


def test_a_repeated_create_gives_the_first_ones_item_as_it_is_now(crm: RestCrm, sandbox: CrmSandbox) -> None:
    first = done(crm.writer.write([create()])[0])
    sandbox.user_changes(first.ref.id, subject="Renamed since")
    again = crm.writer.write([create()])[0]
    assert isinstance(again, Written) and again.already
    assert (again.item.ref, again.item.content.title) == (first.ref, "Renamed since")
    assert len(sandbox.activities()) == 1


def test_a_create_whose_answer_was_lost_is_found_by_its_stamp(crm: RestCrm, sandbox: CrmSandbox) -> None:
    sandbox.faults.add(DropAfterProcessing(), method="POST")
    error = trouble(crm.writer.write([create()])[0])
    assert isinstance(error, RetryLater) and error.outcome_unknown
    assert [one.stamp for one in crm.reader.find(create())] == [STAMP]
    assert len(sandbox.activities()) == 1


def test_a_create_that_never_left_is_known_not_to_have_happened(sandbox: CrmSandbox, crm: RestCrm) -> None:
    sandbox.vanish()
    error = trouble(crm.writer.write([create()])[0])
    assert isinstance(error, RetryLater) and not error.outcome_unknown


def test_a_create_repeated_with_other_content_adopts_the_item_made_before(crm: RestCrm, sandbox: CrmSandbox) -> None:
    first = done(crm.writer.write([create("Before")])[0])
    again = crm.writer.write([create("After")])[0]
    assert isinstance(again, Written) and again.already and again.item.ref == first.ref
    assert len(sandbox.activities()) == 1


def test_an_item_with_the_same_stamp_is_adopted_not_doubled(crm: RestCrm, sandbox: CrmSandbox) -> None:
    first = done(crm.writer.write([create(seed="laptop-one")])[0])
    for batch in ([create(seed="laptop-two")], [create(seed="laptop-two"), create("Other", "seed-0009", None)]):
        second = crm.writer.write(batch)[0]
        assert isinstance(second, Written) and second.already and second.item.ref == first.ref
    assert [one.content.subject for one in sandbox.activities()] == ["Visit", "Other"]


def test_deleting_what_is_gone_counts_as_done(crm: RestCrm, sandbox: CrmSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    sandbox.user_deletes(item.ref.id)
    gone = Delete(item.ref, item.version)
    never = Delete(Ref(CRM_LIST, ItemId("act_999")), item.version)
    assert crm.writer.write([gone]) == [Erased(item.ref)]
    assert crm.writer.write([gone, never]) == [Erased(item.ref), Erased(never.ref)]
    assert crm.writer.write([replace(gone, version=None)]) == [Erased(item.ref)]


def test_changing_what_is_gone_says_so(crm: RestCrm, sandbox: CrmSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    sandbox.user_deletes(item.ref.id)
    assert isinstance(
        trouble(crm.writer.write([Update(item.ref, item.version, meeting("X"), (Field.TITLE,))])[0]), Gone
    )


def test_a_deleted_item_comes_back_under_its_id_with_the_content_asked_for(crm: RestCrm) -> None:
    item = done(crm.writer.write([create()])[0])
    crm.writer.write([Delete(item.ref, item.version)])
    back = done(crm.writer.write([Restore(item.ref, meeting("As it was", 6), "seed-0002", STAMP, "meeting")])[0])
    assert (back.ref, back.content) == (item.ref, meeting("As it was", 6))


def test_an_item_too_long_gone_is_made_anew(crm: RestCrm) -> None:
    lost = Ref(CRM_LIST, ItemId("act_999"))
    back = done(crm.writer.write([Restore(lost, meeting(), "seed-0002", STAMP, "meeting")])[0])
    assert back.ref != lost and back.content == meeting()


def test_an_item_that_nobody_can_read_is_not_made_beside_itself(
    sandbox: CrmSandbox, sato: User, profile: Profile, clock: Clock
) -> None:
    plain = replace(profile, operations=replace(profile.operations, restore=None))
    keys = ApiKey(sandbox.api_key_for(sato), "Authorization", "Bearer")
    crm = RestCrm(RestSettings(sandbox.base_url), plain, keys, clock, Line())
    item = done(crm.writer.write([create()])[0])
    sandbox.faults.add(Answer.as_json(200, {"id": item.ref.id, "subject": 5}), "GET", item.ref.id)
    error = trouble(crm.writer.write([Restore(item.ref, meeting(), "seed-0002", STAMP, "meeting")])[0])
    assert isinstance(error, ItemRejected)
    assert len(sandbox.activities()) == 1
    crm.close()


def test_many_writes_travel_in_one_request_and_answer_each_for_itself(crm: RestCrm, sandbox: CrmSandbox) -> None:
    sandbox.reject_subjects("Forbidden", "Ask your manager.")
    titles = [f"Visit {n}" for n in range(40)]
    titles[7] = "Forbidden"
    sandbox.requests.clear()
    results = crm.writer.write([create(title, f"seed-{n:04d}", None) for n, title in enumerate(titles)])
    assert len(sandbox.requests) == 1
    error = trouble(results[7])
    assert isinstance(error, ItemRejected)
    assert (error.field, error.service_message) == ("subject", "Ask your manager.")
    assert sum(isinstance(one, Written) for one in results) == 39


def test_more_writes_than_a_batch_takes_go_in_several(crm: RestCrm, sandbox: CrmSandbox) -> None:
    sandbox.requests.clear()
    results = crm.writer.write([create(f"Visit {n}", f"seed-{n:04d}", None) for n in range(230)])
    assert all(isinstance(one, Written) for one in results) and len(sandbox.requests) == 3


def test_trouble_of_the_whole_account_leaves_the_rest_unsent(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    sandbox.withdraw_permission(sato, "activities:write")
    results = crm.writer.write([create(f"Visit {n}", f"seed-{n:04d}", None) for n in range(150)])
    error = trouble(results[0])
    assert isinstance(error, ConsentMissing) and error.permission == "activities:write"
    assert all(isinstance(one, Unsent) for one in results[1:])


@pytest.mark.parametrize("effect", [DropAfterProcessing(), MalformedJson(), Answer.as_json(200, {"results": [5]})])
def test_a_batch_whose_answer_was_lost_may_have_happened_as_a_whole(
    crm: RestCrm, sandbox: CrmSandbox, effect: DropAfterProcessing | MalformedJson | Answer
) -> None:
    sandbox.faults.add(effect, path="/batch")
    results = crm.writer.write([create("One", "seed-0001", None), create("Two", "seed-0002", None)])
    for one in results:
        error = trouble(one)
        assert isinstance(error, RetryLater) and error.outcome_unknown
    again = crm.writer.write([create("One", "seed-0001", None), create("Two", "seed-0002", None)])
    assert all(isinstance(one, Written) for one in again)
    assert len(sandbox.activities()) == 2


def test_a_lost_answer_to_a_change_leaves_its_outcome_open(crm: RestCrm, sandbox: CrmSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    sandbox.faults.add(DropAfterProcessing(), method="PATCH")
    error = trouble(crm.writer.write([Update(item.ref, item.version, meeting("New"), (Field.TITLE,))])[0])
    assert isinstance(error, RetryLater) and error.outcome_unknown


def test_an_answer_about_another_activity_is_not_believed(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    mine, other = (done(one) for one in crm.writer.write([create("Mine"), create("Other", "seed-0002", None)]))
    documents = {one.id: activity_json(one, sato.id) for one in sandbox.activities()}
    told, of_mine = documents[other.ref.id], documents[mine.ref.id]
    change = Update(mine.ref, mine.version, meeting("New"), (Field.TITLE,))
    sandbox.faults.add(Answer.as_json(200, told), method="PATCH")
    results = [*crm.writer.write([change])]
    swapped = {"results": [{"status": 200, "activity": one} for one in (told, of_mine)]}
    sandbox.faults.add(Answer.as_json(200, swapped), path="/batch")
    results += crm.writer.write([change, replace(change, ref=other.ref, version=other.version)])
    for one in results:
        error = trouble(one)
        assert isinstance(error, RetryLater) and error.outcome_unknown


def test_a_locked_activity_is_told_as_read_only(crm: RestCrm, sandbox: CrmSandbox) -> None:
    item = done(crm.writer.write([create()])[0])
    locked = sandbox.locks(item.ref.id)
    item = replace(item, version=Version(locked.etag))
    assert isinstance(
        trouble(crm.writer.write([Update(item.ref, item.version, meeting("X"), (Field.TITLE,))])[0]), ReadOnly
    )


def series_of(crm: RestCrm) -> ObservedItem:
    weekly = replace(meeting("Weekly"), recurrence=Recurrence(("FREQ=WEEKLY",)))
    return done(crm.writer.write([Create(CRM_LIST, weekly, "seed-weekly", STAMP, "meeting")])[0])


def test_a_series_keeps_its_rule_and_its_cancelled_dates(crm: RestCrm) -> None:
    rule = Recurrence(("FREQ=WEEKLY;BYDAY=MO",), removed=(datetime(2026, 5, 11, 10),))
    item = done(crm.writer.write([replace(create(), content=replace(meeting(), recurrence=rule))])[0])
    assert item.content.recurrence == rule


def test_an_occurrence_that_is_changed_becomes_an_exception(crm: RestCrm) -> None:
    series = series_of(crm)
    occurrence = Occurrence(series.ref.id, datetime(2026, 5, 11, 1))
    ref = Ref(CRM_LIST, occurrence_id(series.ref.id, occurrence.original_start))
    update = Update(ref, None, meeting("Moved", 12), (Field.TITLE, Field.WHEN), "soroe1|key|cal.other|", occurrence)
    item = done(crm.writer.write([update])[0])
    assert (item.ref, item.occurrence, item.content) == (ref, occurrence, meeting("Moved", 12))
    again = replace(update, version=item.version, content=meeting("Moved again", 13), stamp=None)
    assert done(crm.writer.write([again])[0]).content == meeting("Moved again", 13)


def test_a_cancelled_occurrence_is_taken_out_of_its_series(crm: RestCrm, sandbox: CrmSandbox) -> None:
    series = series_of(crm)
    occurrence = Occurrence(series.ref.id, datetime(2026, 5, 11, 1))
    ref = Ref(CRM_LIST, occurrence_id(series.ref.id, occurrence.original_start))
    moved = Update(ref, None, meeting("Moved", 12), (Field.TITLE, Field.WHEN), None, occurrence)
    exception = done(crm.writer.write([moved])[0])
    assert crm.writer.write([Delete(ref, exception.version, occurrence)]) == [Erased(ref)]
    master = crm.reader.read(series.ref)
    assert isinstance(master, ObservedItem) and master.content.recurrence is not None
    assert master.content.recurrence.removed == (datetime(2026, 5, 11, 10),)
    assert isinstance(crm.reader.read(ref), Tombstone)
    assert len(sandbox.activities()) == 1


def test_a_text_that_is_not_unicode_harms_only_its_own_item(crm: RestCrm) -> None:
    results = crm.writer.write([create("\ud800", "seed-0001", None), create("Fine", "seed-0002", None)])
    assert isinstance(trouble(results[0]), ItemRejected)
    assert isinstance(results[1], Written)


def test_an_unreachable_crm_is_no_finding_about_items(crm: RestCrm, sandbox: CrmSandbox) -> None:
    sandbox.faults.add(DropConnectionBefore(), times=-1)
    assert isinstance(trouble(crm.writer.write([create()])[0]), RetryLater)
    assert isinstance(crm.writer.write([create(), create()])[1], Failed | Unsent)
    with pytest.raises(RetryLater):
        list(crm.reader.changes(CRM_LIST, None, WINDOW))


def test_an_exception_deleted_without_a_word_of_its_occurrence_is_cancelled_all_the_same(crm: RestCrm) -> None:
    series = series_of(crm)
    occurrence = Occurrence(series.ref.id, datetime(2026, 5, 11, 1))
    ref = Ref(CRM_LIST, occurrence_id(series.ref.id, occurrence.original_start))
    assert crm.writer.write([Delete(ref, None)]) == [Erased(ref)]
    master = crm.reader.read(series.ref)
    assert isinstance(master, ObservedItem) and master.content.recurrence is not None
    assert master.content.recurrence.removed == (datetime(2026, 5, 11, 10),)


def test_a_cancelled_occurrence_comes_back_as_an_exception_of_its_series(crm: RestCrm) -> None:
    series = series_of(crm)
    occurrence = Occurrence(series.ref.id, datetime(2026, 5, 11, 1))
    ref = Ref(CRM_LIST, occurrence_id(series.ref.id, occurrence.original_start))
    crm.writer.write([Delete(ref, None, occurrence)])
    back = done(crm.writer.write([Restore(ref, meeting("Weekly", 11), "seed-back", None, "meeting")])[0])
    assert (back.ref, back.occurrence) == (ref, occurrence)


def test_an_exception_changed_by_somebody_else_is_not_overwritten_after_a_restart(
    crm: RestCrm, sandbox: CrmSandbox, sato: User
) -> None:
    series = series_of(crm)
    moved = sandbox.user_creates(
        sato,
        "Moved",
        datetime(2026, 5, 12, 15),
        datetime(2026, 5, 12, 16),
        series_id=series.ref.id,
        original_start=datetime(2026, 5, 11, 10),
    )
    sandbox.user_changes(moved.id, subject="Theirs")
    occurrence = Occurrence(series.ref.id, datetime(2026, 5, 11, 1))
    ref = Ref(CRM_LIST, occurrence_id(series.ref.id, occurrence.original_start))
    update = Update(ref, Version(moved.etag), meeting("Ours", 12), (Field.TITLE,), None, occurrence)
    assert isinstance(trouble(crm.writer.write([update])[0]), ChangedMeanwhile)
    assert sandbox.activity(moved.id).content.subject == "Theirs"
