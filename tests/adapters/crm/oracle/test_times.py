"""Times that end in a Z and are the user's own all the same, or are UTC after all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from soroe.adapters.crm.documents import Malformed
from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.times import Dial, Problem, Times, judged
from soroe.core.event import CRM_LIST, AllDay, ItemId, ObservedItem, Ref, Timed
from soroe.ports.errors import LocalTrouble
from soroe.sandbox.oracle import OracleSandbox, User
from tests.contracts.stand import WINDOW

from .conftest import Opens

TOKYO = Dial("Asia/Tokyo")
BERLIN = Dial("Europe/Berlin")
PLAIN = Dial("Asia/Tokyo", Times.UTC)


def test_the_z_means_the_users_own_zone_unless_the_settings_say_otherwise() -> None:
    told = "2026-05-12T10:00:00Z"
    assert TOKYO.instant(told, "StartTime") == datetime(2026, 5, 12, 1, tzinfo=UTC)
    assert PLAIN.instant(told, "StartTime") == datetime(2026, 5, 12, 10, tzinfo=UTC)
    assert PLAIN.wall(told, "StartTime") == datetime(2026, 5, 12, 19)


@pytest.mark.parametrize("dial", [TOKYO, PLAIN, BERLIN])
def test_what_is_written_reads_as_the_same_time(dial: Dial) -> None:
    for when in (
        Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11, 30), "Asia/Tokyo"),
        Timed(datetime(2026, 12, 31, 23), datetime(2027, 1, 1, 1), "America/New_York"),
        AllDay(date(2026, 3, 28), date(2026, 3, 31)),  # over the beginning of summer time
    ):
        start, end = (dial.wall(text, "time") for text in dial.both(when))
        back = dial.when(start, end)
        if isinstance(when, AllDay):
            assert back == when
        else:
            assert isinstance(back, Timed) and (back.start_utc, back.end_utc) == (when.start_utc, when.end_utc)


@pytest.mark.parametrize("told", [None, 7, "", "2026-05-12", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "soon"])
def test_what_is_no_time_names_its_field(told: object) -> None:
    with pytest.raises(Malformed) as caught:
        TOKYO.wall(told, "StartTime")
    assert caught.value.field == "StartTime"


def test_no_change_is_missed_when_the_clocks_go_back() -> None:
    before = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 2:50, the first time
    after = before + timedelta(minutes=20)  # 2:10, the second time
    assert BERLIN.told(before) == "2026-10-25T02:50:00Z"
    assert BERLIN.told_since(before, after) == "2026-10-25T01:50:00Z"
    assert BERLIN.told(after) > BERLIN.told_since(before, after)
    assert TOKYO.told_since(before, after) == TOKYO.told(before)


def test_the_services_own_time_shows_what_its_z_stands_for() -> None:
    now = datetime(2026, 5, 11, 9, 0, tzinfo=UTC)
    assert judged("2026-05-11T18:02:00Z", now, TOKYO) is None
    assert judged("2026-05-11T09:02:00Z", now, TOKYO) is Problem.IN_UTC
    assert judged("2026-05-11T18:02:00Z", now, PLAIN) is Problem.IN_USERS_ZONE
    assert judged("2026-05-11T11:02:00Z", now, TOKYO) is Problem.OTHER_ZONE
    assert judged("never", now, TOKYO) is Problem.OTHER_ZONE


def test_nothing_is_carried_while_times_do_not_fit_the_settings(oracle: OracleSandbox, opens: Opens) -> None:
    for settings, problem in (
        ({"zone": "Europe/Berlin"}, Problem.OTHER_ZONE),
        ({"times": Times.UTC}, Problem.IN_USERS_ZONE),
    ):
        crm = opens(**settings)
        for ask in (crm.reader.identity, lambda: list(crm.reader.changes(CRM_LIST, None, WINDOW))):  # noqa: B023 - asked at once
            with pytest.raises(LocalTrouble, match=problem.value):
                ask()
    oracle.tell_true_utc()
    with pytest.raises(LocalTrouble, match=Problem.IN_UTC.value):
        opens().reader.identity()
    assert opens(times=Times.UTC).reader.identity().key


@pytest.mark.parametrize("true_utc", [False, True])
def test_a_company_with_either_kind_of_times_is_read_and_written_right(
    oracle: OracleSandbox, sato: User, opens: Opens, true_utc: bool
) -> None:
    start = datetime(2026, 5, 12, 10)
    own = oracle.user_creates(sato, "Visit", start, start + timedelta(hours=1)).id
    if true_utc:
        oracle.tell_true_utc()
    crm = opens(times=Times.UTC if true_utc else Times.USER)
    item = crm.reader.read(Ref(CRM_LIST, ItemId(own)))
    assert isinstance(item, ObservedItem)
    assert item.content.when == Timed(start, start + timedelta(hours=1), "Asia/Tokyo")
    assert item.changed_at is not None and abs(item.changed_at - oracle.record(own).modified) < timedelta(seconds=1)


def test_the_test_of_an_account_writes_reads_and_removes_one_appointment(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, opens: Opens
) -> None:
    assert crm.try_times("Test", may_write=True) is None
    assert oracle.appointments() == []
    assert [request.method for request in oracle.requests.all() if "Appointments" in request.path][-3:] == [
        "POST", "GET", "DELETE",
    ]  # fmt: skip # short values, several a line
    before = len(oracle.requests)
    assert crm.try_times("Test", may_write=False) is None and len(oracle.requests) == before
    assert opens(zone="Europe/Berlin").try_times("Test", may_write=True) is Problem.OTHER_ZONE


def test_midnight_to_midnight_is_a_range_of_days(oracle: OracleSandbox, sato: User, crm: OracleCrm) -> None:
    own = oracle.user_creates(sato, "Fair", datetime(2026, 5, 12), datetime(2026, 5, 15)).id
    item = crm.reader.read(Ref(CRM_LIST, ItemId(own)))
    assert isinstance(item, ObservedItem) and item.content.when == AllDay(date(2026, 5, 12), date(2026, 5, 15))
