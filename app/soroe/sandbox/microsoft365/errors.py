"""Graph's refusals: status, code and message as its documents give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class GraphError(Exception):
    """A refusal of the calendar API. Programs are to branch on `code`; `message` is for people."""

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    inner: Json = field(default_factory=dict)

    def body(self) -> Json:
        return {"error": {"code": self.code, "message": self.message, "innerError": dict(self.inner)}}


def invalid_token(message: str = "Lifetime validation failed, the token is expired.") -> GraphError:
    headers = {"WWW-Authenticate": 'Bearer realm="", authorization_uri="", client_id="", error="invalid_token"'}
    return GraphError(401, "InvalidAuthenticationToken", message, headers)


def insufficient_claims(encoded: str) -> GraphError:
    """`encoded` is the claims request in base64."""
    text = (
        'Bearer realm="", authorization_uri="", client_id="", errorDescription="Continuous access evaluation resulted '
        f'in challenge", error="insufficient_claims", claims="{encoded}"'
    )
    message = "Continuous access evaluation resulted in challenge with result: InteractionRequired."
    return GraphError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": text})


def access_denied() -> GraphError:
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def item_not_found() -> GraphError:
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def cannot_delete() -> GraphError:
    return GraphError(403, "ErrorCannotDeleteObject", "Object cannot be deleted.")


def malformed_id() -> GraphError:
    return GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def no_mailbox() -> GraphError:
    return GraphError(404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox.")


def no_such_segment(name: str) -> GraphError:
    return GraphError(400, "BadRequest", f"Resource not found for the segment '{name}'.")


def body_unreadable(message: str) -> GraphError:
    return GraphError(400, "RequestBodyRead", message)


def property_invalid(message: str = "At least one property failed validation.") -> GraphError:
    return GraphError(400, "ErrorPropertyValidationFailure", message)


def invalid_request(message: str) -> GraphError:
    return GraphError(400, "ErrorInvalidRequest", message)


def invalid_parameter(message: str) -> GraphError:
    return GraphError(400, "ErrorInvalidParameter", message)


def unsupported_zone(name: str) -> GraphError:
    text = f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
    return GraphError(400, "TimeZoneNotSupportedException", text)


def crossing_boundary() -> GraphError:
    text = "Modified occurrence is crossing or overlapping adjacent occurrence."
    return GraphError(400, "ErrorOccurrenceCrossingBoundary", text)


def version_conflict() -> GraphError:
    text = "The send or update operation could not be performed because the change key passed in the request does not "
    return GraphError(412, "ErrorIrresolvableConflict", f"{text}match the current change key for the item.")


def sync_state_not_found() -> GraphError:
    text = "The sync state generation is not found; generation is required to be in the range of known generations."
    return GraphError(410, "syncStateNotFound", text)


def resync_required(location: str) -> GraphError:
    return GraphError(410, "resyncRequired", "Resync required. Replace any local items.", {"Location": location})


def bad_sync_token() -> GraphError:
    return GraphError(400, "SyncStateInvalid", "Badly formed token.")


def too_many_at_once() -> GraphError:
    text = "Application is over its MailboxConcurrency limit."
    return GraphError(429, "ApplicationThrottled", text, {"Retry-After": "1"})


def too_many_requests(seconds: int) -> GraphError:
    text = "Too many requests."
    return GraphError(429, "TooManyRequests", text, {"Retry-After": str(seconds)})
