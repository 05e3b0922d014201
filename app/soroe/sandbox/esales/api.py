"""The routes: the employee sheet under the tenant, and the schedule service, as far as the documents show them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from soroe.sandbox.esales import searching
from soroe.sandbox.esales.bodies import written
from soroe.sandbox.esales.refusals import Refusal
from soroe.sandbox.esales.schedule import employee_json, schedule_json
from soroe.sandbox.esales.store import Store

_LARGEST = 1024 * 1024
Document = Mapping[str, Any]
Handler = Callable[..., Document | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the services lie, and what the members of a schedule are called where that is another name.

    The schedule service is not published: this is the one place that a company with other words differs in.
    """

    employees: str = "/esm-api/{tenant}/pub/esms/v1/sheet/employee"
    schedules: str = "/calendar-fs/v1/schedules"
    names: Mapping[str, str] = field(default_factory=dict)

    def told(self, document: dict[str, Any]) -> dict[str, Any]:
        """A schedule in this company's words."""
        return {self.names.get(name, name): value for name, value in document.items()}

    def heard(self, document: object) -> object:
        """A body in ours; the words that this company does not use stay unknown."""
        if not isinstance(document, dict):
            return document
        ours = {theirs: name for name, theirs in self.names.items()}
        return {ours.get(name, f"?{name}" if name in self.names else name): value for name, value in document.items()}

    def asked(self, document: object) -> object:
        """A search in ours."""
        if not isinstance(document, dict) or not isinstance(document.get("condition"), list):
            return document
        return {**document, "condition": [self._condition(entry) for entry in document["condition"]]}

    def _condition(self, entry: object) -> object:
        if not isinstance(entry, dict) or not isinstance(entry.get("column"), str):
            return entry
        first, dot, rest = entry["column"].partition(".")
        ours = {theirs: name for name, theirs in self.names.items()}
        return {**entry, "column": ours.get(first, first) + dot + rest}


class Api:
    """The routes over one store; every request holds `lock` from beginning to end."""

    def __init__(self, store: Store, shape: Shape, tenant: str, lock: threading.RLock) -> None:
        self.store = store
        self.shape = shape
        self.tenant = tenant
        self.tokens: set[str] = set()
        self.lies: list[Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = []
        self._lock = lock

    def install(self, app: Flask) -> None:
        """Adds the routes to `app`."""
        people, plans = self.shape.employees.replace("{tenant}", "<tenant>"), self.shape.schedules
        routes: list[tuple[str, str, Handler]] = [
            ("POST", f"{people}/search", self._employees),
            ("GET", f"{people}/<int:number>", self._employee),
            ("GET", f"{plans}/scheduleKinds", self._kinds),
            ("POST", f"{plans}/search", self._search),
            ("POST", plans, self._create),
            ("GET", f"{plans}/<int:number>", self._get),
            ("PUT", f"{plans}/<int:number>", self._change),
            ("DELETE", f"{plans}/<int:number>", self._delete),
        ]
        for method, path, handler in routes:
            app.add_url_rule(
                path, f"{method} {path}", self._guarded(handler, made=handler == self._create), methods=[method]
            )
        app.register_error_handler(Refusal, _refused)
        app.register_error_handler(HTTPException, _http_refusal)

    def _guarded(self, handler: Handler, *, made: bool) -> Callable[..., Response]:
        def answer(tenant: str | None = None, **path: int) -> Response:
            with self._lock:
                self._check_token()
                zone = _zone()
                if tenant is not None and tenant != self.tenant:
                    raise Refusal(404, "unknown_tenant", "There is no such tenant.")
                document = handler(zone, **path)
                if document is None:
                    return Response(status=204)
                return _json(document, 201 if made else 200)

        return answer

    def _check_token(self) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            raise Refusal(401, "invalid_token", "The API token is not valid.")

    # ------------------------------------------------------------------ employees and kinds
    def _employees(self, _zone: ZoneInfo) -> Document:
        search = searching.wanted(_body())
        found = searching.employees(self.store.employees.values(), search)
        return searching.page([employee_json(one) for one in found], search)

    def _employee(self, _zone: ZoneInfo, number: int) -> Document:
        if number not in self.store.employees:
            raise Refusal(404, "not_found", "There is no such employee.")
        return employee_json(self.store.employees[number])

    def _kinds(self, _zone: ZoneInfo) -> Document:
        return {"items": [{"id": number, "name": name} for number, name in self.store.kinds.items()]}

    # ------------------------------------------------------------------ schedules
    def _search(self, zone: ZoneInfo) -> Document:
        search = searching.wanted(self.shape.asked(_body()))
        found = [
            self.shape.told(schedule_json(one, zone)) for one in searching.schedules(self.store.all(), search, zone)
        ]
        if self.lies:
            found = self.lies.pop(0)(found)
        return searching.page(found, search)

    def _create(self, zone: ZoneInfo) -> Document:
        made = self.store.create(self.store.admin, self._written(zone))
        return self.shape.told(schedule_json(made, zone))

    def _get(self, zone: ZoneInfo, number: int) -> Document:
        return self.shape.told(schedule_json(self.store.get(number), zone))

    def _change(self, zone: ZoneInfo, number: int) -> Document:
        changed = self.store.change(self.store.admin, number, self._written(zone))
        return self.shape.told(schedule_json(changed, zone))

    def _delete(self, zone: ZoneInfo, number: int) -> None:
        self.store.delete(number)

    def _written(self, zone: ZoneInfo) -> dict[str, Any]:
        return written(self.shape.heard(_body()), zone, self.store.limits)


def _zone() -> ZoneInfo:
    """The zone that the times of this request are told in; the header is required."""
    name = request.headers.get("X-ESM-TIMEZONE", "")
    if not name:
        raise Refusal(400, "timezone_missing", "The header X-ESM-TIMEZONE is required.")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Refusal(400, "timezone_unknown", f"There is no time zone {name[:64]!r}.") from None


def _json(document: Mapping[str, Any], status: int) -> Response:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")


def _refused(refusal: Refusal) -> Response:
    return _json(refusal.document(), refusal.status)


def _http_refusal(error: HTTPException) -> Response:
    return _refused(Refusal(error.code or 400, "http", error.name))


def _body() -> object:
    if request.mimetype != "application/json":
        raise Refusal(415, "not_json", "The body has to be application/json.")
    raw = request.get_data()
    if len(raw) > _LARGEST:
        raise Refusal(413, "too_large", "The body is too large.")
    try:
        return json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise Refusal(400, "not_json", "The body is not JSON.") from None
