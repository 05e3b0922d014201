"""What changed and what was deleted, by time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import EVENTS, Caller

HOUR = timedelta(hours=1)


def told(call: Caller, what: str, start: str, end: str) -> dict[str, Any]:
    response = call("GET", f"{EVENTS}/{what}/", params={"start": start, "end": end})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_changes_and_deletions_of_an_interval(
    salesforce: SalesforceSandbox, sato: User, call: Caller, clock: Clock
) -> None:
    kept, gone = (salesforce.user_creates(sato, name, datetime(2026, 5, 11, 9), HOUR)["Id"] for name in ("A", "B"))
    clock.moves_on(minutes=5, seconds=17)
    salesforce.user_deletes(gone)
    updated = told(call, "updated", "2026-05-01T03:00:59Z", "2026-05-01T12:06:30+09:00")
    assert updated == {"ids": [kept], "latestDateCovered": "2026-05-01T03:05:00.000+0000"}
    deleted = told(call, "deleted", "2026-05-01T03:00:00Z", "2026-05-02T00:00:00Z")
    assert deleted["deletedRecords"] == [{"id": gone, "deletedDate": "2026-05-01T03:05:17.000+0000"}]
    assert deleted["latestDateCovered"] == "2026-05-01T03:05:00.000+0000"
    assert deleted["earliestDateAvailable"] == "2026-04-16T03:05:00.000+0000"
    salesforce.user_restores(gone)
    assert told(call, "deleted", "2026-05-01T03:00:00Z", "2026-05-02T00:00:00Z")["deletedRecords"] == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-05-01T03:00:00Z", "2026-05-01T03:00:00Z"),
        ("2026-05-01T03:00:00Z", "2026-05-01T03:01:59Z"),
        ("2026-05-01T03:00:00Z", "2026-05-01T02:00:00Z"),
        ("2026-03-31T03:00:00Z", "2026-05-01T03:00:00Z"),
    ],
)
def test_an_interval_too_short_or_too_long_ago_is_refused(call: Caller, start: str, end: str) -> None:
    for what in ("updated", "deleted"):
        refusal = call.refused("GET", f"{EVENTS}/{what}", params={"start": start, "end": end})
        assert refusal[:2] == (400, "INVALID_REPLICATION_DATE")


@pytest.mark.parametrize("params", [{}, {"start": "2026-05-01", "end": "2026-05-01T03:00:00Z"}])
def test_an_interval_needs_two_times(call: Caller, params: dict[str, str]) -> None:
    assert call.refused("GET", f"{EVENTS}/deleted", params=params)[0] == 400


def test_deletions_are_told_for_fifteen_days(
    salesforce: SalesforceSandbox, sato: User, call: Caller, clock: Clock
) -> None:
    gone = salesforce.user_creates(sato, "A", datetime(2026, 5, 11, 9), HOUR)["Id"]
    salesforce.user_deletes(gone)
    clock.moves_on(days=14, hours=23)
    span = ("2026-05-01T03:00:00Z", "2026-05-20T00:00:00Z")
    assert len(told(call, "deleted", *span)["deletedRecords"]) == 1
    clock.moves_on(hours=2)
    answer = told(call, "deleted", *span)
    assert (answer["deletedRecords"], answer["earliestDateAvailable"]) == ([], "2026-05-01T04:00:00.000+0000")


def test_an_emptied_recycle_bin_moves_the_earliest_date(
    salesforce: SalesforceSandbox, sato: User, call: Caller, clock: Clock
) -> None:
    salesforce.user_deletes(salesforce.user_creates(sato, "A", datetime(2026, 5, 11, 9), HOUR)["Id"])
    clock.moves_on(hours=1)
    salesforce.empty_recycle_bin()
    answer = told(call, "deleted", "2026-05-01T03:00:00Z", "2026-05-01T05:00:00Z")
    assert (answer["deletedRecords"], answer["earliestDateAvailable"]) == ([], "2026-05-01T04:00:00.000+0000")


def test_too_many_changes_are_refused(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    salesforce.most_replicated_ids(1)
    for name in ("A", "B"):
        salesforce.user_creates(sato, name, datetime(2026, 5, 11, 9), HOUR)
    params = {"start": "2026-05-01T02:00:00Z", "end": "2026-05-01T04:00:00Z"}
    assert call.refused("GET", f"{EVENTS}/updated", params=params)[:2] == (400, "EXCEEDED_ID_LIMIT")


def test_a_transaction_that_is_open_holds_back_what_is_covered(
    salesforce: SalesforceSandbox, call: Caller, clock: Clock
) -> None:
    salesforce.hold_transaction_open()
    clock.moves_on(minutes=30)
    covered = told(call, "updated", "2026-05-01T02:00:00Z", "2026-05-01T03:30:00Z")["latestDateCovered"]
    assert covered == "2026-05-01T03:00:00.000+0000"
    salesforce.hold_transaction_open(False)
    covered = told(call, "updated", "2026-05-01T02:00:00Z", "2026-05-01T03:30:00Z")["latestDateCovered"]
    assert covered == "2026-05-01T03:30:00.000+0000"


def test_only_what_the_user_sees_is_told(
    salesforce: SalesforceSandbox, sato: User, call_suzuki: Caller, clock: Clock
) -> None:
    gone = salesforce.user_creates(sato, "A", datetime(2026, 5, 11, 9), HOUR)["Id"]
    salesforce.user_creates(sato, "B", datetime(2026, 5, 11, 9), HOUR)
    salesforce.user_deletes(gone)
    span = ("2026-05-01T02:00:00Z", "2026-05-01T04:00:00Z")
    assert told(call_suzuki, "updated", *span)["ids"] == []
    assert told(call_suzuki, "deleted", *span)["deletedRecords"] == []


def test_the_log_of_deletions_can_be_silent(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    salesforce.user_deletes(salesforce.user_creates(sato, "A", datetime(2026, 5, 11, 9), HOUR)["Id"])
    salesforce.lies.tell_no_deletions()
    span = ("2026-05-01T02:00:00Z", "2026-05-01T04:00:00Z")
    assert told(call, "deleted", *span)["deletedRecords"] == []
    assert len(told(call, "deleted", *span)["deletedRecords"]) == 1
