"""Google's JSON told as the core's values: what is understood, what is held, and that nothing ever breaks a page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.adapters.google.body import WHOLE, changes, new_event
from soroe.adapters.google.series import instance_id, occurrence_named, read_recurrence, write_recurrence
from soroe.adapters.google.wire import CalendarFacts, read_event
from soroe.adapters.net.reading import clean
from soroe.core.event import (
    AllDay,
    ContainerId,
    EventContent,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Recurrence,
    Seen,
    ShowAs,
    Timed,
    Tombstone,
    Unreadable,
    Visibility,
    occurrence_id,
)

FACTS = CalendarFacts(ContainerId("sato@example.com"), "Asia/Tokyo", "owner")
STUDIO = Timed(datetime(2026, 4, 10, 10), datetime(2026, 4, 10, 11), "Asia/Tokyo")
DAYS = AllDay(date(2026, 4, 10), date(2026, 4, 11))


def event(**fields: Any) -> dict[str, Any]:
    usual = {
        "id": "abcdef",
        "etag": '"1"',
        "status": "confirmed",
        "summary": "Visit",
        "start": {"dateTime": "2026-04-10T10:00:00+09:00", "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": "2026-04-10T11:00:00+09:00", "timeZone": "Asia/Tokyo"},
        "organizer": {"email": "sato@example.com", "self": True},
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not ...}


def item(**fields: Any) -> ObservedItem:
    seen = read_event(event(**fields), FACTS)
    assert isinstance(seen, ObservedItem), seen
    return seen


def at(text: str, zone: str | None = None) -> dict[str, str]:
    return {"dateTime": text, **({"timeZone": zone} if zone else {})}


@pytest.mark.parametrize(
    ("start", "end", "zone", "expected"),
    [
        (at("2026-04-10T01:00:00Z"), at("2026-04-10T02:00:00Z"), "Asia/Tokyo", STUDIO),
        (at("2026-04-10T10:00:00", "Asia/Tokyo"), at("2026-04-10T11:00:00", "Asia/Tokyo"), "UTC", STUDIO),
        (at("2026-04-10T01:00:00.5+00:00", "Asia/Tokyo"), at("2026-04-09T22:00:00-04:00"), "UTC", STUDIO),
        (
            at("2026-04-10T01:00:00Z"),
            at("2026-04-10T02:00:00Z"),
            "",
            Timed(datetime(2026, 4, 10, 1), datetime(2026, 4, 10, 2), "Etc/UTC"),
        ),
        ({"date": "2026-04-10"}, {"date": "2026-04-10"}, "UTC", DAYS),
        ({"date": "2026-04-10"}, {"date": "2026-04-11"}, "Mars/Olympus", DAYS),
    ],
)
def test_a_time_is_told_in_its_own_zone_else_the_calendars_else_utc(
    start: Any, end: Any, zone: str, expected: object
) -> None:
    seen = read_event(event(start=start, end=end), CalendarFacts(FACTS.id, zone, "owner"))
    assert isinstance(seen, ObservedItem)
    assert seen.content.when == expected


def test_both_meanings_of_the_hour_that_comes_twice_stay_apart() -> None:
    first = item(start=at("2026-10-25T02:30:00+02:00", "Europe/Berlin"), end=at("2026-10-25T04:00:00+01:00"))
    second = item(start=at("2026-10-25T02:30:00+01:00", "Europe/Berlin"), end=at("2026-10-25T04:00:00+01:00"))
    assert isinstance(first.content.when, Timed)
    assert isinstance(second.content.when, Timed)
    assert (second.content.when.start_utc - first.content.when.start_utc).total_seconds() == 3600


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ShowAs.BUSY),
        ({"transparency": "transparent"}, ShowAs.FREE),
        ({"status": "tentative"}, ShowAs.TENTATIVE),
        ({"status": "tentative", "transparency": "transparent"}, ShowAs.FREE),
        ({"eventType": "outOfOffice"}, ShowAs.OUT_OF_OFFICE),
        ({"status": ...}, ShowAs.BUSY),
    ],
)
def test_how_a_time_counts(fields: Any, expected: ShowAs) -> None:
    assert item(**fields).content.show_as is expected


@pytest.mark.parametrize("told", ["private", "confidential"])
def test_private_and_confidential_are_private(told: str) -> None:
    assert item(visibility=told).content.visibility is Visibility.PRIVATE


def test_texts_are_cleaned_of_what_other_services_choke_on() -> None:
    seen = item(summary="a\x00b\x1f\ud800", description="<p>one\r\ntwo\ttab</p>")
    assert seen.content.title == "ab\ufffd"
    assert seen.content.description == "<p>one\ntwo\ttab</p>"


def test_guests_that_are_not_told_whole_are_not_told() -> None:
    seen = item(attendees=[{"email": "a@example.com"}], attendeesOmitted=True)
    assert seen.content.guests == ()


def test_a_guest_without_an_address_is_passed_over() -> None:
    seen = item(attendees=[{"displayName": "Hidden"}, {"email": "b@example.com", "responseStatus": "someday"}])
    assert [guest.email for guest in seen.content.guests] == ["b@example.com"]


@pytest.mark.parametrize("role", ["reader", "freeBusyReader", "writerWithoutPrivateAccess", "", "somebody"])
def test_a_calendar_that_is_not_fully_ours_takes_no_changes(role: str) -> None:
    seen = read_event(event(), CalendarFacts(FACTS.id, "Asia/Tokyo", role))
    assert isinstance(seen, ObservedItem)
    assert seen.read_only is not None


def test_a_colleagues_event_that_guests_may_change_takes_changes() -> None:
    assert item(organizer={"email": "x@example.com"}, guestsCanModify=True).read_only is None
    assert item(organizer={"email": "x@example.com"}).read_only is not None


def test_of_a_deleted_event_nothing_but_its_id_is_needed() -> None:
    assert read_event({"id": "abc", "status": "cancelled"}, FACTS) == Tombstone(item(id="abc").ref)


def test_a_cancelled_occurrence_without_its_original_start_is_known_by_its_id() -> None:
    seen = read_event({"id": "abc_20260417", "recurringEventId": "abc", "status": "cancelled"}, FACTS)
    assert isinstance(seen, Tombstone)
    assert seen.occurrence == Occurrence(ItemId("abc"), date(2026, 4, 17))
    assert seen.ref.id == "abc#20260417"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": ...}, "id"),
        ({"id": 7}, "id"),
        ({"id": ".."}, "id"),
        ({"id": "../../users/me"}, "id"),
        ({"id": "a?b"}, "id"),
        ({"id": "a\r\nb"}, "id"),
        ({"id": "x" * 2000}, "id"),
        ({"etag": '"1"\r\nX-Evil: 1'}, "etag"),
        ({"etag": 5}, "etag"),
        ({"status": "perhaps"}, "status"),
        ({"status": []}, "status"),
        ({"summary": ["a"]}, "summary"),
        ({"summary": "x" * 40_000}, "summary"),
        ({"description": "x" * 600_000}, "description"),
        ({"location": {}}, "location"),
        ({"start": ...}, "start.dateTime"),
        ({"start": "soon"}, "start"),
        ({"start": {"date": "2026-02-30"}}, "start.date"),
        ({"start": {"date": "2026-04-10"}}, "end.date"),
        ({"start": {"date": 5}}, "start.date"),
        ({"start": {"date": "9999-12-31"}, "end": {"date": "9999-12-31"}}, "end.date"),
        ({"start": at("2026-04-10T25:00:00Z")}, "start.dateTime"),
        ({"start": at("0001-01-01T00:00:00+14:00")}, "start.dateTime"),
        ({"start": at("9999-12-31T23:59:59Z", "Asia/Tokyo"), "end": at("9999-12-31T23:59:59Z")}, "start.dateTime"),
        ({"start": at("2026-04-10T10:00:00Z", "Mars/Olympus")}, "start.timeZone"),
        ({"start": at("2026-04-10T10:00:00Z", "../../etc/passwd")}, "start.timeZone"),
        ({"start": at("2026-04-10T10:00:00Z", "Asia")}, "start.timeZone"),
        ({"start": at("2026-04-10T10:00:00Z", "\x00")}, "start.timeZone"),
        ({"start": {"dateTime": "2026-04-10T10:00:00Z", "timeZone": {}}, "end": ...}, "end.dateTime"),
        ({"start": {"dateTime": "2026-04-10T10:00:00Z", "timeZone": 9}}, "start.timeZone"),
        ({"end": ...}, "end.dateTime"),
        ({"end": at("2026-04-10T00:00:00Z")}, "end.dateTime"),
        ({"end": {"date": "2026-04-11"}}, "end.dateTime"),
        ({"visibility": "sometimes"}, "visibility"),
        ({"visibility": {}}, "visibility"),
        ({"transparency": "milky"}, "transparency"),
        ({"eventType": 3}, "eventType"),
        ({"locked": "yes"}, "locked"),
        ({"organizer": "me"}, "organizer"),
        ({"attendees": {}}, "attendees"),
        ({"attendees": [7]}, "attendees"),
        ({"attendees": [{"email": "a"}] * 6000}, "attendees"),
        ({"attendees": [{"email": "a@b", "displayName": 7}]}, "displayName"),
        ({"extendedProperties": []}, "extendedProperties"),
        ({"updated": "yesterday"}, "updated"),
        ({"created": 5}, "created"),
        ({"recurringEventId": "x/y"}, "recurringEventId"),
        ({"recurringEventId": "abc"}, "originalStartTime"),
        ({"recurringEventId": "abc", "originalStartTime": {"date": "x"}}, "originalStartTime.date"),
        ({"recurringEventId": "abc", "originalStartTime": {}}, "originalStartTime.dateTime"),
        ({"recurrence": "RRULE:FREQ=DAILY"}, "recurrence"),
        ({"recurrence": [5]}, "recurrence"),
        ({"recurrence": ["RRULE"]}, "recurrence"),
        ({"recurrence": ["EXRULE:FREQ=DAILY"]}, "recurrence"),
        ({"recurrence": ["RDATE;VALUE=PERIOD:20260410T000000Z/PT1H"]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=SECONDLY"]}, "recurrence"),
        ({"recurrence": ["RRULE:COUNT=3"]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=DAILY;FREQ=WEEKLY"]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=DAILY;INTERVAL=0"]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=DAILY;UNTIL=20261345"]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=99999999999"]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=DAILY;X=1"]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=YEARLY;BYDAY=" + ",".join(["MO"] * 5000)]}, "recurrence"),
        ({"recurrence": ["EXDATE;TZID=Nowhere/Here:20260410T000000"]}, "recurrence.TZID"),
        ({"recurrence": ["EXDATE:tomorrow"]}, "recurrence"),
        ({"recurrence": ["EXDATE:" + ",".join(["20260410T000000Z"] * 6000)]}, "recurrence"),
        ({"recurrence": ["RRULE:FREQ=DAILY"] * 300}, "recurrence"),
    ],
)
def test_what_nobody_can_use_is_held_and_its_field_named(fields: dict[str, Any], field: str) -> None:
    seen = read_event(event(**fields), FACTS)
    assert isinstance(seen, Unreadable), seen
    assert seen.field == field
    assert seen.ref.container == FACTS.id
    assert seen.ref.id


def test_an_entry_without_an_id_stands_under_the_same_name_every_time() -> None:
    first, again = read_event({"summary": "x"}, FACTS), read_event({"summary": "x"}, FACTS)
    assert first == again
    assert first != read_event({"summary": "y"}, FACTS)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_NAMES = (
    *event(),
    "visibility",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "attendees",
    "extendedProperties",
    "transparency",
    "eventType",
    "updated",
    "created",
    "locked",
    "guestsCanModify",
    "attendeesOmitted",
    "location",
)


@given(st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=4) | _JSON)
def test_no_entry_of_any_shape_ever_raises(strange: Any) -> None:
    entry = {**event(), **strange} if isinstance(strange, dict) else strange
    seen: Seen = read_event(entry, FACTS)
    assert isinstance(seen, ObservedItem | Tombstone | Unreadable)
    if isinstance(seen, ObservedItem):
        seen.content.title.encode("utf-8")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RRULE:FREQ=WEEKLY;BYDAY=MO,-1FR"], Recurrence(("FREQ=WEEKLY;BYDAY=MO,-1FR",))),
        (["rrule:freq=daily;until=20260501T000000Z;"], Recurrence(("FREQ=DAILY;UNTIL=20260501T000000Z",))),
        (
            ["RRULE:FREQ=DAILY", "EXDATE:20260417T010000Z", "EXDATE;TZID=Europe/Berlin:20260418T030000"],
            Recurrence(("FREQ=DAILY",), (), (datetime(2026, 4, 17, 10), datetime(2026, 4, 18, 10))),
        ),
        (
            ["RDATE;VALUE=DATE:20260501,20260502", "EXDATE:20260417T100000"],
            Recurrence((), (datetime(2026, 5, 1, 10), datetime(2026, 5, 2, 10)), (datetime(2026, 4, 17, 10),)),
        ),
    ],
)
def test_recurrence_lines_are_told_in_the_series_own_clock(lines: list[str], expected: Recurrence) -> None:
    assert read_recurrence({"recurrence": lines}, STUDIO) == expected


_ZONES = st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Etc/UTC"])
_WALLS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.replace(microsecond=0))


@given(st.lists(_WALLS, unique=True, max_size=4), st.lists(_WALLS, unique=True, max_size=4), _ZONES)
def test_dates_added_and_removed_come_back_as_they_were(
    added: list[datetime], removed: list[datetime], zone: str
) -> None:
    when = Timed(datetime(2026, 4, 10, 10), datetime(2026, 4, 10, 11), zone)
    told = Recurrence(("FREQ=DAILY",), tuple(sorted(added)), tuple(sorted(removed)))
    back = read_recurrence({"recurrence": write_recurrence(told, when)}, when)
    assert back is not None
    # A wall-clock time that the zone skips is told as the one that its clocks show instead.
    assert all(abs((a - b).total_seconds()) in {0, 3600} for a, b in zip(_times(back), sorted(added), strict=True))
    if zone in {"Asia/Tokyo", "Etc/UTC"}:
        assert back == told


def _times(recurrence: Recurrence) -> list[datetime]:
    return [start for start in recurrence.added if isinstance(start, datetime)]


@given(st.text(alphabet="abcdefghijklmnopqrstuv0123456789", min_size=5, max_size=40), st.datetimes() | st.dates())
def test_an_occurrences_id_names_its_series_and_its_start(series: str, start: datetime | date) -> None:
    whole = start.replace(microsecond=0) if isinstance(start, datetime) else start
    found = occurrence_named(occurrence_id(ItemId(series), whole))
    if whole.year >= 1000:  # a stamp has four digits for the year
        assert found == Occurrence(ItemId(series), whole)


_TEXT = st.text(max_size=30).map(clean)
_TIMED = st.builds(
    lambda start, minutes, zone: Timed(start, start + timedelta(minutes=minutes), zone),
    _WALLS,
    st.integers(0, 5000),
    st.sampled_from(["Asia/Tokyo", "Etc/UTC"]),
)
_ALL_DAY = st.builds(
    lambda start, days: AllDay(start, start + timedelta(days=days)),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(1, 30),
)
_GUESTS = st.lists(st.builds(Guest, st.emails(), _TEXT), max_size=3, unique_by=lambda guest: guest.email)
_CONTENT = st.builds(
    EventContent,
    title=_TEXT,
    when=_TIMED | _ALL_DAY,
    description=_TEXT,
    location=_TEXT,
    show_as=st.sampled_from([ShowAs.BUSY, ShowAs.FREE, ShowAs.TENTATIVE]),
    visibility=st.sampled_from(Visibility),
    guests=_GUESTS.map(lambda guests: tuple(sorted(guests))),
    recurrence=st.none() | st.just(Recurrence(("FREQ=WEEKLY;COUNT=3",))),
    guests_may_change=st.booleans(),
)


@given(_CONTENT, st.none() | st.just("soroe1|a|b|c"))
def test_content_that_is_written_is_read_back_as_it_was(content: EventContent, stamp: str | None) -> None:
    told = json.loads(json.dumps(new_event(content, stamp) | {"id": "abcdef", "etag": '"1"'}))
    seen = read_event(told, FACTS)
    assert isinstance(seen, ObservedItem)
    assert seen.content == content
    assert seen.stamp == stamp


def test_esm_o12_esm_i19_whether_guests_may_change_it_is_written_where_somebody_knows_it() -> None:
    content = EventContent("Visit", Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo"))
    for allowed in (True, False):
        told = replace(content, guests_may_change=allowed)
        assert changes(told, [Field.GUESTS_MAY_CHANGE], None) == {"guestsCanModify": allowed}
        assert new_event(told, None)["guestsCanModify"] is allowed
    assert changes(content, [Field.GUESTS_MAY_CHANGE], None) == {}
    assert "guestsCanModify" not in new_event(content, None)


@given(_CONTENT)
def test_a_patch_of_every_field_says_the_same_as_a_new_event(content: EventContent) -> None:
    patch = changes(content, WHOLE, None)
    kept = {name: value for name, value in patch.items() if value is not None}
    for point in ("start", "end"):
        kept[point] = {name: value for name, value in patch[point].items() if value is not None}
    seen = read_event({**kept, "id": "abcdef"}, FACTS)
    assert isinstance(seen, ObservedItem)
    assert seen.content == replace(content, guests=())


def test_an_ordinary_id_names_no_occurrence() -> None:
    assert occurrence_named(ItemId("abcdef")) is None
    assert occurrence_named(ItemId("abc#20261399")) is None


def test_occurrences_of_a_cut_series_must_be_asked_for() -> None:
    start = datetime(2026, 4, 17, 1)
    assert instance_id(Occurrence(ItemId("abc"), start)) == "abc_20260417T010000Z"
    assert instance_id(Occurrence(ItemId("abc_R20260410T010000"), start)) is None


@given(st.text())
def test_cleaned_text_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")
