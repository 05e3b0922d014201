"""The requests that are made of Oracle CRM On Demand, and what their answers hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from soroe.adapters.crm.documents import Malformed, at, id_at
from soroe.adapters.crm.service import Call
from soroe.adapters.net.exchange import Answer, Json
from soroe.ports.errors import Gone, ItemRejected, RetryLater, ServiceFault

from .resources import Children, Resource
from .session import MEDIA, Session

BASE = "OnDemand/user/Rest/latest"
LONGEST_PAGE = 100
MOST_PAGES = 2_000
MOST_STEPS_BACK = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What a listing asks for: a condition in the service's own words ("" for none), the order, and the fields."""

    fields: tuple[str, ...]
    condition: str = ""
    order: str = ""

    def query(self, offset: int, limit: int) -> tuple[tuple[str, str], ...]:
        """The parameters of one page."""
        said = (("fields", ",".join(self.fields)), ("q", self.condition), ("orderBy", self.order))
        return (*((key, value) for key, value in said if value), ("offset", str(offset)), ("limit", str(limit)))


class Api:
    """The interface for one account. `clock` tells aware UTC times, `names` what the company calls its fields
    ("Appointments.Subject" and its own name), where it does not describe them itself. Raises the port's errors."""

    def __init__(self, session: Session, clock: Callable[[], datetime], names: Sequence[tuple[str, str]] = ()) -> None:
        self.session = session
        self.clock = clock
        self._names = tuple(names)
        self._descriptions: dict[str, Mapping[str, str] | None] = {}
        self._asked: dict[str, tuple[str, ...]] = {}

    def rows(self, place: str, name: str, question: Question) -> Iterator[list[Json]]:
        """The records of a collection, page by page; `name` is what the answer calls them.

        There is no cursor: what is removed meanwhile moves the rest forward. So each page begins with the last record
        of the one before; where it does not, the reading goes back until it does.
        """
        offset, last, back = 0, "", 0
        told: set[str] = set()
        for _ in range(MOST_PAGES):
            listed, is_last = self._page(place, name, question.query(offset, LONGEST_PAGE))
            ids = [_id_or_none(record) for record in listed]
            if last and offset and last not in ids:
                back += 1
                if back > MOST_STEPS_BACK:
                    raise RetryLater("listing_keeps_moving")
                offset = max(0, offset - LONGEST_PAGE)
                continue
            yield [record for record, own in zip(listed, ids, strict=True) if own is None or own not in told]
            told.update(own for own in ids if own is not None)
            if is_last or not listed:
                return
            last = ids[-1] or ""
            offset += len(listed) - (1 if last and len(listed) > 1 else 0)
        raise ServiceFault("paging_does_not_advance")

    def _page(self, place: str, name: str, query: tuple[tuple[str, str], ...]) -> tuple[list[Json], bool]:
        document = self._sent(Call("GET", f"{BASE}/{place}", query)).document()
        listed = at(document, name)
        if listed is None and at(document, "_contextInfo") is not None:
            return [], True
        if not isinstance(listed, list):
            raise ServiceFault(f"list_is_missing:{name}")
        told = at(document, "_contextInfo.lastpage")
        is_last = told in {True, "true"} if told is not None else len(listed) < LONGEST_PAGE
        return listed, is_last

    def get(self, resource: Resource, own: str) -> Json:
        """One record; raises `Gone` for one that is deleted, unknown, or not for this user's eyes."""
        query = (("fields", ",".join(resource.asked)),)
        listed = at(self._sent(Call("GET", _target(resource.name, own), query)).document(), resource.name)
        if not isinstance(listed, list) or not listed:
            raise ServiceFault("answer_holds_no_item")
        return listed[0]

    def create(self, resource: Resource, body: dict[str, Any]) -> str:
        """Makes a record; its id comes in the address of the answer, which shows nothing but what was sent."""
        call = Call("POST", f"{BASE}/{resource.name}", body={resource.name: [body]}, content_type=MEDIA)
        answer = self._sent(call)
        return _made(answer, resource.name)

    def change(self, resource: Resource, own: str, body: dict[str, Any]) -> None:
        """Changes the given fields of a record."""
        target = _target(resource.name, own)
        self._sent(Call("PATCH", target, body={resource.name: [body]}, content_type=MEDIA))

    def delete(self, resource: Resource, own: str) -> None:
        """Deletes a record, which stays among the deleted items for 30 days; raises `Gone`."""
        self._sent(Call("DELETE", _target(resource.name, own)))

    def children(self, resource: Resource, own: str, kind: Children) -> list[Json]:
        """The child records of one kind; what a company's child records do not have is asked for only once."""
        place = f"{_target(resource.name, own).removeprefix(BASE + '/')}/child/{kind.name}"
        more = tuple(name for name in (kind.access, kind.group) if name)
        ways = (self._asked[kind.name],) if kind.name in self._asked else (more, *((name,) for name in more), ())
        for asked in ways:
            try:
                pages = list(self.rows(place, kind.name, Question(("Id", kind.member, *asked))))
            except ItemRejected:
                if asked == ways[-1]:
                    raise
                continue
            self._asked[kind.name] = asked
            return [record for page in pages for record in page]
        return []

    def has_access(self, kind: Children) -> bool:
        """Whether the child records of this kind tell how far a user may go; known once some were read."""
        return bool(kind.access) and kind.access in self._asked.get(kind.name, ())

    def add_child(self, resource: Resource, own: str, kind: Children, body: dict[str, str]) -> None:
        """Adds a child record; one that is there already is left as it is."""
        call = Call(
            "POST", f"{_target(resource.name, own)}/child/{kind.name}", body={kind.name: [body]}, content_type=MEDIA
        )
        self._sent(call)

    def remove_child(self, resource: Resource, own: str, kind: Children, child: str) -> None:
        """Removes a child record; one that is gone counts as removed."""
        try:
            self._sent(Call("DELETE", f"{_target(resource.name, own)}/child/{kind.name}/{quote(child, safe='')}"))
        except Gone:
            return

    def learnt(self, resource: Resource) -> Resource:
        """The resource under the names that the company has for its fields, without those that it does not have."""
        told = self._described(resource.name)
        own = {usual.partition(".")[2]: name for usual, name in self._names if usual.startswith(f"{resource.name}.")}
        if told is None:
            return resource.renamed(own)
        names = {**told, **own}
        return resource.renamed(names).within(frozenset(names.values()))

    def _described(self, name: str) -> Mapping[str, str] | None:
        """The fields that the company has, the usual names to its own; None where nothing describes them."""
        if name not in self._descriptions:
            try:
                document = self._sent(Call("GET", f"{BASE}/{name}/describe", (("fields", "attributes"),))).document()
            except (Gone, ServiceFault, ItemRejected):
                document = None
            listed = at(at(at(document, "Resources"), name), "attributes")
            self._descriptions[name] = _tags(listed) if isinstance(listed, list) else None
        return self._descriptions[name]

    def _sent(self, call: Call) -> Answer:
        return self.session.send(call)


def _target(name: str, own: str) -> str:
    if own in {".", "..", ""} or not own.isprintable():
        raise Gone("id_is_not_usable")
    return f"{BASE}/{name}/{quote(own, safe='')}"


def _made(answer: Answer, name: str) -> str:
    """The id of a new record, from the address of the answer or from its links."""
    record = at(answer.document_or_none(), name)
    links = at(record[0], "links") if isinstance(record, list) and record else None
    hrefs = [at(link, "href") for link in links] if isinstance(links, list) else []
    for address in (answer.headers.get("location", ""), *hrefs):
        if isinstance(address, str) and f"/{name}/" in address:
            own = address.rpartition(f"/{name}/")[2].split("/")[0].split("?")[0]
            if own and len(own) <= 200:
                return own
    raise RetryLater("answer_unreadable", outcome_unknown=True)


def _id_or_none(record: Json) -> str | None:
    try:
        return id_at(record, "Id")
    except Malformed:
        return None


def _tags(attributes: list[Json]) -> Mapping[str, str] | None:
    found: dict[str, str] = {}
    for one in attributes:
        usual, own = at(one, "name"), at(one, "customwsintegrationtag")
        if isinstance(usual, str) and usual:
            found[usual] = own if isinstance(own, str) and own else usual
    return found or None
