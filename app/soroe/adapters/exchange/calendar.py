"""An Exchange mailbox as the engine's reader; its `writer` is handed only to syncs that may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from soroe.adapters.net.transport import Network
from soroe.core.event import ContainerId, ObservedItem, Ref, Side, Tombstone, Unreadable, Window, occurrence_id
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

from .calendars import entries, primary
from .feed import pages
from .finding import made_by
from .lookup import read
from .session import Session
from .settings import ExchangeSettings
from .writing import LARGEST, ExchangeWriter

CAPABILITIES = Capabilities(
    side=Side.CALENDAR,
    conditional_writes=True,
    own_ids=False,
    idempotent_create=False,
    hidden_stamp=True,
    quiet=True,
    tombstones=True,
    restore=False,  # what comes out of Deleted Items comes under a new id
    native_recurrence=True,
    batch=LARGEST,
)


class ExchangeCalendar:
    """Reads one mailbox; an implementation of `Reader`, with its `writer` beside it.

    `secret` gives the text that `sign_in` returned (it may raise errors of the port, such as a locked keychain), and is
    asked when a connection is opened. `now` is the present moment in UTC. Safe to share between threads; requests go
    one after the other over one connection. A password that the server refused is not sent again until it is another.
    """

    def __init__(
        self,
        settings: ExchangeSettings,
        secret: Callable[[], str],
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
    ) -> None:
        self._session = Session(settings, secret, now=now, network=network)
        self._primary: ContainerId | None = None
        self.writer = ExchangeWriter(self._session)

    @property
    def capabilities(self) -> Capabilities:
        """What Exchange can do."""
        return CAPABILITIES

    @property
    def requests_sent(self) -> int:
        """HTTP requests sent for this account so far; a bulk call is one, an NTLM handshake two more."""
        return self._session.requests.sent

    def close(self) -> None:
        """Drop the kept connection; the next call opens a new one."""
        self._session.close()

    def identity(self) -> Identity:
        """The mailbox's address, or where none was given, the name that signs in.

        The server is asked to open that mailbox, so another one is never taken for it.
        """
        primary(self._session)
        return self._session.settings.identity

    def containers(self) -> Sequence[ContainerEntry]:
        """The calendars of the mailbox; its zone is the user's own, since Exchange gives calendars none."""
        return tuple(entries(self._session))

    def activity_types(self) -> Sequence[ActivityType]:
        """None: a calendar has no activity types."""
        return ()

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor, or everything in the window; see `Reader.changes`."""
        return pages(self._session, container, cursor, window, known)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One item, or one occurrence of a series."""
        return read(self._session, ref)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The items that this create has made: they carry its seed. An exception is looked up where it belongs."""
        if create.occurrence is None:
            return tuple(made_by(self._session, create.container, create.seed))
        place = occurrence_id(create.occurrence.series, create.occurrence.original_start)
        seen = self.read(Ref(create.container, place))
        return (seen,) if isinstance(seen, ObservedItem) else ()
