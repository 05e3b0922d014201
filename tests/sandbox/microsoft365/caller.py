"""A clock that a test moves, and a program that calls the sandbox's Graph over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.sandbox import USUAL_SCOPES

Json = dict[str, Any]
WINDOW = {"startDateTime": "2026-04-01T00:00:00Z", "endDateTime": "2026-05-01T00:00:00Z"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Caller:
    """One person's program. Methods return the raw answer; those with `ok` insist on success."""

    def __init__(self, sandbox: Microsoft365Sandbox, email: str, scopes: tuple[str, ...] = USUAL_SCOPES) -> None:
        permission = sandbox.give_permission(email, scopes)
        self.access_token = permission.access_token
        self.http = httpx.Client(
            base_url=f"{sandbox.api_endpoint}/",
            headers={"Authorization": f"Bearer {self.access_token}", "Prefer": 'IdType="ImmutableId"'},
            trust_env=False,
            verify=False,  # plain http on loopback: loading the certificates would cost more than a test
            timeout=60,
        )

    def get(self, path: str, prefer: str = "", **query: Any) -> httpx.Response:
        headers = {"Prefer": prefer} if prefer else {}
        return self.http.get(path, params=query or None, headers=headers)

    def post(self, path: str, body: Json | None = None) -> httpx.Response:
        return self.http.post(path, json=body if body is not None else {})

    def patch(self, event_id: str, body: Json, etag: str = "") -> httpx.Response:
        return self.http.patch(f"me/events/{event_id}", json=body, headers={"If-Match": etag} if etag else {})

    def delete(self, event_id: str, etag: str = "") -> httpx.Response:
        return self.http.delete(f"me/events/{event_id}", headers={"If-Match": etag} if etag else {})

    def created(self, body: Json, calendar_id: str = "") -> Json:
        path = f"me/calendars/{calendar_id}/events" if calendar_id else "me/events"
        return ok(self.post(path, body))

    def event(self, event_id: str, **query: Any) -> Json:
        return ok(self.get(f"me/events/{event_id}", **query))

    def round(self, link: str = "", calendar_id: str = "", size: int = 50) -> tuple[list[Json], str]:
        """Reads a whole round of changes; returns its items and the deltaLink."""
        place = f"me/calendars/{calendar_id}/calendarView/delta" if calendar_id else "me/calendarView/delta"
        prefer = f'IdType="ImmutableId", odata.maxpagesize={size}'
        answer = ok(self.get(link, prefer) if link else self.get(place, prefer, **WINDOW))
        items: list[Json] = list(answer["value"])
        for _ in range(100):
            if "@odata.deltaLink" in answer:
                return items, answer["@odata.deltaLink"]
            answer = ok(self.get(answer["@odata.nextLink"], prefer))
            items += answer["value"]
        raise AssertionError("The round has no end.")


def ok(response: httpx.Response) -> Json:
    assert response.is_success, response.text
    content = response.json()
    assert isinstance(content, dict)
    return content


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Returns the status and the code of a refusal in Graph's shape."""
    error = response.json()["error"]
    assert error["message"]
    assert error["innerError"]["request-id"]
    return response.status_code, error["code"]


def at(day: str, hour: int, zone: str = "Tokyo Standard Time") -> Json:
    return {"dateTime": f"{day}T{hour:02d}:00:00", "timeZone": zone}


def meeting(subject: str = "打ち合わせ", day: str = "2026-04-10", hour: int = 10, **more: Any) -> Json:
    """A body of one hour in Tokyo."""
    return {"subject": subject, "start": at(day, hour), "end": at(day, hour + 1), **more}


def weekly(subject: str = "定例", **more: Any) -> Json:
    """Three Mondays at ten, from 6 April 2026."""
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"}
    limits = {"type": "numbered", "startDate": "2026-04-06", "numberOfOccurrences": 3}
    return meeting(subject, "2026-04-06", recurrence={"pattern": pattern, "range": limits}, **more)


def guest(address: str) -> Json:
    return {"type": "required", "emailAddress": {"address": address, "name": address}}


def kinds(items: list[Json]) -> list[str]:
    return [item.get("type", "removed") for item in items]
