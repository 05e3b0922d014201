"""Lists of the Oracle-shaped server: pages, order, chosen fields, and the language of `q`."""

from __future__ import annotations

import pytest

from soroe.sandbox.oracle import OracleSandbox
from tests.sandbox.crm.caller import Clock
from tests.sandbox.oracle.caller import APPOINTMENTS, Caller, error


@pytest.fixture
def visits(call: Caller, clock: Clock) -> list[str]:
    """Three appointments, a minute apart."""
    made: list[str] = []
    for subject, place in (("Alpha", "Osaka"), ("beta; 'two'", None), ("Gamma *", "Kyoto")):
        made.append(call.create(Subject=subject, Location=place))
        clock.moves_on(minutes=1)
    return made


def subjects(call: Caller, **query: str) -> list[str]:
    return [row["Subject"] for row in call.list(fields="Subject", **query)]


def test_pages_say_whether_they_are_the_last(call: Caller, visits: list[str]) -> None:
    first = call("GET", APPOINTMENTS, params={"limit": "2", "offset": "0"}).json()
    assert first["_contextInfo"] == {"limit": 2, "offset": 0, "lastpage": False}
    second = call("GET", APPOINTMENTS, params={"limit": "2", "offset": "2"}).json()
    assert second["_contextInfo"] == {"limit": 2, "offset": 2, "lastpage": True}
    assert [row["Id"] for row in first["Appointments"] + second["Appointments"]] == visits
    beyond = call("GET", APPOINTMENTS, params={"offset": "9"}).json()
    assert (beyond["Appointments"], beyond["_contextInfo"]["lastpage"]) == ([], True)


def test_a_full_last_page_is_the_last(call: Caller, visits: list[str]) -> None:
    assert call("GET", APPOINTMENTS, params={"limit": "3"}).json()["_contextInfo"]["lastpage"] is True


def test_a_hundred_are_the_most_and_the_usual(oracle: OracleSandbox, call: Caller, visits: list[str]) -> None:
    assert call("GET", APPOINTMENTS).json()["_contextInfo"]["limit"] == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "0"}, {"limit": "101"}, {"limit": "-1"}, {"limit": "ten"}, {"offset": "-1"}, {"offset": "1e3"},
        {"fields": "Subject,Colour"}, {"fields": "subject"}, {"fields": ""}, {"orderBy": "Subject"},
        {"orderBy": "Subject:up"}, {"orderBy": "Colour:asc"}, {"orderBy": "Description:asc"}, {"onlyData": "1"},
        {"page": "1"},
    ],
    ids=lambda value: "-".join(f"{name}-{text or 'empty'}" for name, text in value.items()),
)  # fmt: skip # short values, several a line
def test_a_wrong_parameter_is_a_400(call: Caller, wrong: dict[str, str]) -> None:
    assert call("GET", APPOINTMENTS, params=wrong).status_code == 400


def test_a_parameter_comes_once(call: Caller) -> None:
    assert call("GET", f"{APPOINTMENTS}?limit=1&limit=2").status_code == 400


def test_only_the_chosen_fields_come_and_links_unless_only_data(call: Caller, visits: list[str]) -> None:
    (row,) = call.list(fields="Id,Subject", limit="1")
    assert row.keys() == {"Id", "Subject", "links"}
    assert row["links"]["Users"]["href"] == f"{APPOINTMENTS}/{visits[0]}/child/Users"
    bare = call("GET", APPOINTMENTS, params={"fields": "Id", "limit": "1", "onlyData": "true"}).json()
    assert bare["Appointments"] == [{"Id": visits[0]}]
    assert "links" not in bare


def test_rows_are_sorted_by_several_fields_and_those_without_a_value_come_last(call: Caller, visits: list[str]) -> None:
    assert subjects(call, orderBy="ModifiedDate:desc") == ["Gamma *", "beta; 'two'", "Alpha"]
    assert subjects(call, orderBy="Location:asc,Subject:asc") == ["Gamma *", "Alpha", "beta; 'two'"]
    assert subjects(call, orderBy="Type:asc,Subject:desc") == ["beta; 'two'", "Gamma *", "Alpha"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Subject='Alpha'", ["Alpha"]),
        ('Subject = "Alpha"', ["Alpha"]),
        ("Subject='alpha'", []),
        ("Subject='Alpha' OR = 'Gamma \\*'", ["Alpha", "Gamma *"]),
        ("Subject='Alpha' or ='Gamma *'", ["Alpha", "Gamma *"]),
        ("Subject >= 'Alpha' AND < 'B' OR = 'Gamma \\*'", ["Alpha", "Gamma *"]),
        ("Subject LIKE 'Al*'", ["Alpha"]),
        ("Subject like '*a*'", ["Alpha", "beta; 'two'", "Gamma *"]),
        ("Subject='Al*'", ["Alpha"]),
        ("Subject='Al\\*'", []),
        ("Subject=\"beta; 'two'\"", ["beta; 'two'"]),
        ("Subject='beta; \\'two\\''", ["beta; 'two'"]),
        ("Location='Osaka'", ["Alpha"]),
        ("Location='Osaka';Subject='Gamma *'", []),
        ("Private=false;Subject='Alpha'", ["Alpha"]),
        ("Private=TRUE", []),
        ("ModifiedDate > '2026-05-01T12:00:00Z'", ["beta; 'two'", "Gamma *"]),
        ("ModifiedDate >= '2026-05-01T12:01:00Z' AND <= '2026-05-01T12:01:00Z'", ["beta; 'two'"]),
        ("StartTime < '2026-05-11T10:00:01Z';Subject > 'B' ", ["beta; 'two'", "Gamma *"]),
    ],
)
def test_q_finds(call: Caller, visits: list[str], asked: str, found: list[str]) -> None:
    assert subjects(call, q=asked) == found


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ("", "INVALID_FIELD"),
        ("Colour='red'", "INVALID_FIELD"),
        ("subject='x'", "INVALID_FIELD"),
        ("Subject='x';", "INVALID_FIELD"),
        ("Description='x'", "FLD_NOT_SEARCHABLE"),
        ("Subject", "OPERATOR_NOT_FOUND"),
        ("Subject <> 'x'", "INVALID_STRING"),
        ("Subject != 'x'", "INVALID_OPERATOR"),
        ("Subject IN 'x'", "INVALID_OPERATOR"),
        ("Subject=", "VALUE_NOT_FOUND"),
        ("Subject=;Type='x'", "VALUE_NOT_FOUND"),
        ("Subject=Alpha", "INVALID_STRING"),
        ("Subject='Alpha", "UNCLOSED_STRING"),
        ("Subject='a\\n'", "UNSUPPORTED_ESCAPE_SEQ"),
        ("Subject='a\\", "UNSUPPORTED_ESCAPE_SEQ"),
        ("Subject='a' Type='b'", "SEMICOLON_EXPECTED"),
        ("Subject='a' OR Subject='b'", "INVALID_OPERATOR"),
        ("Subject='" + "a" * 4096 + "'", "EXPRESSION_TOO_LONG"),
        ("Subject='a\0'", "UNSUPPORTED_CHAR"),
    ],
    ids=range(19),
)
def test_q_is_refused_with_the_errors_of_the_parser(call: Caller, asked: str, refused: str) -> None:
    answer = call("GET", APPOINTMENTS, params={"q": asked})
    assert (answer.status_code, error(answer)["errorCode"]) == (400, f"REST_QUERY_PARSER_{refused}")


def test_a_time_in_q_has_the_form_of_every_time(call: Caller, visits: list[str]) -> None:
    for time in ("2026-05-01", "05/01/2026 12:00:00", "2026-05-01T12:00:00"):
        assert call("GET", APPOINTMENTS, params={"q": f"ModifiedDate > '{time}'"}).status_code == 400


def test_lists_lie_when_they_are_told_to(oracle: OracleSandbox, call: Caller, visits: list[str]) -> None:
    oracle.list_nothing()
    oracle.lies.answer_truncated(2)
    oracle.lies.repeat_items()
    answers = [call("GET", APPOINTMENTS).json() for _ in range(4)]
    assert [len(answer["Appointments"]) for answer in answers] == [0, 2, 6, 3]
    assert all(answer["_contextInfo"]["lastpage"] for answer in answers)
