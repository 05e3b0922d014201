"""Refusals of the Pipedrive-shaped server, in Pipedrive's envelope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """The request is refused; `error` and `info` stand in the envelope, `headers` go along."""

    def __init__(
        self, status: int, error: str, info: str = "", code: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.info = info
        self.code = code
        self.headers = dict(headers or {})

    def envelope(self) -> dict[str, Any]:
        """Returns the JSON body."""
        envelope: dict[str, Any] = {"success": False, "error": self.error, "error_info": self.info, "data": None}
        if self.code:
            envelope["code"] = self.code
        return envelope


class Blocked(Exception):
    """The network in front of the service blocks the caller: a web page instead of JSON."""


def bad_value(field: str, detail: str) -> Refusal:
    """A parameter or member that strict validation refuses."""
    return Refusal(400, f"Validation failed: {field}: {detail}", code="ERR_SCHEMA_VALIDATION_FAILED")
