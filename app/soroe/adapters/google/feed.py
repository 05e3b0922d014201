"""What happened in a calendar: a full listing first, then only the changes since the last sync token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

from soroe.adapters.net.query import query_text
from soroe.adapters.net.reading import Json
from soroe.core.event import ContainerId, ItemId, Seen, Window
from soroe.core.stamp import container_token, token
from soroe.ports.errors import AdminRequired, CursorExpired, RetryLater, ServiceFault
from soroe.ports.remote import Cursor, KnownVersions, Page

from .calendars import Calendars
from .session import Call, Session, event_path
from .wire import EVENT_FIELDS, CalendarFacts, is_unchanged, read_event

PAGE_SIZE = 500
"""Events a page: parsing a larger one would hold up the window."""

# These must be the same in the first listing and in every later one, or Google's answers are undefined. Deleted
# occurrences come in any case, and deleted events come with a sync token. Without nextSyncToken in `fields`, there
# would never be a token.
_PARAMETERS = {
    "singleEvents": False,
    "maxResults": PAGE_SIZE,
    "fields": f"accessRole,timeZone,nextPageToken,nextSyncToken,items({EVENT_FIELDS})",
}
_SIGNATURE = token(json.dumps(_PARAMETERS, sort_keys=True), 5)
_FIXED_QUERY = urlencode(_PARAMETERS | {"singleEvents": "false"})
"""Written out by ourselves: this is asked every minute, and the client library costs 2 ms a call and 100 ms to load."""
_FARTHEST_ZONE = timedelta(days=1)


def pages(
    session: Session,
    calendars: Calendars,
    container: ContainerId,
    cursor: Cursor | None,
    window: Window,
    known: KnownVersions,
) -> Iterator[Page]:
    """All pages since the cursor, or everything in the window; the last page alone carries the new cursor.

    A listing by window tells a little more than the window: up to a day at both ends, as zones go.
    """
    narrowing = {"syncToken": _open(cursor, container)} if cursor is not None else _bounds(window)
    query = f"{_FIXED_QUERY}&{query_text(narrowing.items())}"
    page_token: str | None = None
    told: set[str] = set()
    while True:
        place = "" if page_token is None else f"&{query_text((('pageToken', page_token),))}"
        answer = _ask(session, container, Call("GET", event_path(container), query + place, calendar=True))
        facts = calendars.note(container, answer)
        items = answer.get("items", [])
        if not isinstance(items, list):
            raise ServiceFault("items_not_a_list")
        seen, unchanged = _read(items, facts, known)
        page_token = _token(answer, "nextPageToken")
        if page_token is None:
            sync_token = _token(answer, "nextSyncToken")
            if sync_token is None:
                # A listing that ends without a token was cut short: what it did not tell is not known to be gone.
                raise RetryLater("listing_without_end")
            yield Page(seen, _close(sync_token, container), unchanged)
            return
        if page_token in told:
            raise ServiceFault("listing_goes_in_circles")
        told.add(page_token)
        yield Page(seen, None, unchanged)


def _read(items: list[Json], facts: CalendarFacts, known: KnownVersions) -> tuple[tuple[Seen, ...], tuple[ItemId, ...]]:
    seen: list[Seen] = []
    unchanged: list[ItemId] = []
    for item in items:
        if known and is_unchanged(item, known):
            unchanged.append(ItemId(item["id"]))
        else:
            seen.append(read_event(item, facts))
    return tuple(seen), tuple(unchanged)


def _ask(session: Session, container: ContainerId, call: Call) -> Json:
    try:
        return session.json(call)
    except AdminRequired as trouble:
        if trouble.code != "calendar_not_found":
            raise
        # The sign-in may be another account's: an account that cannot be asked anything says so itself here.
        session.json(Call("GET", "users/me/calendarList", "maxResults=1&fields=items(id)"))
        raise


def _bounds(window: Window) -> dict[str, str]:
    return {
        "timeMin": _midnight(window.first, -_FARTHEST_ZONE),
        "timeMax": _midnight(window.last, 2 * _FARTHEST_ZONE),
    }


def _midnight(day: date, shift: timedelta) -> str:
    try:
        return f"{day + shift}T00:00:00Z"
    except OverflowError:
        return f"{day}T00:00:00Z"


def _token(answer: Json, name: str) -> str | None:
    value = answer.get(name)
    return value if isinstance(value, str) and value else None


def _close(sync_token: str, container: ContainerId) -> Cursor:
    return Cursor(f"{_SIGNATURE}.{container_token(container)}.{sync_token}")


def _open(cursor: Cursor, container: ContainerId) -> str:
    """The sync token in a cursor; one of other parameters or of another calendar is of no use."""
    signature, _, rest = cursor.partition(".")
    calendar, _, sync_token = rest.partition(".")
    if signature != _SIGNATURE or calendar != container_token(container) or not sync_token:
        raise CursorExpired("other_parameters")
    return sync_token
