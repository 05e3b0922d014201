"""Google's ids of events and of occurrences, found out where they cannot be told from the series' id."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from soroe.adapters.net.reading import Json, Misfit
from soroe.core.event import Occurrence, Ref
from soroe.ports.errors import Gone

from .series import instance_id, occurrence_named, original_start_text
from .session import Call, Session, event_path
from .times import read_original_start

_PAGE = 2500
_MOST_PAGES = 8


def event_id(session: Session, ref: Ref) -> str:
    """Google's id for a ref of ours; raises `Gone` when the series has no such occurrence."""
    occurrence = occurrence_named(ref.id) if "#" in ref.id else None
    if occurrence is None:
        return ref.id
    return instance_id(occurrence) or looked_up(session, ref, occurrence)


def looked_up(session: Session, ref: Ref, occurrence: Occurrence) -> str:
    """The id of an occurrence, asked of Google; raises `Gone` when the series has no such occurrence.

    What comes is compared with what was asked for: the form of `originalStart` is documented nowhere, and to write to
    the wrong occurrence would be worse than to write to none.
    """
    narrow = {"originalStart": original_start_text(occurrence.original_start)}
    for query in (narrow, {}):
        for entry in _instances(session, ref, occurrence, query):
            found = entry.get("id")
            if isinstance(found, str) and _starts(entry, occurrence):
                return found
    raise Gone("no_such_occurrence")


def _starts(entry: Json, occurrence: Occurrence) -> bool:
    try:
        return read_original_start(entry) == occurrence.original_start
    except Misfit:
        return False


def _instances(session: Session, ref: Ref, occurrence: Occurrence, query: dict[str, str]) -> Iterator[Json]:
    path = f"{event_path(ref.container, occurrence.series)}/instances"
    told = {"showDeleted": "true", "maxResults": str(_PAGE), "fields": "nextPageToken,items(id,originalStartTime)"}
    token: str | None = None
    for _ in range(_MOST_PAGES):
        page = {"pageToken": token} if token else {}
        answer = session.json(Call("GET", path, urlencode({**told, **query, **page}, quote_via=quote)))
        items = answer.get("items")
        yield from (one for one in items if isinstance(one, dict)) if isinstance(items, list) else ()
        token = answer.get("nextPageToken")
        if not isinstance(token, str) or not token:
            return
