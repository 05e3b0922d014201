"""Refusals of the eSales-shaped server."""

from __future__ import annotations


class Refusal(Exception):
    """The request is refused with a status, a code, a sentence for people, and the member it is about."""

    def __init__(self, status: int, code: str, message: str = "", field: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.field = field

    def document(self) -> dict[str, object]:
        """Returns the JSON body."""
        return {"error": {"code": self.code, "message": self.message, "field": self.field}}


def bad_value(field: str, message: str) -> Refusal:
    """A member that is refused."""
    return Refusal(400, "invalid_value", message, field)
