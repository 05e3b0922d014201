"""Google's ids of events and of occurrences, found out where they cannot be told from the series' id."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from soroe.core.event import Occurrence, Ref
from soroe.ports.errors import Gone

from .series import instance_id, occurrence_named, original_start_text
from .session import Call, Session, event_path


def event_id(session: Session, ref: Ref) -> str:
    """Google's id for a ref of ours; raises `Gone` when the series has no such occurrence."""
    occurrence = occurrence_named(ref.id)
    if occurrence is None:
        return ref.id
    return instance_id(occurrence) or looked_up(session, ref, occurrence)


def looked_up(session: Session, ref: Ref, occurrence: Occurrence) -> str:
    """The id of an occurrence, asked of Google; raises `Gone` when the series has no such occurrence."""
    path = f"{event_path(ref.container, occurrence.series)}/instances"
    query = {
        "originalStart": original_start_text(occurrence.original_start),
        "showDeleted": "true",
        "maxResults": "2",
        "fields": "items(id)",
    }
    answer = session.json(Call("GET", path, urlencode(query, quote_via=quote)))
    items = answer.get("items")
    first = items[0] if isinstance(items, list) and items else None
    found = first.get("id") if isinstance(first, dict) else None
    if not isinstance(found, str):
        raise Gone("no_such_occurrence")
    return found
