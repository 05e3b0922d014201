"""What happened in a calendar: a full round of Graph's delta first, then only the changes since its link.

The delta tells which events changed, without our stamp, and it tells every occurrence of a series by itself. So what it
names is read, many in one request: single events as they are, series with their changed and cancelled occurrences.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from soroe.adapters.net.reading import Json
from soroe.core.event import ContainerId, Window
from soroe.core.stamp import container_token, token
from soroe.ports.errors import AdminRequired, CursorExpired, RetryLater, ServiceFault
from soroe.ports.remote import Cursor, KnownVersions, Page

from .calendars import Calendars, calendar_path
from .errors import TRANSIENT
from .session import Call, Session
from .sweep import Sweep

PAGE_SIZE = 50
ROLLS = timedelta(days=5)
"""A delta link's window is fixed for its life: it reaches so many days further, and is given up when they are over."""
MOST_TRANSIENT = 5
"""So often in a row a calendar's listing may meet Graph's "transient" error: of some shared calendars it never ends."""

_FARTHEST_ZONE = timedelta(days=1)
_PREFER = f"odata.maxpagesize={PAGE_SIZE}"
_SIGNATURE = token(f"calendarView/delta {PAGE_SIZE} 1", 5)
_NO_DELTA = frozenset({400, 404, 405, 501})
_LISTED = "listed"


class Feed:
    """The change feeds of an account's calendars. Safe to share between threads."""

    def __init__(self, session: Session, calendars: Calendars) -> None:
        self._session = session
        self._calendars = calendars
        self._transient: dict[ContainerId, int] = {}

    def pages(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions
    ) -> Iterator[Page]:
        """All pages since the cursor, or everything in the window; the last page alone carries the new cursor.

        A listing tells a little more than the window: a day at both ends, as zones go, and `ROLLS` ahead. A calendar
        for which Graph keeps no delta is listed as a whole each time: its cursors are always expired.
        """
        facts = self._calendars.facts(container)
        first = cursor is None
        if cursor is None:
            base, call = window, self._start(container, window, main=facts.main)
        else:
            base, link = _open(cursor, container, window)
            path, _, query = link.partition("?")
            call = Call("GET", path, query, calendar=True, prefer=_PREFER)
        sweep = Sweep(self._session, facts, known)
        told: set[str] = set()
        while True:
            answer = self._ask(container, call, first=first)
            if answer is None:  # no delta for this calendar
                call = self._plain(container, window)
                first = False
                continue
            entries = answer.get("value", [])
            if not isinstance(entries, list):
                raise ServiceFault("value_not_a_list")
            seen, unchanged = sweep.seen(entries)
            following = self._session.link(answer.get("@odata.nextLink"))
            if following is None:
                rest = sweep.rest(renewing=cursor is not None)
                yield Page((*seen, *rest), self._end(container, base, call, answer), unchanged)
                return
            if following in told:
                raise ServiceFault("listing_goes_in_circles")
            told.add(following)
            path, _, query = following.partition("?")
            call = Call("GET", path, query, calendar=True, prefer=_PREFER)
            yield Page(seen, None, unchanged)

    def _ask(self, container: ContainerId, call: Call, *, first: bool) -> Json | None:
        answer = self._session.send(call)
        if answer.ok:
            self._transient.pop(container, None)
            return answer.json(call)
        refused = self._session.refusal(call, answer)
        trouble = self._session.trouble(refused)
        if refused.says(frozenset({TRANSIENT})):
            self._transient[container] = self._transient.get(container, 0) + 1
            if self._transient[container] >= MOST_TRANSIENT:
                raise AdminRequired("calendar_unreadable:ErrorInternalServerTransientError") from refused
        if first and answer.status in _NO_DELTA and isinstance(trouble, ServiceFault):
            return None
        raise trouble from refused

    def _start(self, container: ContainerId, window: Window, *, main: bool) -> Call:
        # The main calendar's delta is documented everywhere, that of other calendars only by Graph's guide.
        path = "me/calendarView/delta" if main else f"{calendar_path(container)}/calendarView/delta"
        return Call("GET", path, _bounds(window), calendar=True, prefer=_PREFER)

    def _plain(self, container: ContainerId, window: Window) -> Call:
        query = f"{_bounds(window)}&$top={PAGE_SIZE}&$select=id,type,seriesMasterId"
        return Call("GET", f"{calendar_path(container)}/calendarView", query, calendar=True)

    def _end(self, container: ContainerId, base: Window, call: Call, answer: Json) -> Cursor:
        link = self._session.link(answer.get("@odata.deltaLink"))
        if link is None:
            if "delta" in call.path.rpartition("calendarView")[2]:
                # A listing that ends without a link was cut short: what it did not tell is not known to be gone.
                raise RetryLater("listing_without_end")
            link = _LISTED
        return Cursor(f"{_SIGNATURE}.{container_token(container)}.{base.first}.{base.last}.{link}")


def _bounds(window: Window) -> str:
    bounds = {
        "startDateTime": _midnight(window.first, -_FARTHEST_ZONE),
        "endDateTime": _midnight(window.last, 2 * _FARTHEST_ZONE + ROLLS),
    }
    return urlencode(bounds)


def _midnight(day: date, shift: timedelta) -> str:
    try:
        at = datetime.combine(day + shift, time())
    except OverflowError:
        at = datetime.combine(day, time())
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _open(cursor: Cursor, container: ContainerId, window: Window) -> tuple[Window, str]:
    """The window and the link in a cursor; one of other parameters, calendar or time is of no use."""
    parts = cursor.split(".", 4)
    if len(parts) != 5 or parts[0] != _SIGNATURE or parts[1] != container_token(container) or not parts[4]:
        raise CursorExpired("other_parameters")
    try:
        base = Window(date.fromisoformat(parts[2]), date.fromisoformat(parts[3]))
    except ValueError as error:
        raise CursorExpired("other_parameters") from error
    if parts[4] == _LISTED:
        raise CursorExpired("no_delta")
    if window.first < base.first or not base.last - ROLLS <= window.last <= base.last + ROLLS:
        raise CursorExpired("window_rolled")
    return base, parts[4]
