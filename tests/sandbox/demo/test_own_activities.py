"""The demo takes the activities that the user exported from a CRM or keeps in a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.crm.activity import Activity, Day, Moment
from soroe.sandbox.demo.from_csv import load_oracle, load_pipedrive, load_rest, load_salesforce
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.oracle import OracleSandbox
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.salesforce import SalesforceSandbox
from tests.sandbox.demo.words import told

Load = Callable[[str | bytes], tuple[list[Activity], list[str]]]

JAPANESE = """件名,種別,開始,終了,終日,場所,詳細,非公開
訪問:青木商事,訪問,2026/12/01 10:00,2026/12/01 11:00,,大阪,"見積書
2 部",はい
展示会,会議,2026年12月4日,2026年12月5日,はい,,,
フォロー,電話,2026/12/01(火) 午後3時30分,16:00,いいえ,,,
"""
ENGLISH = (
    "Subject,Type,Start,End,All-day,Location,Description,Private\n"
    'Visit,meeting,2026-12-01 10:00,2026-12-01T11:00:00,no,Osaka,"Two ""copies""",yes\n'
)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes a file, loads it into a CRM, and returns its activities and the problems."""

    def act(content: str | bytes) -> tuple[list[Activity], list[str]]:
        path = tmp_path / "mine.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        crm = CrmSandbox()
        user, remarks = load_rest(crm, OwnFile(path))
        problems = told(remarks)
        return crm.activities(user), problems

    return act


def tokyo(day: int, hour: int, minute: int = 0) -> Moment:
    return Moment(datetime(2026, 12, day, hour, minute), "Asia/Tokyo")


@pytest.mark.parametrize(
    ("encoding", "taken"),
    [("utf-8", ""), ("utf-8-sig", ""), ("cp932", "Shift_JIS (cp932)"), ("utf-16", ""), ("iso2022_jp", "ISO-2022-JP")],
)
def test_japanese_headings_and_dates_are_read_in_every_encoding(load: Load, encoding: str, taken: str) -> None:
    activities, problems = load(JAPANESE.encode(encoding))
    assert problems == ([f"mine.csv: file: its text was read as {taken}"] if taken else [])
    visit, fair, call = (activity.content for activity in activities)
    assert (visit.subject, visit.type, visit.location) == ("訪問:青木商事", "meeting", "大阪")
    assert (visit.description, visit.private) == ("見積書\n2 部", True)
    assert (visit.start, visit.end) == (tokyo(1, 10), tokyo(1, 11))
    assert (fair.start, fair.end) == (Day(date(2026, 12, 4)), Day(date(2026, 12, 6)))
    assert (call.type, call.start, call.end) == ("call", tokyo(1, 15, 30), tokyo(1, 16))


def test_english_headings_are_read(load: Load) -> None:
    activities, problems = load(ENGLISH)
    assert problems == []
    visit = activities[0].content
    assert (visit.subject, visit.start, visit.end) == ("Visit", tokyo(1, 10), tokyo(1, 11))
    assert (visit.location, visit.description, visit.private) == ("Osaka", 'Two "copies"', True)


def test_headings_that_split_date_and_time_are_read(load: Load) -> None:
    activities, problems = load(
        "Subject,Start Date,Start Time,End Date,End Time,All Day Event,Location\n"
        "Lunch,12/24/2026,12:00 PM,12/24/2026,1:15 PM,FALSE,Ginza\n"
        "Holidays,12/29/2026,,12/31/2026,,TRUE,\n"
    )
    assert problems == []
    lunch, holidays = (activity.content for activity in activities)
    assert (lunch.start, lunch.end) == (tokyo(24, 12), tokyo(24, 13, 15))
    assert (holidays.start, holidays.end) == (Day(date(2026, 12, 29)), Day(date(2027, 1, 1)))


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("2026-12-03 10:00", tokyo(3, 10)),
        ("2026-12-03T01:00:00Z", tokyo(3, 10)),
        ("2026-12-03T10:00:00.000+09:00", tokyo(3, 10)),
        ("2026/12/3 9:05", tokyo(3, 9, 5)),
        ("2026.12.3 10:00", tokyo(3, 10)),
        ("20261203 10:00", tokyo(3, 10)),
        ("2026年12月3日 10時", tokyo(3, 10)),
        ("2026年12月3日(木) 午前10時05分", tokyo(3, 10, 5)),
        ("03.12.2026 10:00", tokyo(3, 10)),
        ("2026-12-03", Day(date(2026, 12, 3))),
    ],
)
def test_dates_are_read_as_people_and_programs_write_them(load: Load, written: str, start: Moment | Day) -> None:
    activities, problems = load(f"subject,start\nVisit,{written}\n")
    assert problems == []
    assert activities[0].content.start == start


def test_one_date_that_can_only_be_day_first_settles_it_for_the_file(load: Load) -> None:
    activities, _ = load("subject,start\nA,03/12/2026\nB,24/12/2026\n")
    assert [activity.content.start for activity in activities] == [Day(date(2026, 12, 3)), Day(date(2026, 12, 24))]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",2026-12-01,,,", "subject"),
        ("Bad,,,,", "start"),
        ("Bad,2026-02-30,,,", "start"),
        ("Bad,2026-12-01 25:00,,,", "start"),
        ("Bad,9999-12-01,,,", "start"),
        ("Bad,soon,,,", "start"),
        ("Bad,2026-12-01 10:00,2026-12-01 09:00,,", "end"),
        ("Bad,2026-12-02,2026-12-01,,", "end"),
        ("Bad,2026-12-01 10:00,2026-12-01,,", "end"),
        ("Bad,2026-12-01,,maybe,", "all-day"),
        ("Bad,2026-12-01,,,perhaps", "private"),
        ("B" * 300 + ",2026-12-01,,,", "subject"),
        ('"Bad"x,2026-12-01,,,', "row"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_rest_go_on(load: Load, row: str, field: str) -> None:
    activities, problems = load(f"subject,start,end,all-day,private\n{row}\nGood,2026-12-01,,,\n")
    assert [activity.content.subject for activity in activities] == ["Good"]
    assert len(problems) == 1
    assert problems[0].startswith(f"mine.csv, line 2: {field}: ")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "file"),
        (b"\n\n", "file"),
        (bytes(range(256)) * 10, "file"),
        (b"\x00\x01\x02\x03", "file"),
        (b"name,when\nVisit,2026-12-01\n", "subject"),
        (b"subject,when\nVisit,2026-12-01\n", "start"),
        (b"subject,start\n", "file"),
    ],
)
def test_a_file_that_is_none_is_one_problem(load: Load, content: bytes, field: str) -> None:
    activities, problems = load(content)
    assert activities == []
    assert len(problems) == 1
    assert problems[0].startswith(f"mine.csv: {field}: ")


def test_excel_may_say_what_parts_the_columns(load: Load) -> None:
    activities, problems = load("\ufeffsep=;\r\n\r\nSubject;Start\r\nVisit;2026-12-01\r\nBad;soon\r\n")
    assert [activity.content.subject for activity in activities] == ["Visit"]
    assert [problem.split(": ")[:2] for problem in problems] == [["mine.csv, line 5", "start"]]


def test_what_is_in_no_column_that_is_taken_is_told(load: Load) -> None:
    rows = "Subject,Start,Deal,Start,Empty,\nVisit,2026-12-01,Big deal,2026-12-02,,x\nCall,2026-12-01,,,,,bring a, b\n"
    activities, problems = load(rows)
    assert [activity.content.subject for activity in activities] == ["Visit", "Call"]
    assert [problem.split(": ")[:2] for problem in problems] == [
        ["mine.csv, line 1", "Deal"],
        ["mine.csv, line 1", "Start"],
        ["mine.csv, line 1", "column 6"],
        ["mine.csv, line 3", "row"],
    ]


def test_a_quotation_mark_that_nothing_closes_takes_its_own_row_only(load: Load) -> None:
    rows = "".join(f"Good {n},2026-12-01\n" for n in range(3))
    activities, problems = load(f'subject,start\n{rows}"Bad,2026-12-01\n{rows}')
    assert len(activities) == 6
    assert [problem.split(": ")[:2] for problem in problems] == [["mine.csv, line 5", "row"]]


def test_a_file_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    _, remarks = load_rest(CrmSandbox(), OwnFile(tmp_path / "missing.csv"))
    problems = told(remarks)
    assert problems == ["missing.csv: file: it can't be opened (No such file or directory)"]


def test_a_type_the_crm_does_not_know_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("subject,type,start\nVisit,Site Survey,2026-12-01\n", encoding="utf-8")
    crm = CrmSandbox()
    user, remarks = load_rest(crm, OwnFile(path))
    problems = told(remarks)
    assert problems == []
    assert crm.activities(user)[0].content.type == "site survey"


def test_ten_thousand_rows_all_arrive(load: Load) -> None:
    rows = "".join(f"Visit {n},2026-{1 + n % 12:02}-{1 + n % 28:02} 10:00,,,\n" for n in range(10_000))
    activities, problems = load(f"subject,start,end,location,description\n{rows}")
    assert problems == []
    assert len(activities) == 10_000


def test_pipedrive_gets_the_same_and_says_what_it_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(JAPANESE, encoding="utf-8")
    crm = PipedriveSandbox()
    user, remarks = load_pipedrive(crm, OwnFile(path))
    problems = told(remarks)
    visit, fair, call = (activity.fields for activity in crm.activities(user))
    assert (visit.due_date, visit.due_time, visit.duration) == (date(2026, 12, 1), "01:00:00", "01:00:00")
    assert (fair.due_date, fair.due_time) == (date(2026, 12, 4), None)
    assert (call.type, call.duration) == ("call", f"{timedelta(minutes=30)}".rjust(8, "0"))
    assert [problem.split(": ")[:2] for problem in problems] == [
        ["mine.csv, line 3", "private"],
        ["mine.csv, line 4", "end"],
    ]


def test_oracle_gets_its_own_types_and_says_what_it_shortens(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    long = "x" * 151
    rows = f"件名,種別,開始,終了,終日,場所,詳細,非公開\n{long},セミナー,2026/12/01,2026/12/03,はい,大阪,,はい\n"
    path.write_text(rows, encoding="utf-8")
    oracle = OracleSandbox()
    user, remarks = load_oracle(oracle, OwnFile(path))
    problems = told(remarks)
    (made,) = oracle.appointments(user)
    tokyo_midnights = (datetime(2026, 11, 30, 15, tzinfo=UTC), datetime(2026, 12, 3, 15, tzinfo=UTC))
    assert (made.values["StartTime"], made.values["EndTime"]) == tokyo_midnights
    assert (made.values["Type"], made.values["Private"], made.values["Location"]) == ("Other", True, "大阪")
    assert len(made.title) == 150
    assert [problem.partition(": ")[2].partition(":")[0] for problem in problems] == ["type", "subject"]


def test_oracle_puts_in_what_it_can(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("件名,種別,開始,終了\n訪問,電話,2026/12/01 10:00,2026/12/01 11:00\n", encoding="utf-8")
    oracle = OracleSandbox()
    user, remarks = load_oracle(oracle, OwnFile(path))
    problems = told(remarks)
    (made,) = oracle.appointments(user)
    assert (made.title, made.values["Type"], problems) == ("訪問", "Call", [])


def test_salesforce_gets_days_and_lines_as_it_keeps_them_and_refuses_what_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    fair = "長い展示会,会議,2026/12/01,2026/12/20,はい,,,\n"
    path.write_text(JAPANESE + fair + "x" * 256 + ",会議,2026/12/01,,はい,,,\n", encoding="utf-8")
    salesforce = SalesforceSandbox()
    user, remarks = load_salesforce(salesforce, OwnFile(path))
    problems = told(remarks)
    visit, days, call = salesforce.events(user)
    assert (visit["StartDateTime"], visit["DurationInMinutes"]) == (datetime(2026, 12, 1, 1, tzinfo=UTC), 60)
    assert (visit["Type"], visit["IsPrivate"], visit["Description"]) == ("Meeting", True, "見積書\r\n2 部")
    assert (days["IsAllDayEvent"], days["EndDate"], call["Type"]) == (True, date(2026, 12, 5), "Call")
    assert [problem.split(": ")[0] for problem in problems] == ["mine.csv, line 6", "mine.csv, line 7"]
    assert "20160" in problems[0] and "255" in problems[1]
