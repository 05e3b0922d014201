"""Schedules of the eSales-shaped server: times, texts, participants, history, searches."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from soroe.sandbox.esales import Employee, EsalesSandbox
from tests.sandbox.crm.caller import Clock
from tests.sandbox.esales.caller import SCHEDULES, Caller, body


def times(schedule: dict[str, object]) -> tuple[object, object]:
    return schedule["start"], schedule["end"]


# --- times ---
def test_times_are_told_with_slashes_in_the_zone_of_the_header(
    esales: EsalesSandbox, call: Caller, sato: Employee
) -> None:
    made = esales.user_creates(sato, "訪問", datetime(2026, 5, 12, 8))
    assert times(call("GET", f"{SCHEDULES}/{made.id}").json()) == ("2026/05/12 08:00", "2026/05/12 09:00")
    london = {"Authorization": f"Bearer {call.token}", "X-ESM-TIMEZONE": "Europe/London"}
    there = call("GET", f"{SCHEDULES}/{made.id}", headers=london).json()
    assert times(there) == ("2026/05/12 00:00", "2026/05/12 01:00")
    assert there["update_date"] == "2026/05/01 04:00:00"


@pytest.mark.parametrize(
    "changes",
    [
        {"start": "2026-05-12T10:00:00"},
        {"start": "2026-05-12 10:00"},
        {"start": "2026/05/12T10:00"},
        {"start": "2026/5/12 10:00"},
        {"start": "2026/05/12 10:00 +09:00"},
        {"start": "2026/02/30 10:00"},
        {"start": 1_778_000_000},
        {"start": "2026/05/12"},
        {"type": "all_day"},
        {"type": "all_day", "start": "2026/05/12", "end": "2026/05/13"},
        {"end": "2026/05/12 10:00"},
        {"end": "2026/05/12 09:00"},
        {"subject": " "},
        {"subject": None},
        {"private": 1},
        {"type": "weekly"},
        {"schedule_kind": "1"},
        {"schedule_kind": 99},
        {"participants": [{"employee_id": 99}]},
        {"participants": [{"email": "a@example.com"}]},
        {"participants": {"employee_id": 1}},
        {"recurrence": "RRULE:FREQ=WEEKLY"},
        {"updater": 1},
        {"update_date": "2026/05/12 10:00:00"},
        {"customer": {"name": "ACME"}},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_what_the_service_does_not_know_is_refused_and_named(call: Caller, changes: dict[str, object]) -> None:
    answer = call("POST", SCHEDULES, body(**changes))
    assert answer.status_code == 400
    assert answer.json()["error"]["field"].split(".")[0] in {"start", "end", *changes}
    assert call.search() == []


def test_an_all_day_schedule_is_one_day_long(call: Caller) -> None:
    made = call.create(type="all_day", start="2026/05/12", end="2026/05/12")
    assert (made["type"], *times(made)) == ("all_day", "2026/05/12", "2026/05/12")


def test_esm_i9_the_api_keeps_minutes_and_a_person_who_saves_rounds_them_down(
    esales: EsalesSandbox, call: Caller
) -> None:
    made = call.create(start="2026/05/12 09:58", end="2026/05/12 10:59:30")
    assert times(made) == ("2026/05/12 09:58", "2026/05/12 10:59")
    esales.user_changes(made["schedule_id"], subject="New")
    assert times(call("GET", f"{SCHEDULES}/{made['schedule_id']}").json()) == ("2026/05/12 09:55", "2026/05/12 10:55")


def test_a_person_who_saves_never_makes_a_schedule_of_no_length(esales: EsalesSandbox, call: Caller) -> None:
    made = call.create(start="2026/05/12 10:01", end="2026/05/12 10:04")
    esales.user_changes(made["schedule_id"], subject="New")
    assert times(call.search()[0]) == ("2026/05/12 10:00", "2026/05/12 10:05")


def test_a_person_moves_a_schedule_and_it_stays_as_long(esales: EsalesSandbox, call: Caller, sato: Employee) -> None:
    made = esales.user_creates(sato, "訪問", datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 12))
    esales.user_changes(made.id, start=datetime(2026, 5, 13, 9))
    assert times(call.search()[0]) == ("2026/05/13 09:00", "2026/05/13 11:00")
    esales.user_changes(made.id, end=datetime(2026, 5, 13, 9, 32))
    assert times(call.search()[0]) == ("2026/05/13 09:00", "2026/05/13 09:30")
    esales.user_changes(made.id, start=date(2026, 5, 14))
    assert times(call.search()[0]) == ("2026/05/14", "2026/05/14")


# --- texts, history ---
def test_esm_il1_what_is_too_long_is_cut_without_a_word_or_refused(esales: EsalesSandbox, call: Caller) -> None:
    esales.limit_texts(subject=5)
    assert call.create(subject="0123456789")["subject"] == "01234"
    esales.limit_texts(refuse=True)
    refused = call("POST", SCHEDULES, body(subject="0123456789"))
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "subject")


def test_what_comes_through_the_api_is_the_administrators_doing(
    esales: EsalesSandbox, call: Caller, sato: Employee, clock: Clock
) -> None:
    made = call.create(registrant=sato.id)
    assert (made["registrant"], made["updater"]) == (sato.id, esales.admin.id)
    assert call.create(registrant=99)["registrant"] == esales.admin.id
    mine = esales.user_creates(sato, "社内", datetime(2026, 5, 12, 10))
    assert mine.updater == sato.id
    clock.moves_on(seconds=90)
    changed = call("PUT", f"{SCHEDULES}/{mine.id}", {"detail": "メモ"}).json()
    assert (changed["registrant"], changed["updater"]) == (sato.id, esales.admin.id)
    assert changed["registration_date"] < changed["update_date"]
    assert call("PUT", f"{SCHEDULES}/{mine.id}", {"registrant": 1}).status_code == 400


def test_a_change_leaves_what_it_does_not_name(esales: EsalesSandbox, call: Caller, sato: Employee) -> None:
    made = esales.user_creates(
        sato, "訪問", datetime(2026, 5, 12, 10), customer="青木商事", businessplan="更新", people_met=("田中",),
        facilities=("会議室 A",), schedule_kind=1,
    )  # fmt: skip # short values, several a line
    call("PUT", f"{SCHEDULES}/{made.id}", {"subject": "New"})
    kept = esales.schedule(made.id).fields
    assert (kept.subject, kept.people_met, kept.facilities, kept.schedule_kind) == ("New", ("田中",), ("会議室 A",), 1)
    assert kept.customer is not None and kept.businessplan is not None
    assert (kept.customer.name, kept.businessplan.name) == ("青木商事", "更新")


def test_a_deleted_schedule_is_gone_and_leaves_no_trace_in_a_search(call: Caller, esales: EsalesSandbox) -> None:
    made = call.create()
    assert call("DELETE", f"{SCHEDULES}/{made['schedule_id']}").status_code == 204
    assert call("GET", f"{SCHEDULES}/{made['schedule_id']}").status_code == 404
    assert call("DELETE", f"{SCHEDULES}/{made['schedule_id']}").status_code == 404
    assert call.search() == []
    esales.user_restores(made["schedule_id"])
    assert len(call.search()) == 1


# --- searching ---
def test_a_search_finds_by_participant_change_and_days(
    esales: EsalesSandbox, call: Caller, sato: Employee, clock: Clock
) -> None:
    suzuki = esales.add_employee("suzuki@example.com", "鈴木")
    esales.user_creates(sato, "A", datetime(2026, 5, 12, 10))
    esales.user_creates(suzuki, "B", datetime(2026, 5, 13, 10), participants=(sato, suzuki))
    clock.moves_on(seconds=60)
    changed = f"{esales.user_creates(suzuki, 'C', date(2026, 5, 14)).updated:%Y/%m/%d %H:%M:%S}"
    utc = {"Authorization": f"Bearer {call.token}", "X-ESM-TIMEZONE": "Etc/UTC"}

    def found(*conditions: tuple[str, str, object]) -> list[str]:
        return [str(one["subject"]) for one in call.search(*conditions)]

    assert found(("participants.employee_id", "=", str(sato.id))) == ["A", "B"]
    assert found(("participants.employee_id", "in", [sato.id, suzuki.id])) == ["A", "B", "C"]
    assert found(("end", ">=", "2026/05/13"), ("start", "<=", "2026/05/13")) == ["B"]
    assert found(("end", ">=", "2026/05/14"), ("start", "<=", "2026/05/14")) == ["C"]
    since = [{"column": "update_date", "operator": ">=", "ref": False, "value": changed}]
    answer = call("POST", f"{SCHEDULES}/search", {"condition": since}, headers=utc)
    assert [one["subject"] for one in answer.json()["items"]] == ["C"]


def test_a_search_comes_in_pages(call: Caller) -> None:
    for number in range(5):
        call.create(subject=str(number))
    assert [one["subject"] for one in call.search(offset=2, limit=2)] == ["2", "3"]


@pytest.mark.parametrize(
    "asked",
    [
        {"condition": {}},
        {"condition": [{"column": "subject", "operator": "=", "value": "A"}]},
        {"condition": [{"column": "subject", "operator": "like", "ref": False, "value": "A"}]},
        {"condition": [{"column": "subject", "operator": "in", "ref": False, "value": "A"}]},
        {"condition": [{"column": "subject", "operator": "=", "ref": True, "value": "A"}]},
        {"condition": [{"column": "colour", "operator": "=", "ref": False, "value": "A"}]},
        {"condition": [{"column": "start", "operator": ">=", "ref": False, "value": "2026-05-12"}]},
        {"condition": [{"column": "start", "operator": "=", "ref": False, "value": "2026/05/12"}]},
        {"limit": 201},
        {"offset": -1},
        {"page": 2},
    ],
    ids=[
        "no-list", "no-ref", "like", "in-text", "ref", "column", "iso", "exact-time", "limit", "offset", "page"
    ],
)  # fmt: skip # short values, several a line
def test_a_search_that_says_something_unknown_is_refused(call: Caller, asked: dict[str, object]) -> None:
    assert call("POST", f"{SCHEDULES}/search", asked).status_code == 400
