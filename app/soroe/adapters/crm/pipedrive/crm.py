"""One Pipedrive account: its reader, its writer, and its budget."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from soroe.adapters.crm.documents import Malformed
from soroe.adapters.crm.service import Keys, Line, Service, encoded
from soroe.adapters.net.exchange import Answer, Json
from soroe.core.event import (
    CRM_LIST,
    ContainerId,
    ObservedItem,
    Ref,
    Side,
    Tombstone,
    Unreadable,
    Version,
    Window,
)
from soroe.core.link import canonical, same_time
from soroe.ports.errors import (
    ACCOUNT_TROUBLE,
    ChangedMeanwhile,
    Gone,
    ItemRejected,
    PortError,
    RetryLater,
)
from soroe.ports.remote import (
    NOTHING_KNOWN,
    ActivityType,
    Capabilities,
    ContainerEntry,
    Create,
    Cursor,
    Delete,
    Erased,
    Failed,
    Identity,
    KnownVersions,
    Page,
    Restore,
    Result,
    Unsent,
    Update,
    Write,
    Written,
)

from .api import POLLING_SHARE, Api, Budget, Cost
from .feed import Feed, Intervals
from .wire import HELD, changed_fields, is_deleted, new_activity, owner_of, read_activity, version_of

CAPABILITIES = Capabilities(
    side=Side.CRM,
    conditional_writes=False,
    own_ids=False,
    idempotent_create=False,
    hidden_stamp=False,
    quiet=True,
    tombstones=True,
    restore=False,
    native_recurrence=False,
    creates_in_turn=10,
)


@dataclass(frozen=True, slots=True)
class PipedriveSettings:
    """Where the company's Pipedrive is, and how often what is looked at.

    `find_within` is how far back a create whose answer was lost is looked for.
    """

    base_url: str
    intervals: Intervals = field(default_factory=Intervals)
    find_within: timedelta = timedelta(days=7)


class PipedriveReader:
    """Reads one account (the port `Reader`)."""

    def __init__(self, api: Api, feed: Feed, find_within: timedelta) -> None:
        self._api = api
        self._feed = feed
        self._find_within = find_within

    @property
    def capabilities(self) -> Capabilities:
        """What Pipedrive can do: no conditional writes, no stamp, no restoring, no series."""
        return CAPABILITIES

    @property
    def requests_sent(self) -> int:
        """Requests that left for this account so far, writes included."""
        return self._api.service.requests_sent

    def identity(self) -> Identity:
        """Who is signed in, asked of Pipedrive."""
        return self._api.identity()

    def containers(self) -> Sequence[ContainerEntry]:
        """The one list of the signed-in user's activities."""
        user = self._api.user()
        return (ContainerEntry(CRM_LIST, user.email or user.id, user.zone, primary=True),)

    def activity_types(self) -> Sequence[ActivityType]:
        """The company's active types."""
        return tuple(self._api.types())

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window."""
        return self._feed.changes(cursor, window, known)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One item, read directly; a `Tombstone` when it is deleted, unknown, or now belongs to somebody else."""
        try:
            document = self._api.get(ref.id)
        except Gone:
            return Tombstone(ref)
        try:
            if is_deleted(document) or owner_of(document) != self._api.user().id:
                return Tombstone(ref)
        except Malformed as error:
            return Unreadable(ref, error.field, error.reason)
        return read_activity(document)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The recent own items with the same title and time."""
        since = self._api.clock() - self._find_within
        items = (read_activity(document) for document in self._feed.owned(since))
        return [one for one in items if isinstance(one, ObservedItem) and _may_be(one, create)]


class PipedriveWriter:
    """Writes to one account, one write a request (the port `Writer`). The version is compared right before."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; never raises for a write that failed."""
        creates = [write for write in batch if isinstance(write, Create)]
        if len(creates) == len(batch):
            return self._create_all(creates)
        results: list[Result] = []
        for write in batch:
            results.append(self._create_all([write])[0] if isinstance(write, Create) else self._one(write))
            last = results[-1]
            if isinstance(last, Failed) and isinstance(last.error, ACCOUNT_TROUBLE):
                break
        return [*results, *(Unsent() for _ in batch[len(results) :])]

    def _create_all(self, creates: Sequence[Create]) -> list[Result]:
        """All are prepared before the first is sent, and their answers read after the last: what is done between two
        requests takes twice as long, because the wait for each answer has let everything else go cold."""
        told: list[Answer | PortError | None] = []
        bodies = [_body_or_error(create) for create in creates]
        for create, body in zip(creates, bodies, strict=True):
            told.append(self._posted(create, body))
            if isinstance(told[-1], ACCOUNT_TROUBLE):
                break
        return [*(self._made(one) for one in told), *(Unsent() for _ in creates[len(told) :])]

    def _posted(self, create: Create, body: bytes | PortError) -> Answer | PortError | None:
        """What came of sending a create; None where it is too late to send it."""
        if isinstance(body, PortError):
            return body
        if create.until is not None and self._api.clock() >= create.until:
            return None
        try:
            return self._api.post(body)
        except PortError as error:
            return error

    def _made(self, told: Answer | PortError | None) -> Result:
        if told is None:
            return Unsent()
        if isinstance(told, PortError):
            return Failed(told)
        try:
            return Written(_observed(self._api.made(told)))
        except PortError as error:
            return Failed(error)

    def _one(self, write: Update | Delete | Restore) -> Result:
        try:
            match write:
                case Update():
                    return self._update(write)
                case Delete():
                    return self._delete(write)
                case Restore():
                    return self._restore(write)
                case _:
                    assert_never(write)
        except PortError as error:
            return Failed(error)

    def _update(self, write: Update) -> Written:
        body = changed_fields(write.content, write.fields)
        document = self._unchanged(write.ref, write.version)
        return Written(_observed(self._api.change(write.ref.id, body) if body else document))

    def _delete(self, write: Delete) -> Erased:
        try:
            self._unchanged(write.ref, write.version)
            self._api.delete(write.ref.id)
        except Gone:
            return Erased(write.ref)
        return Erased(write.ref)

    def _restore(self, write: Restore) -> Written:
        """Pipedrive cannot bring back: an item that is alive again gets its content, else a new one is made."""
        try:
            document = self._unchanged(write.ref, None)
        except Gone:
            return Written(_observed(self._api.create(new_activity(write.content, write.activity_type))))
        item = _observed(document)
        fields = [field for field in HELD if canonical(item.content, field) != canonical(write.content, field)]
        body = changed_fields(write.content, fields)
        return Written(_observed(self._api.change(write.ref.id, body)) if body else item)

    def _unchanged(self, ref: Ref, version: Version | None) -> Json:
        """The item as it is, if it is still in the state the write was decided on, and still ours."""
        document = self._api.get(ref.id)
        try:
            if is_deleted(document) or owner_of(document) != self._api.user().id:
                raise Gone("deleted_or_reassigned")
            if version is not None and version_of(document) != version:
                raise ChangedMeanwhile("update_time_moved")
        except Malformed as error:
            raise ItemRejected("item_unreadable", error.field) from error
        return document


class PipedriveCrm:
    """A signed-in account: its `reader`, its `writer`, its budget.

    `keys` prove who we are, `clock` tells aware UTC times, `line` is how the network is reached. Nothing is sent before
    the first question.
    """

    def __init__(self, settings: PipedriveSettings, keys: Keys, clock: Callable[[], datetime], line: Line) -> None:
        self._service = Service(settings.base_url, keys, line)
        self._api = Api(self._service, clock)
        self._intervals = settings.intervals
        self.reader = PipedriveReader(self._api, Feed(self._api, settings.intervals), settings.find_within)
        self.writer = PipedriveWriter(self._api)

    @property
    def requests_sent(self) -> int:
        """Requests that left since the counter was made."""
        return self._service.requests_sent

    def budget(self) -> Budget:
        """The company's tokens of today."""
        return self._api.budget()

    def polling_interval(self) -> timedelta:
        """How far apart polls have to be, by day and night, for polling to spend a tenth of the day's tokens (P-10).

        The looks for deletions and the daily listing are taken off first.
        """
        day = timedelta(days=1)
        looks = day / self._intervals.deletions * Cost.LIST_V1 + day / self._intervals.everything * Cost.LIST
        left = max(self.budget().limit * POLLING_SHARE - looks, float(Cost.LIST))
        return day / (left / Cost.LIST)

    def close(self) -> None:
        """Ends the connections."""
        self._service.close()


def _body(create: Create) -> bytes:
    if create.occurrence is not None:
        raise ItemRejected("no_series", "occurrence")
    return encoded(new_activity(create.content, create.activity_type))


def _body_or_error(create: Create) -> bytes | PortError:
    try:
        return _body(create)
    except PortError as error:
        return error


def _observed(document: Json) -> ObservedItem:
    one = read_activity(document)
    if isinstance(one, ObservedItem):
        return one
    raise RetryLater(f"answer_unreadable:{one.field}", outcome_unknown=True)


def _may_be(one: ObservedItem, create: Create) -> bool:
    same_title = _plain(one.content.title) == _plain(create.content.title)
    return same_title and same_time(one.content.when, create.content.when)


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())
