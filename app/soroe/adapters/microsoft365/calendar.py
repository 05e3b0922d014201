"""A Microsoft 365 calendar as the engine's reader; its `writer` is handed only to syncs that may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.transport import Network
from soroe.core.event import ContainerId, ObservedItem, ReadOnlyCause, Ref, Side, Tombstone, Unreadable, Window
from soroe.ports.errors import AdminRequired, Gone, ItemRejected, ReadOnly, ServiceFault
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

from .calendars import Calendars
from .events import read_entry
from .feed import Feed
from .finding import made_by
from .instances import event_id
from .session import LARGEST, Session
from .settings import Microsoft365Settings
from .single import target
from .whereabouts import are_in
from .wire import read_event
from .writing import Microsoft365Writer

CAPABILITIES = Capabilities(
    side=Side.CALENDAR,
    conditional_writes=True,
    own_ids=False,
    # A repeated create with the same transaction id is told from a new one for a time that Graph states nowhere: that
    # is less than the engine asks of a create that can safely be repeated from any laptop.
    idempotent_create=False,
    hidden_stamp=True,
    # Not that Graph could keep quiet: what would mail a guest is refused before it is sent.
    quiet=True,
    tombstones=True,
    restore=False,
    native_recurrence=True,
    batch=LARGEST,
)

_OF_ANOTHER_MAILBOX = "ErrorInvalidMailboxItemId"
"""Told of an event that was in a calendar of one's own and is looked for in a colleague's, or the other way round. Of
an event that a calendar itself has named, it is no word of its end: a feed that meets it fails."""


class Microsoft365Calendar:
    """Reads one Microsoft 365 account; an implementation of `Reader`, with its `writer` beside it.

    `secret` gives the text that the sign-in returned (it may raise errors of the port, such as a locked keychain), and
    is asked anew whenever an access token is needed; `keep` stores a changed one before its token is used. `pacer`
    holds the account's quota and should be shared by everything that uses the same account. `now` is the present
    moment in UTC. Safe to share between threads.
    """

    def __init__(
        self,
        settings: Microsoft365Settings,
        secret: Callable[[], str],
        keep: Callable[[str], None],
        pacer: Pacer,
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
    ) -> None:
        self._session = Session(settings, secret, keep, pacer, now=now, network=network)
        self._calendars = Calendars(self._session)
        self._feed = Feed(self._session, self._calendars)
        self.writer = Microsoft365Writer(self._session, self._calendars)

    @property
    def capabilities(self) -> Capabilities:
        """What a Microsoft 365 calendar can do."""
        return CAPABILITIES

    @property
    def requests_sent(self) -> int:
        """HTTP requests sent for this account so far, those for tokens included; a batch is one."""
        return self._session.requests.sent

    def close(self) -> None:
        """Drop the kept connections; the next call opens new ones."""
        self._session.close()

    def identity(self) -> Identity:
        """The account's key, which never changes, and its address as Graph tells it now."""
        known = self._session.tokens.account()
        user = self._calendars.user()
        name = user.get("mail") or user.get("userPrincipalName") or known.name
        return Identity(known.key, str(name))

    def containers(self) -> Sequence[ContainerEntry]:
        """The calendars that the account can see."""
        return tuple(self._calendars.all())

    def activity_types(self) -> Sequence[ActivityType]:
        """None: a calendar has no activity types."""
        return ()

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor, or everything in the window; see `Reader.changes`."""
        return self._feed.pages(container, cursor, window, known)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One event, or one occurrence of a series, as far as it is in this calendar."""
        facts = self._calendars.facts(ref.container)
        try:
            own = event_id(self._session, ref)
            entry = read_entry(self._session, ref.container, own)
        except Gone:
            return Tombstone(ref)
        except ItemRejected as spoilt:
            return Unreadable(ref, "event", spoilt.code)
        except AdminRequired as refused:
            if not refused.code.startswith("access_denied:"):
                raise
            raise ReadOnly(ReadOnlyCause.READ_ONLY_CONTAINER.value) from refused  # it is about this event alone
        except ServiceFault as fault:
            if fault.code != _OF_ANOTHER_MAILBOX:
                raise
            return Tombstone(ref)
        seen = read_event(entry, facts)
        if seen.ref != ref and not isinstance(seen, ObservedItem):
            return Unreadable(ref, "id", "another event's")
        return seen if all(are_in(self._session, ref.container, [entry])) else Tombstone(ref)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The events that this create has made: they carry its seed."""
        if create.occurrence is not None:
            seen = self.read(target(create))
            return (seen,) if isinstance(seen, ObservedItem) else ()
        return made_by(self._session, self._calendars, create)
