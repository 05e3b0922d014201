"""The sandbox servers of one measurement, in a process of their own: what they cost is nobody's figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.request_log import RequestLog
from tests.bench.child import Answer, serve
from tests.bench.meetings import ZONE, Meeting, meetings

EMAIL = "sato@example.com"


class World:
    """A Google and one CRM, with Sato in both."""

    def __init__(self) -> None:
        self.google = GoogleSandbox().start()
        self.google.add_account(EMAIL)
        self._rest: CrmSandbox | None = None
        self._pipedrive: PipedriveSandbox | None = None
        self._events: list[str] = []
        self._activities: list[Any] = []
        self._filled = 0
        self._round = 0

    def open(self, crm: str) -> Answer:
        """Start the CRM; tells addresses and secrets."""
        permission = self.google.give_permission(EMAIL)
        told = {
            "refresh_token": permission.refresh_token,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "api_endpoint": self.google.api_endpoint,
            "authorization_endpoint": self.google.authorization_endpoint,
            "token_endpoint": self.google.token_endpoint,
        }
        if crm == "pipedrive":
            self._pipedrive = PipedriveSandbox().start()
            self._user: Any = self._pipedrive.add_user(EMAIL, "Sato")
            told |= {"crm_url": self._pipedrive.url, "crm_key": self._pipedrive.api_token_for(self._user)}
        else:
            self._rest = CrmSandbox().start()
            self._user = self._rest.add_user(EMAIL, "Sato")
            told |= {"crm_url": self._rest.base_url, "crm_key": self._rest.api_key_for(self._user)}
        for log in self._logs():
            log.keep_bodies = False
        return told

    def fill(self, activities: int, events: int) -> Answer:
        """So many new meetings on each side, as people enter them."""
        fresh = meetings(activities + events, self._filled)
        self._filled += activities + events
        for place, meeting in enumerate(fresh):
            if place < activities:
                self._activities.append(self._new_activity(meeting))
            else:
                self._events.append(self.google.user_inserts(EMAIL, event(meeting))["id"])
        return {}

    def change(self, activities: int, events: int) -> Answer:
        """People rename so many meetings on each side, that they made there."""
        self._round += 1
        for key in self._activities[:activities]:
            if self._rest is not None:
                self._rest.user_changes(key, subject=f"変更 {self._round} {key}")
            elif self._pipedrive is not None:
                self._pipedrive.user_changes(key, subject=f"変更 {self._round} {key}")
        for own in self._events[:events]:
            self.google.user_patches(EMAIL, own, {"summary": f"変更 {self._round} {own}"})
        return {}

    def expire(self) -> Answer:
        """Every cursor that was handed out is worth nothing any more."""
        self.google.expire_sync_tokens()
        if self._rest is not None:
            self._rest.expire_cursors()
        return {}

    def counts(self) -> Answer:
        """What is there, and what was asked since the last question."""
        there = len(self.google.events(EMAIL, deleted=False))
        crm = len((self._rest or self._pipe()).activities())
        told: Answer = {"events": there, "activities": crm}
        logs = list(self._logs())
        sent = [request for log in logs for request in log.all()]
        told["requests"] = len([one for one in sent if not one.path.endswith("/token")])
        told["bytes"] = sum(log.body_bytes() for log in logs)
        told["refused"] = sum(request.status in {403, 429} for request in sent) + self.google.quota.refused
        for log in logs:
            log.clear()
        self.google.quota.refused = 0
        return told

    def limit(self, per_minute: int | None) -> Answer:
        """Enforce Google's quota, and Pipedrive's own, from now on."""
        self.google.quota.per_minute = per_minute
        if self._pipedrive is not None:
            self._pipedrive.enforce_limits()
        return {}

    def spent(self) -> Answer:
        """Pipedrive's tokens of today."""
        return {"tokens": self._pipe().tokens_spent}

    def close(self) -> None:
        """End every connection that a client may still hold."""
        for server in (self.google, self._rest, self._pipedrive):
            if server is not None:
                server.stop()

    def _logs(self) -> Iterator[RequestLog]:
        yield self.google.requests
        if self._rest is not None:
            yield self._rest.requests
        if self._pipedrive is not None:
            yield self._pipedrive.requests

    def _pipe(self) -> PipedriveSandbox:
        if self._pipedrive is None:
            raise LookupError("this world has no Pipedrive")
        return self._pipedrive

    def _new_activity(self, meeting: Meeting) -> Any:
        zone = ZoneInfo(ZONE)
        start, end = meeting.start.replace(tzinfo=zone), meeting.end.replace(tzinfo=zone)
        if self._rest is not None:
            made = self._rest.user_creates(
                self._user, meeting.title, start, end, location=meeting.place, description=meeting.notes
            )
            return made.id
        length = timedelta(seconds=(end - start).total_seconds())
        pipedrive = self._pipe()
        return pipedrive.user_creates(
            self._user, meeting.title, start.astimezone(UTC), length, public_description=meeting.notes
        ).id


def event(meeting: Meeting) -> dict[str, Any]:
    """The meeting as Google's web page makes it."""
    zone = ZoneInfo(ZONE)
    return {
        "summary": meeting.title,
        "location": meeting.place,
        "description": meeting.notes,
        "start": {"dateTime": meeting.start.replace(tzinfo=zone).isoformat(), "timeZone": ZONE},
        "end": {"dateTime": meeting.end.replace(tzinfo=zone).isoformat(), "timeZone": ZONE},
    }


def main() -> None:
    """Serve until the benchmark ends us."""
    world = World()
    serve(
        {
            "open": world.open,
            "fill": world.fill,
            "change": world.change,
            "expire": world.expire,
            "counts": world.counts,
            "limit": world.limit,
            "spent": world.spent,
        }
    )
    world.close()


if __name__ == "__main__":
    main()
