"""Refusals of the sandbox CRM, as problem documents of RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any


class Problem(Exception):
    """The request is refused with this status and stable code; `detail` is a sentence for a person.

    `field` names the member, parameter or header at fault, dotted, list places as numbers. `more` are further members
    of the document (`permission`, `cause`, `existing_id`, `tombstone`, `retry_after`).
    """

    def __init__(self, status: int, code: str, detail: str, field: str | None = None, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.more = more

    def document(self) -> dict[str, Any]:
        """Returns the JSON members of the problem document."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field is not None:
            document["field"] = self.field
        return document | self.more

    def headers(self) -> Mapping[str, str]:
        """Returns the headers that go with the status: who may sign in, when to try again."""
        headers: dict[str, str] = {}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = f'Bearer error="{self.code}"'
        if "retry_after" in self.more:
            headers["Retry-After"] = str(self.more["retry_after"])
        return headers


def invalid(field: str, detail: str) -> Problem:
    """A value that breaks the contract."""
    return Problem(422, "validation_failed", detail, field)
