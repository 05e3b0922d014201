"""The routes: version 2 for activities, version 1 for types, the own user and recent changes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from soroe.sandbox.pipedrive.access import READ, SELF, WRITE, Access, Caller
from soroe.sandbox.pipedrive.activity import activity_json, old_activity_json, old_instant, type_json
from soroe.sandbox.pipedrive.bodies import written_fields
from soroe.sandbox.pipedrive.budget import Budget, Cost
from soroe.sandbox.pipedrive.listing import check_names, limit, number, one_of, page, wanted_page, with_attendees
from soroe.sandbox.pipedrive.refusals import Blocked, Refusal, bad_value
from soroe.sandbox.pipedrive.store import Store

_BLOCK_PAGE = (
    "<!DOCTYPE html><html><head><title>Access denied | Sandbox used Cloudflare to restrict access</title></head>"
    "<body><h1>Error 1015</h1><p>You are being rate limited.</p></body></html>"
)
_OLD_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_LARGEST = 1024 * 1024

Handler = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: str
    scopes: frozenset[str]
    cost: Cost
    handler: Handler


class Api:
    """Pipedrive's routes over one store; every request holds `lock` from beginning to end."""

    def __init__(self, store: Store, access: Access, budget: Budget, lock: threading.RLock, domain: str) -> None:
        self.store = store
        self.access = access
        self.budget = budget
        self.empty_lists = 0
        self._lock = lock
        self._domain = domain

    def install(self, app: Flask) -> None:
        """Adds the routes to `app`."""
        activities = "/api/v2/activities"
        routes = [
            _Route("GET", activities, READ, Cost.LIST, self._list),
            _Route("POST", activities, WRITE, Cost.WRITE, self._create),
            _Route("GET", f"{activities}/<int:number>", READ, Cost.READ_ONE, self._get),
            _Route("PATCH", f"{activities}/<int:number>", WRITE, Cost.WRITE, self._change),
            _Route("DELETE", f"{activities}/<int:number>", WRITE, Cost.DELETE, self._delete),
        ]
        for prefix in ("/v1", "/api/v1"):
            routes += [
                _Route("GET", f"{prefix}/activityTypes", READ, Cost.LIST_V1, self._types),
                _Route("GET", f"{prefix}/users/me", SELF, Cost.READ_ONE_V1, self._me),
                _Route("GET", f"{prefix}/recents", READ, Cost.LIST_V1, self._recents),
            ]
            for path in ("/activities", "/activities/<int:number>"):
                app.add_url_rule(
                    prefix + path, f"{prefix}{path}", self._retired, methods=["GET", "POST", "PUT", "DELETE"]
                )
        for route in routes:
            endpoint = f"{route.method} {route.path}"
            app.add_url_rule(route.path, endpoint, self._guarded(route), methods=[route.method])
        app.register_error_handler(Refusal, _refused)
        app.register_error_handler(Blocked, _blocked)
        app.register_error_handler(HTTPException, _http_refusal)

    def _guarded(self, route: _Route) -> Callable[..., Response]:
        def answer(**path: int) -> Response:
            with self._lock:
                caller = self.access.caller(dict(request.headers))
                headers = self.budget.take(caller.token, caller.oauth, route.cost)
                if route.method == "POST" and not caller.oauth:
                    headers["x-daily-requests-left"] = str((self.budget.daily - self.budget.spent) // Cost.WRITE.value)
                try:
                    self.access.need(caller, route.scopes)
                    document = {"success": True} | route.handler(caller, **path)
                except Refusal as refusal:
                    refusal.headers.update(headers)
                    raise
                return _json(document, 201 if route.method == "POST" else 200, headers)

        return answer

    def _retired(self, **path: int) -> Response:
        raise Refusal(410, "This endpoint is no longer supported", "Use /api/v2/activities", "ERR_GONE")

    # ------------------------------------------------------------------ version 2
    def _list(self, caller: Caller) -> dict[str, Any]:
        wanted = wanted_page(_query())
        if self.empty_lists > 0:
            self.empty_lists -= 1
            return {"data": [], "additional_data": {"next_cursor": None}}
        shown, cursor = page(self.store, wanted)
        data = [activity_json(activity, wanted.attendees) for activity in shown]
        return {"data": data, "additional_data": {"next_cursor": cursor}}

    def _get(self, caller: Caller, number: int) -> dict[str, Any]:
        query = _query()
        check_names(query, ("include_fields",))
        return {"data": activity_json(self.store.get(number), with_attendees(query))}

    def _create(self, caller: Caller) -> dict[str, Any]:
        check_names(_query(), ())
        created = self.store.create(self.store.users[caller.user_id], written_fields(_body()))
        return {"data": activity_json(created, with_attendees=True)}

    def _change(self, caller: Caller, number: int) -> dict[str, Any]:
        check_names(_query(), ())
        return {"data": activity_json(self.store.change(number, written_fields(_body())), with_attendees=True)}

    def _delete(self, caller: Caller, number: int) -> dict[str, Any]:
        check_names(_query(), ())
        self.store.delete(number)
        return {"data": {"id": number}}

    # ------------------------------------------------------------------ version 1
    def _types(self, caller: Caller) -> dict[str, Any]:
        check_names(_query(), ())
        return {"data": [type_json(kind) for kind in self.store.types.values()]}

    def _me(self, caller: Caller) -> dict[str, Any]:
        check_names(_query(), ())
        user = self.store.users[caller.user_id]
        data = {
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "timezone_name": user.time_zone,
            "company_domain": self._domain,
            "company_id": 1,
            "active_flag": user.active,
        }
        return {"data": data}

    def _recents(self, caller: Caller) -> dict[str, Any]:
        query = _query()
        check_names(query, ("since_timestamp", "items", "start", "limit"))
        since = query.get("since_timestamp", "")
        if _OLD_TIME.fullmatch(since) is None:
            raise bad_value("since_timestamp", "must be YYYY-MM-DD HH:MM:SS in UTC")
        one_of(query.get("items", "activity"), "items", ("activity",))
        found = list(self.store.by_update(datetime.fromisoformat(since).replace(tzinfo=UTC)))
        first, size = number(query, "start") or 0, limit(query)
        shown = found[first : first + size]
        more = len(found) > first + size
        paging: dict[str, Any] = {"start": first, "limit": size, "more_items_in_collection": more}
        if more:
            paging["next_start"] = first + size
        last = old_instant(shown[-1].update_time) if shown else since
        return {
            "data": [{"item": "activity", "id": a.id, "data": old_activity_json(a)} for a in shown],
            "additional_data": {
                "since_timestamp": since,
                "last_timestamp_on_page": last,
                "pagination": paging,
            },
        }


def _json(document: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, content_type="application/json; charset=utf-8")


def _refused(refusal: Refusal) -> Response:
    return _json(refusal.envelope(), refusal.status, refusal.headers)


def _blocked(block: Blocked) -> Response:
    return Response(_BLOCK_PAGE, 403, content_type="text/html; charset=UTF-8")


def _http_refusal(error: HTTPException) -> Response:
    status = error.code or 400
    return _refused(Refusal(status, error.name, error.description or ""))


def _query() -> Mapping[str, str]:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise bad_value(name, "comes twice")
    return request.args.to_dict()


def _body() -> object:
    if request.mimetype != "application/json":
        raise Refusal(415, "Unsupported media type", "The body has to be application/json.")
    raw = request.get_data()
    if len(raw) > _LARGEST:
        raise Refusal(413, "Payload too large")
    try:
        return json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON", code="ERR_BAD_REQUEST") from None
