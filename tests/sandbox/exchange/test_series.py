"""Series: patterns, exceptions, deleted occurrences and the borders between neighbours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr

from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.exchange.recurrence import days_of, read_recurrence
from soroe.sandbox.exchange.soap import parse
from tests.sandbox.exchange.caller import SATO, Caller, Clock, item_id, set_field

NUMBERED = (
    "<t:NumberedRecurrence><t:StartDate>{}</t:StartDate><t:NumberOfOccurrences>{}</t:NumberOfOccurrences>"
    "</t:NumberedRecurrence>"
)
TOKYO = '<t:StartTimeZone Id="Tokyo Standard Time"/><t:EndTimeZone Id="Tokyo Standard Time"/>'


def rule(pattern: str, first: str = "2026-04-06", count: int = 4) -> str:
    return f"<t:Recurrence>{pattern}{NUMBERED.format(first, count)}</t:Recurrence>"


def weekly(days: str = "Monday", interval: int = 1) -> str:
    words = f"<t:Interval>{interval}</t:Interval><t:DaysOfWeek>{days}</t:DaysOfWeek>"
    return f"<t:WeeklyRecurrence>{words}</t:WeeklyRecurrence>"


def daily(interval: int = 1) -> str:
    return f"<t:DailyRecurrence><t:Interval>{interval}</t:Interval></t:DailyRecurrence>"


def series(sato: Caller, pattern: str, *, hours: int = 1, first: str = "2026-04-06", count: int = 4) -> tuple[str, str]:
    start = datetime.fromisoformat(f"{first}T10:00:00")
    times = f"<t:Start>{start.isoformat()}</t:Start><t:End>{(start + timedelta(hours=hours)).isoformat()}</t:End>"
    return sato.created(f"<t:Subject>Round</t:Subject>{times}{rule(pattern, first, count)}{TOKYO}")


def nth(identity: tuple[str, str], index: int) -> str:
    return f'<t:OccurrenceItemId RecurringMasterId="{identity[0]}" InstanceIndex="{index}"/>'


def view(sato: Caller, start: str, end: str) -> list[str]:
    return sato.find(f'<m:CalendarView StartDate="{start}T00:00:00Z" EndDate="{end}T00:00:00Z"/>').texts("Start")


@pytest.mark.parametrize(
    ("pattern", "same"),
    [
        (daily(3), "FREQ=DAILY;INTERVAL=3"),
        (weekly("Monday Thursday"), "FREQ=WEEKLY;BYDAY=MO,TH;WKST=SU"),
        (weekly("Weekday", 2), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;WKST=SU"),
        (
            "<t:AbsoluteMonthlyRecurrence><t:Interval>2</t:Interval><t:DayOfMonth>15</t:DayOfMonth>"
            "</t:AbsoluteMonthlyRecurrence>",
            "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15",
        ),
        (
            "<t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday</t:DaysOfWeek>"
            "<t:DayOfWeekIndex>Second</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>",
            "FREQ=MONTHLY;BYDAY=+2TU",
        ),
        (
            "<t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Weekday</t:DaysOfWeek>"
            "<t:DayOfWeekIndex>Last</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        ),
        (
            "<t:AbsoluteYearlyRecurrence><t:DayOfMonth>3</t:DayOfMonth><t:Month>May</t:Month>"
            "</t:AbsoluteYearlyRecurrence>",
            "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3",
        ),
        (
            "<t:RelativeYearlyRecurrence><t:DaysOfWeek>Friday</t:DaysOfWeek><t:DayOfWeekIndex>First</t:DayOfWeekIndex>"
            "<t:Month>January</t:Month></t:RelativeYearlyRecurrence>",
            "FREQ=YEARLY;BYMONTH=1;BYDAY=+1FR",
        ),
    ],
)
def test_patterns_have_the_days_their_rule_has(pattern: str, same: str) -> None:
    spaces = 'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'
    element = parse(rule(pattern, count=9).replace("<t:Recurrence>", f"<t:Recurrence {spaces}>").encode())
    found = list(days_of(read_recurrence(element), date(2040, 1, 1)))
    expected = rrulestr(f"{same};COUNT=9", dtstart=datetime(2026, 4, 6))
    assert found == [moment.date() for moment in expected]


def test_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    spaces = 'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'
    words = "<t:Interval>1</t:Interval><t:DayOfMonth>31</t:DayOfMonth>"
    pattern = f"<t:AbsoluteMonthlyRecurrence>{words}</t:AbsoluteMonthlyRecurrence>"
    text = rule(pattern, "2027-01-31", 3).replace("<t:Recurrence>", f"<t:Recurrence {spaces}>")
    found = days_of(read_recurrence(parse(text.encode())), date(2030, 1, 1))
    assert list(found) == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]


def test_a_view_shows_occurrences_and_hides_the_series(sato: Caller) -> None:
    series(sato, weekly())
    days = ["2026-04-06", "2026-04-13", "2026-04-20", "2026-04-27"]
    assert view(sato, "2026-04-01", "2026-05-31") == [f"{day}T01:00:00Z" for day in days]
    found = sato.find('<m:IndexedPageItemView MaxEntriesReturned="9" Offset="0" BasePoint="Beginning"/>')
    assert found.texts("CalendarItemType") == ["RecurringMaster"]


def test_a_view_spans_two_years_at_most(sato: Caller) -> None:
    assert view(sato, "2026-04-01", "2028-04-01") == []
    wide = sato.find('<m:CalendarView StartDate="2026-04-01T00:00:00Z" EndDate="2028-04-02T00:00:00Z"/>')
    assert wide.code == "ErrorCalendarViewRangeTooBig"


def test_a_view_can_be_cut_short(sato: Caller) -> None:
    series(sato, daily(), count=5)
    window = 'StartDate="2026-04-01T00:00:00Z" EndDate="2026-05-01T00:00:00Z"'
    answer = sato.find(f'<m:CalendarView MaxEntriesReturned="2" {window}/>')
    assert len(answer.texts("Start")) == 2
    (root,) = (one for one in answer.root.iter() if one.tag.endswith("RootFolder"))
    assert (root.get("IncludesLastItemInRange"), root.get("TotalItemsInView")) == ("false", "5")


def test_occurrences_and_their_series_lead_to_each_other(sato: Caller) -> None:
    master = series(sato, weekly())
    third = sato.get(nth(master, 3))
    assert third.texts("CalendarItemType") == ["Occurrence"]
    assert third.texts("OriginalStart") == ["2026-04-20T01:00:00Z"]
    assert third.texts("UID") == sato.get(item_id(master[0])).texts("UID")
    occurrence = third.ids()[0][0]
    back = sato.get(f'<t:RecurringMasterItemId OccurrenceId="{occurrence}"/>')
    assert back.ids()[0] == master


def test_occurrences_that_are_not_there_are_told_apart(sato: Caller) -> None:
    master = series(sato, weekly())
    single = sato.created()
    assert sato.get(nth(master, 5)).code == "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange"
    assert sato.get(nth(single, 1)).code == "ErrorCalendarIsNotRecurring"
    assert sato.get(f'<t:RecurringMasterItemId OccurrenceId="{single[0]}"/>').code == "ErrorCalendarIsNotOccurrence"
    second = sato.get(nth(master, 2)).ids()[0]
    assert sato.delete(second).code == "NoError"
    assert sato.get(nth(master, 2)).code == "ErrorCalendarOccurrenceIsDeletedFromRecurrence"
    assert sato.get(item_id(second[0])).code == "ErrorCalendarOccurrenceIsDeletedFromRecurrence"


def test_an_occurrence_stays_between_its_neighbours(sato: Caller) -> None:
    second = sato.get(nth(series(sato, daily()), 2)).ids()[0]

    def moved_to(day: str) -> str:
        start = set_field("calendar:Start", f"<t:Start>{day}T03:00:00Z</t:Start>")
        end = set_field("calendar:End", f"<t:End>{day}T04:00:00Z</t:End>")
        return sato.update(second, start + end).code

    assert moved_to("2026-04-08") == "ErrorOccurrenceCrossingBoundary"
    assert moved_to("2026-04-06") == "ErrorOccurrenceCrossingBoundary"
    assert moved_to("2026-04-07") == "NoError"
    assert sato.get(item_id(second[0])).texts("CalendarItemType") == ["Exception"]


def test_an_exception_keeps_its_id_and_has_a_change_key_of_its_own(sato: Caller) -> None:
    master = series(sato, weekly())
    second = sato.get(nth(master, 2)).ids()[0]
    changed = sato.update(second, set_field("item:Subject", "<t:Subject>Special</t:Subject>")).ids()[0]
    assert changed[0] == second[0]
    assert changed[1] != second[1]
    stale = sato.update(second, set_field("item:Subject", "<t:Subject>Again</t:Subject>"))
    assert stale.code == "ErrorIrresolvableConflict"
    shown = sato.get(item_id(master[0]))
    assert shown.texts("OriginalStart") == ["2026-04-06T01:00:00Z", "2026-04-27T01:00:00Z", "2026-04-13T01:00:00Z"]


def test_an_occurrence_has_no_pattern_of_its_own(sato: Caller) -> None:
    second = sato.get(nth(series(sato, weekly()), 2)).ids()[0]
    assert sato.update(second, set_field("calendar:Recurrence", rule(daily()))).code == "ErrorInvalidPropertySet"
    answer = sato.ask(
        f'<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId>'
        f"<m:ItemIds>{item_id(second[0])}</m:ItemIds></m:MoveItem>"
    )
    assert answer.code == "ErrorCalendarCannotMoveOrCopyOccurrence"


def test_a_series_laid_out_anew_forgets_its_exceptions(exchange: ExchangeSandbox, sato: Caller) -> None:
    master = series(sato, weekly())
    sato.delete(sato.get(nth(master, 1)).ids()[0])
    second = sato.get(nth(master, 2)).ids()[0]
    sato.update(second, set_field("item:Subject", "<t:Subject>Special</t:Subject>"))
    exchange.user_changes(master[0], subject="Renamed")
    assert len(view(sato, "2026-04-01", "2026-05-31")) == 3
    assert len(sato.get(item_id(master[0])).ids()) == 4
    start = datetime(2026, 4, 6, 5, tzinfo=UTC)
    exchange.user_changes(master[0], start=start, end=start + timedelta(hours=1))
    assert len(view(sato, "2026-04-01", "2026-05-31")) == 4
    assert len(sato.get(item_id(master[0])).ids()) == 3


def test_a_series_begins_with_its_first_day(exchange: ExchangeSandbox, sato: Caller) -> None:
    master = series(sato, weekly("Wednesday"))
    assert exchange.item(master[0]).start == datetime(2026, 4, 8, 1, tzinfo=UTC)


def test_series_that_cannot_be_are_refused(sato: Caller) -> None:
    def refusal(pattern: str, hours: int = 1) -> str:
        end = datetime(2026, 4, 6, 10) + timedelta(hours=hours)
        times = f"<t:Start>2026-04-06T10:00:00</t:Start><t:End>{end.isoformat()}</t:End>"
        return sato.create(f"{times}{pattern}{TOKYO}").code

    days = "<t:StartDate>2026-04-06</t:StartDate><t:EndDate>2026-04-01</t:EndDate>"
    never = f"<t:EndDateRecurrence>{days}</t:EndDateRecurrence>"
    assert refusal(f"<t:Recurrence>{daily()}{never}</t:Recurrence>") == "ErrorRecurrenceHasNoOccurrence"
    assert refusal(rule(daily()), hours=25) == "ErrorOccurrenceTimeSpanTooBig"
    assert refusal(rule(daily(0))) == "ErrorCalendarInvalidRecurrence"
    assert refusal(rule(weekly("Someday"))) == "ErrorSchemaValidation"


def test_a_series_without_an_end_has_no_last_occurrence(sato: Caller) -> None:
    endless = "<t:NoEndRecurrence><t:StartDate>2026-04-06+09:00</t:StartDate></t:NoEndRecurrence>"
    times = "<t:Start>2026-04-06T10:00:00</t:Start><t:End>2026-04-06T11:00:00</t:End>"
    made = sato.created(f"{times}<t:Recurrence>{weekly()}{endless}</t:Recurrence>{TOKYO}")
    names = {one.tag.rpartition("}")[2] for one in sato.get(item_id(made[0])).root.iter()}
    assert "FirstOccurrence" in names
    assert "LastOccurrence" not in names
    assert len(view(sato, "2027-01-01", "2027-01-31")) == 4


def test_the_person_deletes_and_changes_occurrences(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    master = series(sato, weekly())
    first, second, *_ = exchange.occurrences(master[0], clock() + timedelta(days=90))
    exchange.user_deletes(first)
    exchange.user_changes(second, location="大阪")
    assert exchange.item(second).location == "大阪"
    assert exchange.item(master[0]).location == ""
    assert len(exchange.occurrences(master[0], clock() + timedelta(days=90))) == 3
    assert list(exchange.items(SATO)) == [master[0]]
