"""The check of an endpoint: silent on a good one, and precise about a bad one."""

from __future__ import annotations

from datetime import datetime

import pytest

from soroe.adapters.crm.rest.conformance import Fault, Point, TestActivity, check
from soroe.adapters.crm.rest.crm import RestCrm
from soroe.sandbox.crm import CrmSandbox, User
from soroe.sandbox.faults import Answer
from tests.adapters.crm.builders import Clock


def run(crm: RestCrm, clock: Clock, *, may_write: bool = True) -> list[Fault]:
    numbers = iter(range(10_000))
    activity = TestActivity.far_ahead("Soroe connection test, please ignore", clock.now)
    return check(crm, activity, lambda: f"seed{next(numbers):06d}", may_write=may_write)


def test_an_endpoint_that_keeps_the_contract_has_no_faults_and_nothing_is_left(
    crm: RestCrm, sandbox: CrmSandbox, clock: Clock
) -> None:
    assert run(crm, clock) == []
    assert sandbox.activities() == [] and sandbox.mails_sent == []


def test_without_consent_nothing_is_written(crm: RestCrm, sandbox: CrmSandbox, clock: Clock) -> None:
    assert run(crm, clock, may_write=False) == []
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_what_is_written_is_said_before() -> None:
    activity = TestActivity.far_ahead("Test", datetime(2026, 5, 1, 9, 30))
    assert activity.start == datetime(2031, 4, 30, 9) and activity.end == datetime(2031, 4, 30, 9, 30)


BAD = [
    ("GET", "/me", Answer.as_json(200, {"name": "nobody"}), Point.ME),
    ("GET", "/activity-types", Answer.as_json(200, {"items": []}), Point.TYPES),
    ("GET", "/activities[?]owner", Answer.as_json(200, {"rows": []}), Point.LIST),
    ("POST", "/activities[?]", Answer.as_json(422, {"code": "validation_failed"}), Point.CREATE),
    ("PATCH", "/activities/", Answer.as_json(500, {"code": "internal_error"}), Point.UPDATE),
    ("POST", "/restore", Answer.as_json(403, {"code": "blocked_by_admin"}), Point.RESTORE),
]


@pytest.mark.parametrize(("method", "path", "effect", "point"), BAD)
def test_a_failing_point_is_named_and_the_activity_is_removed(
    crm: RestCrm, sandbox: CrmSandbox, clock: Clock, method: str, path: str, effect: Answer, point: Point
) -> None:
    sandbox.faults.add(effect, method=method, path=path)
    faults = run(crm, clock)
    assert point in [fault.point for fault in faults]
    assert sandbox.activities() == []


def test_an_unreadable_activity_is_named_by_its_field_alone(
    crm: RestCrm, sandbox: CrmSandbox, sato: User, clock: Clock
) -> None:
    page = {"items": [{"id": "a", "subject": "secret plan"}], "tombstones": [], "next_cursor": "c", "has_more": False}
    sandbox.faults.add(Answer.as_json(200, page), path="/activities")
    [fault] = [fault for fault in run(crm, clock, may_write=False) if fault.point is Point.LIST]
    assert "start.time_zone" in fault.problem and "secret" not in fault.problem
