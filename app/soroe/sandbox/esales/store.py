"""The state of the eSales-shaped server; nothing here knows of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from soroe.sandbox.esales.bodies import check
from soroe.sandbox.esales.limits import Limits
from soroe.sandbox.esales.refusals import Refusal, bad_value
from soroe.sandbox.esales.schedule import Employee, Fields, Kind, Schedule

GRID = 5
_STEP = timedelta(minutes=GRID)

Saved = Callable[[Fields], Fields]
"""What saving makes of the fields."""


def as_it_is(fields: Fields) -> Fields:
    """The API keeps what it is given (ESM-I9)."""
    return fields


class Store:
    """Everything the company has in eSales Manager. The caller holds one lock; `clock` tells aware UTC times.

    `admin` is the system administrator: whatever comes through the API is noted as changed by him (ESM-I26).
    """

    def __init__(self, clock: Callable[[], datetime], admin: Employee) -> None:
        self.employees: dict[int, Employee] = {admin.id: admin}
        self.kinds: dict[int, str] = {}
        self.limits = Limits()
        self.admin = admin
        self._clock = clock
        self._schedules: dict[int, Schedule] = {}
        self._trash: dict[int, Schedule] = {}
        self._numbers = 0

    def now(self) -> datetime:
        """Update dates are kept in whole seconds."""
        return self._clock().replace(microsecond=0)

    def get(self, number: int) -> Schedule:
        """Returns a schedule that is there; raises 404."""
        if number not in self._schedules:
            raise Refusal(404, "not_found", "There is no such schedule.")
        return self._schedules[number]

    def all(self) -> list[Schedule]:
        return list(self._schedules.values())

    def create(self, by: Employee, given: Mapping[str, Any], saved: Saved = as_it_is) -> Schedule:
        """Makes a schedule. A registrant who is nobody here becomes the administrator (ESM-I20)."""
        members = dict(given)
        registrant = members.pop("registrant", by.id)
        for needed in ("subject", "start", "end"):
            if needed not in members:
                raise bad_value(needed, "is missing")
        fields = self._checked(saved(Fields(**members)))
        self._numbers += 1
        now = self.now()
        known = registrant if registrant in self.employees else self.admin.id
        made = Schedule(id=self._numbers, fields=fields, registrant=known, updater=by.id, registered=now, updated=now)
        self._schedules[made.id] = made
        return made

    def change(self, by: Employee, number: int, given: Mapping[str, Any], saved: Saved = as_it_is) -> Schedule:
        """Changes the given members; the update date is the time of the write (ESM-O15, I25)."""
        known = self.get(number)
        if "registrant" in given:
            raise bad_value("registrant", "is set by the system")
        fields = self._checked(saved(replace(known.fields, **given)))
        changed = replace(known, fields=fields, updater=by.id, updated=self.now())
        self._schedules[number] = changed
        return changed

    def delete(self, number: int) -> None:
        self._trash[number] = self.get(number)
        del self._schedules[number]

    def restore(self, number: int) -> Schedule:
        """Brings a deleted schedule back, as an administrator can; no request can."""
        back = replace(self._trash.pop(number), updated=self.now())
        self._schedules[number] = back
        return back

    def keep(self, schedule: Schedule) -> None:
        """Keeps a schedule without looking at it."""
        self._schedules[schedule.id] = schedule

    def _checked(self, fields: Fields) -> Fields:
        for number in fields.participants:
            if number not in self.employees:
                raise bad_value("participants.employee_id", f"there is no employee {number}")
        if fields.schedule_kind is not None and fields.schedule_kind not in self.kinds:
            raise bad_value("schedule_kind", "there is no such schedule kind")
        return check(fields)


def on_grid(fields: Fields) -> Fields:
    """What eSales' own pages make of times when somebody saves a schedule: down to five minutes, and never none."""
    if fields.type is Kind.ALL_DAY:
        return fields
    start, end = _floor(fields.start), _floor(fields.end)
    return replace(fields, start=start, end=max(end, start + _STEP))


def _floor(at: datetime | date) -> datetime:
    if not isinstance(at, datetime):
        raise bad_value("start", "needs a time (yyyy/mm/dd hh:MM)")
    return at.replace(minute=at.minute - at.minute % GRID, second=0, microsecond=0)
