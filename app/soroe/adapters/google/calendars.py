"""The calendars of an account, and what each of them is like for us."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from soroe.adapters.net.reading import Json, clean
from soroe.core.event import ContainerId, ReadOnlyCause
from soroe.ports.errors import AdminRequired, Gone
from soroe.ports.remote import ContainerEntry

from .session import Call, Session
from .wire import CalendarFacts

_FIELDS = "id,summary,summaryOverride,timeZone,accessRole,primary,deleted"
_MOST_PAGES = 1_000


class Calendars:
    """Zone and role of each calendar, as last told; safe to share between threads, which set and get them whole."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._facts: dict[ContainerId, CalendarFacts] = {}

    def note(self, container: ContainerId, answer: Json) -> CalendarFacts:
        """Remember what a listing says about its calendar, and tell it."""
        zone, role = str(answer.get("timeZone") or ""), str(answer.get("accessRole") or "")
        known = self._facts.get(container)
        if known is None or known.zone != zone or known.role != role:
            known = self._facts[container] = CalendarFacts(container, zone, role)
        return known

    def facts(self, container: ContainerId) -> CalendarFacts:
        """What this calendar is like; asked of Google once, unless a listing has told it already."""
        known = self._facts.get(container)
        if known is not None:
            return known
        path = f"users/me/calendarList/{quote(container, safe='')}"
        try:
            entry = self._session.json(Call("GET", path, f"fields={quote(_FIELDS)}"))
        except Gone as gone:
            raise AdminRequired("calendar_not_found") from gone
        return self.note(container, entry)

    def primary(self) -> Json:
        """The entry of the account's own calendar, whose id is the account's address."""
        return self._session.json(Call("GET", "users/me/calendarList/primary", f"fields={quote(_FIELDS)}"))

    def all(self) -> Iterator[ContainerEntry]:
        """Every calendar that the account can see."""
        token: str | None = None
        for _ in range(_MOST_PAGES):
            request = self._session.calendar_list.list(
                maxResults=250, pageToken=token, fields=f"nextPageToken,items({_FIELDS})"
            )
            answer = self._session.json(_library_call(self._session, request))
            items = answer.get("items")
            for entry in items if isinstance(items, list) else ():
                found = _entry(entry)
                if found is not None:
                    yield found
            token = answer.get("nextPageToken")
            if not isinstance(token, str) or not token:
                return


def _library_call(session: Session, request: object) -> Call:
    """A request that the client library has built, to be sent by our own session."""
    uri = str(getattr(request, "uri", ""))
    base = urlsplit(session.settings.api_base).path
    parts = urlsplit(uri)
    return Call(str(getattr(request, "method", "")), parts.path.removeprefix(base), parts.query)


def _entry(entry: object) -> ContainerEntry | None:
    """A calendar, or None for what is none; an unreadable calendar is no choice for anybody."""
    if not isinstance(entry, dict) or entry.get("deleted") is True:
        return None
    own_id, role = entry.get("id"), entry.get("accessRole")
    if not isinstance(own_id, str) or not own_id or len(own_id) > 1024:
        return None
    name = entry.get("summaryOverride") or entry.get("summary") or own_id
    return ContainerEntry(
        id=ContainerId(own_id),
        name=clean(str(name))[:1000],
        zone=str(entry.get("timeZone") or ""),
        primary=entry.get("primary") is True,
        own=role == "owner",
        read_only=None if role in {"owner", "writer"} else ReadOnlyCause.READ_ONLY_CONTAINER,
    )
