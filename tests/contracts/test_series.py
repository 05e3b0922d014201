"""Series: the master and its exceptions, moved, changed and cancelled occurrences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from soroe.core.event import (
    AllDay,
    EventContent,
    Field,
    ObservedItem,
    Occurrence,
    Recurrence,
    Ref,
    Seen,
    Timed,
    Tombstone,
    When,
    Window,
    occurrence_id,
)
from soroe.core.rules.recurrence import occurrences
from soroe.ports.errors import ChangedMeanwhile, ItemRejected
from soroe.ports.remote import Delete, Erased, Update, Written

from .stand import Stand, about, at, differing, error, meeting, weekly


def series_of(stand: Stand) -> ObservedItem:
    """A series, on a service that has them; the others refuse it, and that is their promise."""
    if stand.can.native_recurrence:
        return stand.creates(weekly())
    refused = replace(stand.creating(), content=weekly())
    assert isinstance(error(stand.write(refused)[0]), ItemRejected)
    assert stand.titles() == []
    pytest.skip("this service holds single items only, and has just said so")


def unlike(stand: Stand, found: EventContent, wanted: EventContent) -> list[Field]:
    """The fields that differ. A CRM whose series end on a day may tell a count as that day: the meetings decide."""
    fields = differing(found, wanted)
    if stand.ends_on_a_day and Field.RECURRENCE in fields and list(meetings(found)) == list(meetings(wanted)):
        fields.remove(Field.RECURRENCE)
    return fields


def meetings(series: EventContent) -> Iterator[When]:
    """Every meeting of a series within three years."""
    return (when for when, _ in occurrences(series, Window(date(2026, 1, 1), date(2028, 12, 31))))


def is_cancelled(seen: Sequence[Seen], series: Ref, occurrence: Occurrence) -> bool:
    """Whether a reading tells that an occurrence does not take place: by itself, or by its series."""
    for one in seen:
        if isinstance(one, Tombstone) and one.occurrence == occurrence:
            return True
        if isinstance(one, ObservedItem) and one.ref == series and one.content.recurrence is not None:
            tokyo = datetime(2026, 5, occurrence.original_start.day, 10)
            if tokyo in one.content.recurrence.removed:
                return True
    return False


def test_a_series_comes_back_with_its_rule(stand: Stand) -> None:
    series = series_of(stand)
    assert unlike(stand, series.content, weekly()) == []
    assert stand.seen()[0] == [series] == [stand.read(series.ref)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=10",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYMONTHDAY=-1",  # from the 31st: a series begins with an occurrence (RFC 5545, 3.8.5.3)
        "FREQ=YEARLY",
        "FREQ=WEEKLY;UNTIL=20260630T145959Z",
    ],
)
def test_every_usual_rule_comes_back(stand: Stand, rule: str) -> None:
    series_of(stand)
    day = 31 if rule.endswith("BYMONTHDAY=-1") else 12
    content = meeting("Rule", at(day=day), recurrence=Recurrence((rule,)))
    if stand.ends_on_a_day and "COUNT" not in rule and "UNTIL" not in rule:
        endless = replace(stand.creating(content, "endless"), content=content)
        assert isinstance(error(stand.write(endless)[0]), ItemRejected)
    assert unlike(stand, stand.creates(content, "rule").content, stand.form(content)) == []


def test_a_series_of_whole_days_comes_back(stand: Stand) -> None:
    series_of(stand)
    when = AllDay(date(2026, 5, 12), date(2026, 5, 13))
    content = meeting("Days", when, recurrence=Recurrence(("FREQ=WEEKLY;COUNT=4",)))
    made = stand.creates(content, "days")
    assert unlike(stand, made.content, content) == []
    start = date(2026, 5, 19)
    occurrence = Occurrence(made.ref.id, start)
    ref = Ref(stand.container, occurrence_id(made.ref.id, start))
    moved = replace(content, when=AllDay(date(2026, 5, 20), date(2026, 5, 21)), recurrence=None)
    exception = stand.does(Update(ref, None, moved, (Field.WHEN,), None, occurrence))
    assert (exception.ref, exception.occurrence, exception.content.when) == (ref, occurrence, moved.when)


def test_a_series_that_reaches_into_the_window_is_listed(stand: Stand) -> None:
    series = series_of(stand)
    seen, _ = stand.seen(window=Window(date(2026, 6, 1), date(2026, 6, 30)))
    assert about(series.ref, seen) == [series]


def test_a_changed_occurrence_becomes_an_exception_and_keeps_its_name(stand: Stand) -> None:
    series = series_of(stand)
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    ref, occurrence = stand.occurrence(series, 19)
    moved = replace(series.content, when=at(15, day=20), title="Moved", recurrence=None)
    exception = stand.does(Update(ref, None, moved, (Field.WHEN, Field.TITLE), None, occurrence))
    assert (exception.ref, exception.occurrence) == (ref, occurrence)
    assert differing(exception.content, moved) == []
    assert about(ref, stand.seen(cursor)[0]) == [exception] == about(ref, stand.seen()[0])
    assert stand.read(ref) == exception
    again = stand.does(stand.updating(exception, title="Moved again"))
    assert (again.ref, again.content.title, again.content.when) == (ref, "Moved again", exception.content.when)


def test_an_occurrence_that_is_no_exception_reads_as_its_series_says(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 26)
    found = stand.read(ref)
    assert (found.ref, found.occurrence) == (ref, occurrence)
    assert differing(found.content, meeting("Round", at(day=26))) == []


def test_an_occurrence_takes_only_the_named_fields(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 19)
    other = meeting("Other", at(18, day=19), location="Kyoto")
    exception = stand.does(Update(ref, None, other, (Field.LOCATION,), None, occurrence))
    assert (exception.content.title, exception.content.location) == ("Round", "Kyoto")
    assert differing(exception.content, meeting("Round", at(day=19), location="Kyoto")) == []


def test_a_create_for_an_occurrence_makes_its_exception_once(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 19)
    content = meeting("Moved", at(15, day=20))
    create = stand.creating(content, "exception", occurrence=occurrence)
    made = stand.does(create)
    assert (made.ref, made.occurrence) == (ref, occurrence) and differing(made.content, content) == []
    assert stand.does(create).ref == ref
    assert [one.ref for one in stand.reader.find(create)] == [ref]
    assert len(stand.seen()[0]) == 2


def test_a_cancelled_occurrence_is_told_and_reads_as_gone(stand: Stand) -> None:
    series = series_of(stand)
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    ref, occurrence = stand.occurrence(series, 19)
    assert stand.write(Delete(ref, None, occurrence)) == [Erased(ref)]
    assert is_cancelled(stand.seen(cursor)[0], series.ref, occurrence)
    assert is_cancelled(stand.seen()[0], series.ref, occurrence)
    assert isinstance(stand.reader.read(ref), Tombstone)
    assert stand.write(Delete(ref, None, occurrence)) == [Erased(ref)]
    assert isinstance(stand.reader.read(series.ref), ObservedItem)


def test_a_cancelled_exception_does_not_fall_back_to_its_series(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 19)
    moved = meeting("Moved", at(15, day=20))
    exception = stand.does(Update(ref, None, moved, (Field.WHEN, Field.TITLE), None, occurrence))
    assert stand.write(stand.deleting(exception)) == [Erased(ref)]
    assert isinstance(stand.reader.read(ref), Tombstone)
    assert is_cancelled(stand.seen()[0], series.ref, occurrence)


def test_a_stale_exception_is_not_overwritten(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 19)
    first = stand.does(Update(ref, None, meeting("One"), (Field.TITLE,), None, occurrence))
    stand.does(stand.updating(first, title="Two"))
    assert isinstance(error(stand.write(stand.updating(first, title="Three"))[0]), ChangedMeanwhile)
    assert stand.read(ref).content.title == "Two"


def test_an_occurrence_that_the_series_never_had_is_not_made(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 20)
    assert isinstance(stand.reader.read(ref), Tombstone)
    error(stand.write(Update(ref, None, meeting("Never"), (Field.TITLE,), None, occurrence))[0])
    assert stand.titles() == ["Round"]


def test_the_exceptions_of_a_deleted_series_are_gone_with_it(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 19)
    stand.does(Update(ref, None, meeting("Moved"), (Field.TITLE,), None, occurrence))
    assert stand.write(stand.deleting(stand.read(series.ref))) == [Erased(series.ref)]
    assert isinstance(stand.reader.read(ref), Tombstone) and stand.titles() == []


def test_a_series_can_lose_its_rule_and_get_one(stand: Stand) -> None:
    series = series_of(stand)
    single = stand.does(Update(series.ref, series.version, meeting("Round"), (Field.RECURRENCE,)))
    assert single.content.recurrence is None
    again = stand.does(Update(single.ref, single.version, weekly(), (Field.RECURRENCE,)))
    assert unlike(stand, again.content, weekly()) == []
    assert [one.ref for one in stand.seen()[0]] == [again.ref]


def test_nobody_hears_of_what_happens_to_a_series(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 19)
    stand.does(Update(ref, None, meeting("Moved"), (Field.TITLE,), None, occurrence))
    stand.write(Delete(ref, None, occurrence))
    assert stand.mails() == 0


# --- the series as a whole, its parts, and the clock ---
def test_a_change_of_all_shows_at_every_occurrence_that_is_not_its_own(stand: Stand) -> None:
    series = series_of(stand)
    ref, occurrence = stand.occurrence(series, 19)
    stand.does(Update(ref, None, meeting("Own", at(day=19)), (Field.TITLE,), None, occurrence))
    changed = stand.does(stand.updating(stand.read(series.ref), location="Osaka"))
    assert changed.content.location == "Osaka"
    later, _ = stand.occurrence(series, 26)
    assert stand.read(later).content.location == "Osaka"
    assert stand.read(ref).content.title == "Own"


def test_sf_17_a_series_cut_on_a_day_and_continued_by_another_is_two_series(stand: Stand) -> None:
    series = series_of(stand)
    shorter = replace(series.content, recurrence=Recurrence(("FREQ=WEEKLY;UNTIL=20260519T145959Z",)))
    cut = stand.does(Update(series.ref, series.version, shorter, (Field.RECURRENCE,)))
    assert differing(cut.content, shorter) == []
    rest = meeting("Round, later", at(15, day=26), recurrence=Recurrence(("FREQ=WEEKLY;UNTIL=20260609T145959Z",)))
    new = stand.creates(rest, "rest")
    assert differing(new.content, rest) == []
    assert {one.ref for one in stand.seen()[0]} == {series.ref, new.ref}
    left, _ = stand.occurrence(series, 19)
    gone, _ = stand.occurrence(series, 26)
    assert isinstance(stand.reader.read(left), ObservedItem)
    assert isinstance(stand.reader.read(gone), Tombstone)


def test_an_occurrence_left_out_from_the_start_does_not_take_place(stand: Stand) -> None:
    series_of(stand)
    recurrence = Recurrence(("FREQ=WEEKLY;COUNT=4",), removed=(datetime(2026, 5, 19, 10),))
    made = stand.creates(meeting("Without the second", at(), recurrence=recurrence), "left-out")
    ref, occurrence = stand.occurrence(made, 19)
    assert is_cancelled(stand.seen()[0], made.ref, occurrence)
    assert isinstance(stand.reader.read(ref), Tombstone)
    other, _ = stand.occurrence(made, 26)
    assert isinstance(stand.reader.read(other), ObservedItem)


def test_added_dates_come_back_or_are_refused_by_name(stand: Stand) -> None:
    series = series_of(stand)
    recurrence = Recurrence(("FREQ=WEEKLY;COUNT=2",), (datetime(2026, 5, 14, 10),))
    create = stand.creating(meeting("Added", at(), recurrence=recurrence), "added")
    (result,) = stand.write(create)
    if isinstance(result, Written):
        assert differing(result.item.content, create.content) == []
    else:
        refusal = error(result)
        assert isinstance(refusal, ItemRejected) and refusal.field == "recurrence"
        assert stand.titles() == [series.content.title]


@pytest.mark.parametrize(
    ("day", "hour"), [(datetime(2026, 10, 24), 7), (datetime(2026, 10, 26), 8)], ids=["summer", "winter"]
)
def test_a_series_keeps_its_wall_clock_across_daylight_saving(stand: Stand, day: datetime, hour: int) -> None:
    series_of(stand)
    when = Timed(datetime(2026, 10, 23, 9), datetime(2026, 10, 23, 10), "Europe/Berlin")
    made = stand.creates(meeting("Clock", when, recurrence=Recurrence(("FREQ=DAILY;COUNT=5",))), "clock")
    start = day.replace(hour=hour)
    found = stand.read(Ref(stand.container, occurrence_id(made.ref.id, start)))
    assert found.occurrence == Occurrence(made.ref.id, start)
    assert isinstance(found.content.when, Timed)
    assert found.content.when.within("Europe/Berlin").start == day.replace(hour=9)
