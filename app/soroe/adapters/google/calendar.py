"""Google Calendar as the engine's reader; its `writer` is handed only to syncs that may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from random import random
from urllib.parse import quote

from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.transport import Network
from soroe.core.event import ContainerId, ItemId, ObservedItem, Ref, Side, Tombstone, Unreadable, Window
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

from .access import KEPT_BY_GOOGLE, Renewal
from .batch import LARGEST
from .body import own_id
from .calendars import Calendars
from .feed import pages
from .instances import event_id
from .session import Call, Session, event_path
from .settings import GoogleSettings
from .single import BURNT_IDS, target
from .wire import EVENT_FIELDS, read_event
from .writing import GoogleWriter

CAPABILITIES = Capabilities(
    side=Side.CALENDAR,
    conditional_writes=True,
    own_ids=True,
    idempotent_create=True,
    hidden_stamp=True,
    quiet=True,
    tombstones=True,
    restore=True,
    native_recurrence=True,
    batch=LARGEST,
)


class GoogleCalendar:
    """Reads one Google account; an implementation of `Reader`, with its `writer` beside it.

    `secret` gives the text that `sign_in` returned (it may raise errors of the port, such as a locked keychain), and is
    asked anew whenever an access token is needed; `renewal` says where one goes that takes its place. `pacer` holds the
    account's quota and should be shared by everything that uses the same account. `now` is the present moment in UTC,
    `random` gives numbers from 0 up to 1 for back-offs.
    Safe to share between threads.
    """

    def __init__(
        self,
        settings: GoogleSettings,
        secret: Callable[[], str],
        pacer: Pacer,
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
        random: Callable[[], float] = random,
        renewal: Renewal = KEPT_BY_GOOGLE,
    ) -> None:
        self._session = Session(settings, secret, pacer, now=now, network=network, renewal=renewal)
        self._calendars = Calendars(self._session)
        self.writer = GoogleWriter(self._session, self._calendars, random)

    @property
    def capabilities(self) -> Capabilities:
        """What Google Calendar can do."""
        return CAPABILITIES

    @property
    def requests_sent(self) -> int:
        """HTTP requests sent for this account so far; a batch is one."""
        return self._session.requests.sent

    def close(self) -> None:
        """Drop the kept connections; the next call opens new ones."""
        self._session.close()

    def identity(self) -> Identity:
        """The account's user id and address; the id is the one told at sign-in, the address is asked now."""
        secret = self._session.secret()
        email = str(self._calendars.primary().get("id") or secret.email)
        return Identity(secret.subject or email.casefold(), email)

    def containers(self) -> Sequence[ContainerEntry]:
        """The calendars in the account's list."""
        return tuple(self._calendars.all())

    def activity_types(self) -> Sequence[ActivityType]:
        """None: a calendar has no activity types."""
        return ()

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor, or everything in the window; see `Reader.changes`."""
        return pages(self._session, self._calendars, container, cursor, window, known)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One event, or one occurrence of a series."""
        facts = self._calendars.facts(ref.container)
        try:
            own = event_id(self._session, ref)
            entry = self._session.json(Call("GET", event_path(ref.container, own), f"fields={quote(EVENT_FIELDS)}"))
        except Gone:
            return Tombstone(ref)
        seen = read_event(entry, facts)
        return seen if isinstance(seen, ObservedItem) or seen.ref == ref else Unreadable(ref, "id", "another event's")

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The event that this create has made, if it has: its id is known beforehand."""
        ref = target(create)
        for attempt in range(1 if create.occurrence else BURNT_IDS):
            seen = self.read(ref if attempt == 0 else Ref(create.container, ItemId(own_id(create.seed, attempt))))
            if isinstance(seen, ObservedItem):
                return (seen,)
        return ()
