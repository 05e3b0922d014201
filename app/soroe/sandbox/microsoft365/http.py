"""One Graph request and its answer, apart from any web framework: parts of a batch are served like single calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from soroe.sandbox.microsoft365.errors import GraphError, Json, body_unreadable

JSON_TYPE = "application/json; odata.metadata=minimal; charset=utf-8"
Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is below `/v1.0/`, still percent-encoded; `query` has lower-case names without `$`; so have `headers`.

    `base` is the address the program called, without a trailing slash: links in answers begin with it.
    """

    method: str
    path: str
    query: Parameters
    headers: Mapping[str, str]
    body: bytes = b""
    base: str = ""

    def json(self) -> Json:
        """Returns the body, which must be a JSON object."""
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise body_unreadable("A supported MIME type could not be found that matches the content type.")
        try:
            content = json.loads(self.body)
        except ValueError:
            raise body_unreadable("Unable to read JSON request payload.") from None
        if not isinstance(content, dict):
            raise body_unreadable("Unable to read JSON request payload.")
        return content


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_response(value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, text, {"Content-Type": JSON_TYPE, **(headers or {})})


def error_response(error: GraphError, request: Request, now: datetime) -> Response:
    """A refusal with the ids that the service's support asks for."""
    body = error.body()
    asked = request.headers.get("client-request-id", "00000000-0000-0000-0000-000000000000")
    body["error"]["innerError"] |= {"date": f"{now:%Y-%m-%dT%H:%M:%S}", "request-id": asked, "client-request-id": asked}
    return json_response(body, error.status, error.headers)
