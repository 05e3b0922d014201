"""One API request and its answer, apart from any web framework: parts of a batch are served like single calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from soroe.sandbox.google.errors import GoogleError, Json, bad_request, invalid
from soroe.sandbox.google.fields import Mask, check_names, masked, read_mask
from soroe.sandbox.google.query import Parameters, one

JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is below `/calendar/v3/`, still percent-encoded; `headers` have lower-case names."""

    method: str
    path: str
    query: Parameters
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Json:
        """Returns the body, which must be a JSON object."""
        kind = self.headers.get("content-type", "")
        if not kind.startswith("application/json"):
            raise bad_request("The request body must be sent as application/json.")
        try:
            content = json.loads(self.body)
        except ValueError:
            raise GoogleError(400, "parseError", "Parse Error") from None
        if not isinstance(content, dict):
            raise GoogleError(400, "parseError", "Parse Error")
        return content


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_response(value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, text, {"Content-Type": JSON_TYPE, **(headers or {})})


def error_response(error: GoogleError) -> Response:
    return json_response(error.body(), error.status, error.headers)


def partial(request: Request, resource: Json, known: frozenset[str], items: frozenset[str] | None = None) -> Json:
    """Applies the `fields` parameter; `known` and `items` name what the resource and its items consist of."""
    mask = selected(request, known, items)
    return resource if mask is None else dict(masked(resource, mask))


def selected(request: Request, known: frozenset[str], items: frozenset[str] | None = None) -> Mask | None:
    """What the `fields` parameter asks for, None for all; refuses what cannot be asked for, also before a write."""
    text = one(request.query, "fields")
    if text is None:
        return None
    if not text:
        raise invalid("Invalid field selection", "fields")
    mask = read_mask(text)
    check_names(mask, known)
    if items is not None and "items" in mask:
        check_names(mask["items"], items)
    return mask
