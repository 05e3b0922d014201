"""What becomes of refusals, related records, the recycle bin, strange ids, and when it all happens (SF-18 to SF-23)."""

from __future__ import annotations

from datetime import datetime

import pytest

from soroe.core.finding import FindingAction, FindingKind
from soroe.core.plan import Why
from soroe.engine.messages import Start, SyncNow
from soroe.engine.resolve import resolve
from soroe.sandbox.salesforce.values import Values
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.homes import SYNC
from tests.end_to_end.office import at
from tests.end_to_end.salesroom import HOUR, Salesroom

pytestmark = pytest.mark.parametrize("world", ["salesforce"], indirect=True)
MESSAGE = "「秘」を含む件名は登録できません (subjects may not contain 秘)."
WORD = "秘"


def titles(room: Salesroom) -> list[str]:
    """The titles in Salesforce."""
    return sorted(str(record["Subject"]) for record in room.records())


# --- SF-18 ---
def test_sf_18_what_a_validation_rule_refuses_is_told_in_its_own_words(room: Salesroom) -> None:
    room.salesforce.reject_subjects(WORD, MESSAGE)
    event = room.makes("秘 meeting")
    room.syncs()
    assert room.records() == []
    (finding,) = room.findings("SF-18")
    assert (finding.kind, finding.cause) == (FindingKind.REJECTED, Why.REJECTED)
    assert finding.service_message == MESSAGE
    assert finding.fields == ("Subject",)
    before = room.writes()
    room.syncs()
    assert room.writes() == before, "it is not tried again while nothing changes"
    room.changes(event, summary="Meeting")
    room.syncs()
    assert (titles(room), room.findings()) == (["Meeting"], [])


def test_sf_18_it_is_tried_again_when_salesforce_changes(room: Salesroom) -> None:
    event = room.makes("Meeting")
    room.syncs()
    room.salesforce.reject_subjects(WORD, MESSAGE)
    room.changes(event, summary="秘 meeting")
    room.syncs()
    assert (titles(room), [one.service_message for one in room.findings("SF-18")]) == (["Meeting"], [MESSAGE])
    room.salesforce.clear_validation_rules()
    room.salesforce.user_changes(room.record()["Id"], Location="Osaka")
    room.syncs()
    assert (titles(room), room.findings()) == (["秘 meeting"], [])
    assert room.event()["location"] == "Osaka"


def test_sf_18_fields_that_only_a_page_layout_requires_do_not_keep_it_out(room: Salesroom) -> None:
    """SF-18: a page layout asks people for a place; the interface does not, and neither do we."""
    room.makes("Meeting")
    room.syncs()
    assert (titles(room), room.record()["Location"], room.findings()) == (["Meeting"], None, [])


# --- SF-19 ---
def related(room: Salesroom) -> tuple[Values, Values]:
    """A customer and somebody who works there, both Sato's."""
    account = room.salesforce.add_account("Aoki Trading", room.sato)
    return account, room.salesforce.add_contact("Aoki", "aoki@example.com", account)


def test_sf_19_an_event_that_lost_one_of_its_records_stays_in_step(room: Salesroom) -> None:
    account, contact = related(room)
    entered = room.enters(WhatId=account["Id"], WhoId=contact["Id"])
    room.syncs()
    room.salesforce.user_deletes_related(contact)
    room.syncs()
    event = room.event()
    room.changes(event, summary="Visit, later")
    room.syncs()
    record = room.salesforce.event(entered)
    assert (record["Subject"], record["WhatId"], record["WhoId"]) == ("Visit, later", account["Id"], None)
    assert room.event()["id"] == event["id"]


def test_sf_19_an_event_that_went_with_its_record_is_reported_and_stays_in_the_calendar(room: Salesroom) -> None:
    account, _ = related(room)
    room.enters(WhatId=account["Id"])
    room.syncs()
    event = room.event()
    room.salesforce.user_deletes_related(account)
    room.syncs()
    assert room.event()["id"] == event["id"], "nobody has called the meeting off"
    (finding,) = room.findings("SF-19")
    assert (finding.kind, finding.cause) == (FindingKind.HELD, Why.RELATED_DELETED)
    assert finding.calendar is not None and finding.calendar.id == event["id"]
    before = room.writes()
    room.syncs()
    assert room.writes() == before
    assert room.records() == []


def test_sf_19_a_record_that_comes_out_of_the_bin_brings_its_event_back_into_step(room: Salesroom) -> None:
    account, _ = related(room)
    entered = room.enters(WhatId=account["Id"])
    room.syncs()
    event = room.event()
    room.salesforce.user_deletes_related(account)
    room.syncs()
    room.salesforce.user_restores(entered)
    room.syncs()
    assert (room.event()["id"], room.record()["Id"], room.findings()) == (event["id"], entered, [])


def given_away(room: Salesroom) -> tuple[str, Values]:
    """An event of the customer's that Sato had, and that is Suzuki's now; the calendar's event, too."""
    suzuki = room.salesforce.add_user("suzuki@example.com", "Suzuki")
    account, _ = related(room)
    entered = room.enters(WhatId=account["Id"])
    room.syncs()
    event = room.event()
    room.salesforce.user_reassigns_related(account, suzuki)
    assert room.salesforce.event(entered)["OwnerId"] == suzuki.id
    room.look_closely()
    room.syncs()
    return entered, event


def test_sf_19_an_event_given_to_a_colleague_with_its_record_is_reported(room: Salesroom) -> None:
    _, event = given_away(room)
    assert room.event()["id"] == event["id"]
    (finding,) = room.findings("SF-19")
    assert (finding.kind, finding.cause) == (FindingKind.HELD, Why.REASSIGNED)
    before = room.writes()
    room.syncs()
    assert room.writes() == before


@pytest.mark.parametrize(("action", "left"), [(FindingAction.TAKE_CRM, (0, 0)), (FindingAction.TAKE_CALENDAR, (1, 1))])
def test_sf_19_the_user_says_what_becomes_of_the_calendars_event(
    room: Salesroom, action: FindingAction, left: tuple[int, int]
) -> None:
    given_away(room)
    (finding,) = room.findings("SF-19")
    resolve(room.laptop.joint(), finding.id, action)
    room.syncs()
    assert (len(room.events()), len(room.records())) == left
    assert room.findings() == []


def test_sf_19_one_that_comes_back_is_linked_with_the_same_calendar_event(room: Salesroom) -> None:
    entered, event = given_away(room)
    room.salesforce.user_reassigns(entered, room.sato)
    room.syncs()
    assert room.event()["id"] == event["id"]
    assert room.findings("SF-19") == []


def test_sf_19_a_recurring_event_that_went_with_its_record_is_asked_about_once(room: Salesroom) -> None:
    account, _ = related(room)
    room.enters_weekly(WhatId=account["Id"])
    room.syncs()
    event = room.event()
    room.salesforce.user_deletes_related(account)
    room.syncs()
    assert (room.records(), room.event()["id"]) == ([], event["id"])
    assert [finding.cause for finding in room.findings("SF-19")] == [Why.RELATED_DELETED]


# --- SF-20 ---
def test_sf_20_a_recurring_event_out_of_the_recycle_bin_is_the_same_series_again(room: Salesroom) -> None:
    whole = room.enters_weekly()
    room.syncs()
    event = room.event()
    meetings = [str(one["Id"]) for one in room.salesforce.occurrences(whole)]
    room.salesforce.user_deletes(whole)
    room.syncs()
    assert room.events() == []
    for one in meetings:
        room.salesforce.user_restores(one)
    room.syncs()
    assert (room.event()["id"], room.event()["recurrence"]) == (event["id"], event["recurrence"])
    assert len(room.salesforce.occurrences(whole)) == 4


def test_sf_20_an_event_out_of_the_recycle_bin_is_the_same_calendar_event_again(room: Salesroom) -> None:
    account, contact = related(room)
    entered = room.enters(WhatId=account["Id"], WhoId=contact["Id"], Location="Osaka")
    room.syncs()
    event = room.event()
    room.salesforce.user_deletes(entered)
    room.syncs()
    assert room.events() == []
    room.salesforce.user_restores(entered)
    room.syncs()
    back = room.event()
    assert (back["id"], back["summary"], back["location"]) == (event["id"], "Visit", "Osaka")
    room.changes(back, summary="Visit, again")
    room.syncs()
    record = room.record()
    assert (record["Id"], record["Subject"], record["WhatId"]) == (entered, "Visit, again", account["Id"])


def test_sf_20_the_other_way_round_the_event_comes_out_of_salesforces_bin_with_all_it_held(room: Salesroom) -> None:
    account, _ = related(room)
    entered = room.enters(WhatId=account["Id"])
    room.syncs()
    event = room.event()
    room.google.user_deletes(EMAIL, str(event["id"]))
    room.syncs()
    assert room.records() == []
    room.google.user_restores(EMAIL, str(event["id"]))
    room.syncs()
    assert (room.record()["Id"], room.record()["WhatId"]) == (entered, account["Id"])


# --- SF-21 ---
def test_sf_21_one_that_fails_leaves_the_others_of_its_batch_alone(room: Salesroom) -> None:
    room.salesforce.reject_subjects(WORD, MESSAGE)
    for number in range(9):
        room.makes(f"Meeting {number}" if number != 4 else "秘 meeting", tomorrow(8 + number))
    room.syncs()
    assert len(titles(room)) == 8
    assert [one.service_message for one in room.findings("SF-18")] == [MESSAGE]
    for event in room.events():
        room.changes(event, location="秘" if event["summary"] == "Meeting 7" else "Osaka")
    room.salesforce.add_validation_rule("No such place.", lambda one: one.get("Location") == "秘", "Location")
    room.syncs()
    places = {record["Subject"]: record["Location"] for record in room.records()}
    assert places.pop("Meeting 7") is None
    assert set(places.values()) == {"Osaka"}
    assert {one.service_message for one in room.findings("SF-18")} == {MESSAGE, "No such place."}


# --- SF-22 ---
@pytest.mark.parametrize(
    "strange",
    ["_8h1k6ca96kr4cba18d0jib9k6d136b9p", "x@example.com", "abc_R20260101T000000", "~tilde.and-dash", "UPPER"],
)
def test_sf_22_an_event_with_an_id_of_another_shape_is_synced_both_ways(room: Salesroom, strange: str) -> None:
    event = room.makes()
    room.google.becomes_known_as(EMAIL, str(event["id"]), strange)
    room.syncs()
    record = room.record()
    room.salesforce.user_changes(record["Id"], Location="Osaka")
    room.syncs()
    assert (room.event()["id"], room.event()["location"]) == (strange, "Osaka")
    room.changes(strange, summary="Visit, changed")
    room.syncs()
    assert (room.record()["Id"], room.record()["Subject"]) == (record["Id"], "Visit, changed")


def test_sf_22_one_that_cannot_be_read_is_reported_and_the_others_are_synced(room: Salesroom) -> None:
    event = room.makes("Strange")
    room.makes("Usual", tomorrow(17))
    room.google.becomes_known_as(EMAIL, str(event["id"]), "no id / at all?")
    room.syncs()
    assert titles(room) == ["Usual"]
    (finding,) = room.findings("SF-22")
    assert (finding.kind, finding.cause) == (FindingKind.REJECTED, Why.UNREADABLE)


# --- SF-23 ---
def test_sf_23_both_sides_are_looked_at_within_a_minute(room: Salesroom) -> None:
    room.syncs()
    with room.desk() as (desk, _):
        desk.handle(Start(SYNC))
        wait = desk.seconds_until_due()
        assert wait is not None and 0 < wait <= 60
        room.makes("From Google")
        room.enters("From Salesforce", tomorrow(9))
        desk.handle(None)
        assert titles(room) == ["From Google", "From Salesforce"]
        assert sorted(event["summary"] for event in room.events()) == ["From Google", "From Salesforce"]


def test_sf_23_sync_now_does_it_at_once(room: Salesroom) -> None:
    room.syncs()
    with room.desk() as (desk, _):
        desk.handle(Start(SYNC))
        room.makes("From Google", datetime.now().astimezone() + HOUR)
        room.enters("From Salesforce", tomorrow(9))
        desk.handle(SyncNow(SYNC))
        assert titles(room) == ["From Google", "From Salesforce"]
        assert sorted(event["summary"] for event in room.events()) == ["From Google", "From Salesforce"]


def test_sf_23_a_time_changed_on_one_side_is_on_the_other_after_one_look(room: Salesroom) -> None:
    event = room.makes()
    room.syncs()
    room.changes(event, start=at(tomorrow(8)), end=at(tomorrow(9)))
    room.laptop.run()
    assert room.record()["StartDateTime"] == tomorrow(8)
