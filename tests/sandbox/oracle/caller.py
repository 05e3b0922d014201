"""A caller of the Oracle-shaped server; every refusal has to be in the error form of the guide."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

from soroe.sandbox.oracle import FOR_PRACTICE, OracleSandbox, User

REST = "/OnDemand/user/Rest"
CONNECTION = f"{REST}/Connection"
APPOINTMENTS = f"{REST}/latest/Appointments"
EVENTS = f"{REST}/latest/Events"
MEDIA = "application/vnd.oracle.adf.resource+json"


class Caller:
    """One program on behalf of one user, with a cookie jar of its own."""

    def __init__(self, oracle: OracleSandbox, user: User) -> None:
        self.user = user
        no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading them takes longer than a test
        self._http = httpx.Client(base_url=oracle.url, verify=no_certificates, timeout=60)

    def close(self) -> None:
        self._http.close()

    def sign_in(self, password: str = FOR_PRACTICE, name: str = "") -> httpx.Response:
        """Asks for a session; the cookie is kept when there is one."""
        return self("GET", CONNECTION, auth=httpx.BasicAuth(name or self.user.sign_in, password))

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._http.request(method, path, **options)
        if not response.is_success:
            (error,) = response.json()["Error"]
            assert error["httpStatus"] == response.status_code
            assert {"problemType", "title", "detail", "problemInstance", "OCRMODErrorDetail"} <= error.keys()
        return response

    def write(self, method: str, path: str, tag: str, **fields: Any) -> httpx.Response:
        """Sends one resource."""
        return self(method, path, json={tag: [fields]}, headers={"Content-Type": MEDIA})

    def create(self, **fields: Any) -> str:
        """Creates an appointment; returns the id that stands in the Location header."""
        return self.add(APPOINTMENTS, "Appointments", **(VISIT | fields))

    def create_event(self, **fields: Any) -> str:
        return self.add(EVENTS, "Events", **(CONGRESS | fields))

    def add(self, path: str, tag: str, **fields: Any) -> str:
        response = self.write("POST", path, tag, **fields)
        assert response.status_code == 201, response.text
        return response.headers["Location"].rpartition("/")[2]

    def change(self, record_id: str, **fields: Any) -> httpx.Response:
        return self.write("PATCH", f"{APPOINTMENTS}/{record_id}", "Appointments", **fields)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The one row of an answer."""
        response = self("GET", path, params=query)
        assert response.status_code == 200, response.text
        (row,) = response.json()[path.rpartition("/")[0].rpartition("/")[2]]
        found: dict[str, Any] = row
        return found

    def list(self, path: str = APPOINTMENTS, **query: Any) -> list[dict[str, Any]]:
        """The rows of a list."""
        response = self("GET", path, params=query)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()[path.rpartition("/")[2]]
        return rows


VISIT = {"Subject": "Visit", "StartTime": "2026-05-11T10:00:00Z", "EndTime": "2026-05-11T11:00:00Z", "Type": "Meeting"}
CONGRESS = {
    "Name": "Congress",
    "Objective": "Education",
    "StartDate": "2026-07-20T09:00:00Z",
    "EndDate": "2026-07-20T17:00:00Z",
    "Location": "Marriott",
}


def error(response: httpx.Response) -> dict[str, Any]:
    """The one error of a refusal."""
    (told,) = response.json()["Error"]
    found: dict[str, Any] = told
    return found
