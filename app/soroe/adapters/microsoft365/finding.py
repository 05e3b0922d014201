"""Finding what a create has made, by the seed that a new event carries hidden on it."""

from __future__ import annotations

from urllib.parse import quote

from soroe.core.event import ObservedItem
from soroe.ports.errors import RetryLater
from soroe.ports.remote import Create

from .body import SEED_ID
from .calendars import Calendars, event_path
from .events import completed
from .session import Call, Session
from .wire import EVENT_QUERY, read_event


def made_by(session: Session, calendars: Calendars, create: Create) -> tuple[ObservedItem, ...]:
    """The living events that carry the seed of this create."""
    seed = create.seed.replace("'", "''")
    wanted = f"singleValueExtendedProperties/Any(ep: ep/id eq '{SEED_ID}' and ep/value eq '{seed}')"
    call = Call("GET", event_path(create.container), f"$filter={quote(wanted)}&{EVENT_QUERY}", calendar=True)
    entries = session.json(call).get("value")
    if not isinstance(entries, list):
        raise RetryLater("garbled_answer")
    facts = calendars.facts(create.container)
    whole = (completed(session, create.container, one) for one in entries if isinstance(one, dict))
    found = [read_event(entry, facts) for entry in whole]
    return tuple(seen for seen in found if isinstance(seen, ObservedItem))
