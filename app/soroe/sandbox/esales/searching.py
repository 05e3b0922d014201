"""The search request: conditions that must all hold, in the one form the documents show, and a page of what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.esales.bodies import moment, text
from soroe.sandbox.esales.refusals import Refusal, bad_value
from soroe.sandbox.esales.schedule import Employee, Schedule

MOST = 200
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a search: a column, `=`, `in`, `>=` or `<=`, and what to compare with."""

    column: str
    operator: str
    value: object


@dataclass(frozen=True, slots=True)
class Search:
    """A whole search; `offset` counts entries from 0."""

    conditions: tuple[Condition, ...]
    offset: int
    limit: int


def wanted(body: object) -> Search:
    """Reads the body; raises 400 naming what is wrong."""
    if not isinstance(body, dict):
        raise Refusal(400, "invalid_body", "The body has to be an object.")
    unknown = set(body) - {"condition", "offset", "limit"}
    if unknown:
        raise bad_value(sorted(unknown)[0], "is not a known member")
    listed = body.get("condition", [])
    if not isinstance(listed, list):
        raise bad_value("condition", "must be a list")
    limit = _number(body, "limit", MOST)
    if not 1 <= limit <= MOST:
        raise bad_value("limit", f"must be from 1 to {MOST}")
    return Search(tuple(map(_condition, listed)), _number(body, "offset", 0), limit)


def page(found: list[dict[str, Any]], search: Search) -> dict[str, Any]:
    """Returns one page as it is answered."""
    return {"total": len(found), "items": found[search.offset : search.offset + search.limit]}


def schedules(every: Iterable[Schedule], search: Search, zone: ZoneInfo) -> list[Schedule]:
    """Returns the schedules that all conditions hold for, by number."""
    tests = [_of_schedule(condition, zone) for condition in search.conditions]
    return sorted((one for one in every if all(test(one) for test in tests)), key=lambda one: one.id)


def employees(every: Iterable[Employee], search: Search) -> list[Employee]:
    """Returns the employees that all conditions hold for, by number."""
    tests = [_of_employee(condition) for condition in search.conditions]
    return sorted((one for one in every if all(test(one) for test in tests)), key=lambda one: one.id)


def _condition(entry: object) -> Condition:
    if not isinstance(entry, dict) or set(entry) != {"column", "operator", "ref", "value"}:
        raise bad_value("condition", "holds objects with column, operator, ref and value")
    if entry["ref"] is not False:
        raise bad_value("condition.ref", "only false is possible here")
    operator = text("condition.operator", entry["operator"])
    if operator not in {"=", "in", ">=", "<="}:
        raise bad_value("condition.operator", "must be =, in, >= or <=")
    if (operator == "in") != isinstance(entry["value"], list):
        raise bad_value("condition.value", "is a list exactly where the operator is in")
    return Condition(text("condition.column", entry["column"]), operator, entry["value"])


def _of_schedule(condition: Condition, zone: ZoneInfo) -> Callable[[Schedule], bool]:
    if condition.column in {"start", "end", "update_date"}:
        limit = moment(condition.column, condition.value, zone)
        if condition.operator not in {">=", "<="}:
            raise bad_value("condition.operator", f"{condition.column} takes >= and <= only")
        return lambda one: _lies(_instant(one, condition.column, zone), limit, condition.operator, zone)
    read: dict[str, Callable[[Schedule], tuple[str, ...]]] = {
        "schedule_id": lambda one: (str(one.id),),
        "subject": lambda one: (one.fields.subject,),
        "registrant": lambda one: (str(one.registrant),),
        "participants.employee_id": lambda one: tuple(map(str, one.fields.participants)),
    }
    if condition.column not in read:
        raise bad_value("condition.column", f"{condition.column} is not a column of schedules")
    values, has = _values(condition), read[condition.column]
    return lambda one: not values.isdisjoint(has(one))


def _of_employee(condition: Condition) -> Callable[[Employee], bool]:
    read: dict[str, Callable[[Employee], str]] = {
        "id": lambda one: str(one.id),
        "name": lambda one: one.name,
        "mail": lambda one: one.mail,
        "google_account": lambda one: one.google_account,
    }
    if condition.column not in read:
        raise bad_value("condition.column", f"{condition.column} is not a column of employees")
    values, has = _values(condition), read[condition.column]
    return lambda one: has(one) in values


def _values(condition: Condition) -> frozenset[str]:
    if condition.operator not in {"=", "in"}:
        raise bad_value("condition.operator", f"{condition.column} takes = and in only")
    listed = condition.value if isinstance(condition.value, list) else [condition.value]
    if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in listed):
        raise bad_value("condition.value", "must be texts or numbers")
    return frozenset(map(str, listed))


def _instant(one: Schedule, column: str, zone: ZoneInfo) -> datetime:
    if column == "update_date":
        return one.updated
    at = one.fields.start if column == "start" else one.fields.end
    if isinstance(at, datetime):
        return at
    return _midnight(at + _DAY if column == "end" else at, zone)


def _lies(at: datetime, limit: datetime | date, operator: str, zone: ZoneInfo) -> bool:
    """A limit that is a date means its whole day."""
    if isinstance(limit, datetime):
        return at >= limit if operator == ">=" else at <= limit
    if operator == ">=":
        return at >= _midnight(limit, zone)
    return at < _midnight(limit + _DAY, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), zone)


def _number(body: dict[str, Any], name: str, usual: int) -> int:
    value = body.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise bad_value(name, "must be a number from 0")
    return value
