"""What is written to a CRM comes back as it was (S-8), and what cannot be read never escapes as another error."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from soroe.adapters.crm.documents import Malformed
from soroe.adapters.crm.pipedrive.wire import new_activity, read_activity
from soroe.adapters.crm.rest.occurrences import Occurrences, parts_of
from soroe.adapters.crm.rest.profile_file import load_profile
from soroe.adapters.crm.rest.reading import ItemReading
from soroe.adapters.crm.rest.recurrence import read_recurrence
from soroe.adapters.crm.rest.writing import ItemWriting
from soroe.core.event import (
    AllDay,
    EventContent,
    Guest,
    ItemId,
    ObservedItem,
    Recurrence,
    Response,
    ShowAs,
    Timed,
    Unreadable,
    Visibility,
    occurrence_id,
)
from soroe.core.link import Fingerprint, same_time
from tests.adapters.crm.rest.conftest import PROFILES

PROFILE = load_profile(PROFILES / "generic.toml")
READING = ItemReading(PROFILE, lambda: "Asia/Tokyo", Occurrences())
WRITING = ItemWriting(PROFILE, lambda: "Asia/Tokyo")
THEIRS = {"id": "act_1", "etag": '"1"', "updated_at": "2026-05-01T00:00:00Z"}

zones = st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Etc/UTC", "Asia/Kathmandu"])
walls = st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
lines = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=60)


@st.composite
def timed(draw: st.DrawFn) -> Timed:
    zone = draw(zones)
    start = Timed(draw(walls), datetime(1990, 1, 1), zone)
    end = start.start_utc + timedelta(minutes=draw(st.integers(0, 3_000)))
    there = Timed(end.replace(tzinfo=None), end.replace(tzinfo=None), "Etc/UTC").within(zone)
    return Timed(start.start, there.start, zone)


@st.composite
def all_day(draw: st.DrawFn, longest: int = 20) -> AllDay:
    start = draw(st.dates(date(1990, 1, 2), date(2100, 1, 1)))
    return AllDay(start, start + timedelta(days=draw(st.integers(1, longest))))


guests = st.lists(
    st.builds(Guest, st.sampled_from(["a@example.com", "b@example.com"]), texts, st.sampled_from(Response)),
    max_size=2,
    unique_by=lambda guest: guest.email,
).map(tuple)
contents = st.builds(
    EventContent,
    title=lines.map(lambda title: " ".join(title.splitlines())),
    when=timed() | all_day(),
    description=texts,
    location=texts,
    show_as=st.sampled_from(ShowAs),
    visibility=st.sampled_from(Visibility),
    guests=guests,
)


@given(contents)
def test_every_field_comes_back_through_the_contract(content: EventContent) -> None:
    body = WRITING.new(content, "stamp", "meeting")
    item = READING.seen({**THEIRS, **body})
    assert isinstance(item, ObservedItem), item
    changed = Fingerprint.of(content).changed(Fingerprint.of(item.content))
    assert (changed, item.stamp, item.activity_type) == ((), "stamp", "meeting")


@given(timed() | all_day(longest=1), lines)
def test_time_and_title_come_back_through_pipedrive(when: Timed | AllDay, title: str) -> None:
    body = new_activity(EventContent(title, when), "meeting")
    item = read_activity({"id": 1, "owner_id": 1, "update_time": "2026-05-01T00:00:00Z", **body})
    assert isinstance(item, ObservedItem), item
    assert item.content.title == title
    if isinstance(when, Timed) and when.end_utc >= when.start_utc:
        assert same_time(item.content.when, when)


@given(timed(), st.lists(walls, max_size=3, unique=True))
def test_a_recurrence_comes_back_through_its_lines(when: Timed, removed: list[datetime]) -> None:
    content = EventContent("Weekly", when, recurrence=Recurrence(("FREQ=WEEKLY",), removed=tuple(removed)))
    item = READING.seen({**THEIRS, **WRITING.new(content, None, "meeting")})
    assert isinstance(item, ObservedItem) and item.content.recurrence == content.recurrence


@given(walls | st.dates(date(1990, 1, 2), date(2100, 1, 1)), st.sampled_from(["act_1", "a#b", "日本"]))
def test_an_occurrences_name_tells_series_and_original_start(original: datetime | date, series: str) -> None:
    found = parts_of(occurrence_id(ItemId(series), original))
    assert found is not None and (found.series, found.original_start) == (series, original)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_no_answer_whatever_is_anything_but_an_item_or_unreadable(data: st.DataObject) -> None:
    good: dict[str, Any] = {
        **THEIRS,
        **WRITING.new(EventContent("Visit", AllDay(date(2026, 5, 4), date(2026, 5, 5))), None, "call"),
    }
    name = data.draw(st.sampled_from([*good, "guests", "recurrence", "series_id", "original_start", "end", "private"]))
    value = data.draw(json_values)
    assert isinstance(READING.seen({**good, name: value}), ObservedItem | Unreadable)
    theirs = {
        "id": 1,
        "owner_id": 1,
        "update_time": "2026-05-01T00:00:00Z",
        "due_date": "2026-05-04",
        "due_time": "08:00",
    }
    field = data.draw(st.sampled_from([*theirs, "duration", "busy", "location", "attendees", "subject", "type"]))
    assert isinstance(read_activity({**theirs, field: value}), ObservedItem | Unreadable)
    assert isinstance(read_activity(value), Unreadable) and isinstance(READING.seen(value), Unreadable)


@given(st.lists(st.text(max_size=40) | st.from_regex(r"(RRULE|EXDATE|RDATE)[:;][A-Z0-9=;,:+-]{0,40}"), max_size=4))
def test_no_recurrence_whatever_is_anything_but_read_or_malformed(told: list[str]) -> None:
    when = Timed(datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11), "Asia/Tokyo")
    try:
        found = read_recurrence(told, when, "recurrence")
    except Malformed as error:
        assert error.field == "recurrence"
    else:
        assert found is None or found.rules or found.added
