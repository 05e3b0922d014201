"""What the eSales-shaped server keeps, and how a schedule looks on the wire: slashes, and no zone but the header's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

DATE = "%Y/%m/%d"
MINUTES = "%Y/%m/%d %H:%M"
SECONDS = "%Y/%m/%d %H:%M:%S"


class Kind(StrEnum):
    """The type of a schedule (タイプ): 通常, 終日, 定例."""

    NORMAL = "normal"
    ALL_DAY = "all_day"
    PERIODIC = "periodic"


@dataclass(frozen=True, slots=True)
class Employee:
    """Someone of the company. `google_account` is the calendar's address that is registered for the sync, if any."""

    id: int
    name: str
    mail: str
    google_account: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """A customer, or a deal of one."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What people enter. Times are aware UTC instants; of an all-day schedule `start` and `end` are the one day."""

    subject: str
    start: datetime | date
    end: datetime | date
    type: Kind = Kind.NORMAL
    schedule_kind: int | None = None
    address: str = ""
    building: str = ""
    postal_code: str = ""
    detail: str = ""
    private: bool = False
    others_may_change: bool = False
    participants: tuple[int, ...] = ()
    customer: Record | None = None
    businessplan: Record | None = None
    people_met: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One schedule with its history. Instants are UTC in whole seconds; employees by number."""

    id: int
    fields: Fields
    registrant: int
    updater: int
    registered: datetime
    updated: datetime


def schedule_json(schedule: Schedule, zone: ZoneInfo) -> dict[str, Any]:
    """Returns the schedule, its times told in `zone`."""
    fields = schedule.fields
    return {
        "schedule_id": schedule.id,
        "subject": fields.subject,
        "type": fields.type.value,
        "schedule_kind": fields.schedule_kind,
        "start": _told(fields.start, zone),
        "end": _told(fields.end, zone),
        "address": fields.address,
        "building": fields.building,
        "postal_code": fields.postal_code,
        "detail": fields.detail,
        "private": fields.private,
        "others_may_change": fields.others_may_change,
        "participants": [{"employee_id": number} for number in fields.participants],
        "customer": _record(fields.customer),
        "businessplan": _record(fields.businessplan),
        "people_met": list(fields.people_met),
        "facilities": list(fields.facilities),
        "registrant": schedule.registrant,
        "updater": schedule.updater,
        "registration_date": schedule.registered.astimezone(zone).strftime(SECONDS),
        "update_date": schedule.updated.astimezone(zone).strftime(SECONDS),
    }


def employee_json(employee: Employee) -> dict[str, Any]:
    """Returns an employee as the employee sheet shows it."""
    return {
        "id": employee.id,
        "name": employee.name,
        "mail": employee.mail,
        "google_account": employee.google_account or None,
        "active": employee.active,
    }


def _told(at: datetime | date, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime(MINUTES) if isinstance(at, datetime) else at.strftime(DATE)


def _record(record: Record | None) -> dict[str, Any] | None:
    return None if record is None else {"id": record.id, "name": record.name}
