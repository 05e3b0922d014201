"""Calendar files as many programs write them, against the letter of the standard and within it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from soroe.core.event import Window
from soroe.sandbox.demo.appointments import ME
from soroe.sandbox.demo.from_ics import load_calendar
from soroe.sandbox.demo.in_google import GoogleShelf
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.demo.test_own_calendar import calendar, entry
from tests.sandbox.demo.words import told

Json = dict[str, Any]
Load = Callable[[bytes], tuple[list[Json], list[str]]]
OUTLOOK_UID = "040000008200E00074C5B7101A82E008000000000000000000000000000000000000000"
"""As long as a line may be; what tells one meeting from another stands in the next."""


@pytest.fixture
def google() -> GoogleSandbox:
    box = GoogleSandbox()
    box.add_account(ME)
    return box


@pytest.fixture
def load(google: GoogleSandbox, tmp_path: Path) -> Load:
    """Writes a file, loads it, and returns the living events and what was said, without where."""

    def act(content: bytes) -> tuple[list[Json], list[str]]:
        path = tmp_path / "mine.ics"
        path.write_bytes(content)
        problems = told(load_calendar(GoogleShelf(google), OwnFile(path)))
        events = [event for event in google.events(ME) if event["status"] != "cancelled"]
        return events, [problem.split(": ", 1)[1] for problem in problems]

    return act


def titles(events: list[Json]) -> list[str]:
    return sorted(str(event.get("summary", "")) for event in events)


def starts(events: list[Json]) -> list[str]:
    return sorted(str(event["start"].get("dateTime") or event["start"]["date"]) for event in events)


def zone(name: str, *rules: tuple[str, str, str, str]) -> str:
    """A VTIMEZONE: of each rule its beginning, its RRULE, and the offsets before and after."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for begin, rule, before, after in rules:
        kind = "DAYLIGHT" if before < after else "STANDARD"
        lines += [f"BEGIN:{kind}", f"DTSTART:{begin}", *([f"RRULE:{rule}"] if rule else [])]
        lines += [f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}", f"END:{kind}"]
    return "\n".join([*lines, "END:VTIMEZONE"])


OLD_EASTERN = (
    ("19670430T020000", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=4", "-0500", "-0400"),
    ("19671029T020000", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "-0400", "-0500"),
)
"""The rules of New York before 2007."""
NOBODYS = (
    ("20000101T000000", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=2", "+0217", "+0317"),
    ("20000601T000000", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=8", "+0317", "+0217"),
)
HOUR = "DURATION:PT1H"
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=4"


# --- which entry is which ---
def test_entries_are_told_apart_by_the_whole_of_a_folded_uid(load: Load) -> None:
    one, two = (
        entry(f"{OUTLOOK_UID}\n {tail}", f"DTSTART:2026120{day}T010000Z", HOUR, f"SUMMARY:{tail}")
        for tail, day in (("A1", 1), ("B2", 2))
    )
    events, said = load(calendar(one, two))
    assert (titles(events), said) == (["A1", "B2"], [])


def test_a_uid_may_begin_on_the_next_line(load: Load) -> None:
    one = "BEGIN:VEVENT\nUID\n :a\nDTSTART:20261201T010000Z\nSUMMARY\n :Old\nSEQUENCE:1\nEND:VEVENT"
    two = "BEGIN:VEVENT\nUID\n :a\nDTSTART:20261201T010000Z\nSUMMARY\n :New\nSEQUENCE:2\nEND:VEVENT"
    assert titles(load(calendar(one, two))[0]) == ["New"]


def test_an_alarms_uid_is_not_the_entrys(load: Load) -> None:
    alarm = "BEGIN:VALARM\nUID:bell\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"
    entries = [f"BEGIN:VEVENT\n{alarm}\nDTSTART:2026120{day}T010000Z\nSUMMARY:Day {day}\nEND:VEVENT" for day in (1, 2)]
    assert titles(load(calendar(*entries))[0]) == ["Day 1", "Day 2"]


def test_of_two_versions_with_one_sequence_the_later_stamp_is_taken(load: Load) -> None:
    later = entry("a", "DTSTAMP:20261102T000000Z", "DTSTART:20261201T010000Z", HOUR, "SUMMARY:Later")
    earlier = entry("a", "DTSTAMP:20261101T000000Z", "DTSTART:20261202T010000Z", HOUR, "SUMMARY:Earlier")
    assert titles(load(calendar(later, earlier))[0]) == ["Later"]


def test_a_stamp_that_cannot_be_read_keeps_nothing_out(load: Load) -> None:
    events, said = load(calendar(entry("a", "DTSTAMP:20261102T0000Z", "DTSTART:20261201T010000Z", "SUMMARY:Visit")))
    assert titles(events) == ["Visit"]
    assert said == ["DTSTAMP: left out: “20261102T0000Z” cannot be read"]


# --- zones ---
def test_a_zone_is_the_one_that_had_the_same_rules_in_those_years(load: Load) -> None:
    beijing = zone("Beijing", ("16010101T000000", "", "+0800", "+0800"))
    events, said = load(
        calendar(beijing, entry("a", "DTSTART;TZID=Beijing:20100119T080000", HOUR, "RRULE:FREQ=DAILY;INTERVAL=7"))
    )
    assert said == []
    assert events[0]["start"]["timeZone"] == "Asia/Shanghai"  # not Irkutsk, which had summer time then


def test_rules_that_no_zone_has_today_are_known_from_the_year_of_the_meeting(load: Load) -> None:
    meeting = entry("a", "DTSTART;TZID=East Coast:19980706T090000", HOUR, WEEKLY)
    events, said = load(calendar(zone("East Coast", *OLD_EASTERN), meeting))
    assert said == []
    assert events[0]["start"]["timeZone"] == "America/New_York"


def test_a_meeting_in_a_zone_of_nobodys_is_at_the_moment_that_the_file_tells(load: Load) -> None:
    nowhere = zone("Nowhere/Middle", *NOBODYS)
    events, said = load(calendar(nowhere, entry("a", "DTSTART;TZID=Nowhere/Middle:20261201T100000", HOUR)))
    assert (starts(events), said) == (["2026-12-01T16:43:00+09:00"], [])  # 10:00 at +02:17


def test_a_zone_that_had_other_rules_at_the_meeting_is_not_taken_for_one_of_today(load: Load) -> None:
    moved = zone(
        "Moved", ("20240101T000000", "", "+1000", "+1200"), ("20240505T080000", "", "+1200", "+1000")
    )  # since then the same as Brisbane
    events, said = load(calendar(moved, entry("a", "DTSTART;TZID=Moved:20240303T080000", HOUR)))
    assert (starts(events), said) == (["2024-03-03T05:00:00+09:00"], [])


def test_a_series_in_a_zone_of_nobodys_is_told_of(load: Load) -> None:
    nowhere = zone("Nowhere/Middle", *NOBODYS)
    events, said = load(calendar(nowhere, entry("a", "DTSTART;TZID=Nowhere/Middle:20261201T100000", HOUR, WEEKLY)))
    assert (events, said) == ([], ["TZID: there is no time zone “Nowhere/Middle”"])


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("大阪、札幌、東京", "Asia/Tokyo"),
        ("(UTC+09:00) 大阪、札幌、東京", "Asia/Tokyo"),
        ("(UTC+07:00) Bangkok, Hanoi, Jakarta", "Asia/Bangkok"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Amsterdam"),
        ("US-Eastern", "US/Eastern"),
        ("Europe_Berlin", "Europe/Berlin"),
        ("asia/tokyo", "Asia/Tokyo"),
        ("America/New York", "America/New_York"),
    ],
)
def test_a_zone_is_known_by_what_people_see(load: Load, name: str, known: str) -> None:
    events, said = load(calendar(entry("a", f'DTSTART;TZID="{name}":20261201T100000', HOUR)))
    assert said == []
    assert events[0]["start"]["timeZone"] == known


def test_a_shown_name_with_another_offset_is_no_zone(load: Load) -> None:
    events, said = load(calendar(entry("a", 'DTSTART;TZID="(UTC+05:00) Bangkok":20261201T100000', HOUR)))
    assert (events, said) == ([], ["TZID: there is no time zone “(UTC+05:00) Bangkok”"])


def test_a_zones_name_may_end_in_a_gap(load: Load) -> None:
    europe = zone(
        "Mitteleuropäische Zeit ",
        ("20001025T020000", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "+0200", "+0100"),
        ("20000329T010000", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "+0100", "+0200"),
    )
    events, said = load(calendar(europe, entry("a", "DTSTART;TZID=Mitteleuropäische Zeit :20261201T100000", HOUR)))
    assert (starts(events), said) == (["2026-12-01T18:00:00+09:00"], [])


def test_each_calendar_of_a_file_has_a_floating_zone_of_its_own(load: Load) -> None:
    one = calendar(entry("a", "DTSTART:20261201T100000", HOUR), head="X-WR-TIMEZONE:Europe/Paris")
    two = calendar(entry("b", "DTSTART:20261201T100000", HOUR), head="X-WR-TIMEZONE:America/New_York")
    assert starts(load(one + two)[0]) == ["2026-12-01T18:00:00+09:00", "2026-12-02T00:00:00+09:00"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DTSTART:20261201T180000", "DTEND;TZID=Europe/Brussels:20261201T190000"),
        ("DTSTART;TZID=Europe/Brussels:20261201T180000", "DTEND:20261201T190000"),
    ],
)
def test_a_time_that_names_no_zone_is_in_the_one_beside_it(load: Load, start: str, end: str) -> None:
    events, said = load(calendar(entry("a", start, end)))
    assert said == []
    assert (events[0]["start"]["dateTime"], events[0]["end"]["dateTime"]) == (
        "2026-12-02T02:00:00+09:00",
        "2026-12-02T03:00:00+09:00",
    )


def test_hours_pass_and_days_are_counted_where_clocks_change(load: Load) -> None:
    night = ("DTSTART;TZID=Europe/Berlin:20261024T220000",)  # the clocks go back at three
    events, _ = load(calendar(entry("a", *night, "DURATION:PT8H"), entry("b", *night, "DURATION:P1D")))
    assert sorted(event["end"]["dateTime"] for event in events) == [
        "2026-10-25T13:00:00+09:00",
        "2026-10-26T06:00:00+09:00",
    ]


# --- series ---
def test_an_exception_that_names_no_zone_is_in_the_series(load: Load) -> None:
    events, said = load(
        calendar(entry("a", "DTSTART;TZID=Europe/Berlin:20261204T110000", HOUR, WEEKLY, "EXDATE:20261211T110000"))
    )
    assert said == []
    assert events[0]["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20261211T100000Z"]


def test_an_occurrence_may_be_named_by_its_day(load: Load) -> None:
    series = entry("a", "DTSTART;TZID=Asia/Tokyo:20261201T100000", HOUR, WEEKLY, "SUMMARY:Weekly")
    moved = entry("a", "RECURRENCE-ID;VALUE=DATE:20261208", "DTSTART:20261208T040000Z", HOUR, "SUMMARY:Moved")
    events, said = load(calendar(series, moved))
    assert said == []
    assert next(event for event in events if event["summary"] == "Moved")["originalStartTime"]["dateTime"] == (
        "2026-12-08T10:00:00+09:00"
    )


@pytest.mark.parametrize(
    "named",
    [
        "RECURRENCE-ID;TZID=Europe/Berlin:20261208T000000",
        "RECURRENCE-ID:20261207T150000Z",
        "RECURRENCE-ID:20261208T000000Z",
    ],
)
def test_a_day_of_a_series_of_days_may_be_named_by_its_midnight(load: Load, named: str) -> None:
    series = entry("a", "DTSTART;VALUE=DATE:20261201", WEEKLY, "SUMMARY:Weekly")
    moved = entry("a", named, "DTSTART;VALUE=DATE:20261209", "SUMMARY:Moved")
    events, said = load(calendar(series, moved))
    assert said == []
    assert next(event for event in events if event["summary"] == "Moved")["originalStartTime"] == {"date": "2026-12-08"}


def test_a_series_of_days_ends_on_the_day_of_its_own_clock(load: Load) -> None:
    berlin = zone(
        "W. Europe Standard Time",
        ("16010101T030000", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "+0200", "+0100"),
        ("16010101T020000", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "+0100", "+0200"),
    )
    series = entry(
        "a", "DTSTART;VALUE=DATE:20261202", "RRULE:FREQ=WEEKLY;UNTIL=20261229T230000Z", "EXDATE:20261208T230000Z"
    )
    events, _ = load(calendar(berlin, series))
    assert events[0]["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20261230", "EXDATE;VALUE=DATE:20261209"]


def test_an_occurrence_of_hours_may_become_a_whole_day(load: Load) -> None:
    series = entry("a", "DTSTART;TZID=Asia/Tokyo:20261201T100000", HOUR, WEEKLY, "TRANSP:TRANSPARENT")
    moved = entry("a", "RECURRENCE-ID:20261208T010000Z", "DTSTART;VALUE=DATE:20261209", "SUMMARY:Fair")
    events, said = load(calendar(series, moved))
    assert said == []
    fair = next(event for event in events if event.get("summary") == "Fair")
    assert (fair["start"], fair.get("transparency", "opaque")) == ({"date": "2026-12-09"}, "opaque")


def test_a_changed_occurrence_that_the_series_has_not_is_a_meeting_of_its_own(load: Load) -> None:
    series = entry("a", "DTSTART;TZID=Asia/Tokyo:20261201T100000", HOUR, WEEKLY, "SUMMARY:Weekly")
    other = entry("a", "RECURRENCE-ID:20261203T010000Z", "DTSTART:20261203T040000Z", HOUR, "SUMMARY:Extra")
    events, said = load(calendar(series, other))
    assert titles(events) == ["Extra", "Weekly"]
    assert said == ["RECURRENCE-ID: the series has no such occurrence; this is a meeting of its own"]


def test_a_first_meeting_that_its_rule_does_not_give_takes_place(load: Load) -> None:
    events, said = load(
        calendar(entry("a", "DTSTART;TZID=Asia/Tokyo:20261201T100000", HOUR, "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"))
    )
    assert said == []
    assert events[0]["recurrence"] == ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", "RDATE:20261201T010000Z"]


def test_a_rule_that_no_calendar_repeats_is_told_in_plain_words(load: Load) -> None:
    events, said = load(calendar(entry("a", "DTSTART:20261201T010000Z", HOUR, "RRULE:FREQ=SECONDLY;COUNT=3")))
    assert (events, said) == ([], ["RRULE: calendars cannot repeat a meeting like that"])


def test_a_year_that_the_calendar_does_not_take_is_told_in_plain_words(load: Load) -> None:
    events, said = load(calendar(entry("a", "DTSTART:16010101T000000Z", HOUR), entry("b", "DTSTART:20261201T010000Z")))
    assert len(events) == 1
    assert said == ["DTSTART: the calendar takes no event of that year"]


# --- whole files ---
@pytest.mark.parametrize("head", ["METHOD:CANCEL", "METHOD:PUBLISH"])
def test_a_meeting_that_a_file_calls_off_is_left_out_and_told(load: Load, head: str) -> None:
    status = () if head == "METHOD:CANCEL" else ("STATUS:CANCELLED",)
    events, said = load(calendar(entry("a", "DTSTART:20261201T010000Z", HOUR, *status), head=head))
    assert (events, said) == ([], ["STATUS: left out: this meeting was cancelled"])


def test_one_calendar_of_a_file_calls_off_nothing_of_another(load: Load) -> None:
    off = calendar(entry("a", "DTSTART:20261201T010000Z", HOUR, "SUMMARY:Off"), head="METHOD:CANCEL")
    on = calendar(entry("b", "DTSTART:20261201T010000Z", HOUR, "SUMMARY:On"), head="METHOD:REQUEST")
    assert titles(load(off + on)[0]) == ["On"]


def test_an_entry_may_stand_without_a_calendar_around_it(load: Load) -> None:
    events, said = load(entry("a", "DTSTART:20261201T010000Z", HOUR, "SUMMARY:Visit").replace("\n", "\r\n").encode())
    assert (titles(events), said) == (["Visit"], [])


def test_a_property_that_makes_no_sense_keeps_only_its_own_entry_out(load: Load) -> None:
    bad = entry("a", "DTSTART:20261201T010000Z", 'LOCATION;VALUE="a","b":Osaka', "SUMMARY:Bad")
    events, said = load(calendar(bad, entry("b", "DTSTART:20261201T010000Z", "SUMMARY:Good")))
    assert titles(events) == ["Good"]
    assert [one.split(": ")[0] for one in said] == ["BEGIN"]


def test_what_cannot_be_read_is_shown_as_it_is_written(load: Load) -> None:
    bad = entry("a", "DTSTART:20261301T010000Z")
    empty = entry("b", "DTSTART:")
    stray = entry("c", "DTSTART:20261201T010000Z", "Dear Team,")
    assert load(calendar(bad, empty, stray))[1] == [
        "DTSTART: “20261301T010000Z” cannot be read",
        "DTSTART: it is empty",
        "LINE: left out: “Dear Team,” cannot be read",
    ]


def test_notes_in_html_are_read_without_the_files_own_signs(load: Load) -> None:
    events, _ = load(
        calendar(entry("a", "DTSTART:20261201T010000Z", "DESCRIPTION:", "X-ALT-DESC:<p>a\\; b\\, c\\\\d\\n</p>"))
    )
    assert events[0]["description"] == "<p>a; b, c\\d\n</p>"


def test_how_much_of_a_file_is_not_synced_is_told(google: GoogleSandbox, tmp_path: Path) -> None:
    path = tmp_path / "mine.ics"
    path.write_bytes(
        calendar(
            entry("past", "DTSTART;VALUE=DATE:20050101"),
            entry("ended", "DTSTART:20050101T010000Z", HOUR, "RRULE:FREQ=WEEKLY;UNTIL=20061231T000000Z"),
            entry("going on", "DTSTART:20050101T010000Z", HOUR, "RRULE:FREQ=YEARLY"),
            entry("future", "DTSTART:20991201T010000Z", HOUR),
            entry("now", "DTSTART:20261201T010000Z", HOUR),
        )
    )
    shown = Window(date(2020, 1, 1), date(2029, 12, 31))
    assert told(load_calendar(GoogleShelf(google), OwnFile(path, shown=shown))) == [
        "mine.ics: file: before 2020-01-01 or after 2029-12-31, and therefore not synced: 3"
    ]
    assert len(google.events(ME)) == 5
