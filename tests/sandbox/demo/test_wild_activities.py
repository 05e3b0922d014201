"""Tables of activities as CRMs, calendars and people write them, in two languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from soroe.core.event import Window
from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.crm.activity import Activity, Day, Moment
from soroe.sandbox.demo.from_csv import load_rest
from soroe.sandbox.demo.text_file import OwnFile
from tests.sandbox.demo.words import told

Load = Callable[[str], tuple[list[Activity], list[str]]]
TOKYO = "Asia/Tokyo"
NOON = Moment(datetime(2026, 12, 3, 12), TOKYO)
THREE = Moment(datetime(2026, 12, 3, 15), TOKYO)
MIDNIGHT = Moment(datetime(2026, 12, 4), TOKYO)
THIRD = Day(date(2026, 12, 3))
EITHER = (
    "start: dates such as 3/4/2026 were read as month/day/year;"
    " if they are meant the other way round, write them as 2026-04-03"
)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes a file, loads it into a CRM, and returns its activities and what was said, without where."""

    def act(content: str) -> tuple[list[Activity], list[str]]:
        path = tmp_path / "mine.csv"
        path.write_text(content, encoding="utf-8", newline="")
        crm = CrmSandbox()
        user, remarks = load_rest(crm, OwnFile(path))
        return crm.activities(user), [line.split(": ", 1)[1] for line in told(remarks)]

    return act


EXPORTS = {
    "Outlook": (
        '"件名","開始日","開始時刻","終了日","終了時刻","終日イベント","場所","内容","プライベート"\r\n'
        '"訪問","2026/12/3","12:00:00","2026/12/3","15:00:00","FALSE","大阪","見積書","FALSE"\r\n'
    ),
    "Outlook in English": (
        '"Subject","Start Date","Start Time","End Date","End Time","All day event",'
        '"Location","Description","Private"\r\n'
        '"訪問","12/3/2026","12:00:00 PM","12/3/2026","3:00:00 PM","False","大阪","見積書","False"\r\n'
        '"Gone by","12/13/2026","12:00:00 PM","12/13/2026","3:00:00 PM","False","","","False"\r\n'
    ),
    "Salesforce, data": (
        '"SUBJECT","LOCATION","ISALLDAYEVENT","ACTIVITYDATE","STARTDATETIME",'
        '"ENDDATETIME","DESCRIPTION","ISPRIVATE"\n'
        '"訪問","大阪","0","","2026-12-03T03:00:00.000Z","2026-12-03T06:00:00.000Z","見積書","0"\n'
    ),
    "Salesforce, API names": (
        "ActivityDate,DurationInMinutes,StartDateTime,Subject,Location,IsAllDayEvent,Description,IsPrivate\n"
        "2026-12-03,180,2026-12-03T03:00:00.000Z,訪問,大阪,false,見積書,false\n"
    ),
    "Salesforce, report": (
        "Subject,Start,End,Location,Full Comments\n"
        '訪問,"12/3/2026, 12:00 PM","12/3/2026, 3:00 PM",大阪,見積書\n'
        'Gone by,"12/13/2026, 12:00 PM","12/13/2026, 3:00 PM",,\n'
    ),
    "Pipedrive": (
        "Activity - Subject,Activity - Due date,Activity - Due time,"
        "Activity - Duration,Activity - Location,Activity - Note\n"
        "訪問,2026-12-03,12:00,03:00,大阪,見積書\n"
    ),
    "HubSpot": (
        "Meeting name,Meeting start time,Meeting end time,Meeting location,Meeting description\n"
        "訪問,2026-12-03 12:00,2026-12-03 15:00,大阪,見積書\n"
    ),
    "HubSpot, own names": (
        "hs_meeting_title;hs_meeting_start_time;hs_meeting_end_time;hs_meeting_location;hs_meeting_body\n"
        "訪問;2026-12-03T03:00:00Z;2026-12-03T06:00:00Z;大阪;見積書\n"
    ),
    "Times with their dates": (
        "Title\tStart time\tEnd time\tPlace\tNote\n訪問\t2026-12-03 12:00\t2026-12-03 15:00\t大阪\t見積書\n"
    ),
    "By hand": "件名,訪問日,開始時刻,所要時間(分),場所,備考\n訪問,令和8年12月3日(木),12:00,180,大阪,見積書\n",
}


@pytest.mark.parametrize("program", EXPORTS)
def test_the_columns_of_an_export_are_known_by_their_headings(load: Load, program: str) -> None:
    activities, said = load(EXPORTS[program])
    visit = activities[0].content
    assert (visit.subject, visit.start, visit.end) == ("訪問", NOON, THREE)
    assert (visit.location, visit.description, visit.private) == ("大阪", "見積書", False)
    assert [one for one in said if "ActivityDate" not in one and "ACTIVITYDATE" not in one] == []


def test_of_two_columns_for_one_thing_the_better_one_is_taken_and_the_other_told(load: Load) -> None:
    activities, said = load("Subject,Activity Date,Start Date Time\nVisit,2026-12-03,2026-12-03 12:00\n")
    assert activities[0].content.start == NOON
    assert said == ["Activity Date: left out: this column is not taken"]


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("2026年12月3日 午後3:00", THREE),
        ("2026年12月3日 午後3時", THREE),
        ("２０２６年１２月３日　１５：００", THREE),
        ("2026年12月3日(木)15時00分", THREE),
        ("2026年12月3日 木曜日", THIRD),
        ("令和8年12月3日 12:00", NOON),
        ("R8.12.3 12:00", NOON),
        ("2026/12/3 午前0:00", Moment(datetime(2026, 12, 3), TOKYO)),
        ("2026/12/3 午後0時", NOON),
        ("2026/12/3 24:00", MIDNIGHT),
        ("2026/12/31 24時", Moment(datetime(2027, 1, 1), TOKYO)),
        ("2026/12/3 2時半", Moment(datetime(2026, 12, 3, 2, 30), TOKYO)),
        ("December 3, 2026 3:00 p.m.", THREE),
        ("Thursday, December 3, 2026 at 3 PM", THREE),
        ("3-Dec-2026 15:00", THREE),
        ("3 Dec 2026, 12 pm", NOON),
        ("2026-12-03 03:00:00 UTC", NOON),
        ("13-12-2026", Day(date(2026, 12, 13))),
        ("令和元年12月3日", Day(date(2019, 12, 3))),
    ],
)
def test_dates_and_times_are_read_as_they_are_written_in_both_languages(
    load: Load, written: str, start: Moment | Day
) -> None:
    activities, said = load(f'subject,start\nVisit,"{written}"\n')
    assert said == []
    assert activities[0].content.start == start


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026/12/3 25:00", "start: there is no time “25:00”"),
        ("2026/12/3 24:30", "start: there is no time “24:30”"),
        ("2026/12/3 午前15:00", "start: there is no time “午前15:00”"),
        ("2026/12/3 12", "start: “12” is no time"),
        ("22/11/26 10:00", "start: “22/11/26 10:00” is no date"),
        ("202612031", "start: “202612031” is no date"),
        ("令和8年13月3日", "start: there is no date “令和8年13月3日”"),
    ],
)
def test_what_is_no_time_is_told_and_not_guessed(load: Load, written: str, said: str) -> None:
    assert load(f'subject,start\nVisit,"{written}"\n') == ([], [said])


@pytest.mark.parametrize("written", ["12/3/2026", "12-3-2026"])
def test_which_number_is_the_month_is_told_where_nothing_in_the_file_shows_it(load: Load, written: str) -> None:
    activities, said = load(f"subject,start\nVisit,{written}\n")
    assert activities[0].content.start == THIRD
    assert said == [EITHER]


@pytest.mark.parametrize("other", ["12/24/2026", "24/12/2026"])
def test_nothing_is_said_of_the_order_where_one_date_shows_it(load: Load, other: str) -> None:
    activities, said = load(f"subject,start\nA,12/3/2026\nB,{other}\n")
    assert [activity.content.start for activity in activities][1] == Day(date(2026, 12, 24))
    assert said == []


def test_two_orders_in_one_file_are_told(load: Load) -> None:
    activities, said = load("subject,start\nA,12/24/2026\nB,25/12/2026\n")
    assert [activity.content.subject for activity in activities] == ["A"]
    assert said[0].startswith("start: some dates have the day first and some the month")
    assert said[1:] == ["start: there is no date “25/12/2026”"]


def test_a_date_that_reads_the_same_both_ways_needs_no_word(load: Load) -> None:
    assert load("subject,start\nVisit,12/12/2026\n")[1] == []


@pytest.mark.parametrize(
    ("heading", "length"),
    [
        ("Duration", "3:00"),
        ("Duration", "03:00:00"),
        ("所要時間", "3時間"),
        ("所要時間(分)", "180"),
        ("Duration", "180分"),
    ],
)
def test_the_end_may_be_told_by_how_long_it_takes(load: Load, heading: str, length: str) -> None:
    activities, said = load(f"subject,start,{heading}\nVisit,2026-12-03 12:00,{length}\n")
    assert said == []
    assert activities[0].content.end == THREE


def test_a_bare_number_is_no_length(load: Load) -> None:
    activities, said = load("subject,start,duration\nVisit,2026-12-03 12:00,3\n")
    assert (activities, said) == ([], ["duration: “3” is no length of time, such as 1:30"])


def test_cells_that_look_like_formulas_are_words(load: Load) -> None:
    words = ["=1+1", "+81 3", "-", "@home", '=HYPERLINK("x")']
    rows = "".join(f'"{word.replace(chr(34), chr(34) * 2)}",2026-12-03\n' for word in words)
    activities, said = load(f"subject,start\n{rows}")
    assert ([activity.content.subject for activity in activities], said) == (words, [])


def test_a_row_with_a_stray_quotation_mark_is_told_in_plain_words(load: Load) -> None:
    activities, said = load('subject,start\n"A" b,2026-12-03\nC,2026-12-03\n')
    assert [activity.content.subject for activity in activities] == ["C"]
    assert said == ["row: this row cannot be read: a quotation mark stands where none can be, or the row is too long"]


def test_how_many_rows_are_not_synced_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("subject,start\nOld,2005-12-03\nNow,2026-12-03 12:00\nFar,2099-12-03\n", encoding="utf-8")
    crm = CrmSandbox()
    user, remarks = load_rest(crm, OwnFile(path, shown=Window(date(2020, 1, 1), date(2029, 12, 31))))
    assert told(remarks) == ["mine.csv: file: before 2020-01-01 or after 2029-12-31, and therefore not synced: 2"]
    assert len(crm.activities(user)) == 3
