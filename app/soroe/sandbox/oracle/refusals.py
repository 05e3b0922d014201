"""Refusals of the Oracle-shaped server, in the error form of its REST guide."""

from __future__ import annotations

from typing import Any

PICKLIST = "SBL-DAT-00225"
REQUIRED = "SBL-DAT-00498"
_HELP = "https://support.oracle.com/epmos/faces/DocumentDisplay?id=1802485.1"


class Refusal(Exception):
    """The request is refused. `code` stays empty where the guides name none; `parameters` are what it is about."""

    def __init__(self, status: int, title: str, detail: str = "", code: str = "", *parameters: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail or title
        self.code = code
        self.parameters = parameters

    def document(self, path: str) -> dict[str, Any]:
        """The JSON body of the answer to a request for `path`."""
        error: dict[str, Any] = {
            "problemType": _HELP,
            "title": self.title,
            "httpStatus": self.status,
            "detail": self.detail + (f"({self.code})" if self.code else ""),
            "problemInstance": f"urn:ocrmod:{path}",
        }
        if self.code:
            error["errorCode"] = self.code
        error["OCRMODErrorDetail"] = {"Parameters": list(self.parameters)}
        return {"Error": [error]}


def bad_value(field: str, why: str) -> Refusal:
    """A field or a parameter with a value that the service does not take."""
    return Refusal(400, "Invalid value for %1.", f"Invalid value for {field}: {why}.", "", field)


def not_found(what: str) -> Refusal:
    """No such resource, or none that this user can see."""
    return Refusal(404, "Resource not found.", f"Resource not found: {what}.", "", what)


def read_only(what: str) -> Refusal:
    """The user sees the record and must not write it."""
    detail = f"You do not have the access rights that are needed to change {what}."
    return Refusal(403, "You do not have the access rights that are needed to change %1.", detail, "", what)


def bad_query(error: str, near: str) -> Refusal:
    """One of the errors that the guide lists for the parser of `q`."""
    return Refusal(400, error, f"{error}: {near}", error, near)
