"""Classic recurring events as series, and series made in Lightning as the meetings they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from soroe.core.event import (
    EventContent,
    Field,
    ItemId,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Recurrence,
    Ref,
    Tombstone,
    bounds_utc,
    occurrence_id,
)
from soroe.ports.errors import ItemRejected
from soroe.ports.remote import Create, Delete, Erased, Update
from tests.contracts.salesforce_stand import SalesforceStand
from tests.contracts.stand import at, error, meeting

WEEKLY = {"RecurrenceType": "RecursWeekly", "RecurrenceInterval": 1, "RecurrenceDayOfWeekMask": 4}
HOUR = timedelta(hours=1)


def classic(stand: SalesforceStand, **fields: object) -> Ref:
    """A series of a person's own: Tuesdays at 10:00 in Tokyo, 12 May to 16 June 2026."""
    given = {**WEEKLY, **fields}
    start = datetime(2026, 5, 12, 10)
    row = stand.sandbox.user_creates_recurring(stand.sato, "Round", start, date(2026, 6, 16), HOUR, **given)
    return Ref(stand.container, ItemId(row["Id"]))


def repeating(rule: str, **more: object) -> EventContent:
    return replace(meeting("Round"), recurrence=Recurrence((rule,)), **more)  # type: ignore[arg-type]  # names of fields


def master(stand: SalesforceStand, ref: Ref) -> ObservedItem:
    return next(one for one in stand.seen()[0] if isinstance(one, ObservedItem) and one.ref == ref)


def occurrence(ref: Ref, day: int, month: int = 5) -> tuple[Ref, Occurrence]:
    start = datetime(2026, month, day, 1)
    return Ref(ref.container, occurrence_id(ref.id, start)), Occurrence(ref.id, start)


def test_sf_2_a_recurring_event_is_one_series_in_its_own_zone(stand: SalesforceStand) -> None:
    ref = classic(stand)
    (told,) = stand.seen()[0]
    assert isinstance(told, ObservedItem) and told.ref == ref
    assert told.content.when == at()
    assert told.content.recurrence == Recurrence(("FREQ=WEEKLY;UNTIL=20260616T145959Z",))


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"RecurrenceType": "RecursDaily", "RecurrenceInterval": 2}, "FREQ=DAILY;INTERVAL=2"),
        ({"RecurrenceType": "RecursEveryWeekday", "RecurrenceDayOfWeekMask": 62}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ({"RecurrenceType": "RecursMonthly", "RecurrenceInterval": 1, "RecurrenceDayOfMonth": 12}, "FREQ=MONTHLY"),
        (
            {
                "RecurrenceType": "RecursMonthlyNth",
                "RecurrenceInterval": 1,
                "RecurrenceInstance": "Second",
                "RecurrenceDayOfWeekMask": 4,
            },
            "FREQ=MONTHLY;BYDAY=2TU",
        ),
        (
            {"RecurrenceType": "RecursYearly", "RecurrenceDayOfMonth": 12, "RecurrenceMonthOfYear": "May"},
            "FREQ=YEARLY",
        ),
        (
            {
                "RecurrenceType": "RecursYearlyNth",
                "RecurrenceInstance": "Second",
                "RecurrenceDayOfWeekMask": 4,
                "RecurrenceMonthOfYear": "May",
            },
            "FREQ=YEARLY;BYMONTH=5;BYDAY=2TU",
        ),
    ],
    ids=["daily", "weekdays", "monthly", "nth", "yearly", "yearly nth"],
)
def test_sf_2_every_pattern_is_a_rule(stand: SalesforceStand, fields: dict[str, object], rule: str) -> None:
    pattern = {"RecurrenceInterval": None, "RecurrenceDayOfWeekMask": None, **fields}
    ref = classic(stand, **pattern)
    recurrence = master(stand, ref).content.recurrence
    assert recurrence is not None and recurrence.rules[0].partition(";UNTIL")[0] == rule


def test_a_meeting_that_was_moved_or_cancelled_by_a_person_is_told_as_such(stand: SalesforceStand) -> None:
    ref = classic(stand)
    rows = stand.sandbox.occurrences(ref.id)
    cursor = stand.cursor()
    stand.clock.later(minutes=5)
    stand.sandbox.user_changes(rows[1]["Id"], datetime(2026, 5, 20, 15), HOUR, Subject="Moved")
    stand.sandbox.user_deletes(rows[2]["Id"])
    moved, gone = occurrence(ref, 19), occurrence(ref, 26)
    for seen in (stand.seen(cursor)[0], stand.seen()[0]):
        told = {one.ref: one for one in seen}
        exception = told[moved[0]]
        assert isinstance(exception, ObservedItem) and exception.occurrence == moved[1]
        assert (exception.content.title, exception.content.when) == ("Moved", at(15, day=20))
        assert told[gone[0]] == Tombstone(gone[0], occurrence=gone[1])
        whole = told[ref]
        assert isinstance(whole, ObservedItem) and whole.content.recurrence is not None
        assert whole.content.recurrence.removed == (datetime(2026, 5, 26, 10),)
        assert len(seen) == 3


def test_a_meeting_that_is_as_the_series_says_again_is_told_once_more(stand: SalesforceStand) -> None:
    ref = classic(stand)
    row = stand.sandbox.occurrences(ref.id)[1]["Id"]
    stand.sandbox.user_changes(row, Subject="Other")
    cursor = stand.cursor()
    stand.clock.later(minutes=5)
    stand.sandbox.user_changes(row, Subject="Round")
    titles = {one.ref: one.content.title for one in stand.seen(cursor)[0] if isinstance(one, ObservedItem)}
    assert titles[occurrence(ref, 19)[0]] == "Round"


def test_two_meetings_that_were_moved_keep_their_own_dates(stand: SalesforceStand) -> None:
    ref = classic(stand)
    rows = stand.sandbox.occurrences(ref.id)
    stand.sandbox.user_changes(rows[3]["Id"], datetime(2026, 6, 25, 9), HOUR, Subject="Third")
    stand.sandbox.user_changes(rows[1]["Id"], datetime(2026, 6, 26, 9), HOUR, Subject="First")
    told = {one.ref: one.content.title for one in stand.seen()[0] if isinstance(one, ObservedItem)}
    assert told[occurrence(ref, 19)[0]] == "First" and told[occurrence(ref, 2, 6)[0]] == "Third"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (repeating("FREQ=DAILY;COUNT=3", when=at(minutes=24 * 60)), "recurring_24_hours_or_longer"),
        (repeating("FREQ=YEARLY;INTERVAL=2;COUNT=3"), "interval_of_years"),
        (repeating("FREQ=WEEKLY"), "recurrence_without_end"),
        (repeating("FREQ=DAILY;COUNT=101"), "FIELD_INTEGRITY_EXCEPTION"),
        (repeating("FREQ=WEEKLY;COUNT=54"), "FIELD_INTEGRITY_EXCEPTION"),
        (repeating("FREQ=MONTHLY;COUNT=61"), "FIELD_INTEGRITY_EXCEPTION"),
        (repeating("FREQ=YEARLY;COUNT=11"), "FIELD_INTEGRITY_EXCEPTION"),
        (repeating("FREQ=WEEKLY;UNTIL=20260501T000000Z"), "recurrence_not_in_salesforce"),
        (repeating("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=4"), "recurrence_not_in_salesforce"),
    ],
    ids=["SF-8 V7", "SF-9 V8", "endless", "SF-10 V3", "SF-10 V4", "SF-10 V5", "SF-10 V6", "SF-13", "two days"],
)
def test_sf_8_sf_9_sf_10_sf_13_what_no_series_can_hold_is_refused_and_named(
    stand: SalesforceStand, content: EventContent, code: str
) -> None:
    refused = error(stand.write(Create(stand.container, content, "seed"))[0])
    assert isinstance(refused, ItemRejected) and refused.code == code
    assert stand.titles() == []


@pytest.mark.parametrize(
    "content",
    [
        repeating("FREQ=DAILY;COUNT=100"),
        repeating("FREQ=WEEKLY;COUNT=53"),
        repeating("FREQ=YEARLY;COUNT=10"),
        repeating("FREQ=DAILY;COUNT=3", when=at(minutes=24 * 60 - 1)),
    ],
    ids=["SF-10 V3", "SF-10 V4", "SF-10 V6", "SF-8 V7"],
)
def test_sf_8_sf_10_what_just_fits_is_taken(stand: SalesforceStand, content: EventContent) -> None:
    assert stand.does(Create(stand.container, content, "seed")).content.recurrence is not None


def test_sf_12_the_start_of_a_series_that_has_begun_is_not_moved(stand: SalesforceStand) -> None:
    ref = classic(stand)
    series = master(stand, ref)
    stand.clock.later(days=14)
    moved = replace(series.content, when=at(15))
    refused = error(stand.write(Update(ref, stand.read(ref).version, moved, (Field.WHEN,)))[0])
    assert isinstance(refused, ItemRejected) and refused.field == "RecurrenceStartDateTime"


def test_sf_14_v11_a_single_event_becomes_a_series_and_keeps_what_hung_on_it(stand: SalesforceStand) -> None:
    account = stand.sandbox.add_account("Aoki Trading")
    guest = stand.sandbox.add_contact("Mori", "mori@example.com")
    ref = stand.user_creates("Round", at())
    stand.sandbox.user_changes(ref.id, WhatId=account["Id"], Type="Meeting")
    stand.sandbox.user_invites(ref.id, guest["Id"])
    single = stand.read(ref)
    series = stand.does(Update(ref, single.version, repeating("FREQ=WEEKLY;COUNT=6"), (Field.RECURRENCE,)))
    assert series.ref != ref and series.content.when == at()
    assert [guest.email for guest in series.content.guests] == ["mori@example.com"]
    for row in (stand.sandbox.event(series.ref.id), *stand.sandbox.occurrences(series.ref.id)):
        assert (row["WhatId"], row["Type"]) == (account["Id"], "Meeting")
    assert isinstance(stand.reader.read(ref), Tombstone) and stand.titles() == ["Round"]


def test_sf_17_what_goes_on_from_a_series_keeps_its_related_records(stand: SalesforceStand) -> None:
    account = stand.sandbox.add_account("Aoki Trading")
    stand.sandbox.add_custom_field("Region__c")
    ref = classic(stand, WhatId=account["Id"], Region__c="West")
    later = repeating("FREQ=WEEKLY;COUNT=3", when=at(day=26))
    made = stand.does(Create(stand.container, later, "rest", like=ref))
    for row in (stand.sandbox.event(made.ref.id), *stand.sandbox.occurrences(made.ref.id)):
        assert (row["WhatId"], row["Region__c"]) == (account["Id"], "West")
    single = stand.does(Create(stand.container, meeting("One", at(15)), "one", like=ref))
    assert stand.sandbox.event(single.ref.id)["WhatId"] == account["Id"]


def test_what_goes_on_from_what_is_gone_takes_nothing_over(stand: SalesforceStand) -> None:
    gone = Ref(stand.container, ItemId("00U000000000009AAA"))
    assert stand.does(Create(stand.container, meeting(), "one", like=gone)).content.title == "Visit"


def test_a_change_of_the_series_leaves_what_its_meetings_have_of_their_own(stand: SalesforceStand) -> None:
    series = stand.does(Create(stand.container, repeating("FREQ=WEEKLY;COUNT=6"), "seed"))
    ref, which = occurrence(series.ref, 19)
    stand.does(Update(ref, None, meeting("Own title", at(day=19)), (Field.TITLE,), None, which))
    content = replace(series.content, title="Renamed", location="Kyoto")
    stand.does(Update(series.ref, stand.read(series.ref).version, content, (Field.TITLE, Field.LOCATION)))
    own = stand.read(ref)
    assert (own.content.title, own.content.location) == ("Own title", "Kyoto")
    assert stand.read(occurrence(series.ref, 26)[0]).content.title == "Renamed"


def test_dates_that_are_taken_out_and_put_back_are_cancelled_and_come_back(stand: SalesforceStand) -> None:
    series = stand.does(Create(stand.container, repeating("FREQ=WEEKLY;COUNT=6"), "seed"))
    rule = series.content.recurrence
    assert rule is not None
    account = stand.sandbox.add_account("Aoki Trading")
    stand.sandbox.user_changes(stand.sandbox.occurrences(series.ref.id)[1]["Id"], WhatId=account["Id"])
    without = replace(series.content, recurrence=replace(rule, removed=(datetime(2026, 5, 19, 10),)))
    changed = stand.does(Update(series.ref, None, without, (Field.RECURRENCE,)))
    assert len(stand.sandbox.occurrences(series.ref.id)) == 5
    assert changed.content.recurrence == without.recurrence
    back = stand.does(Update(series.ref, changed.version, series.content, (Field.RECURRENCE,)))
    assert back.content.recurrence == rule
    assert stand.sandbox.occurrences(series.ref.id)[1]["WhatId"] == account["Id"]


def test_a_series_that_gets_shorter_loses_its_last_meetings_only(stand: SalesforceStand) -> None:
    series = stand.does(Create(stand.container, repeating("FREQ=WEEKLY;COUNT=6"), "seed"))
    changed = stand.does(Update(series.ref, series.version, repeating("FREQ=WEEKLY;COUNT=3"), (Field.RECURRENCE,)))
    assert changed.ref == series.ref and len(stand.sandbox.occurrences(series.ref.id)) == 3


def test_a_series_comes_back_from_the_recycle_bin_with_its_meetings(stand: SalesforceStand) -> None:
    series = stand.does(Create(stand.container, repeating("FREQ=WEEKLY;COUNT=6"), "seed"))
    assert stand.write(Delete(series.ref, series.version)) == [Erased(series.ref)]
    back = stand.does(stand.restoring(series))
    assert back.ref == series.ref and len(stand.sandbox.occurrences(series.ref.id)) == 6


def test_sf_26_a_series_of_lightning_is_told_as_its_meetings_which_take_no_changes(stand: SalesforceStand) -> None:
    """A change of one meeting through the interface would change all that are still to come."""
    start = datetime(2026, 5, 12, 10)
    pattern = "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4"
    whole = stand.sandbox.user_creates_series(stand.sato, "Lightning", start, pattern, HOUR)
    told = [one for one in stand.seen()[0] if isinstance(one, ObservedItem)]
    assert sorted(bounds_utc(one.content.when)[0].day for one in told) == [2, 12, 19, 26]
    assert {one.read_only for one in told} == {ReadOnlyCause.SPECIAL_KIND}
    assert whole["Id"] not in {one.ref.id for one in told}
