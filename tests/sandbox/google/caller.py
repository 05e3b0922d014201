"""A clock that a test moves, and a program that calls the sandbox over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from soroe.sandbox.google.sandbox import USUAL_SCOPES, GoogleSandbox

Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Caller:
    """One account's program. Methods return the raw answer; `ok` ones insist on success and return its content."""

    def __init__(self, sandbox: GoogleSandbox, email: str, scopes: tuple[str, ...] = USUAL_SCOPES) -> None:
        permission = sandbox.give_permission(email, scopes)
        self.refresh_token = permission.refresh_token
        self.http = httpx.Client(
            base_url=sandbox.api_endpoint,
            headers={"Authorization": f"Bearer {permission.access_token}"},
            trust_env=False,
            verify=False,  # plain http on loopback: loading the certificates would cost more than a test
            timeout=60,
        )

    def send(self, method: str, path: str, body: Json | None = None, etag: str = "", **query: Any) -> httpx.Response:
        headers = {"If-Match": etag} if etag else {}
        parameters = {key: str(value).lower() if isinstance(value, bool) else value for key, value in query.items()}
        return self.http.request(method, path, json=body, params=parameters, headers=headers)

    def insert(self, body: Json, calendar: str = "primary", **query: Any) -> httpx.Response:
        return self.send("POST", f"calendars/{quote(calendar)}/events", body, **query)

    def patch(self, event_id: str, body: Json, calendar: str = "primary", **query: Any) -> httpx.Response:
        return self.send("PATCH", f"calendars/{quote(calendar)}/events/{event_id}", body, **query)

    def update(self, event_id: str, body: Json, calendar: str = "primary", **query: Any) -> httpx.Response:
        return self.send("PUT", f"calendars/{quote(calendar)}/events/{event_id}", body, **query)

    def delete(self, event_id: str, calendar: str = "primary", **query: Any) -> httpx.Response:
        return self.send("DELETE", f"calendars/{quote(calendar)}/events/{event_id}", **query)

    def get(self, event_id: str, calendar: str = "primary", **query: Any) -> httpx.Response:
        return self.send("GET", f"calendars/{quote(calendar)}/events/{event_id}", **query)

    def list_events(self, calendar: str = "primary", **query: Any) -> httpx.Response:
        return self.send("GET", f"calendars/{quote(calendar)}/events", **query)

    def inserted(self, body: Json, **query: Any) -> Json:
        return ok(self.insert(body, **query))

    def listed(self, calendar: str = "primary", **query: Any) -> Json:
        return ok(self.list_events(calendar, **query))

    def all_pages(self, **query: Any) -> tuple[list[Json], str, int]:
        """Reads a listing to its end; returns the items, the sync token and the number of pages."""
        items: list[Json] = []
        token: dict[str, str] = {}
        for page in range(1, 100):
            answer = self.listed(**query, **token)
            items += answer["items"]
            if "nextPageToken" not in answer:
                return items, answer.get("nextSyncToken", ""), page
            assert "nextSyncToken" not in answer
            token = {"pageToken": answer["nextPageToken"]}
        raise AssertionError("The listing has no end.")


def ok(response: httpx.Response) -> Json:
    assert response.is_success, response.text
    content = response.json()
    assert isinstance(content, dict)
    return content


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Returns the status and the reason of a refusal in Google's shape."""
    error = response.json()["error"]
    assert error["code"] == response.status_code
    assert error["message"]
    return response.status_code, error["errors"][0]["reason"]


def meeting(title: str = "打ち合わせ", day: str = "2026-04-10", hour: int = 10, **more: Any) -> Json:
    """A body of one hour in Tokyo."""
    return {
        "summary": title,
        "start": {"dateTime": f"{day}T{hour:02d}:00:00+09:00", "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": f"{day}T{hour + 1:02d}:00:00+09:00", "timeZone": "Asia/Tokyo"},
        **more,
    }


def weekly(title: str = "定例", **more: Any) -> Json:
    """Four Mondays at ten, from 6 April 2026."""
    return meeting(title, "2026-04-06", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **more)


def all_day(title: str, first: str, after_last: str, **more: Any) -> Json:
    return {"summary": title, "start": {"date": first}, "end": {"date": after_last}, **more}
