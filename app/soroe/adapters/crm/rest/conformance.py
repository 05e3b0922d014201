"""Tries an endpoint against its profile and names what fails (`soroe accounts test NAME`).

Reading needs no consent. Writing makes one activity far in the future, under a title that says what it is, changes it,
deletes it, brings it back, and removes it in the end, also when something fails on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from soroe.core.event import (
    CRM_LIST,
    EventContent,
    Field,
    ItemId,
    ObservedItem,
    Ref,
    Timed,
    Tombstone,
    Unreadable,
    Version,
    Window,
)
from soroe.core.link import canonical
from soroe.ports.errors import ChangedMeanwhile, PortError
from soroe.ports.remote import Create, Cursor, Delete, Erased, Failed, Restore, Update, Write, Written

from .crm import RestCrm
from .profile_requests import NoPaging

FAR_AHEAD = timedelta(days=365 * 5)
MOST_FIELDS_NAMED = 20


class Point(StrEnum):
    """What is tried, in this order."""

    ME = "me"
    TYPES = "types"
    LIST = "list"
    CHANGES = "changes"
    PAGING = "paging"
    CREATE = "create"
    READ = "read"
    CREATED_SEEN = "created_seen_in_feed"
    IDEMPOTENCY = "idempotency"
    EXTERNAL_ID = "external_id"
    UPDATE = "update"
    STALE_VERSION = "stale_version"
    DELETE = "delete"
    TOMBSTONE = "tombstone"
    RESTORE = "restore"
    DELETE_AGAIN = "delete_again"
    CLEAN_UP = "clean_up"


@dataclass(frozen=True, slots=True)
class Fault:
    """A point that failed, and why: codes and names of fields, never the content of an activity."""

    point: Point
    problem: str


@dataclass(frozen=True, slots=True)
class TestActivity:
    """What the check writes, to be shown before the user agrees: its title, and its time in UTC."""

    __test__ = False  # a name that a test runner would otherwise take for a test

    title: str
    start: datetime
    end: datetime

    @classmethod
    def far_ahead(cls, title: str, now: datetime) -> TestActivity:
        """Half an hour, five years from `now` (UTC)."""
        start = (now + FAR_AHEAD).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        return cls(title, start, start + timedelta(minutes=30))


def check(
    crm: RestCrm,
    activity: TestActivity,
    seed: Callable[[], str],
    *,
    may_write: bool,
    activity_type: str | None = None,
) -> list[Fault]:
    """What fails, in the order of `Point`; nothing when all is well.

    `may_write` is the user's explicit consent to `activity` being written. `seed` gives a new random text of 8 to 100
    letters and digits at every call. `activity_type` is the type to use; otherwise the first one that the CRM offers.
    """
    trial = _Trial(crm, activity, seed, activity_type)
    trial.reading()
    if may_write and crm.profile.operations.create is not None:
        trial.writing()
    return trial.faults


class _Wrong(Exception):
    """A point answered, but not as the contract says."""


class _Trial:
    def __init__(
        self, crm: RestCrm, activity: TestActivity, seed: Callable[[], str], activity_type: str | None
    ) -> None:
        self.faults: list[Fault] = []
        self._crm = crm
        self._seed = seed
        self._type = activity_type
        self._window = Window(date(1900, 1, 2), date(8999, 12, 31))
        self._content = EventContent(activity.title, Timed(activity.start, activity.end, "Etc/UTC"))
        self._cursor: Cursor | None = None
        self._made: dict[ItemId, Version | None] = {}

    # ------------------------------------------------------------------ reading
    def reading(self) -> None:
        """The points that change nothing."""
        with self._point(Point.ME):
            self._crm.reader.identity()
        with self._point(Point.TYPES):
            types = self._crm.reader.activity_types()
            if self._crm.profile.operations.activity_types is not None and not types:
                raise _Wrong("no_active_type")
            self._type = self._type or (types[0].key if types else None)
        with self._point(Point.LIST):
            unreadable = [one for one in self._everything(None) if isinstance(one, Unreadable)]
            fields = sorted({f"{one.field}: {one.reason}" for one in unreadable})[:MOST_FIELDS_NAMED]
            if fields:
                raise _Wrong(f"{len(unreadable)} unreadable: {'; '.join(fields)}")
        with self._point(Point.CHANGES):
            if self._cursor is not None and self._crm.profile.changes.kind != "full":
                self._everything(self._cursor)

    def _everything(self, cursor: Cursor | None) -> list[ObservedItem | Tombstone | Unreadable]:
        seen: list[ObservedItem | Tombstone | Unreadable] = []
        for page in self._crm.reader.changes(CRM_LIST, cursor, self._window):
            seen.extend(page.seen)
            self._cursor = page.cursor or self._cursor
        return seen

    # ------------------------------------------------------------------ writing
    def writing(self) -> None:
        """The points that write; whatever was made is removed in the end."""
        try:
            create = Create(CRM_LIST, self._content, self._seed(), f"soroe-test|{self._seed()}", self._type)
            item = self._create(create)
            if item is not None:
                self._with_item(create, item)
        finally:
            self._clean_up()

    def _with_item(self, create: Create, item: ObservedItem) -> None:
        with self._point(Point.READ):
            found = self._crm.reader.read(item.ref)
            if not isinstance(found, ObservedItem):
                raise _Wrong(type(found).__name__.lower())
            changed = [
                f for f in (Field.TITLE, Field.WHEN) if canonical(found.content, f) != canonical(create.content, f)
            ]
            if changed:
                raise _Wrong("changed: " + ", ".join(changed))
        with self._point(Point.CREATED_SEEN):
            self._must_be_in_feed(item.ref, ObservedItem)
        self._repeat(create, item)
        with self._point(Point.PAGING):
            self._page_by_page()
        item = self._change(item) or item
        self._remove(create, item)

    def _create(self, create: Create) -> ObservedItem | None:
        made: ObservedItem | None = None
        with self._point(Point.CREATE):
            made = self._written(create)
        return made  # noqa: RET504 - the point above may have noted an error instead

    def _repeat(self, create: Create, item: ObservedItem) -> None:
        capabilities = self._crm.reader.capabilities
        if capabilities.idempotent_create:
            with self._point(Point.IDEMPOTENCY):
                again = self._written(create)
                if again.ref != item.ref:
                    raise _Wrong("a repeated create made a second activity")
        if capabilities.hidden_stamp:
            with self._point(Point.EXTERNAL_ID):
                if item.stamp != create.stamp:
                    raise _Wrong("the external id did not come back")
                other = self._written(replace(create, seed=self._seed()))
                if other.ref != item.ref:
                    raise _Wrong("a second activity took the same external id")

    def _page_by_page(self) -> None:
        """Two pages of one item each, where the CRM has pages and two items."""
        paging = self._crm.profile.paging
        if isinstance(paging, NoPaging) or paging.size_parameter is None:
            return
        second = self._written(Create(CRM_LIST, self._content, self._seed(), f"soroe-test|{self._seed()}", self._type))
        pages = list(islice(self._crm.reader.first_pages(1), 2))
        own = [one.ref for page in pages for one in page if not isinstance(one, Tombstone)]
        if len(pages) < 2 or any(len(page) > 1 for page in pages):
            raise _Wrong("the page size is not kept")
        if len(set(own)) != len(own):
            raise _Wrong("two pages told the same activity")
        self._result(Delete(second.ref, second.version))

    def _change(self, item: ObservedItem) -> ObservedItem | None:
        changed: ObservedItem | None = None
        if self._crm.profile.operations.update is None:
            return None
        content = replace(self._content, title=f"{self._content.title} 2")
        with self._point(Point.UPDATE):
            changed = self._written(Update(item.ref, item.version, content, (Field.TITLE,)))
            if changed.content.title != content.title:
                raise _Wrong("the change was not kept")
        if changed is not None and self._crm.reader.capabilities.conditional_writes:
            with self._point(Point.STALE_VERSION):
                result = self._crm.writer.write([Update(item.ref, item.version, self._content, (Field.TITLE,))])[0]
                if isinstance(result, Written):
                    changed = self._note(result.item)
                    raise _Wrong("a stale version was accepted")
                if isinstance(result, Failed) and not isinstance(result.error, ChangedMeanwhile):
                    raise result.error
        return changed

    def _remove(self, create: Create, item: ObservedItem) -> None:
        if self._crm.profile.operations.delete is None:
            return
        capabilities = self._crm.reader.capabilities
        with self._point(Point.DELETE):
            self._result(Delete(item.ref, item.version))
            if not isinstance(self._crm.reader.read(item.ref), Tombstone):
                raise _Wrong("a deleted activity is still there")
        if capabilities.tombstones:
            with self._point(Point.TOMBSTONE):
                self._must_be_in_feed(item.ref, Tombstone)
        if capabilities.restore:
            with self._point(Point.RESTORE):
                back = self._written(
                    Restore(item.ref, self._content, self._seed(), create.stamp, self._type),
                )
                is_same = back.ref == item.ref
                item = back
                if not is_same:
                    raise _Wrong("it came back under another id")
                self._must_be_in_feed(back.ref, ObservedItem)
            with self._point(Point.DELETE_AGAIN):
                self._result(Delete(item.ref, item.version))
                self._result(Delete(item.ref, item.version))

    # ------------------------------------------------------------------ parts
    def _must_be_in_feed(self, ref: Ref, kind: type[ObservedItem | Tombstone]) -> None:
        if self._cursor is None or self._crm.profile.changes.kind == "full":
            return
        if not any(one.ref == ref and isinstance(one, kind) for one in self._everything(self._cursor)):
            raise _Wrong("the feed does not tell it")

    def _written(self, write: Write) -> ObservedItem:
        result = self._crm.writer.write([write])[0]
        if isinstance(result, Written):
            return self._note(result.item)
        raise result.error if isinstance(result, Failed) else _Wrong("not written")

    def _result(self, write: Delete) -> None:
        result = self._crm.writer.write([write])[0]
        if isinstance(result, Failed):
            raise result.error
        if isinstance(result, Erased):
            self._made.pop(write.ref.id, None)

    def _note(self, item: ObservedItem) -> ObservedItem:
        self._made[item.ref.id] = item.version
        return item

    def _clean_up(self) -> None:
        for own in list(self._made):
            with self._point(Point.CLEAN_UP):
                found = self._crm.reader.read(Ref(CRM_LIST, own))
                if not isinstance(found, Tombstone):
                    self._result(Delete(Ref(CRM_LIST, own), found.version))

    @contextmanager
    def _point(self, point: Point) -> Iterator[None]:
        try:
            yield
        except PortError as error:
            self.faults.append(Fault(point, f"{type(error).__name__}: {error}"))
        except _Wrong as error:
            self.faults.append(Fault(point, str(error)))
