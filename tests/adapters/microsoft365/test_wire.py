"""Graph's events in the core's terms, and back; a bad one is named and costs nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from soroe.adapters.microsoft365.body import changes, new_event, with_meeting_block
from soroe.adapters.microsoft365.wire import CalendarFacts, read_event
from soroe.adapters.outlook.stamp import GRAPH_ID
from soroe.core.event import (
    AllDay,
    ContainerId,
    EventContent,
    Field,
    Guest,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Recurrence,
    Response,
    ShowAs,
    Timed,
    Tombstone,
    Unreadable,
    Visibility,
)
from soroe.ports.errors import ItemRejected

OURS = CalendarFacts(ContainerId("cal"), True, True)
SHARED = CalendarFacts(ContainerId("cal"), False, False, False)
SATO = {"emailAddress": {"name": "Sato", "address": "sato@example.com"}}


def point(at: str) -> dict[str, str]:
    return {"dateTime": at, "timeZone": "UTC"}


def attendee(address: str, response: str = "none", kind: str = "required") -> dict[str, Any]:
    return {"type": kind, "status": {"response": response}, "emailAddress": {"name": "A", "address": address}}


def event(**more: Any) -> dict[str, Any]:
    return {
        "@odata.etag": 'W/"k1"',
        "id": "AAkAL-1_x=",
        "type": "singleInstance",
        "subject": "Visit",
        "body": {"contentType": "text", "content": "Bring the offer\r\n"},
        "start": point("2026-05-12T01:00:00.0000000"),
        "end": point("2026-05-12T02:00:00.0000000"),
        "isAllDay": False,
        "originalStartTimeZone": "Tokyo Standard Time",
        "location": {"displayName": "Osaka"},
        "showAs": "busy",
        "sensitivity": "normal",
        "attendees": [],
        "organizer": SATO,
        "isOrganizer": True,
        "responseStatus": {"response": "organizer"},
        "createdDateTime": "2026-05-01T00:00:00.1234567Z",
        "lastModifiedDateTime": "2026-05-02T00:00:00Z",
        **more,
    }


def read(**more: Any) -> ObservedItem:
    seen = read_event(event(**more), OURS)
    assert isinstance(seen, ObservedItem), seen
    return seen


def test_an_event_comes_in_the_zone_it_was_made_in_with_its_stamp_and_times_of_change() -> None:
    item = read(singleValueExtendedProperties=[{"id": GRAPH_ID.upper(), "value": "soroe1|x"}])
    when = Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo")
    assert item.content == EventContent("Visit", when, "Bring the offer", "Osaka")
    assert (item.version, item.stamp, item.read_only) == ('W/"k1"', "soroe1|x", None)
    assert item.created_at == datetime(2026, 5, 1, tzinfo=UTC) and item.changed_at == datetime(2026, 5, 2, tzinfo=UTC)


def test_a_whole_day_ends_on_the_first_day_after() -> None:
    item = read(isAllDay=True, start=point("2026-05-12T00:00:00"), end=point("2026-05-13T00:00:00"))
    assert item.content.when == AllDay(date(2026, 5, 12), date(2026, 5, 13))


def test_a_whole_day_told_as_instants_of_its_own_zone_is_that_day() -> None:
    item = read(isAllDay=True, start=point("2026-05-11T15:00:00"), end=point("2026-05-12T15:00:00"))
    assert item.content.when == AllDay(date(2026, 5, 12), date(2026, 5, 13))


def test_a_zone_made_by_hand_leaves_the_instants() -> None:
    item = read(originalStartTimeZone="tzone://Microsoft/Custom")
    assert isinstance(item.content.when, Timed)
    assert item.content.when.start_utc == datetime(2026, 5, 12, 1, tzinfo=UTC)


def test_a_meeting_with_guests_takes_no_change_because_every_change_is_mailed() -> None:
    item = read(attendees=[attendee("suzuki@example.com", "tentativelyAccepted"), attendee("sato@example.com")])
    assert item.content.guests == (Guest("suzuki@example.com", "A", Response.TENTATIVE),)
    assert item.read_only is ReadOnlyCause.NO_QUIET_WRITES


def test_a_room_is_no_guest_but_is_mailed_too() -> None:
    item = read(attendees=[attendee("room@example.com", kind="resource")])
    assert item.content.guests == () and item.read_only is ReadOnlyCause.NO_QUIET_WRITES


def test_somebody_elses_meeting_is_theirs_and_a_declined_one_is_told() -> None:
    item = read(isOrganizer=False, attendees=[attendee("a@example.com")], responseStatus={"response": "declined"})
    assert item.read_only is ReadOnlyCause.FOREIGN_ORGANISER and item.declined


def test_a_calendar_that_takes_no_changes_says_so() -> None:
    seen = read_event(event(sensitivity="private", subject="Private Appointment", body={"content": ""}), SHARED)
    assert isinstance(seen, ObservedItem)
    assert seen.read_only is ReadOnlyCause.READ_ONLY_CONTAINER and seen.details_hidden


def test_a_meeting_that_was_called_off_is_gone() -> None:
    assert isinstance(read_event(event(isCancelled=True), OURS), Tombstone)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("free", ShowAs.FREE),
        ("workingElsewhere", ShowAs.FREE),
        ("tentative", ShowAs.TENTATIVE),
        ("oof", ShowAs.OUT_OF_OFFICE),
        ("unknown", ShowAs.BUSY),
    ],
)
def test_how_time_counts(told: str, meant: ShowAs) -> None:
    assert read(showAs=told).content.show_as is meant


@pytest.mark.parametrize(
    ("told", "meant"),
    [("personal", Visibility.NORMAL), ("private", Visibility.PRIVATE), ("confidential", Visibility.PRIVATE)],
)
def test_who_may_see_it(told: str, meant: Visibility) -> None:
    assert read(sensitivity=told).content.visibility is meant


def test_the_block_of_an_online_meeting_is_no_description() -> None:
    text = f"Agenda\r\n\r\n{'_' * 80}\r\nMicrosoft Teams meeting\r\nJoin: https://example.com\r\n{'_' * 80}\r\n"
    body = {"contentType": "text", "content": text}
    assert read(isOnlineMeeting=True, body=body).content.description == "Agenda"
    assert "Teams" in read(isOnlineMeeting=False, body=body).content.description


def test_a_new_description_keeps_the_block_of_the_online_meeting() -> None:
    block = f'<div class="t">{"_" * 80}</div><div><a href="https://x">Join</a></div></body></html>'
    told = with_meeting_block("New\n<agenda>", f"<html><body><div>Old</div>{block}")
    assert told == {"contentType": "html", "content": f"<html><body><div>New<br>&lt;agenda&gt;</div>{block}"}
    with pytest.raises(ItemRejected):
        with_meeting_block("New", "<html><body>no block</body></html>")


SERIES = {
    "type": "seriesMaster",
    "recurrence": {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "sunday"},
        "range": {"type": "numbered", "startDate": "2026-05-12", "numberOfOccurrences": 6},
    },
}


def test_a_series_comes_with_its_rule_and_its_cancelled_occurrences() -> None:
    item = read(**SERIES, cancelledOccurrences=["OID.AAkAL-1_x=.2026-05-19"])
    assert item.content.recurrence == Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 19, 10),))


def test_an_exception_goes_by_its_series_and_its_original_start() -> None:
    item = read(type="exception", seriesMasterId="AAkSer", originalStart="2026-05-19T01:00:00Z")
    start = datetime(2026, 5, 19, 1)
    assert item.ref.id == "AAkSer#20260519T010000Z" and item.occurrence == Occurrence(item.ref.id.split("#")[0], start)  # type: ignore[arg-type]  # a plain text


def test_an_exception_of_whole_days_goes_by_the_day() -> None:
    day = {"isAllDay": True, "start": point("2026-05-20T00:00:00"), "end": point("2026-05-21T00:00:00")}
    ids = {"seriesMasterId": "S", "occurrenceId": "OID.S.2026-05-19", "originalStart": "2026-05-18T15:00:00Z"}
    assert read(type="exception", **day, **ids).ref.id == "S#20260519"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"subject": 7}, "subject"),
        ({"start": None}, "start.dateTime"),
        ({"start": {"dateTime": "x", "timeZone": "UTC"}}, "start.dateTime"),
        ({"start": {"dateTime": "2026-05-12T01:00:00", "timeZone": "Nowhere"}}, "start.timeZone"),
        ({"end": point("2026-05-11T01:00:00")}, "end"),
        ({"showAs": "loud"}, "showAs"),
        ({"sensitivity": "secret"}, "sensitivity"),
        ({"attendees": {}}, "attendees"),
        ({"attendees": [7]}, "attendees"),
        ({"body": "x"}, "body"),
        ({"isCancelled": "no"}, "isCancelled"),
        ({"@odata.etag": "a\r\nb"}, "@odata.etag"),
        ({"id": ".."}, "id"),
        ({"id": 7}, "id"),
        ({"type": "exception"}, "seriesMasterId"),
        ({"type": "exception", "seriesMasterId": "S"}, "originalStart"),
        ({**SERIES, "recurrence": {"pattern": {"type": "hourly", "interval": 1}}}, "recurrence"),
        ({**SERIES, "cancelledOccurrences": ["x"]}, "cancelledOccurrences"),
        ({**SERIES, "originalStartTimeZone": "tzone://Microsoft/Custom"}, "originalStartTimeZone"),
        ({"lastModifiedDateTime": "yesterday"}, "lastModifiedDateTime"),
    ],
)
def test_an_event_that_nobody_can_use_is_named_with_its_field(more: dict[str, Any], field: str) -> None:
    seen = read_event(event(**more), OURS)
    assert isinstance(seen, Unreadable) and seen.field == field and seen.reason


@pytest.mark.parametrize("entry", [None, 7, [], "x", {}])
def test_what_is_no_event_at_all_is_named_too(entry: object) -> None:
    assert isinstance(read_event(entry, OURS), Unreadable)


def test_what_is_new_is_written_whole_and_never_with_guests() -> None:
    when = Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo")
    told = new_event(EventContent("Visit", when, guests=(Guest("a@example.com"),)), "stamp", "seed", ContainerId("cal"))
    assert told["start"] == {"dateTime": "2026-05-12T10:00:00", "timeZone": "Tokyo Standard Time"}
    elsewhere = new_event(EventContent("Visit", when), "stamp", "seed", ContainerId("another"))
    assert told["transactionId"] != elsewhere["transactionId"] and "attendees" not in told
    assert {one["value"] for one in told["singleValueExtendedProperties"]} == {"seed", "stamp"}


def test_a_time_that_the_clock_shows_twice_is_told_in_utc() -> None:
    twice = datetime(2026, 10, 25, 2, 30, fold=1)
    told = changes(EventContent("", Timed(twice, twice.replace(hour=4), "Europe/Berlin")), (Field.WHEN,), None)
    assert told["start"] == {"dateTime": "2026-10-25T01:30:00", "timeZone": "UTC"}


@pytest.mark.parametrize("field", Field)
def test_a_change_of_one_field_says_nothing_of_the_others(field: Field) -> None:
    when = Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo")
    told = changes(EventContent("T", when, "D", "L"), (field,), None)
    names = {
        Field.TITLE: {"subject"},
        Field.WHEN: {"start", "end", "isAllDay"},
        Field.DESCRIPTION: {"body"},
        Field.LOCATION: {"location"},
        Field.SHOW_AS: {"showAs"},
        Field.VISIBILITY: {"sensitivity"},
        Field.GUESTS: set(),
        Field.GUESTS_MAY_CHANGE: set(),
        Field.RECURRENCE: {"recurrence"},
    }
    assert set(told) == names[field]


def test_a_rule_that_outlook_cannot_say_is_refused_with_its_reason() -> None:
    when = Timed(datetime(2026, 5, 31, 10), datetime(2026, 5, 31, 11), "Asia/Tokyo")
    content = EventContent("T", when, recurrence=Recurrence(("FREQ=MONTHLY;BYMONTHDAY=31",)))
    with pytest.raises(ItemRejected) as refusal:
        new_event(content, None, "seed", ContainerId("cal"))
    assert (refusal.value.code, refusal.value.field) == ("recurrence_not_supported", "recurrence")


json_values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.text(max_size=8)
    | some.sampled_from(["2026-05-12T01:00:00Z"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=3,
)


@settings(max_examples=30, deadline=None)
@given(some.dictionaries(some.sampled_from(sorted({**event(), **SERIES, "cancelledOccurrences": []})), json_values))
def test_no_event_whatever_costs_its_page(junk: dict[str, Any]) -> None:
    for entry in ({**event(), **junk}, {**event(), **SERIES, **junk}):
        assert isinstance(read_event(entry, OURS), ObservedItem | Tombstone | Unreadable)
