"""The routes of the contract: HTTP in, the state asked, JSON out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NoReturn

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import BaseConverter

from soroe.sandbox.crm.access import Access, Caller
from soroe.sandbox.crm.activity import activity_json, booking_page_json, user_json
from soroe.sandbox.crm.health import Health
from soroe.sandbox.crm.listing import Listing, Wanted
from soroe.sandbox.crm.problems import Problem, invalid
from soroe.sandbox.crm.store import Store
from soroe.sandbox.crm.validation import read_instant, stamp
from soroe.sandbox.crm.writing import Writing

PREFIX = "/api"
_MIB = 1024 * 1024
_PATCH_TYPES = ("application/merge-patch+json", "application/json")


class _OwnId(BaseConverter):
    """An activity's id in an address, which is never `batch`: that one has the methods of a batch alone."""

    regex = "(?!batch$)[^/]+"
    part_isolating = True


class Api:
    """The contract's routes over one store; every request holds `lock` from beginning to end."""

    def __init__(
        self, store: Store, access: Access, listing: Listing, writing: Writing, health: Health, lock: threading.RLock
    ) -> None:
        self.store = store
        self.access = access
        self.listing = listing
        self.writing = writing
        self.health = health
        self._lock = lock

    def install(self, app: Flask) -> None:
        """Adds the routes to `app`."""
        app.url_map.converters["own"] = _OwnId
        routes: list[tuple[str, str, str | None, Callable[..., Response]]] = [
            ("GET", "/me", None, self._me),
            ("GET", "/users", "users:read", self._users),
            ("GET", "/activity-types", "activities:read", self._types),
            ("GET", "/activities", "activities:read", self._list),
            ("POST", "/activities", "activities:write", self._create),
            ("POST", "/activities/batch", "activities:write", self._batch),
            ("GET", "/activities/<own:id>", "activities:read", self._get),
            ("PATCH", "/activities/<own:id>", "activities:write", self._change),
            ("DELETE", "/activities/<own:id>", "activities:write", self._delete),
            ("POST", "/activities/<own:id>/restore", "activities:write", self._restore),
            ("GET", "/booking-pages", "booking:read", self._booking_pages),
            ("GET", "/members/connection-health", "booking:read", self._health_of_members),
            ("PUT", "/members/me/connection-health", "health:write", self._report_health),
        ]
        for method, path, scope, handler in routes:
            endpoint = f"{method} {path}"
            answer = self._guarded(scope, handler)
            app.add_url_rule(PREFIX + path, endpoint, answer, methods=[method], provide_automatic_options=False)
        app.register_error_handler(Problem, _refused)
        app.register_error_handler(HTTPException, _http_problem)

    def _guarded(self, scope: str | None, handler: Callable[..., Response]) -> Callable[..., Response]:
        def answer(**path: str) -> Response:
            with self._lock:
                caller = self.access.caller(dict(request.headers))
                if scope is not None:
                    self.access.need(caller, scope)
                return handler(caller, **path)

        return answer

    # ------------------------------------------------------------------ people
    def _me(self, caller: Caller) -> Response:
        _query(())
        return _json(user_json(self.store.users[caller.user_id]))

    def _users(self, caller: Caller) -> Response:
        _query(())
        return _items([user_json(user) for user in self.store.users.values()])

    def _types(self, caller: Caller) -> Response:
        _query(())
        types = self.store.types.values()
        return _items([{"key": kind.key, "name": kind.name, "active": kind.active} for kind in types])

    # ------------------------------------------------------------------ activities
    def _list(self, caller: Caller) -> Response:
        query = _query(("owner", "cursor", "limit", "since", "external_id"))
        if "owner" not in query:
            raise invalid("owner", "owner is missing: me or a user id.")
        owner = caller.user_id if query["owner"] == "me" else query["owner"]
        if owner not in self.store.users:
            raise invalid("owner", "There is no such user.")
        limit = _limit(query.get("limit", "100"))
        since = read_instant(query["since"], "since") if "since" in query else None
        cursor = query.get("cursor")
        if cursor is not None and since is not None:
            raise invalid("since", "since belongs to the first page only.")
        if "external_id" in query:
            if cursor is not None or since is not None:
                raise invalid("external_id", "external_id goes with neither cursor nor since.")
            return self._stamped(caller, owner, stamp(query["external_id"]))
        return _json(self.listing.page(Wanted(owner, limit, cursor, since), caller.user_id))

    def _stamped(self, caller: Caller, owner: str, external_id: str) -> Response:
        found = self.store.stamped(owner, external_id) if owner == caller.user_id else None
        items = [activity_json(found, caller.user_id)] if found else []
        cursor = self.listing.end_cursor(owner)
        return _json({"items": items, "tombstones": [], "next_cursor": cursor, "has_more": False})

    def _get(self, caller: Caller, id: str) -> Response:
        _query(())
        return _activity(activity_json(self.store.get(id), caller.user_id))

    def _create(self, caller: Caller) -> Response:
        notify, user = _notify(), self.store.users[caller.user_id]
        body = _body(("application/json",), _MIB)
        answer, replayed = self.writing.create(user, request.headers.get("Idempotency-Key"), body, notify)
        response = _activity(answer, 201)
        response.headers["Location"] = f"{PREFIX}/activities/{answer['id']}"
        if replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    def _change(self, caller: Caller, id: str) -> Response:
        notify, user = _notify(), self.store.users[caller.user_id]
        body = _body(_PATCH_TYPES, _MIB)
        changed = self.writing.change(user, id, request.headers.get("If-Match"), body, notify)
        return _activity(activity_json(changed, caller.user_id))

    def _delete(self, caller: Caller, id: str) -> Response:
        notify, user = _notify(), self.store.users[caller.user_id]
        self.writing.delete(user, id, request.headers.get("If-Match"), notify)
        return Response(status=204)

    def _restore(self, caller: Caller, id: str) -> Response:
        restored = self.writing.restore(self.store.users[caller.user_id], id, _notify())
        return _activity(activity_json(restored, caller.user_id))

    def _batch(self, caller: Caller) -> Response:
        notify = _notify()
        body = _body(("application/json",), 8 * _MIB)
        return _json({"results": self.writing.batch(self.store.users[caller.user_id], body, notify)})

    # ------------------------------------------------------------------ booking
    def _booking_pages(self, caller: Caller) -> Response:
        _query(())
        return _items([booking_page_json(page) for page in self.health.pages_of(caller.user_id)])

    def _health_of_members(self, caller: Caller) -> Response:
        _query(())
        return _items(self.health.seen_by(caller.user_id))

    def _report_health(self, caller: Caller) -> Response:
        _query(())
        return _json(self.health.report(caller.user_id, _body(("application/json",), _MIB)))


def _json(document: Mapping[str, Any], status: int = 200) -> Response:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, {"Cache-Control": "no-store"}, content_type="application/json; charset=utf-8")


def _items(items: Sequence[Mapping[str, Any]]) -> Response:
    return _json({"items": list(items)})


def _activity(document: Mapping[str, Any], status: int = 200) -> Response:
    response = _json(document, status)
    response.headers["ETag"] = document["etag"]
    return response


def _refused(problem: Problem) -> Response:
    text = json.dumps(problem.document(), ensure_ascii=False)
    return Response(text, problem.status, problem.headers(), content_type="application/problem+json; charset=utf-8")


def _http_problem(error: HTTPException) -> Response:
    """Flask's own 404 and 405 as problem documents; anything else of its kind is a malformed request.

    A 405 names the methods that the address has, as HTTP demands (RFC 9110, 15.5.6).
    """
    codes = {404: "not_found", 405: "method_not_allowed"}
    status = error.code if error.code in codes else 400
    code = codes.get(status or 400, "malformed_json")
    response = _refused(Problem(status or 400, code, error.description or "Refused."))
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def _query(allowed: Collection[str]) -> Mapping[str, str]:
    for name, values in request.args.lists():
        if name not in allowed:
            raise Problem(422, "unknown_parameter", f"There is no parameter {name!r} here.", name)
        if len(values) > 1:
            raise invalid(name, "The parameter comes twice.")
    return request.args.to_dict()


def _notify() -> bool:
    value = _query(("notify_guests",)).get("notify_guests", "true")
    if value not in ("true", "false"):
        raise invalid("notify_guests", "true or false is needed.")
    return value == "true"


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 500:
        raise invalid("limit", "A whole number from 1 to 500 is needed.")
    return int(text)


def _body(types: Collection[str], largest: int) -> object:
    if request.mimetype not in types:
        detail = f"The body has to be {' or '.join(types)}."
        raise Problem(415, "unsupported_media_type", detail, "Content-Type")
    raw = request.get_data()
    if len(raw) > largest:
        raise Problem(413, "body_too_large", f"The body has {len(raw)} bytes; {largest} are possible.")
    try:
        return json.loads(raw.decode(), parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Problem(400, "malformed_json", "The body is not JSON.") from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member comes twice")
    return found
