"""Reads a CRM's activities through its profile."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from soroe.adapters.crm.documents import Malformed, flag_at, id_at, text_at
from soroe.core.event import (
    CRM_LIST,
    UTC_ZONE,
    ContainerId,
    ItemId,
    ObservedItem,
    Ref,
    Seen,
    Side,
    Tombstone,
    Unreadable,
    Window,
)
from soroe.core.link import same_time
from soroe.ports.errors import Gone, ServiceFault
from soroe.ports.remote import (
    NOTHING_KNOWN,
    ActivityType,
    Capabilities,
    ContainerEntry,
    Create,
    Cursor,
    Identity,
    KnownVersions,
    Page,
)

from .contract import Contract
from .feed import Feed
from .occurrences import instance_of, is_occurrence, parts_of
from .profile import Profile
from .profile_requests import (
    FieldStamp,
    FlagDeletions,
    HeaderIdempotency,
    NoBatch,
    NotQuiet,
    NoVersions,
    TombstoneDeletions,
)
from .reading import ItemReading, list_of
from .type_names import TypeNames


def capabilities_of(profile: Profile) -> Capabilities:
    """What a CRM can do, as its profile tells it."""
    return Capabilities(
        side=Side.CRM,
        conditional_writes=not isinstance(profile.versions, NoVersions),
        own_ids=False,
        idempotent_create=isinstance(profile.idempotency, HeaderIdempotency),
        hidden_stamp=isinstance(profile.stamp, FieldStamp),
        quiet=not isinstance(profile.quiet, NotQuiet),
        tombstones=isinstance(profile.deletions, TombstoneDeletions | FlagDeletions),
        restore=profile.operations.restore is not None,
        native_recurrence=profile.fields.recurrence is not None,
        batch=1
        if isinstance(profile.batch, NoBatch) or profile.operations.batch is None
        else min(profile.batch.max_operations, 100),
    )


class RestReader:
    """Reads one account of a CRM (the port `Reader`)."""

    def __init__(self, contract: Contract, reading: ItemReading, types: TypeNames | None = None) -> None:
        self._contract = contract
        self._profile = contract.profile
        self._types = types
        self._reading = reading
        self._feed = Feed(contract, reading)
        self._capabilities = capabilities_of(contract.profile)

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do."""
        return self._capabilities

    @property
    def requests_sent(self) -> int:
        """Requests that left for this account so far, writes included."""
        return self._contract.requests_sent

    def identity(self) -> Identity:
        """Who is signed in, asked of the CRM."""
        return self._contract.identity()

    def containers(self) -> Sequence[ContainerEntry]:
        """The one list of the signed-in user's activities."""
        identity = self._contract.identity()
        path = self._profile.user.time_zone
        zone = UTC_ZONE
        if path is not None or self._contract.needs_home:
            zone = self._contract.home()
        return (ContainerEntry(CRM_LIST, identity.name, zone, primary=True),)

    def activity_types(self) -> Sequence[ActivityType]:
        """The types that new activities can have; malformed entries are left out of the choice."""
        if self._types is not None:
            return self._types.all()
        words, operation = self._profile.activity_types, self._profile.operations.activity_types
        if operation is None or words.key is None:
            return tuple(ActivityType(key, key) for key in words.fixed or tuple(words.map))
        listed = list_of(self._contract.read(operation), operation.items_at)
        if listed is None:
            raise ServiceFault(f"list_is_missing:{operation.items_at or 'body'}")
        ours = {str(theirs): word for word, theirs in words.map.items()}
        found: list[ActivityType] = []
        for entry in listed:
            try:
                key = id_at(entry, words.key)
                if words.active is None or flag_at(entry, words.active):
                    name = text_at(entry, words.name, 255) if words.name is not None else ""
                    found.append(ActivityType(ours.get(key, key), name or key))
            except Malformed:
                continue  # a type that cannot be named cannot be chosen; the others can
        return tuple(found)

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window."""
        return self._feed.changes(cursor, window, known)

    def first_pages(self, size: int) -> Iterator[Sequence[Seen]]:
        """The pages of a full listing with `size` entries each, for trying out how the CRM pages."""
        return self._feed.pages_of(size)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One item, read directly; a `Tombstone` when it is deleted, unknown, or now belongs to somebody else."""
        own = self._reading.occurrences.theirs(ref.id) or self._look_up_exception(ref.id)
        if own is None:
            return self._by_its_series(ref)
        try:
            document, _ = self._contract.get(own)
        except Gone:
            return Tombstone(ref)
        if self._is_somebody_elses(document):
            return Tombstone(ref)
        return self._reading.seen(document)

    def _by_its_series(self, ref: Ref) -> ObservedItem | Tombstone:
        """An occurrence without an activity of its own, as its series says it is."""
        occurrence = parts_of(ref.id)
        series = self.read(Ref(ref.container, occurrence.series)) if occurrence is not None else None
        if occurrence is None or not isinstance(series, ObservedItem):
            return Tombstone(ref)
        return instance_of(series, occurrence) or Tombstone(ref)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The items that this create may have made: by its stamp, its occurrence, or its title and time."""
        stamp, operation = self._profile.stamp, self._profile.operations.list
        if create.stamp and isinstance(stamp, FieldStamp) and stamp.lookup_parameter is not None:
            document = self._contract.read(operation, "", ((stamp.lookup_parameter, create.stamp),))
            listed = list_of(document, operation.items_at)
            if listed is None:
                raise ServiceFault(f"list_is_missing:{operation.items_at or 'body'}")
            return [one for one in map(self._reading.seen, listed) if isinstance(one, ObservedItem)]
        everything = (one for one in self._feed.everything() if isinstance(one, ObservedItem))
        return [one for one in everything if _may_be(one, create)]

    def _look_up_exception(self, name: ItemId) -> str | None:
        """The CRM's id of an exception not met since the program started; found by listing."""
        if not is_occurrence(name):
            return None
        wanted = parts_of(name)
        for one in self._feed.everything():
            if isinstance(one, ObservedItem) and one.occurrence == wanted:
                return self._reading.occurrences.theirs(name)
        return None

    def _is_somebody_elses(self, document: object) -> bool:
        try:
            if self._reading.is_shared_without_user(document):
                return True
            owner = self._reading.owner(document)
        except Malformed:
            return False  # an unreadable owner proves nothing
        return owner is not None and owner != self._contract.me()


def _may_be(one: ObservedItem, create: Create) -> bool:
    if create.stamp and one.stamp is not None:
        return one.stamp == create.stamp
    if create.occurrence is not None or one.occurrence is not None:
        return one.occurrence == create.occurrence
    same_title = _plain(one.content.title) == _plain(create.content.title)
    return same_title and same_time(one.content.when, create.content.when)


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())
