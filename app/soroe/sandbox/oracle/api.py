"""The routes of the Oracle-shaped server: sign-in, metadata, collections, rows and their children."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from soroe.sandbox.oracle import children
from soroe.sandbox.oracle.access import Access
from soroe.sandbox.oracle.bodies import written
from soroe.sandbox.oracle.company import Company
from soroe.sandbox.oracle.describe import MEDIA, described, every_table
from soroe.sandbox.oracle.fields import CHILDREN, Table
from soroe.sandbox.oracle.lies import Lies
from soroe.sandbox.oracle.listing import BASE, Asked, Place, check_names, echo, one, page
from soroe.sandbox.oracle.records import Record, User
from soroe.sandbox.oracle.refusals import Refusal, bad_value, not_found
from soroe.sandbox.oracle.rows import Row, child_rows, record_row, rows
from soroe.sandbox.oracle.tags import Tags
from soroe.sandbox.oracle.times import told

VERSIONS = ("026", "028", "031")
_LARGEST = 1024 * 1024
_RECORDS = frozenset({"Appointments", "Events"})
_METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT")


class Api:
    """The routes over one company; every request holds `lock` from beginning to end.

    With `true_utc` the Z of times means UTC; else they are in the caller's zone, as the guide says.
    """

    def __init__(self, company: Company, access: Access, lock: threading.RLock) -> None:
        self.company = company
        self.access = access
        self.tags = Tags()
        self.true_utc = False
        self.lies = Lies()
        self._lock = lock

    def install(self, app: Flask) -> None:
        """Adds the routes to `app`."""
        routes: tuple[tuple[str, Callable[..., Response]], ...] = (
            ("/describe", self._describe_all),
            ("/<tag>/describe", self._describe),
            ("/<tag>", self._collection),
            ("/<tag>/<row_id>", self._row),
            ("/<tag>/<row_id>/child/<child>", self._children),
            ("/<tag>/<row_id>/child/<child>/<child_id>", self._child),
        )
        app.add_url_rule(f"{BASE}/Connection", "connection", self._connection, methods=["GET", "POST"])
        for path, handler in routes:
            app.add_url_rule(f"{BASE}/<version>{path}", path, self._guarded(handler), methods=list(_METHODS))
        app.register_error_handler(Refusal, _refused)
        app.register_error_handler(HTTPException, _http_refusal)

    # ------------------------------------------------------------------ signing in and out
    def _connection(self) -> Response:
        with self._lock:
            query = _query()
            check_names(query, ("action",))
            if query.get("action") == "logoff":
                self.access.sign_off(request.cookies.get("JSESSIONID", ""))
                return _json({}, 200)
            if request.method != "GET" or "action" in query:
                raise Refusal(405, "The request is not allowed.")
            session, user = self.access.sign_in(request.headers.get("Authorization", ""))
            last = self.access.signed_in.get(user.id)
            self.access.signed_in[user.id] = self.company.now()
            answer = _json({"Connection": self._attributes(user, last is not None)}, 200)
            answer.headers["JSESSION"] = session.token
            answer.set_cookie("JSESSIONID", session.token, path="/OnDemand", httponly=True)
            return answer

    def _attributes(self, user: User, known: bool) -> dict[str, Any]:
        zone = self._zone(user)
        attributes: dict[str, Any] = {
            "apiVersion": VERSIONS[-1],
            "apiVersionMinimum": VERSIONS[0],
            "dateFormatLocale": "yyyy-MM-dd, yyyy-MM-dd'T'HH:mm:ss'Z'",
            "languageLocale": "JPN",
            "maximumFileSize": 20,
            "Version": f"{VERSIONS[-1]}.000.000",
            "ServerDate": told(self.company.now(), zone),
            "UserLoginId": user.sign_in.upper(),
            "UserId": user.id,
            "TenantId": "1QA2-1000",
            "CompanyName": self.company.name,
        }
        return {**attributes, "LastLoggedIn": told(self.access.signed_in[user.id], zone)} if known else attributes

    def _guarded(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def answer(version: str, **path: str) -> Response:
            with self._lock:
                user = self.access.caller(request.cookies.get("JSESSIONID", ""))
                if version not in (*VERSIONS, "latest"):
                    raise not_found(version)
                _check_accept()
                asked = Asked(self.tags, self._zone(user), _query())
                return handler(f"{BASE}/{version}", user, asked, **path)

        return answer

    def _zone(self, user: User) -> ZoneInfo:
        return ZoneInfo("UTC" if self.true_utc else user.time_zone)

    # ------------------------------------------------------------------ metadata
    def _describe_all(self, base: str, user: User, asked: Asked) -> Response:
        _only("GET")
        return _json(described(every_table(), base, asked, usual_limit=2), 200)

    def _describe(self, base: str, user: User, asked: Asked, tag: str) -> Response:
        _only("GET")
        return _json(described([self._table(tag)], base, asked, usual_limit=100), 200)

    # ------------------------------------------------------------------ records
    def _collection(self, base: str, user: User, asked: Asked, tag: str) -> Response:
        table = self._table(tag)
        place = Place(f"{base}/{tag}", tag)
        match _method(table.methods & {"GET", "POST"}):
            case "GET":
                found: Iterable[Row] = rows(self.company, user.id, table.name)
                told = self.lies.told(found) if table.name in _RECORDS else found
                return _json(page(table, place, told, asked), 200)
            case _:
                check_names(asked.query, ())
                body = _body()
                values = written(body, (tag, table.name), table, asked, creates=True)
                record = self.company.create(user.id, table.name, values)
                answer = echo(table, place, record_row(self.company, record), _sent(body), asked)
                return _json(answer, 201, f"{place.path}/{record.id}")

    def _row(self, base: str, user: User, asked: Asked, tag: str, row_id: str) -> Response:
        table = self._table(tag)
        place = Place(f"{base}/{tag}", tag)
        method = _method(table.methods & {"GET", "PATCH", "DELETE"})
        if method == "GET":
            return _json(one(table, place, self._one(user, table, row_id), asked), 200)
        check_names(asked.query, ())
        record = self.company.get(user.id, table.name, row_id)
        if method == "DELETE":
            self.company.delete(user.id, record)
            return Response(status=204)
        body = _body()
        values = written(body, (tag, table.name), table, asked, creates=False)
        changed = self.company.change(user.id, record, values)
        return _json(echo(table, place, record_row(self.company, changed), _sent(body), asked), 200)

    def _one(self, user: User, table: Table, row_id: str) -> Row:
        if table.name in _RECORDS:
            return record_row(self.company, self.company.get(user.id, table.name, row_id))
        for row in rows(self.company, user.id, table.name):
            if row["Id"] == row_id:
                return row
        raise not_found(f"{table.name}/{row_id}")

    # ------------------------------------------------------------------ children
    def _children(self, base: str, user: User, asked: Asked, tag: str, row_id: str, child: str) -> Response:
        record, table, place = self._parent(base, user, tag, row_id, child)
        if _method(table.methods & {"GET", "POST"}) == "GET":
            return _json(page(table, place, child_rows(self.company, record, child), asked), 200)
        check_names(asked.query, ())
        body = _body()
        values = written(body, (child,), table, asked, creates=True)
        row = children.add(self.company, user.id, record, child, values)
        return _json(echo(table, place, row, _sent(body), asked), 201, f"{place.path}/{row['Id']}")

    def _child(self, base: str, user: User, asked: Asked, tag: str, row_id: str, child: str, child_id: str) -> Response:
        record, table, place = self._parent(base, user, tag, row_id, child)
        row = children.find(self.company, record, child, child_id)
        method = _method(table.methods & {"GET", "PATCH", "DELETE"})
        if method == "GET":
            return _json(one(table, place, row, asked), 200)
        check_names(asked.query, ())
        if method == "DELETE":
            children.remove(self.company, user.id, record, child, row)
            return Response(status=204)
        body = _body()
        values = written(body, (child,), table, asked, creates=False)
        changed = children.change(self.company, user.id, record, row, values)
        return _json(echo(table, place, changed, _sent(body), asked), 200)

    def _parent(self, base: str, user: User, tag: str, row_id: str, child: str) -> tuple[Record, Table, Place]:
        parent = self._table(tag)
        if child not in parent.children:
            raise not_found(f"{parent.name}/{row_id}/child/{child}")
        record = self.company.get(user.id, parent.name, row_id)
        here = f"{base}/{tag}/{row_id}"
        return record, CHILDREN[child], Place(f"{here}/child/{child}", child, here)

    def _table(self, tag: str) -> Table:
        table = self.tags.table(tag)
        if table is None:
            raise not_found(tag)
        return table


def _sent(body: object) -> frozenset[str]:
    assert isinstance(body, dict)  # `written` has read it
    return frozenset(next(iter(body.values()))[0])


def _method(allowed: frozenset[str]) -> str:
    if request.method not in allowed:
        raise Refusal(405, "The request is not allowed.")
    return request.method


def _only(method: str) -> None:
    _method(frozenset({method}))


def _check_accept() -> None:
    if request.accept_mimetypes and request.accept_mimetypes.best_match([MEDIA]) is None:
        raise Refusal(406, "Not acceptable.", f"Answers are {MEDIA}.")


def _query() -> Mapping[str, str]:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise bad_value(name, "comes twice")
    return request.args.to_dict()


def _body() -> object:
    if request.mimetype != MEDIA:
        raise Refusal(415, "Unsupported media type.", f"The body has to be {MEDIA}.")
    raw = request.get_data()
    if len(raw) > _LARGEST:
        raise Refusal(400, "The body is too large.")
    try:
        return json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON.") from None


def _json(document: Mapping[str, Any], status: int, location: str = "") -> Response:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    headers = {"Location": request.host_url.rstrip("/") + location} if location else {}
    return Response(text, status, headers, content_type=f"{MEDIA};charset=utf-8")


def _refused(refusal: Refusal) -> Response:
    return _json(refusal.document(request.path), refusal.status)


def _http_refusal(error: HTTPException) -> Response:
    return _refused(Refusal(error.code or 400, error.name, error.description or ""))
