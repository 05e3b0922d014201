"""The eSales-shaped sandbox as tests and the demo hold it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.esales.api import Api, Shape
from soroe.sandbox.esales.limits import Limits
from soroe.sandbox.esales.schedule import Employee, Kind, Record, Schedule
from soroe.sandbox.esales.store import Store, on_grid
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.server import LoopbackServer
from soroe.sandbox.site import Site

TENANT = "sandbox"
HOUSE_ZONE = "Asia/Tokyo"
_KINDS = ("訪問", "来社", "会議", "電話")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EsalesSandbox(OnLoopback):
    """A server shaped like eSales Manager on loopback, from `start` to `stop` (or as a context manager).

    `clock` tells aware UTC times; `secret` makes tokens; `shape` is where the services lie and what their members are
    called. The `user_…` methods act as a person in eSales' own pages, which know a grid of five minutes and hold naive
    times in `HOUSE_ZONE`; what comes through the API keeps its minutes, and is noted as the administrator's doing.
    `clock_runs_ahead` may be set at any time: how wrong the server's clock is.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = _utc_now,
        port: int = 0,
        secret: Callable[[], str] = secrets.token_urlsafe,
        shape: Shape | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._secret = secret
        self.clock_runs_ahead = timedelta()

        def now() -> datetime:
            return clock() + self.clock_runs_ahead

        self.admin = Employee(1, "システム管理者", "admin@example.com", "admin@example.com")
        self._store = Store(now, self.admin)
        self._store.kinds.update(enumerate(_KINDS, 1))
        self._api = Api(self._store, shape or Shape(), TENANT, self._lock)
        app = Site("soroe.sandbox.esales", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        self._api.install(app)
        self.server = LoopbackServer(app, port, clock=now)

    # ------------------------------------------------------------------ the company
    def add_employee(self, mail: str, name: str = "Sato", google_account: str | None = None) -> Employee:
        """Somebody of the company; the address registered for the sync is the mail address unless told otherwise."""
        with self._lock:
            number = len(self._store.employees) + 1
            known = mail if google_account is None else google_account
            self._store.employees[number] = Employee(number, name, mail, known)
            return self._store.employees[number]

    def registers(self, employee: Employee, google_account: str) -> Employee:
        """Registers a Google account for the employee, or, with an empty one, takes it away."""
        with self._lock:
            changed = replace(self._store.employees[employee.id], google_account=google_account)
            self._store.employees[employee.id] = changed
            return changed

    def add_kind(self, name: str) -> int:
        """A further schedule kind; returns its number."""
        with self._lock:
            number = len(self._store.kinds) + 1
            self._store.kinds[number] = name
            return number

    def limit_texts(self, *, refuse: bool = False, **longest: int) -> None:
        """Sets the longest texts, by member; longer ones are cut without a word, or refused."""
        with self._lock:
            self._store.limits = Limits({**self._store.limits.longest, **longest}, refuse)

    # ------------------------------------------------------------------ the user in eSales' own pages
    def user_creates(
        self,
        user: Employee,
        subject: str,
        start: date | datetime,
        end: date | datetime | None = None,
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Schedule:
        """Makes a schedule of the user; an hour long, or one day for a date, unless an end is given."""
        with self._lock:
            given = {"subject": subject, **_when(start, end), **_members(fields)}
            given.setdefault("participants", (user.id,))
            return self._store.create(user, given, on_grid)

    def user_changes(
        self,
        number: int,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Schedule:
        """Changes the given members; saving rounds the times down to the grid (ESM-I9)."""
        with self._lock:
            known = self._store.get(number)
            given = _members(fields)
            if start is not None:
                given |= _when(start, end or _moved(known, start))
            elif end is not None:
                given["end"] = _aware(end) if isinstance(end, datetime) else end
            by = self._store.employees[known.registrant]
            return self._store.change(by, number, given, on_grid)

    def user_deletes(self, number: int) -> None:
        with self._lock:
            self._store.delete(number)

    def user_restores(self, number: int) -> Schedule:
        with self._lock:
            return self._store.restore(number)

    def schedules(self, participant: Employee | None = None) -> list[Schedule]:
        """Returns the schedules that are there, of one participant or of all, in the order of their creation."""
        with self._lock:
            return [
                one for one in self._store.all() if participant is None or participant.id in one.fields.participants
            ]

    def schedule(self, number: int) -> Schedule:
        """Returns one schedule that is there."""
        with self._lock:
            return self._store.get(number)

    def spoil(self, number: int, **members: object) -> None:
        """Shows a schedule with members that no page could have written."""
        with self._lock:
            known = self._store.get(number)
            spoiled = replace(known.fields, **members)  # type: ignore[arg-type]  # wrong types on purpose
            self._store.keep(replace(known, fields=spoiled, updated=self._store.now()))

    # ------------------------------------------------------------------ access
    def api_token(self) -> str:
        """Returns a new API token, as the administrator makes it; the earlier ones stay good."""
        with self._lock:
            token = self._secret()
            self._api.tokens.add(token)
            return token

    def revoke_tokens(self) -> None:
        with self._lock:
            self._api.tokens.clear()

    # ------------------------------------------------------------------ lies
    def list_nothing(self, times: int = 1) -> None:
        """Makes the next searches of schedules come back empty though there are some."""
        with self._lock:
            self._api.lies += [lambda _found: []] * times

    def list_only(self, keep: int, times: int = 1) -> None:
        """Makes the next searches of schedules tell the first `keep` alone, as if these were all."""
        with self._lock:
            self._api.lies += [lambda found: found[:keep]] * times


def _when(start: date | datetime, end: date | datetime | None) -> dict[str, Any]:
    """The times of a schedule; naive ones are meant in the house's zone."""
    if not isinstance(start, datetime):
        return {"type": Kind.ALL_DAY, "start": start, "end": end or start}
    last = end if isinstance(end, datetime) else start + timedelta(hours=1)
    return {"type": Kind.NORMAL, "start": _aware(start), "end": _aware(last)}


def _moved(known: Schedule, start: date | datetime) -> date | datetime | None:
    """The end of a schedule that moves and stays as long as it was."""
    first, last = known.fields.start, known.fields.end
    if isinstance(start, datetime) and isinstance(first, datetime) and isinstance(last, datetime):
        return start + (last - first)
    return None


def _aware(at: datetime) -> datetime:
    local = at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(HOUSE_ZONE))
    return local.astimezone(UTC)


def _members(fields: dict[str, Any]) -> dict[str, Any]:
    """The members as they are kept: employees as numbers, customers and deals as records where only named."""
    given = dict(fields)
    if "participants" in given:
        given["participants"] = tuple(one.id if isinstance(one, Employee) else one for one in given["participants"])
    for name in ("customer", "businessplan"):
        if isinstance(given.get(name), str):
            given[name] = Record(len(given[name]), given[name])
    return given
