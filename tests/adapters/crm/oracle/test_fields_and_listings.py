"""A company's own names of fields, services that take no conditions, and lists that move while they are read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.core.event import CRM_LIST, Field, ItemId, ObservedItem, Ref, Tombstone, Visibility
from soroe.ports.errors import ItemRejected, RetryLater
from soroe.ports.remote import Create, Cursor, Failed, Update, Written
from soroe.sandbox.faults import Answer
from soroe.sandbox.oracle import OracleSandbox, User
from tests.adapters.crm.builders import meeting
from tests.contracts.stand import WINDOW
from tests.fakes.clock import Clock

from .conftest import Opens

NO_CONDITIONS = Answer.as_json(400, {"Error": [{"detail": "REST_QUERY_PARSER_INVALID_OPERATOR"}]})
NOT_DESCRIBED = Answer.as_json(404, {})
START = datetime(2026, 5, 12, 10)


def visit(oracle: OracleSandbox, user: User, subject: str = "Visit") -> Ref:
    return Ref(CRM_LIST, ItemId(oracle.user_creates(user, subject, START, START + timedelta(hours=1)).id))


def news(crm: OracleCrm, cursor: Cursor | None = None) -> tuple[dict[str, str], Cursor]:
    """The titles of what is told, "gone" for a tombstone, and where the next reading goes on."""
    told: dict[str, str] = {}
    pages = list(crm.reader.changes(CRM_LIST, cursor, WINDOW))
    for seen in (one for page in pages for one in page.seen):
        told[seen.ref.id] = seen.content.title if isinstance(seen, ObservedItem) else "gone"
        assert isinstance(seen, ObservedItem | Tombstone)
    assert pages[-1].cursor is not None
    return told, pages[-1].cursor


@pytest.mark.parametrize("described", [True, False])
def test_renamed_fields_are_read_and_written_under_their_own_names(
    oracle: OracleSandbox, sato: User, opens: Opens, described: bool
) -> None:
    ref = visit(oracle, sato)
    for field in ("Subject", "StartTime", "ModifiedDate"):
        oracle.rename_field("Appointments", field, f"Our{field}")
    names: tuple[tuple[str, str], ...] = ()
    if not described:
        oracle.faults.add(NOT_DESCRIBED, "GET", "describe", times=-1)
        names = tuple((f"Appointments.{field}", f"Our{field}") for field in ("Subject", "StartTime", "ModifiedDate"))
    crm = opens(fields=names)
    item = crm.reader.read(ref)
    assert isinstance(item, ObservedItem) and item.content.title == "Visit"
    (result,) = crm.writer.write([Update(ref, item.version, meeting("Other", 12, 15), (Field.TITLE, Field.WHEN))])
    assert isinstance(result, Written) and result.item.content.title == oracle.record(ref.id).title == "Other"


def test_what_a_company_does_not_have_is_neither_asked_for_nor_written(
    oracle: OracleSandbox, sato: User, crm: OracleCrm
) -> None:
    oracle.hide_field("Appointments", "Private")
    oracle.hide_field("Appointments", "Location")
    content = meeting("Visit", 12, location="Osaka", visibility=Visibility.PRIVATE)
    (result,) = crm.writer.write([Create(CRM_LIST, content, "seed", activity_type="Meeting")])
    assert isinstance(result, Written)
    assert (result.item.content.location, result.item.content.visibility) == ("", Visibility.NORMAL)


def test_a_service_that_takes_no_conditions_is_read_from_the_newest_back(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock
) -> None:
    made = [visit(oracle, sato, f"Visit {number}") for number in range(220)]
    oracle.faults.add(NO_CONDITIONS, "GET", "[?&]q=", times=-1)
    clock.later(minutes=2)
    told, cursor = news(crm)
    assert len(told) == 220
    clock.later(minutes=5)
    oracle.user_changes(sato, made[7].id, Subject="Renamed")
    clock.later(minutes=1)
    before = len(oracle.requests)
    told, cursor = news(crm, cursor)
    assert told == {made[7].id: "Renamed"}
    assert len(oracle.requests) - before == 1, "the rest of the list is older, and was not fetched"
    clock.later(minutes=31)
    oracle.user_deletes(sato, made[9].id)
    told, cursor = news(crm, cursor)
    assert told == {made[9].id: "gone"}
    assert crm.reader.find(Create(CRM_LIST, meeting("Renamed", 12), "seed"))[0].ref == made[7]


def test_nothing_is_skipped_when_records_vanish_from_a_list_that_is_being_read(
    oracle: OracleSandbox, sato: User, crm: OracleCrm
) -> None:
    made = [visit(oracle, sato, f"Visit {number}") for number in range(250)]
    pages = crm.reader.changes(CRM_LIST, None, WINDOW)
    first = next(pages)
    for ref in made[:30]:
        oracle.user_deletes(sato, ref.id)
    told = {seen.ref for seen in first.seen} | {seen.ref for page in pages for seen in page.seen}
    assert told >= set(made[30:])


def test_a_list_that_never_rests_is_tried_again_later(oracle: OracleSandbox, sato: User, crm: OracleCrm) -> None:
    for number in range(150):
        visit(oracle, sato, f"Visit {number}")
    crm.reader.containers()
    stranger = {"Appointments": [{"Id": "1QA2-ZZZ"}], "_contextInfo": {"lastpage": False}}
    oracle.faults.add(Answer.as_json(200, stranger), "GET", "offset=[1-9]", times=-1)
    with pytest.raises(RetryLater, match="listing_keeps_moving"):
        list(crm.reader.changes(CRM_LIST, None, WINDOW))


def test_a_restored_appointment_comes_back_under_its_old_id(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock
) -> None:
    ref = visit(oracle, sato)
    clock.later(minutes=2)
    _, cursor = news(crm)
    oracle.user_deletes(sato, ref.id)
    clock.later(minutes=31)
    told, cursor = news(crm, cursor)
    assert told == {ref.id: "gone"}
    clock.later(days=0, hours=2)
    oracle.user_restores(sato, ref.id)
    clock.later(minutes=31)
    assert news(crm, cursor)[0] == {ref.id: "Visit"}


def test_a_sweep_that_lies_deletes_nothing(oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock) -> None:
    refs = [visit(oracle, sato, f"Visit {number}") for number in range(5)]
    clock.later(minutes=2)
    _, cursor = news(crm)
    clock.later(minutes=31)
    oracle.list_nothing(3)
    told, cursor = news(crm, cursor)
    assert told == {}
    clock.later(minutes=31)
    oracle.user_deletes(sato, refs[0].id)
    assert news(crm, news(crm, cursor)[1])[0] in ({}, {refs[0].id: "gone"})


def test_what_the_company_refuses_is_told_in_its_own_words(oracle: OracleSandbox, sato: User, crm: OracleCrm) -> None:
    oracle.reject_subjects("Golf", "No golf in working hours.")
    (result,) = crm.writer.write([Create(CRM_LIST, meeting("Golf", 12), "seed", activity_type="Meeting")])
    assert isinstance(result, Failed) and isinstance(result.error, ItemRejected)
    assert result.error.service_message == "No golf in working hours." and "golf" not in str(result.error).casefold()


def test_the_types_are_those_in_use_and_event_is_not_among_them(
    oracle: OracleSandbox, sato: User, crm: OracleCrm
) -> None:
    for kind in ("Call", "Meeting", "Meeting", "Event", "Event", "Event"):
        oracle.user_creates(sato, "Visit", START, START + timedelta(hours=1), Type=kind)
    assert [kind.key for kind in crm.reader.activity_types()] == ["Meeting", "Call"]
