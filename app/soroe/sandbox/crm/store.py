"""The state of the sandbox CRM and the rules of the contract about it; nothing here knows of HTTP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.crm.activity import (
    Activity,
    ActivityType,
    BookingPage,
    Content,
    Mail,
    ReadOnlyCause,
    Time,
    Tombstone,
    User,
    tombstone_json,
)
from soroe.sandbox.crm.feed import ActivityId, Feed
from soroe.sandbox.crm.problems import Problem, invalid
from soroe.sandbox.crm.recurrence import cancelling
from soroe.sandbox.crm.validation import NewActivity

KEPT = timedelta(days=30)
_SEEN_BY_GUESTS = ("subject", "start", "end", "location", "description", "recurrence")


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule of the company: a subject that holds `word` is refused with `message`."""

    word: str
    message: str


@dataclass(frozen=True, slots=True)
class _Buried:
    activity: Activity
    tombstone: Tombstone
    with_series: bool


class Store:
    """Everything the CRM knows. The caller holds one lock around every use; `clock` tells aware UTC times."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.users: dict[str, User] = {}
        self.types: dict[str, ActivityType] = {}
        self.live: dict[str, Activity] = {}
        self.pages: dict[str, BookingPage] = {}
        self.health: dict[str, tuple[datetime, list[dict[str, Any]]]] = {}
        self.rules: list[Rule] = []
        self.mails: list[Mail] = []
        self.place = 0
        self._buried: dict[str, _Buried] = {}
        self._left: dict[tuple[str, str], Tombstone] = {}
        self._feeds: defaultdict[str, Feed] = defaultdict(Feed)
        self._by_stamp: dict[tuple[str, str], str] = {}
        self._exceptions: defaultdict[str, dict[object, str]] = defaultdict(dict)
        self._numbers = 0

    # ------------------------------------------------------------------ reading
    def active_types(self) -> set[str]:
        return {kind.key for kind in self.types.values() if kind.active}

    def get(self, activity_id: str) -> Activity:
        """Returns the live activity; raises 410 with its tombstone when it is deleted, 404 when it never was."""
        activity = self.live.get(activity_id)
        if activity is not None:
            return activity
        self._purge()
        buried = self._buried.get(activity_id)
        if buried is None:
            raise Problem(404, "not_found", "There is no such activity.")
        raise Problem(410, "gone", "The activity is deleted.", tombstone=tombstone_json(buried.tombstone))

    def feed(self, owner_id: str) -> Feed:
        self._purge()
        return self._feeds[owner_id]

    def tombstone(self, owner_id: str, activity_id: str) -> Tombstone | None:
        """Returns why the id left this owner's feed, or nothing while it is the owner's own."""
        activity = self.live.get(activity_id)
        if activity is not None and activity.owner_id == owner_id:
            return None
        buried = self._buried.get(activity_id)
        if buried is not None and buried.activity.owner_id == owner_id:
            return buried.tombstone
        return self._left[owner_id, activity_id]

    def stamped(self, owner_id: str, external_id: str) -> Activity | None:
        found = self._by_stamp.get((owner_id, external_id))
        return self.live[found] if found else None

    def buried(self, activity_id: str) -> Activity | None:
        self._purge()
        found = self._buried.get(activity_id)
        return found.activity if found else None

    def tombstones(self) -> list[Tombstone]:
        self._purge()
        return [buried.tombstone for buried in self._buried.values()]

    # ------------------------------------------------------------------ writing
    def create(self, owner: User, new: NewActivity, notify: bool, **more: Any) -> Activity:  # noqa: ANN401 - members of several types
        """Makes an activity; `more` are members that only the CRM itself sets."""
        self._check_rules(new.content)
        self._check_stamp(owner.id, new.content.external_id, None)
        if new.series_id is not None:
            self._check_occurrence(owner, new)
        self._numbers += 1
        now = self.clock()
        activity = Activity(
            id=f"act_{self._numbers}",
            owner_id=owner.id,
            version=self.place + 1,
            content=new.content,
            created_at=now,
            updated_at=now,
            series_id=new.series_id,
            original_start=new.original_start,
            **{"organizer_email": owner.email, "organizer_name": owner.name} | more,
        )
        self._put(activity)
        self._mail(activity, {g.email: "invitation" for g in new.content.guests}, notify)
        return activity

    def change(self, activity: Activity, content: Content, notify: bool, **more: Any) -> Activity:  # noqa: ANN401 - members of several types
        """Stores the new content; the version moves only when something differs."""
        if content == activity.content and all(getattr(activity, name) == value for name, value in more.items()):
            return activity
        self._check_rules(content)
        self._check_stamp(activity.owner_id, content.external_id, activity.id)
        if content.recurrence and activity.series_id is not None:
            raise invalid("recurrence", "An occurrence of a series cannot be a series itself.")
        if activity.content.external_id is not None:
            self._by_stamp.pop((activity.owner_id, activity.content.external_id), None)
        changed = replace(activity, content=content, version=self.place + 1, updated_at=self.clock(), **more)
        self._put(changed)
        if activity.content.recurrence and not content.recurrence:
            self._bury_exceptions(activity.id, notify)
        self._mail(changed, _mails_of_a_change(activity.content, content), notify)
        return changed

    def delete(self, activity: Activity, notify: bool, with_series: bool = False) -> None:
        """Buries the activity, with a series its changed occurrences; one of these alone is cancelled in its series."""
        self._bury_exceptions(activity.id, notify)
        del self.live[activity.id]
        if activity.content.external_id is not None:
            self._by_stamp.pop((activity.owner_id, activity.content.external_id), None)
        if activity.series_id is not None:
            self._exceptions[activity.series_id].pop(activity.original_start, None)
            series = self.live.get(activity.series_id)
            if series is not None and not with_series:
                self._cancel(series, activity.original_start)
        tombstone = Tombstone(activity.id, self.clock())
        self._buried[activity.id] = _Buried(activity, tombstone, with_series)
        self._mark(activity.owner_id, activity.id)
        self._mail(activity, {g.email: "cancellation" for g in activity.content.guests}, notify)

    def restore(self, user_id: str, activity_id: str, notify: bool) -> Activity:
        """Brings the user's deleted activity back, with the occurrences that were deleted along with it."""
        if activity_id in self.live:
            return self.live[activity_id]
        self._purge()
        buried = self._buried.get(activity_id)
        if buried is None:
            raise Problem(404, "not_found", "There is no such activity.")
        old = buried.activity
        if old.owner_id != user_id:
            raise Problem(403, "read_only", "Only the owner restores an activity.", cause="no_permission")
        self._check_stamp(old.owner_id, old.content.external_id, None)
        if old.series_id is not None:
            self._check_place_in_series(old)
        del self._buried[activity_id]
        alive = replace(old, version=self.place + 1, updated_at=self.clock())
        self._put(alive)
        self._mail(alive, {g.email: "invitation" for g in alive.content.guests}, notify)
        for other in [b for b in self._buried.values() if b.with_series and b.activity.series_id == activity_id]:
            self.restore(user_id, other.activity.id, notify)
        return alive

    def reassign(self, activity: Activity, owner: User) -> Activity:
        """Gives the activity to another owner; it leaves the first owner's feed with a tombstone."""
        changed = self.change(activity, activity.content, notify=False, owner_id=owner.id)
        if changed.owner_id != activity.owner_id:
            for exception in list(self._exceptions.get(activity.id, {}).values()):
                self.reassign(self.live[exception], owner)
            self._left[activity.owner_id, activity.id] = Tombstone(activity.id, self.clock(), "reassigned")
            self._mark(activity.owner_id, activity.id)
        return changed

    # ------------------------------------------------------------------ parts
    def _put(self, activity: Activity) -> None:
        self.live[activity.id] = activity
        if activity.content.external_id is not None:
            self._by_stamp[activity.owner_id, activity.content.external_id] = activity.id
        if activity.series_id is not None:
            self._exceptions[activity.series_id][activity.original_start] = activity.id
        self._left.pop((activity.owner_id, activity.id), None)
        self._mark(activity.owner_id, activity.id)

    def _mark(self, owner_id: str, activity_id: str) -> None:
        self.place += 1
        self._feeds[owner_id].mark(ActivityId(activity_id), self.place)

    def _cancel(self, series: Activity, original: Time | None) -> None:
        """An occurrence whose own activity was deleted does not take place: the series leaves it out from now on."""
        lines = series.content.recurrence
        if original is None or not lines:
            return
        line = cancelling(original, series.content.start)
        stamp = line.rpartition(":")[2]
        if any(one.startswith("EXDATE") and stamp in one.rpartition(":")[2].split(",") for one in lines):
            return
        content = replace(series.content, recurrence=(*lines, line))
        self._put(replace(series, content=content, version=self.place + 1, updated_at=self.clock()))

    def _bury_exceptions(self, series_id: str, notify: bool) -> None:
        for exception in list(self._exceptions.get(series_id, {}).values()):
            self.delete(self.live[exception], notify, with_series=True)

    def _check_rules(self, content: Content) -> None:
        for rule in self.rules:
            if rule.word in content.subject:
                raise Problem(422, "rejected_by_rule", rule.message, "subject")

    def _check_stamp(self, owner_id: str, external_id: str | None, own_id: str | None) -> None:
        if external_id is None:
            return
        holder = self._by_stamp.get((owner_id, external_id))
        if holder is not None and holder != own_id:
            detail = "Another activity carries this external id."
            raise Problem(409, "external_id_taken", detail, "external_id", existing_id=holder)

    def _check_occurrence(self, owner: User, new: NewActivity) -> None:
        series = self.live.get(new.series_id or "")
        if series is None or series.owner_id != owner.id or not series.content.recurrence:
            raise invalid("series_id", "There is no such series of yours.")
        if type(new.original_start) is not type(series.content.start):
            raise invalid("original_start", "The original start is of another kind than the start of the series.")
        taken = self._exceptions[series.id].get(new.original_start)
        if taken is not None:
            detail = "This occurrence has an activity of its own already."
            raise Problem(409, "occurrence_taken", detail, "original_start", existing_id=taken)

    def _check_place_in_series(self, exception: Activity) -> None:
        series = self.live.get(exception.series_id or "")
        if series is None or not series.content.recurrence:
            raise Problem(404, "not_found", "The series of this occurrence is gone: restore the series.", "series_id")
        taken = self._exceptions[series.id].get(exception.original_start)
        if taken is not None:
            detail = "This occurrence has an activity of its own already."
            raise Problem(409, "occurrence_taken", detail, existing_id=taken)

    def _mail(self, activity: Activity, kinds: dict[str, str], notify: bool) -> None:
        if notify:
            self.mails.extend(Mail(to, kind, activity.id) for to, kind in kinds.items())

    def _purge(self) -> None:
        """Forgets what was deleted more than 30 days ago, oldest first."""
        limit = self.clock() - KEPT
        while self._buried:
            activity_id, buried = next(iter(self._buried.items()))
            if buried.tombstone.deleted_at >= limit:
                return
            del self._buried[activity_id]
            self._feeds[buried.activity.owner_id].forget(ActivityId(activity_id))

    def check_writable(self, activity: Activity, user: User) -> None:
        """Raises 403 when `user` may not change the activity, with the cause."""
        cause = activity.read_only_cause
        if activity.owner_id != user.id:
            cause = ReadOnlyCause.NO_PERMISSION
        if cause is not None:
            raise Problem(403, "read_only", "This activity cannot be changed by you.", cause=cause.value)


def _mails_of_a_change(before: Content, after: Content) -> dict[str, str]:
    old, new = {g.email for g in before.guests}, {g.email for g in after.guests}
    mails = dict.fromkeys(sorted(old - new), "cancellation") | dict.fromkeys(sorted(new - old), "invitation")
    if any(getattr(before, name) != getattr(after, name) for name in _SEEN_BY_GUESTS):
        mails |= dict.fromkeys(sorted(old & new), "update")
    return mails
