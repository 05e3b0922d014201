"""Entra's refusals: an OAuth error with Microsoft's own number inside the description."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from soroe.sandbox.microsoft365.errors import Json


@dataclass(slots=True)
class EntraError(Exception):
    """A refusal of the sign-in or the token endpoint. `code` is the number after AADSTS."""

    code: int
    error: str
    text: str
    suberror: str = ""
    claims: str = ""
    status: int = 400

    @property
    def description(self) -> str:
        return f"AADSTS{self.code}: {self.text}"

    def body(self, now: datetime, correlation_id: str = "") -> Json:
        """The answer of the token endpoint."""
        trace, correlation = str(uuid.uuid4()), correlation_id or str(uuid.uuid4())
        moment = f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
        ids = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}"
        body: Json = {
            "error": self.error,
            "error_description": f"{self.description} {ids}",
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }
        if self.suberror:
            body["suberror"] = self.suberror
        if self.claims:
            body["claims"] = self.claims
        return body
