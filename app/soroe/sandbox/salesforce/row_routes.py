"""The routes of single records, with the headers that make them conditional."""

from __future__ import annotations

from flask import Response, request

from soroe.sandbox.salesforce.lies import Lies
from soroe.sandbox.salesforce.org import User
from soroe.sandbox.salesforce.refusals import Refusal, not_found
from soroe.sandbox.salesforce.rows import Rows, http_date, read_http_date
from soroe.sandbox.salesforce.values import Values
from soroe.sandbox.salesforce.web import body, json_answer


class RowRoutes:
    """Reads, makes, changes and deletes one record.

    Dates in conditional headers go by LastModifiedDate and its whole seconds. A deletion takes no condition: its
    headers are not looked at. ETag and If-Match exist for other objects only.
    """

    def __init__(self, rows: Rows, lies: Lies) -> None:
        self._rows = rows
        self._lies = lies

    def create(self, user: User, version: str, kind: str) -> Response:
        self._lies.check_lock()
        made = self._rows.create(user, kind, body())
        answer = json_answer({"id": made["Id"], "success": True, "errors": []}, 201)
        answer.headers["Location"] = f"/services/data/{version}/sobjects/{kind}/{made['Id']}"
        return answer

    def read(self, user: User, version: str, kind: str, record_id: str) -> Response:
        return self._shown(version, self._rows.find(user, kind, record_id))

    def change(self, user: User, version: str, kind: str, record_id: str) -> Response:
        given = body()
        if self._is_stale(user, kind, record_id):
            return Response(status=412)
        self._lies.check_lock()
        self._rows.change(user, kind, record_id, given)
        return Response(status=204)

    def delete(self, user: User, version: str, kind: str, record_id: str) -> Response:
        self._lies.check_lock()
        self._rows.delete(user, kind, record_id)
        return Response(status=204)

    # ------------------------------------------------------------------ by external id
    def read_external(self, user: User, version: str, kind: str, name: str, value: str) -> Response:
        found = self._rows.with_external(user, kind, self._rows.external_field(kind, name), value)
        if len(found) > 1:
            return _choices(version, kind, found)
        if not found:
            raise not_found()
        return self._shown(version, found[0])

    def upsert(self, user: User, version: str, kind: str, name: str, value: str) -> Response:
        self._lies.check_lock()
        done = self._rows.upsert(user, kind, self._rows.external_field(kind, name), value, body())
        if isinstance(done, list):
            return _choices(version, kind, done)
        row, created = done
        told = {"id": row["Id"], "success": True, "errors": [], "created": created}
        return json_answer(told, 201 if created else 200)

    # ------------------------------------------------------------------ conditions
    def _shown(self, version: str, row: Values) -> Response:
        since = request.headers.get("If-Modified-Since")
        known = read_http_date(since) if since is not None else None
        if known is not None and row["LastModifiedDate"] <= known:
            return Response(status=304)
        answer = json_answer(self._rows.show(row, version, request.args.get("fields")))
        answer.headers["Last-Modified"] = http_date(row["LastModifiedDate"])
        return answer

    def _is_stale(self, user: User, kind: str, record_id: str) -> bool:
        since = request.headers.get("If-Unmodified-Since")
        if since is None:
            return False
        known = read_http_date(since)
        if known is None:
            raise Refusal("INVALID_HEADER_VALUE", f"If-Unmodified-Since: {since} is no date")
        return bool(self._rows.for_write(kind, record_id)["LastModifiedDate"] > known)


def _choices(version: str, kind: str, found: list[Values]) -> Response:
    return json_answer([f"/services/data/{version}/sobjects/{kind}/{row['Id']}" for row in found], 300)
