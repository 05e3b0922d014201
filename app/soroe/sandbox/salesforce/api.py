"""The routes of the REST API over one org; every request holds `lock` from beginning to end."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from soroe.sandbox.salesforce.access import Access
from soroe.sandbox.salesforce.budget import Budget
from soroe.sandbox.salesforce.collections import Collections
from soroe.sandbox.salesforce.describing import described, summary
from soroe.sandbox.salesforce.lies import Lies
from soroe.sandbox.salesforce.locators import LARGEST, SMALLEST, Locators
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.querying import Querying
from soroe.sandbox.salesforce.refusals import Refusal, not_found
from soroe.sandbox.salesforce.replication import Replication
from soroe.sandbox.salesforce.row_routes import RowRoutes
from soroe.sandbox.salesforce.rows import Rows
from soroe.sandbox.salesforce.web import body, json_answer, refused

VERSIONS = {
    "60.0": "Spring '24",
    "61.0": "Summer '24",
    "62.0": "Winter '25",
    "63.0": "Spring '25",
    "64.0": "Summer '25",
    "65.0": "Winter '26",
}
_LONGEST_URI = 16_384
Handler = Callable[..., Response]


class Api:
    """Salesforce's routes below /services/data."""

    def __init__(
        self, org: Org, access: Access, budget: Budget, lies: Lies, lock: threading.RLock, mails: list[str]
    ) -> None:
        self.locators = Locators(org.now)
        self.replication = Replication(org, org.now)
        self._org = org
        self._access = access
        self._budget = budget
        self._lies = lies
        self._lock = lock
        self._mails = mails
        rows = Rows(org)
        self._one = RowRoutes(rows, lies)
        self._many = Collections(org, rows)

    def install(self, app: Flask) -> None:
        """Adds the routes to `app`: one for all of them, because Flask takes its time over each."""
        app.add_url_rule("/services/data/", "versions", self._versions, strict_slashes=False)
        methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
        app.add_url_rule("/services/data/<version>/<path:rest>", "data", self._answer_to, methods=methods)
        app.register_error_handler(Refusal, refused)
        app.register_error_handler(HTTPException, _http_refusal)

    def _routes(self) -> list[tuple[str, str, Handler]]:
        many = "composite/sobjects"
        return [
            ("GET", "limits", self._limits),
            ("GET", "query", self._query),
            ("GET", "queryAll", self._query_all),
            ("GET", "query/<locator>", self._more),
            ("GET", "queryAll/<locator>", self._more_of_all),
            ("GET", "sobjects", self._objects),
            ("GET", "sobjects/<kind>/describe", self._describe),
            ("GET", "sobjects/<kind>/updated", self._updated),
            ("GET", "sobjects/<kind>/deleted", self._deleted),
            ("POST", "sobjects/<kind>", self._one.create),
            ("GET", "sobjects/<kind>/<record_id>", self._one.read),
            ("PATCH", "sobjects/<kind>/<record_id>", self._one.change),
            ("DELETE", "sobjects/<kind>/<record_id>", self._one.delete),
            ("GET", "sobjects/<kind>/<name>/<value>", self._one.read_external),
            ("PATCH", "sobjects/<kind>/<name>/<value>", self._one.upsert),
            ("POST", many, self._create_many),
            ("PATCH", many, self._change_many),
            ("DELETE", many, self._delete_many),
            ("GET", f"{many}/<kind>", self._read_many),
            ("POST", f"{many}/<kind>", self._read_many),
            ("POST", "actions/standard/emailSimple", self._send_mail),
        ]

    def _answer_to(self, version: str, rest: str) -> Response:
        with self._lock:
            if len(request.full_path) > _LONGEST_URI:
                raise Refusal("URI_TOO_LONG", "URI Too Long")
            user = self._access.caller(request.headers.get("Authorization", ""))
            self._budget.take()
            headers = {"Sforce-Limit-Info": self._budget.header}
            try:
                if version.removeprefix("v") not in VERSIONS or not version.startswith("v"):
                    raise not_found()
                handler, path = self._route(rest.removesuffix("/"))
                if "kind" in path:
                    path["kind"] = self._kind(path["kind"])
                made = handler(user, version, **path)
            except Refusal as refusal:
                made = refused(refusal)
            made.headers.update(headers)
            return made

    def _route(self, rest: str) -> tuple[Handler, dict[str, str]]:
        """Who answers to this path, and what stands in it; the first route that fits wins."""
        known = False
        for method, template, handler in self._routes():
            found = _pattern(template).fullmatch(rest)
            if found is not None and method == request.method:
                return handler, found.groupdict()
            known = known or found is not None
        if known:
            raise Refusal("METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")
        raise not_found()

    def _kind(self, name: str) -> str:
        kind = self._org.schema.object_called(name)
        if kind is None:
            raise not_found()
        return kind

    # ------------------------------------------------------------------ what there is
    def _versions(self) -> Response:
        """Which versions there are; nobody has to sign in for that."""
        return json_answer(
            [
                {"label": label, "url": f"/services/data/v{number}", "version": number}
                for number, label in VERSIONS.items()
            ]
        )

    def _limits(self, user: User, version: str) -> Response:
        left = max(0, self._budget.most - self._budget.used)
        return json_answer({"DailyApiRequests": {"Max": self._budget.most, "Remaining": left}})

    def _objects(self, user: User, version: str) -> Response:
        told = [summary(kind, version) for kind in self._org.schema.objects()]
        return json_answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": told})

    def _describe(self, user: User, version: str, kind: str) -> Response:
        return json_answer(described(self._org.schema, kind, version))

    # ------------------------------------------------------------------ queries
    def _query(self, user: User, version: str) -> Response:
        return self._answer(user, version, with_bin=False)

    def _query_all(self, user: User, version: str) -> Response:
        return self._answer(user, version, with_bin=True)

    def _answer(self, user: User, version: str, with_bin: bool) -> Response:
        text = request.args.get("q")
        if text is None:
            raise Refusal("MALFORMED_QUERY", "A query string has to be specified")
        prefix = f"/services/data/{version}/{'queryAll' if with_bin else 'query'}"

        def inner(found: list[dict[str, Any]]) -> dict[str, Any]:
            return self.locators.first(user.id, found, self.locators.inner_size, prefix)

        records, count = Querying(self._org, user, version, inner, with_bin).answer(text)
        if not records:
            return json_answer({"totalSize": count, "done": True, "records": []})
        return json_answer(self.locators.first(user.id, self._lies.kept(records), self._page_size(), prefix))

    def _page_size(self) -> int:
        """What the program wishes, within the service's bounds; the service may always give fewer."""
        wished = request.headers.get("Sforce-Query-Options", "").partition("batchSize=")[2].strip()
        size = int(wished) if wished.isdecimal() else LARGEST
        return min(max(size, SMALLEST), LARGEST, self.locators.page_size)

    def _more(self, user: User, version: str, locator: str) -> Response:
        return self._page(user, locator, f"/services/data/{version}/query")

    def _more_of_all(self, user: User, version: str, locator: str) -> Response:
        return self._page(user, locator, f"/services/data/{version}/queryAll")

    def _page(self, user: User, locator: str, prefix: str) -> Response:
        self._lies.check_locator()
        return json_answer(self.locators.more(user.id, locator, prefix))

    # ------------------------------------------------------------------ changes
    def _updated(self, user: User, version: str, kind: str) -> Response:
        return json_answer(self.replication.updated(user, kind, request.args.get("start"), request.args.get("end")))

    def _deleted(self, user: User, version: str, kind: str) -> Response:
        told = self.replication.deleted(user, kind, request.args.get("start"), request.args.get("end"))
        return json_answer(told | ({"deletedRecords": []} if self._lies.take("silent") else {}))

    # ------------------------------------------------------------------ many records
    def _create_many(self, user: User, version: str) -> Response:
        self._lies.check_lock()
        return json_answer(self._many.create(user, body()))

    def _change_many(self, user: User, version: str) -> Response:
        self._lies.check_lock()
        return json_answer(self._many.change(user, body()))

    def _delete_many(self, user: User, version: str) -> Response:
        all_or_none = request.args.get("allOrNone", "false").lower() == "true"
        return json_answer(self._many.delete(user, request.args.get("ids", ""), all_or_none))

    def _read_many(self, user: User, version: str, kind: str) -> Response:
        if request.method == "GET":
            ids, names = request.args.get("ids", "").split(","), request.args.get("fields", "").split(",")
        else:
            asked: Mapping[str, Any] = body()
            ids, names = list(asked.get("ids") or ()), list(asked.get("fields") or ())
        wanted = [text for text in ids if text]
        return json_answer(self._many.read(user, kind, wanted, names, version))

    def _send_mail(self, user: User, version: str) -> Response:
        inputs = body().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(each, dict) for each in inputs):
            raise Refusal("JSON_PARSER_ERROR", "The request has no list of inputs")
        for each in inputs:
            self._mails += [address.strip() for address in str(each.get("emailAddresses", "")).split(",")]
        return json_answer([{"actionName": "emailSimple", "errors": None, "isSuccess": True} for _ in inputs])


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", template))


def _http_refusal(error: HTTPException) -> Response:
    status = error.code or 400
    if status == 404:
        return refused(not_found())
    if status == 405:
        return refused(Refusal("METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed."))
    text = json.dumps([{"message": error.description, "errorCode": "UNKNOWN_EXCEPTION"}])
    return Response(text, status, content_type="application/json;charset=UTF-8")
