"""The calendars of an account, and what each of them is like for us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import quote

from soroe.adapters.net.reading import Json, clean
from soroe.core.event import ContainerId, ReadOnlyCause
from soroe.ports.errors import AdminRequired, ConsentMissing, Gone, ReadOnly
from soroe.ports.remote import ContainerEntry

from .session import Call, Session
from .settings import USER_SCOPE, ZONE_SCOPE
from .times import zone_named
from .wire import CalendarFacts, is_id

_FIELDS = "id,name,isDefaultCalendar,canEdit,canShare,canViewPrivateItems,owner"
_MOST_PAGES = 100
PRIMARY = ContainerId("primary")
"""The name of the account's own calendar where its id is not known."""


def calendar_path(container: ContainerId) -> str:
    """The path of a calendar. Nothing in an id can leave its place in the path."""
    return "me/calendar" if container == PRIMARY else f"me/calendars/{quote(container, safe='')}"


def event_path(container: ContainerId, event: str | None = None) -> str:
    """The path of a calendar's events, or of one of them."""
    path = f"{calendar_path(container)}/events"
    return path if event is None else f"{path}/{quote(event, safe='')}"


class Calendars:
    """Our right in each calendar, as last told; safe to share between threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._facts: dict[ContainerId, CalendarFacts] = {}

    def facts(self, container: ContainerId) -> CalendarFacts:
        """What this calendar is like; asked of Graph once."""
        with self._lock:
            known = self._facts.get(container)
        if known is not None:
            return known
        if container != PRIMARY and not is_id(container):
            raise AdminRequired("calendar_not_found")
        call = Call("GET", calendar_path(container), f"$select={_FIELDS}", calendar=True)
        try:
            entry = self._session.json(call)
        except Gone as gone:
            raise AdminRequired("calendar_not_found") from gone
        sees_private = entry.get("canViewPrivateItems") is not False
        found = CalendarFacts(container, _is_main(entry), entry.get("canEdit") is True, sees_private)
        with self._lock:
            self._facts[container] = found
        return found

    def all(self) -> Iterator[ContainerEntry]:
        """Every calendar that the account can see. All are told in the mailbox's own time zone."""
        zone = self._zone()
        call: Call | None = Call("GET", "me/calendars", f"$select={_FIELDS}&$top=100", calendar=True)
        for _ in range(_MOST_PAGES):
            if call is None:
                return
            answer = self._session.json(call)
            entries = answer.get("value")
            for entry in entries if isinstance(entries, list) else ():
                found = _entry(entry, zone)
                if found is not None:
                    yield found
            following = self._session.link(answer.get("@odata.nextLink"))
            path, _, query = (following or "").partition("?")
            call = Call("GET", path, query, calendar=True) if following else None

    def user(self) -> Json:
        """The signed-in user, as Graph knows him."""
        return self._session.json(Call("GET", "me", "$select=id,mail,userPrincipalName", scope=USER_SCOPE))

    def _zone(self) -> str:
        """The mailbox's zone as an IANA name; empty where the user keeps his settings to himself."""
        call = Call("GET", "me/mailboxSettings", "$select=timeZone", scope=ZONE_SCOPE)
        if not self._session.tokens.granted(ZONE_SCOPE):
            return ""
        try:
            name = self._session.json(call).get("timeZone")
        except (ConsentMissing, ReadOnly):
            return ""
        except AdminRequired as trouble:
            if trouble.code.startswith("access_denied"):
                return ""
            raise
        zone = zone_named(name[:128]) if isinstance(name, str) else None
        return "" if zone is None else zone.key


def _is_main(entry: Json) -> bool:
    return entry.get("isDefaultCalendar") is True


def _entry(entry: object, zone: str) -> ContainerEntry | None:
    """A calendar, or None for what is none; an unreadable calendar is no choice for anybody."""
    if not isinstance(entry, dict):
        return None
    own_id = entry.get("id")
    if not isinstance(own_id, str) or not is_id(own_id):
        return None
    name = entry.get("name")
    return ContainerEntry(
        id=ContainerId(own_id),
        name=clean(name)[:1000] if isinstance(name, str) and name else own_id,
        zone=zone,
        primary=_is_main(entry),
        # Only its owner may share a calendar with others.
        own=_is_main(entry) or entry.get("canShare") is True,
        read_only=None if entry.get("canEdit") is True else ReadOnlyCause.READ_ONLY_CONTAINER,
    )
