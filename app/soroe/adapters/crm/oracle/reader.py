"""Reading one resource of an account (the port `Reader`)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from soroe.adapters.crm.documents import at
from soroe.core.event import ContainerId, EventContent, ObservedItem, Ref, Tombstone, Unreadable, Window
from soroe.core.link import same_time
from soroe.core.mirror import EVENT_TYPE
from soroe.ports.errors import Gone
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

from .api import LONGEST_PAGE, Api, Question
from .feed import Feed
from .looks import Looks
from .wire import Records


class OracleReader:
    """Reads appointments, or the events that the mirror joins them with."""

    def __init__(self, api: Api, records: Records, looks: Looks, feed: Feed, capabilities: Capabilities) -> None:
        self._api = api
        self._records = records
        self._looks = looks
        self._feed = feed
        self._capabilities = capabilities
        self._stamping = replace(capabilities, hidden_stamp=True)

    @property
    def capabilities(self) -> Capabilities:
        """What the service can do: no conditional writes, no restoring, no series, and a stamp on events alone."""
        return self._stamping if self._records.resource.stamp else self._capabilities

    @property
    def requests_sent(self) -> int:
        """Requests that left for this account so far, writes and sign-ins included."""
        return self._api.session.requests_sent

    def identity(self) -> Identity:
        """Who is signed in, asked by entering anew. Raises `LocalTrouble` where times do not fit the settings."""
        person = self._api.session.person(anew=True)
        self._looks.check_times()
        return Identity(person.id, person.name)

    def containers(self) -> Sequence[ContainerEntry]:
        """The one list of the resource."""
        person = self._api.session.person()
        return (ContainerEntry(self._records.container, person.name, self._records.dial.zone, primary=True),)

    def activity_types(self) -> Sequence[ActivityType]:
        """The types of the latest appointments, the most frequent first.

        No document tells how the list of values is read. "Event" is not among them: it makes an appointment an event.
        """
        self._looks.prepare()
        names = self._records.resource
        if not names.kind:
            return ()
        question = Question((names.id, names.kind), order=f"{names.modified}:desc")
        latest = next(self._api.rows(names.name, names.name, question), [])[:LONGEST_PAGE]
        told = Counter(kind for kind in (at(row, names.kind) for row in latest) if isinstance(kind, str) and kind)
        ordered = sorted(told, key=lambda kind: (-told[kind], kind))
        return tuple(ActivityType(kind, kind) for kind in ordered if kind != EVENT_TYPE)

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window."""
        return self._feed.changes(cursor, window, known)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One item, read directly; a `Tombstone` when it is deleted, unknown, or no entry of this user's calendar."""
        self._looks.prepare()
        try:
            row = self._api.get(self._records.resource, ref.id)
        except Gone:
            return Tombstone(ref)
        return self._looks.alone(row, ref.id)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The items with the same title and time."""
        self._looks.prepare()
        start, _ = self._records.dial.both(create.content.when)
        found: list[ObservedItem] = []
        for row in self._feed.starting(start):
            if self._looks.children and not self._records.has_twin(row):
                continue  # only what is one of a pair can be a twin
            own = at(row, self._records.resource.id)
            item = self._records.read(row)
            if isinstance(own, str) and isinstance(item, ObservedItem) and alike(item.content, create.content):
                whole = self._looks.alone(row, own)
                found.extend([whole] if isinstance(whole, ObservedItem) else [])
        return found


def alike(one: EventContent, other: EventContent) -> bool:
    """Whether two meetings have the same title and time."""
    return _plain(one.title) == _plain(other.title) and same_time(one.when, other.when)


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())
