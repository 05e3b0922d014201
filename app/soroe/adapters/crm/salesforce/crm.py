"""One Salesforce account: its reader, its writer, and the organisation's budget."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from soroe.adapters.crm.documents import Malformed
from soroe.adapters.crm.service import Keys, Line, Service
from soroe.core.event import (
    CRM_LIST,
    AllDay,
    ContainerId,
    ObservedItem,
    Occurrence,
    Ref,
    Side,
    Tombstone,
    Unreadable,
    When,
    Window,
    occurrence_id,
    occurrence_named,
)
from soroe.core.link import same_time
from soroe.ports.errors import ACCOUNT_TROUBLE, PortError, RetryLater
from soroe.ports.remote import (
    NOTHING_KNOWN,
    ActivityType,
    Budget,
    Capabilities,
    ContainerEntry,
    Create,
    Cursor,
    Failed,
    Identity,
    KnownVersions,
    Page,
    Result,
    Unsent,
    Write,
)

from . import queries
from .api import Api
from .departures import departure
from .events import Events
from .feed import Feed
from .guests import Invitations
from .rows import Rows
from .series import SeriesReading, series_of
from .series_writing import SeriesWriting
from .settings import SalesforceSettings
from .single import Single
from .times import midnight
from .together import MOST, Together
from .wire import is_deleted, is_series, owner_of, read_event
from .words import is_record_id


def capabilities(settings: SalesforceSettings) -> Capabilities:
    """What Salesforce can do; a stamp needs a field that IT made for it."""
    return Capabilities(
        side=Side.CRM,
        conditional_writes=True,
        own_ids=False,
        idempotent_create=False,
        hidden_stamp=bool(settings.stamp_field),
        quiet=True,
        tombstones=True,
        restore=True,
        native_recurrence=True,
        batch=MOST,
    )


class SalesforceReader:
    """Reads one account (the port `Reader`)."""

    def __init__(self, api: Api, feed: Feed, rows: Rows, series: SeriesReading, settings: SalesforceSettings) -> None:
        self._api = api
        self._feed = feed
        self._rows = rows
        self._series = series
        self._settings = settings
        self._capabilities = capabilities(settings)

    @property
    def capabilities(self) -> Capabilities:
        """What Salesforce can do."""
        return self._capabilities

    @property
    def requests_sent(self) -> int:
        """Requests that left for this account so far, writes included."""
        return self._api.service.requests_sent

    def identity(self) -> Identity:
        """Who is signed in, asked of Salesforce."""
        return self._api.identity()

    def containers(self) -> Sequence[ContainerEntry]:
        """The one list of the signed-in user's events."""
        user = self._api.user()
        return (ContainerEntry(CRM_LIST, user.email or user.id, user.zone, primary=True),)

    def activity_types(self) -> Sequence[ActivityType]:
        """The types that the organisation has for events."""
        return self._api.shape().types()

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window."""
        return self._feed.changes(cursor, window, known)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One item, read directly; a `Tombstone` when it is deleted, unknown, or now belongs to somebody else."""
        occurrence = occurrence_named(ref.id)
        if occurrence is not None:
            return self._occurrence(ref, occurrence)
        row = self._rows.read([ref.id]).get(ref.id)
        if row is None:
            return Tombstone(ref)
        try:
            if is_deleted(row) or owner_of(row) != self._api.user().id:
                return Tombstone(ref, departure=departure(self._api, row))
            if series_of(row) == ref.id:
                whole = self._series.whole(ref.id)
                return Tombstone(ref) if whole is None else whole.item(self._settings.stamp_field)
            if is_series(row):
                return Tombstone(ref)  # the record of a Lightning series is no meeting; its meetings are told
        except Malformed as error:
            return Unreadable(ref, error.field, error.reason)
        return read_event(row, self._settings.stamp_field)

    def _occurrence(self, ref: Ref, occurrence: Occurrence) -> ObservedItem | Tombstone | Unreadable:
        if not is_record_id(occurrence.series):
            return Tombstone(ref)
        try:
            series = self._series.whole(occurrence.series)
        except Malformed as error:
            return Unreadable(ref, error.field, error.reason)
        if series is None:
            return self._gone_with(ref, occurrence)
        slot = series.slot(occurrence.original_start)
        if slot is None or slot.row is None:
            return Tombstone(ref, occurrence=occurrence)
        return series.exception(slot, self._settings.stamp_field)

    def _gone_with(self, ref: Ref, occurrence: Occurrence) -> Tombstone:
        """A meeting of a series that is not there: it left as its series did."""
        master = self._rows.read([occurrence.series]).get(occurrence.series)
        how = None if master is None else departure(self._api, master)
        return Tombstone(ref, occurrence=occurrence, departure=how)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The recent own items with the same stamp, or the same title and time."""
        if create.occurrence is not None:
            named = occurrence_id(create.occurrence.series, create.occurrence.original_start)
            found = self.read(Ref(create.container, named))
            return [found] if isinstance(found, ObservedItem) else []
        start = _start_of(create.content.when)
        since = self._api.server_time() - self._settings.intervals.find_within
        words = queries.made_lately(self._api.selection(), self._api.user().id, start, since)
        found_rows = self._api.all_of(words)
        items = [self._item_of(row) for row in found_rows]
        return [one for one in items if one is not None and _may_be(one, create)]

    def _item_of(self, row: object) -> ObservedItem | None:
        try:
            master = series_of(row)
            if master is not None:
                whole = self._series.whole(master) if is_series(row) else None
                item = None if whole is None else whole.item(self._settings.stamp_field)
            else:
                item = None if is_series(row) else read_event(row, self._settings.stamp_field)
        except Malformed:
            return None
        return item if isinstance(item, ObservedItem) else None


class SalesforceWriter:
    """Writes to one account (the port `Writer`): plain writes of one kind together, the others one by one."""

    def __init__(self, single: Single, together: Together) -> None:
        self._single = single
        self._together = together

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; never raises for a write that failed."""
        results: list[Result] = []
        while len(results) < len(batch):
            left = batch[len(results) :]
            group = self._together.first_of(left)
            results += self._sent(group) if group else [self._alone(left[0])]
            if any(isinstance(one, Failed) and isinstance(one.error, ACCOUNT_TROUBLE) for one in results):
                break
        return [*results, *(Unsent() for _ in batch[len(results) :])]

    def _sent(self, group: Sequence[Write]) -> list[Result]:
        try:
            return self._together.send(group)
        except PortError as error:
            return _all_failed(group, error)

    def _alone(self, write: Write) -> Result:
        try:
            return self._single.one(write)
        except PortError as error:
            return Failed(error)


class SalesforceCrm:
    """A signed-in account: its `reader`, its `writer`, its budget.

    `instance` is the organisation's own address, as it was told at sign-in. `keys` prove who we are, `clock` tells
    aware UTC times, `line` is how the network is reached. Nothing is sent before the first question.
    """

    def __init__(
        self, settings: SalesforceSettings, instance: str, keys: Keys, clock: Callable[[], datetime], line: Line
    ) -> None:
        self._service = Service(settings.instance(instance), keys, line)
        self._api = api = Api(self._service, settings, clock)
        stamp = settings.stamp_field
        reading, rows = SeriesReading(api, stamp), Rows(api, stamp)
        invitations = Invitations(api)
        events = Events(api, rows, invitations)
        single = Single(api, rows, events, SeriesWriting(api, rows, events, reading, stamp))
        feed = Feed(api, reading, settings.intervals, stamp)
        self.reader = SalesforceReader(api, feed, rows, reading, settings)
        self.writer = SalesforceWriter(single, Together(api, rows, events, invitations, single))

    def budget(self) -> Budget | None:
        """The organisation's requests of the last 24 hours."""
        return self._api.usage.budget()

    def polling_interval(self) -> timedelta | None:
        """How far apart polls have to be (P-10)."""
        return self._api.usage.polling_interval()

    def close(self) -> None:
        """Ends the connections."""
        self._service.close()


def _all_failed(group: Sequence[Write], error: PortError) -> list[Result]:
    """The request for all failed. Where it may have been carried out, so may each; else the rest waits."""
    unknown = isinstance(error, RetryLater) and error.outcome_unknown
    if unknown or not isinstance(error, ACCOUNT_TROUBLE):
        return [Failed(error) for _ in group]
    return [Failed(error), *(Unsent() for _ in group[1:])]


def _start_of(when: When) -> datetime:
    return midnight(when.start) if isinstance(when, AllDay) else when.start_utc


def _may_be(one: ObservedItem, create: Create) -> bool:
    if create.stamp is not None and one.stamp == create.stamp:
        return True
    same_title = _plain(one.content.title) == _plain(create.content.title)
    same_kind = (one.content.recurrence is None) == (create.content.recurrence is None)
    return same_title and same_kind and same_time(one.content.when, create.content.when)


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())
