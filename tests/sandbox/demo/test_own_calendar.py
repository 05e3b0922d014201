"""The demo takes the calendar that the user exported from Google, Outlook, Apple or Exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from soroe.sandbox.demo.appointments import ME
from soroe.sandbox.demo.from_ics import load_calendar
from soroe.sandbox.demo.in_google import GoogleShelf
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.demo.words import told

Load = Callable[..., tuple[list[dict[str, Any]], list[str]]]

OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE"""


def entry(uid: str, *lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def calendar(*components: str, head: str = "VERSION:2.0") -> bytes:
    return "\n".join(["BEGIN:VCALENDAR", head, *components, "END:VCALENDAR", ""]).replace("\n", "\r\n").encode()


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Writes a file, loads it, and returns the events of the calendar and the problems."""
    google = GoogleSandbox()
    google.add_account(ME)

    def act(content: bytes, name: str = "mine.ics") -> tuple[list[dict[str, Any]], list[str]]:
        path = tmp_path / name
        path.write_bytes(content)
        problems = told(load_calendar(GoogleShelf(google), OwnFile(path)))
        return google.events(ME), problems

    yield act
    assert google.mails_sent == ()


@pytest.mark.parametrize(
    ("line", "shown", "zone"),
    [
        ("DTSTART;TZID=Asia/Tokyo:20261201T100000", "2026-12-01T10:00:00+09:00", "Asia/Tokyo"),
        ("DTSTART;TZID=Tokyo Standard Time:20261201T100000", "2026-12-01T10:00:00+09:00", "Asia/Tokyo"),
        ('DTSTART;TZID="Tokyo Standard Time":20261201T100000', "2026-12-01T10:00:00+09:00", "Asia/Tokyo"),
        (
            "DTSTART;TZID=/vendor.example/Tzfile/Europe/London:20261201T010000",
            "2026-12-01T10:00:00+09:00",
            "Europe/London",
        ),
        ("DTSTART;TZID=Customized Time Zone:20261201T100000", "2026-12-01T18:00:00+09:00", "Europe/Berlin"),
        ("DTSTART:20261201T010000Z", "2026-12-01T10:00:00+09:00", "UTC"),
        ("DTSTART:20261201T100000", "2026-12-01T10:00:00+09:00", "Asia/Tokyo"),
    ],
)
def test_a_time_is_read_in_the_zone_it_names(load: Load, line: str, shown: str, zone: str) -> None:
    events, problems = load(calendar(OUTLOOK_ZONE, entry("a", line, "DURATION:PT1H", "SUMMARY:Visit")))
    assert problems == []
    start = events[0]["start"]
    assert start["dateTime"] == shown
    if zone == "Europe/Berlin":  # several zones have these rules; any of them is right
        assert start["timeZone"].startswith("Europe/")
    else:
        assert start["timeZone"] == zone


def test_floating_times_are_in_the_files_own_zone(load: Load) -> None:
    content = calendar(entry("a", "DTSTART:20261201T100000", "DURATION:PT1H"), head="X-WR-TIMEZONE:Europe/Paris")
    assert load(content)[0][0]["start"]["timeZone"] == "Europe/Paris"


def test_whole_days_end_after_their_last_day(load: Load) -> None:
    events, problems = load(
        calendar(
            entry("a", "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261203", "SUMMARY:Fair"),
            entry("b", "DTSTART;VALUE=DATE:20261201", "SUMMARY:No end"),
            entry("c", "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261201", "SUMMARY:Same end"),
            entry(
                "d",
                "DTSTART;TZID=Tokyo Standard Time:20261201T000000",
                "DTEND;TZID=Tokyo Standard Time:20261202T000000",
                "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
                "SUMMARY:Outlook",
            ),
        )
    )
    assert problems == []
    assert [event["end"] for event in events] == [{"date": "2026-12-03"}, *[{"date": "2026-12-02"}] * 3]


def test_a_series_keeps_its_exceptions(load: Load) -> None:
    zone = "TZID=Tokyo Standard Time"
    events, problems = load(
        calendar(
            entry(
                "s",
                f"DTSTART;{zone}:20261201T100000",
                f"DTEND;{zone}:20261201T110000",
                "RRULE:FREQ=WEEKLY;UNTIL=20270101;BYDAY=TU",
                f"EXDATE;{zone}:20261208T100000",
                f"RDATE;{zone}:20261203T100000",
                "SUMMARY:Weekly",
            ),
            entry(
                "s",
                f"RECURRENCE-ID;{zone}:20261215T100000",
                f"DTSTART;{zone}:20261215T130000",
                f"DTEND;{zone}:20261215T140000",
                "SUMMARY:Weekly, moved",
            ),
            entry("s", f"RECURRENCE-ID;{zone}:20261222T100000", f"DTSTART;{zone}:20261222T100000", "STATUS:CANCELLED"),
        )
    )
    assert problems == []
    by_status = {(event.get("summary"), event["status"]): event for event in events}
    assert by_status["Weekly", "confirmed"]["recurrence"] == [
        "RRULE:FREQ=WEEKLY;UNTIL=20270101T145959Z;BYDAY=TU",
        "RDATE:20261203T010000Z",
        "EXDATE:20261208T010000Z",
    ]
    moved = by_status["Weekly, moved", "confirmed"]
    assert moved["originalStartTime"]["dateTime"] == "2026-12-15T10:00:00+09:00"
    assert moved["start"]["dateTime"] == "2026-12-15T13:00:00+09:00"
    assert [event["originalStartTime"]["dateTime"] for event in events if event["status"] == "cancelled"] == [
        "2026-12-22T10:00:00+09:00"
    ]


def test_an_occurrence_without_its_series_is_an_event_of_its_own(load: Load) -> None:
    lines = ("RECURRENCE-ID:20261215T010000Z", "DTSTART:20261215T020000Z", "DURATION:PT1H", "SUMMARY:Alone")
    events, problems = load(calendar(entry("s", *lines)))
    assert problems == []
    assert [event["summary"] for event in events] == ["Alone"]


def test_an_invitation_keeps_its_organiser(load: Load) -> None:
    times = ("DTSTART:20261201T010000Z", "DURATION:PT1H")
    me = "ATTENDEE;PARTSTAT=TENTATIVE:mailto:Taro@firma.example"
    events, problems = load(
        calendar(
            entry("a", *times, "ORGANIZER;CN=Boss:mailto:boss@firma.example", me, "SUMMARY:Theirs"),
            entry(
                "b", *times, "ORGANIZER:mailto:taro@firma.example", "ATTENDEE:mailto:guest@x.example", "SUMMARY:Mine"
            ),
            head="X-WR-CALNAME:taro@firma.example",
        )
    )
    assert problems == []
    theirs, mine = sorted(events, key=lambda event: str(event["summary"]), reverse=True)
    assert theirs["organizer"]["email"] == "boss@firma.example"
    assert {guest["email"]: guest["responseStatus"] for guest in theirs["attendees"]}[ME] == "tentative"
    assert mine["organizer"]["email"] == ME
    assert [guest["email"] for guest in mine["attendees"]] == ["guest@x.example"]


def test_private_free_tentative_and_cancelled_are_told_apart(load: Load) -> None:
    times = ("DTSTART:20261201T010000Z", "DURATION:PT1H")
    events, problems = load(
        calendar(
            entry("a", *times, "CLASS:CONFIDENTIAL", "SUMMARY:1"),
            entry("b", *times, "TRANSP:TRANSPARENT", "SUMMARY:2"),
            entry("c", *times, "STATUS:TENTATIVE", "SUMMARY:3"),
            entry("d", *times, "STATUS:CANCELLED", "SUMMARY:4"),
            entry("e", *times, "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "SUMMARY:5"),
        )
    )
    assert [problem.split(": ")[:2] for problem in problems] == [["mine.ics, line 24 (UID d)", "STATUS"]]
    shown = {
        event["summary"]: (event.get("visibility"), event.get("transparency"), event["status"]) for event in events
    }
    assert shown == {
        "1": ("private", None, "confirmed"),
        "2": (None, "transparent", "confirmed"),
        "3": (None, None, "tentative"),
        "5": (None, "transparent", "confirmed"),
    }


def test_notes_may_be_html_and_huge(load: Load) -> None:
    times = ("DTSTART:20261201T010000Z", "DURATION:PT1H")
    huge = "長い" * 200_000
    events, problems = load(
        calendar(
            entry("a", *times, "X-ALT-DESC;FMTTYPE=text/html:<p>Slides: <b>final</b></p>"),
            entry("b", *times, f"DESCRIPTION:{huge}"),
            entry("c", *times, "DESCRIPTION:one\\, two\\nthree"),
        )
    )
    assert problems == []
    assert [event["description"] for event in events] == ["<p>Slides: <b>final</b></p>", huge, "one, two\nthree"]


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (("SUMMARY:no start",), "DTSTART"),
        (("DTSTART:20261330T100000Z",), "DTSTART"),
        (("DTSTART:20260230T100000",), "DTSTART"),
        (("DTSTART:99990101T100000Z",), "DTSTART: the year 9999"),
        (("DTSTART;TZID=Asia/Tokyo:00010101T000000",), "DTSTART: the year 1 "),
        (("DTSTART:20261201T100000", "DTEND:20261201T090000"), "DTEND"),
        (("DTSTART:20261201T100000", "DTEND;VALUE=DATE:20261202"), "DTEND"),
        (("DTSTART:20261201T100000", "RRULE:FREQ=FOO"), "RRULE"),
        (("DTSTART:20261201T100000", "RRULE:COUNT=3"), "RRULE"),
        (("DTSTART:20261201T100000", "RRULE:FREQ=SECONDLY"), "RRULE"),
        (("DTSTART:20261201T100000", "RRULE:FREQ=DAILY", "EXDATE:nonsense"), "EXDATE"),
        (("DTSTART;TZID=Mars/Phobos:20261201T100000",), "TZID"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named_and_the_rest_go_on(
    load: Load, lines: tuple[str, ...], field: str
) -> None:
    good = entry("good", "DTSTART:20261201T010000Z", "DURATION:PT1H", "SUMMARY:Good")
    events, problems = load(calendar(entry("bad-1", *lines), good), name="work.ics")
    assert [event["summary"] for event in events] == ["Good"]
    assert len(problems) == 1
    assert problems[0].startswith("work.ics, line 3 (UID bad-1): ")
    assert field in problems[0]


def test_a_line_that_is_no_property_is_left_out_and_told(load: Load) -> None:
    times = ("DTSTART:20261201T010000Z", "DURATION:PT1H")
    events, problems = load(calendar(entry("a", *times, "no property", "ATTENDEE:invalid:nomail", "SUMMARY:Kept")))
    assert [event["summary"] for event in events] == ["Kept"]
    assert [problem.split(": ")[1] for problem in problems] == ["LINE", "ATTENDEE"]


def test_what_is_no_event_and_what_no_series_can_hold_is_told(load: Load) -> None:
    times = ("DTSTART:20261201T010000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=5")
    task = "BEGIN:VTODO\nUID:t\nSUMMARY:A task\nEND:VTODO"
    old = entry("s", *times, "EXRULE:FREQ=DAILY;INTERVAL=2", "RDATE;VALUE=PERIOD:20261224T010000Z/PT3H", "SUMMARY:Kept")
    events, problems = load(calendar(task, old))
    assert [event["summary"] for event in events] == ["Kept"]
    assert [problem.split(": ")[:2] for problem in problems] == [
        ["mine.ics, line 3 (UID t)", "VTODO"],
        ["mine.ics, line 7 (UID s)", "EXRULE"],
        ["mine.ics, line 7 (UID s)", "RDATE"],
    ]


@pytest.mark.parametrize("until", ["99991231", "99991231T235959", "99991231T235959Z"])
def test_a_series_until_the_end_of_time_goes_on(load: Load, until: str) -> None:
    times = ("DTSTART;TZID=America/New_York:20261201T100000", "DURATION:PT1H", f"RRULE:FREQ=DAILY;UNTIL={until}")
    events, problems = load(calendar(entry("s", *times)))
    assert problems == []
    assert len(events) == 1


def test_lines_may_be_folded_within_a_character(load: Load) -> None:
    title = "訪問のご相談" * 20
    written = calendar(entry("a", "DTSTART:20261201T010000Z", "DURATION:PT1H", f"SUMMARY:{title}"), entry("b"))
    line = f"SUMMARY:{title}".encode()
    pieces = [line[at : at + 74] for at in range(0, len(line), 74)]
    events, problems = load(written.replace(line, b"\r\n ".join(pieces)))
    assert [event["summary"] for event in events] == [title]
    assert problems == [f"mine.ics, line {8 + len(pieces)} (UID b): DTSTART: the entry has no start"]


def test_the_last_entry_ends_with_the_calendar(load: Load) -> None:
    open_end = "BEGIN:VEVENT\nUID:cut\nDTSTART:20261201T010000Z"
    events, problems = load(calendar(open_end))
    assert events == []
    assert problems == ["mine.ics, line 3 (UID cut): END: the entry is cut off"]


def test_of_two_entries_with_one_uid_the_newer_is_taken(load: Load) -> None:
    times = ("DTSTART:20261201T010000Z", "DURATION:PT1H")
    events, problems = load(
        calendar(entry("a", *times, "SEQUENCE:2", "SUMMARY:New"), entry("a", *times, "SEQUENCE:1", "SUMMARY:Old"))
    )
    assert [event["summary"] for event in events] == ["New"]
    assert len(problems) == 1
    assert "UID" in problems[0]


def test_a_file_that_was_cut_off_gives_what_is_whole(load: Load) -> None:
    good = entry("good", "DTSTART:20261201T010000Z", "DURATION:PT1H", "SUMMARY:Good")
    content = calendar(good, good.replace("good", "cut"))
    events, problems = load(content[: content.index(b"UID:cut") + 30])
    assert [event["summary"] for event in events] == ["Good"]
    assert "cut off" in problems[0]


@pytest.mark.parametrize(
    "content", [b"", b"  \r\n", b"<html>Not found</html>", bytes(range(256)) * 40, b"PK\x03\x04" + b"\x00" * 200]
)
def test_a_file_that_is_no_calendar_is_one_problem(load: Load, content: bytes) -> None:
    events, problems = load(content)
    assert events == []
    assert len(problems) == 1
    assert problems[0].startswith("mine.ics: file: ")


def test_a_calendar_without_an_event_says_so(load: Load) -> None:
    assert load(calendar()) == ([], ["mine.ics: file: there is no event in it"])


def test_a_file_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    google = GoogleSandbox()
    google.add_account(ME)
    assert told(load_calendar(GoogleShelf(google), OwnFile(tmp_path / "missing.ics"))) == [
        "missing.ics: file: it can't be opened (No such file or directory)"
    ]


@pytest.mark.parametrize(
    ("encoding", "taken"),
    [("utf-8", ""), ("utf-8-sig", ""), ("cp932", "Shift_JIS (cp932)"), ("utf-16", ""), ("iso2022_jp", "ISO-2022-JP")],
)
def test_every_encoding_of_windows_and_of_japanese_mail_is_read(load: Load, encoding: str, taken: str) -> None:
    content = calendar(entry("a", "DTSTART:20261201T010000Z", "DURATION:PT1H", "SUMMARY:訪問:青木商事"))
    events, problems = load(content.decode().encode(encoding))
    assert problems == ([f"mine.ics: file: its text was read as {taken}"] if taken else [])
    assert events[0]["summary"] == "訪問:青木商事"


@pytest.mark.slow
def test_ten_thousand_entries_all_arrive(load: Load) -> None:
    times = ("DURATION:PT1H", "SUMMARY:Many")
    entries = (
        entry(f"u{n}", f"DTSTART:2026{1 + n % 12:02}{1 + n % 28:02}T{n % 24:02}0000", *times) for n in range(10_000)
    )
    events, problems = load(calendar(*entries))
    assert problems == []
    assert len(events) == 10_000
