"""A caller of the eSales-shaped server; every refusal has to say its code."""

from __future__ import annotations

from typing import Any

import httpx

SCHEDULES = "/calendar-fs/v1/schedules"
EMPLOYEES = "/esm-api/sandbox/pub/esms/v1/sheet/employee"
TOKYO = {"X-ESM-TIMEZONE": "Asia/Tokyo"}


class Caller:
    """Calls with the token and the zone of Tokyo."""

    def __init__(self, url: str, token: str) -> None:
        self.token = token
        self._http = httpx.Client(base_url=url, verify=False, timeout=60)  # plain http: no certificates to load

    def close(self) -> None:
        self._http.close()

    def __call__(
        self, method: str, path: str, json: object = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}", **TOKYO} if headers is None else headers
        response = self._http.request(method, path, json=json, headers=sent)
        assert response.is_success or response.json()["error"]["code"]
        return response

    def create(self, **members: Any) -> dict[str, Any]:
        """A schedule made through the API."""
        response = self("POST", SCHEDULES, body(**members))
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made

    def search(self, *conditions: tuple[str, str, object], **paging: int) -> list[dict[str, Any]]:
        """The schedules that all conditions hold for."""
        asked = [{"column": c, "operator": o, "ref": False, "value": v} for c, o, v in conditions]
        response = self("POST", f"{SCHEDULES}/search", {"condition": asked, **paging})
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["items"]
        return found


def body(**members: Any) -> dict[str, Any]:
    """A schedule of an hour in May 2026."""
    return {"subject": "訪問", "start": "2026/05/12 10:00", "end": "2026/05/12 11:00", **members}
