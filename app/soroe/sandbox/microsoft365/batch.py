"""`$batch`: up to twenty requests in one, each with its own status (guide on JSON batching)."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qsl

from soroe.sandbox.faults import Answer, Faults
from soroe.sandbox.microsoft365.api import GraphApi
from soroe.sandbox.microsoft365.errors import GraphError, Json
from soroe.sandbox.microsoft365.http import Request, Response, error_response, json_response

MOST_PARTS = 20


class Batch:
    """Has each part served as if it had come alone, in order. Faults that answer also apply to parts."""

    def __init__(self, api: GraphApi, faults: Faults) -> None:
        self._api = api
        self._faults = faults

    def answer(self, request: Request) -> Response:
        """Returns the answers; the outer status is 200 whatever the parts say."""
        now = self._api.now()
        try:
            self._api.holder(request)
            if request.method != "POST":
                raise _refused("A batch has to be sent with POST.")
            parts = _checked(request.json().get("requests"))
        except GraphError as error:
            return error_response(error, request, now)
        statuses: dict[str, int] = {}
        answers: list[Json] = []
        for part in parts:
            failed = [name for name in part.get("dependsOn") or [] if not 200 <= statuses[name] < 300]
            response = _failed_dependency() if failed else self._served(request, part)
            statuses[part["id"]] = response.status
            shown: Json = {"id": part["id"], "status": response.status, "headers": dict(response.headers)}
            if response.body:
                shown["body"] = json.loads(response.body)
            answers.append(shown)
        return json_response({"responses": answers})

    def _served(self, outer: Request, part: Json) -> Response:
        path, _, text = str(part["url"]).lstrip("/").partition("?")
        effect = self._faults.take(part["method"], f"/v1.0/{part['url'].lstrip('/')}")
        if isinstance(effect, Answer):
            return Response(effect.status, effect.body or b"{}", dict(effect.headers))
        query = {name.lower().removeprefix("$"): value for name, value in parse_qsl(text, keep_blank_values=True)}
        own = {name.lower(): str(value) for name, value in (part.get("headers") or {}).items()}
        body = json.dumps(part["body"]).encode() if part.get("body") is not None else b""
        headers = {"authorization": outer.headers["authorization"], "content-type": "", **own}
        return self._api.serve(
            replace(outer, method=part["method"], path=path, query=query, headers=headers, body=body)
        )


def _checked(parts: object) -> list[Json]:
    if not isinstance(parts, list) or not parts:
        raise _refused("A batch needs a list of requests.")
    if len(parts) > MOST_PARTS:
        raise _refused(f"Number of batch request steps exceeds the maximum value of {MOST_PARTS}.")
    known: set[str] = set()
    for part in parts:
        if not isinstance(part, dict) or not all(isinstance(part.get(key), str) for key in ("id", "method", "url")):
            raise _refused("Every request of a batch needs an id, a method and a url.")
        if part["id"] in known:
            raise _refused(f"The request id '{part['id']}' is used twice.")
        if any(name not in known for name in part.get("dependsOn") or []):
            raise _refused(f"The request '{part['id']}' depends on one that does not come before it.")
        if part.get("body") is not None and not (part.get("headers") or {}):
            raise _refused("A request with a body needs a Content-Type header.")
        known.add(part["id"])
    return parts


def _refused(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)


def _failed_dependency() -> Response:
    body = {"error": {"code": "FailedDependency", "message": "A request that this one depends on has failed."}}
    return json_response(body, 424)
