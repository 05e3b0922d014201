"""A caller of the Pipedrive-shaped server; every JSON answer has to be an envelope."""

from __future__ import annotations

from typing import Any

import httpx

ACTIVITIES = "/api/v2/activities"


class Caller:
    """Calls with fixed headers."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._http = httpx.Client(
            base_url=url, headers=headers, verify=False, timeout=60
        )  # plain http, no certificates to load

    def close(self) -> None:
        self._http.close()

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._http.request(method, path, **options)
        if response.headers["Content-Type"].startswith("application/json"):
            envelope = response.json()
            assert envelope["success"] is response.is_success
            assert response.is_success or (envelope["data"] is None and envelope["error"])
        return response

    def create(self, **fields: Any) -> dict[str, Any]:
        response = self("POST", ACTIVITIES, json={"subject": "Review", "type": "meeting", **fields})
        assert response.status_code == 201, response.text
        return data(response)

    def list(self, **query: Any) -> list[dict[str, Any]]:
        response = self("GET", ACTIVITIES, params=query)
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["data"]
        return items


def data(response: httpx.Response) -> dict[str, Any]:
    """The payload of an envelope."""
    payload: dict[str, Any] = response.json()["data"]
    return payload
