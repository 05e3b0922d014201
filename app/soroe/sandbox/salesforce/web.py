"""Bodies in and out."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from soroe.sandbox.salesforce.refusals import Refusal

_JSON = "application/json;charset=UTF-8"


def json_answer(document: object, status: int = 200) -> Response:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type=_JSON)


def refused(refusal: Refusal) -> Response:
    """The array of errors that answers a request as a whole."""
    return json_answer([refusal.as_error()], refusal.status)


def body() -> dict[str, Any]:
    """The object that a request brings; raises what the service raises."""
    if request.mimetype != "application/json":
        message = f"Content type {request.mimetype or 'missing'} is not supported: application/json is needed"
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", message)
    try:
        given = json.loads(request.get_data().decode())
    except (ValueError, RecursionError):
        raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body is required to be JSON") from None
    if not isinstance(given, dict):
        raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
    return given
