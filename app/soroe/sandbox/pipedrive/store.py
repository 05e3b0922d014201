"""The state of the Pipedrive-shaped server; nothing here knows of HTTP."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.pipedrive.activity import Activity, ActivityType, Fields, User
from soroe.sandbox.pipedrive.refusals import Refusal, bad_value

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list asks for; nothing means any. `since` is inclusive, `until` exclusive, on update_time."""

    since: datetime | None = None
    until: datetime | None = None
    ids: Collection[int] | None = None
    owner_id: int | None = None
    deal_id: int | None = None
    lead_id: str | None = None
    person_id: int | None = None
    org_id: int | None = None
    done: bool | None = None

    def takes(self, activity: Activity) -> bool:
        fields = activity.fields
        wanted: list[tuple[object, object]] = [
            (self.owner_id, fields.owner_id),
            (self.deal_id, fields.deal_id),
            (self.lead_id, fields.lead_id),
            (self.org_id, fields.org_id),
            (self.done, fields.done),
        ]
        return (
            (self.since is None or activity.update_time >= self.since)
            and (self.until is None or activity.update_time < self.until)
            and all(value is None or value == has for value, has in wanted)
            and (self.person_id is None or any(p["person_id"] == self.person_id for p in fields.participants))
        )


class Store:
    """Everything the company has in Pipedrive. The caller holds one lock; `clock` tells aware UTC times."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.users: dict[int, User] = {}
        self.types: dict[str, ActivityType] = {}
        self.places: dict[str, Mapping[str, str | None]] = {}
        self.long_durations = True
        self._clock = clock
        self._activities: dict[int, Activity] = {}
        self._changes: list[tuple[datetime, int]] = []
        self._numbers = 0

    def now(self) -> datetime:
        """Pipedrive keeps whole seconds."""
        return self._clock().replace(microsecond=0)

    def get(self, activity_id: int) -> Activity:
        """Returns the activity, also a deleted one within 30 days; raises 404."""
        activity = self._activities.get(activity_id)
        if activity is None or (activity.is_deleted and self._clock() - activity.update_time > KEPT):
            raise Refusal(404, "Activity not found", code="ERR_NOT_FOUND")
        return activity

    def matching(self, wanted: Filter) -> list[Activity]:
        """Returns the live activities that `wanted` takes; deleted ones are never listed."""
        if wanted.ids is not None:
            chosen = [self._activities[i] for i in dict.fromkeys(wanted.ids) if i in self._activities]
        else:
            chosen = list(self._activities.values())
        return [activity for activity in chosen if not activity.is_deleted and wanted.takes(activity)]

    def by_update(self, since: datetime | None) -> Iterator[Activity]:
        """Yields what changed at or after `since`, deletions included, oldest change first, then by id."""
        first = bisect_left(self._changes, (since, 0)) if since is not None else 0
        for at, activity_id in islice(self._changes, first, None):
            if self._activities[activity_id].update_time == at:
                yield self._activities[activity_id]

    def by_id(self, after: int) -> Iterator[Activity]:
        """Yields the activities with a higher id than `after`, deleted ones included, in the order of their ids."""
        for activity_id in range(after + 1, self._numbers + 1):
            yield self._activities[activity_id]

    def create(self, user: User, given: Mapping[str, Any], **more: Any) -> Activity:  # noqa: ANN401 - several types
        """Makes an activity with Pipedrive's defaults: the first type, the type's name as subject, due today."""
        kind = given.get("type") or next(key for key, entry in self.types.items() if entry.active)
        members: dict[str, Any] = {"owner_id": user.id, "due_date": self._today(user)} | dict(given) | {"type": kind}
        self._check(members)
        members["subject"] = members.get("subject") or self.types[kind].name
        fields = self._located(Fields(**members))
        self._numbers += 1
        now = self.now()
        activity = Activity(
            id=self._numbers,
            creator_user_id=user.id,
            fields=fields,
            add_time=now,
            update_time=now,
            marked_as_done_time=now if fields.done else None,
            **more,
        )
        self._put(activity)
        return activity

    def change(self, activity_id: int, given: Mapping[str, Any]) -> Activity:
        """Changes the given members; one that is deleted cannot be changed."""
        activity = self.get(activity_id)
        if activity.is_deleted:
            raise Refusal(404, "Activity not found", code="ERR_NOT_FOUND")
        self._check(given)
        fields = replace(activity.fields, **given)
        if "location" in given:
            fields = self._located(fields)
        if fields == activity.fields:
            return activity
        done = activity.marked_as_done_time if activity.fields.done else self.now()
        changed = replace(
            activity, fields=fields, update_time=self.now(), marked_as_done_time=done if fields.done else None
        )
        self._put(changed)
        return changed

    def delete(self, activity_id: int) -> None:
        activity = self.get(activity_id)
        if activity.is_deleted:
            raise Refusal(404, "Activity not found", code="ERR_NOT_FOUND")
        self._put(replace(activity, is_deleted=True, update_time=self.now()))

    def undelete(self, activity_id: int) -> Activity:
        """Restores, as a person does in the web page; no request can."""
        restored = replace(self.get(activity_id), is_deleted=False, update_time=self.now())
        self._put(restored)
        return restored

    def live(self) -> list[Activity]:
        return self.matching(Filter())

    def _put(self, activity: Activity) -> None:
        known = self._activities.get(activity.id)
        self._activities[activity.id] = activity
        if known is None or known.update_time != activity.update_time:
            insort(self._changes, (activity.update_time, activity.id))
        if len(self._changes) > 2 * len(self._activities) + 64:
            self._changes = [(at, i) for at, i in self._changes if self._activities[i].update_time == at]

    def _check(self, given: Mapping[str, Any]) -> None:
        if "type" in given and not (given["type"] in self.types and self.types[given["type"]].active):
            raise bad_value("type", f"there is no active activity type {given['type']}")
        if "owner_id" in given and given["owner_id"] not in self.users:
            raise bad_value("owner_id", "there is no such user")
        duration = given.get("duration")
        if duration is not None and not self.long_durations and int(duration.split(":")[0]) > 23:
            raise bad_value("duration", "must be shorter than a day")

    def _located(self, fields: Fields) -> Fields:
        """Geocodes: a place that the map knows is rewritten."""
        if fields.location is None or fields.location.get("value") not in self.places:
            return fields
        return replace(fields, location={**fields.location, **self.places[str(fields.location["value"])]})

    def _today(self, user: User) -> date:
        return self._clock().astimezone(ZoneInfo(user.time_zone)).date()
