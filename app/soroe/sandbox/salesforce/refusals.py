"""What the service refuses: an error code of its own, words, and the fields it is about."""

from __future__ import annotations

from typing import Any

_STATUSES = {
    "INVALID_SESSION_ID": 401,
    "API_DISABLED_FOR_ORG": 403,
    "API_CURRENTLY_DISABLED": 403,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INSUFFICIENT_ACCESS": 403,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "URI_TOO_LONG": 414,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "SERVER_UNAVAILABLE": 503,
}


class Refusal(Exception):
    """A request, or one record of it, is refused. The status follows from the code; most codes are a 400."""

    def __init__(self, code: str, message: str, fields: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields

    @property
    def status(self) -> int:
        return _STATUSES.get(self.code, 400)

    def as_error(self) -> dict[str, Any]:
        """One entry of the array that answers a single request."""
        fields = {} if self.fields is None else {"fields": list(self.fields)}
        return {"message": self.message, "errorCode": self.code, **fields}

    def as_result(self) -> dict[str, Any]:
        """One entry of the errors of a record in a collection."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


def not_found() -> Refusal:
    return Refusal("NOT_FOUND", "The requested resource does not exist")


def integrity(message: str, *fields: str) -> Refusal:
    return Refusal("FIELD_INTEGRITY_EXCEPTION", message, fields)


def unwritable(*fields: str) -> Refusal:
    """Fields that exist but that this user, or nobody, may write."""
    return Refusal(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set.",
        fields,
    )


def no_access(record_id: str) -> Refusal:
    return Refusal("INSUFFICIENT_ACCESS_OR_READONLY", f"insufficient access rights on object id: {record_id}", ())
