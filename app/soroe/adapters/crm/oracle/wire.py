"""Records of Oracle CRM On Demand as JSON, both ways: appointments and events alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, assert_never

from soroe.adapters.crm.documents import Malformed, at, flag_at, id_at, text_at, without_controls
from soroe.adapters.net.exchange import Json
from soroe.core.event import (
    ContainerId,
    EventContent,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    ReadOnlyCause,
    Ref,
    Unreadable,
    Version,
    Visibility,
)
from soroe.core.mirror import EVENT_TYPE, HIDDEN_TWIN, TWIN
from soroe.core.stamp import token
from soroe.ports.errors import ItemRejected

from .api import Api
from .resources import Resource
from .times import Dial


class Records:
    """Reads and writes the records of one resource, in one container of the port."""

    def __init__(self, resource: Resource, dial: Dial, container: ContainerId, *, twins_are_shown: bool = True) -> None:
        self.resource = resource
        self.dial = dial
        self.container = container
        self._learnt = False
        self._twin = TWIN if twins_are_shown else HIDDEN_TWIN

    def learn(self, api: Api) -> None:
        """Take over the company's own names of the fields, once; where they are not described, the usual ones hold."""
        if self._learnt:
            return
        self.resource = api.learnt(self.resource)
        self._learnt = True

    def ref(self, own: str) -> Ref:
        """Where the record of this id is in the port."""
        return Ref(self.container, ItemId(own))

    def read(
        self, record: Json, *, children: Sequence[Guest] | None = None, changed: datetime | None = None, mine: str = ""
    ) -> ObservedItem | Unreadable:
        """The item, or which of its fields is malformed.

        `children` are told as guests where they are given. `changed` is when the record itself was changed, where that
        is known better than the record tells. A record of another owner than `mine` takes no changes, if that is given.
        """
        own = ""
        version: Version | None = None
        try:
            own = id_at(record, self.resource.id)
            version = self.version(record, children)
            return self._item(record, own, version, tuple(children or ()), changed, mine)
        except Malformed as error:
            return Unreadable(self.ref(own), error.field, error.reason, version)

    def version(self, record: Json, children: Sequence[Guest] | None = None) -> Version:
        """The state of a record: a digest of what people set. Who changed it when is left out of it on purpose.

        An echo of a twin's change moves the time of change and nothing else, and so does a new member of a team (OD-5).
        """
        own = self.digest(record)
        if children is None:
            return Version(own)
        return Version(f"{own}/{token(chr(10).join(sorted(child.email for child in children)), 6)}")

    def digest(self, record: Json) -> str:
        """The part of a version that the record itself makes."""
        parts = {name: at(record, name) for name in self.resource.parts}
        return token(json.dumps(parts, sort_keys=True, ensure_ascii=True), 8)

    def modified(self, record: Json) -> datetime:
        """When the service last changed the record, in UTC."""
        return self.dial.instant(at(record, self.resource.modified), self.resource.modified)

    def owner(self, record: Json) -> str:
        """The owner's id."""
        return id_at(record, self.resource.owner)

    def made_by_company(self, record: Json) -> bool:
        """Whether the company's own mirror made this appointment."""
        return bool(self.resource.event) and bool(at(record, self.resource.event))

    def has_twin(self, record: Json) -> bool:
        """Whether this is one of a mirrored pair: any event, and an appointment of that type."""
        return not self.resource.kind or self.is_event(record)

    def is_event(self, record: Json) -> bool:
        """Whether this appointment stands for an event."""
        return bool(self.resource.kind) and at(record, self.resource.kind) == EVENT_TYPE

    def _item(
        self,
        record: Json,
        own: str,
        version: Version,
        children: tuple[Guest, ...],
        changed: datetime | None,
        mine: str,
    ) -> ObservedItem:
        names, dial = self.resource, self.dial
        start, end = (dial.wall(at(record, name), name) for name in (names.start, names.end))
        if end < start:
            raise Malformed(names.end, "lies before the start")
        private = bool(names.private) and flag_at(record, names.private)
        content = EventContent(
            title=text_at(record, names.title),
            when=dial.when(start, end),
            description=text_at(record, names.description) if names.description else "",
            location=text_at(record, names.location) if names.location else "",
            visibility=Visibility.PRIVATE if private else Visibility.NORMAL,
            guests=children,
        )
        created = at(record, names.created)
        return ObservedItem(
            ref=self.ref(own),
            version=version,
            content=content,
            changed_at=changed or self.modified(record),
            created_at=None if created is None else dial.instant(created, names.created),
            read_only=ReadOnlyCause.FOREIGN_ORGANISER if mine and self.owner(record) != mine else None,
            stamp=(text_at(record, names.stamp, 255) or None) if names.stamp else None,
            activity_type=(text_at(record, names.kind, 200) or None) if names.kind else EVENT_TYPE,
            kind=self._twin if self.is_event(record) else "default",
        )

    def new(self, content: EventContent, activity_type: str | None) -> dict[str, Any]:
        """The body of a create; raises `ItemRejected` for what the service cannot hold."""
        body = {name: value for name, value in self.changed(content, tuple(Field)).items() if value not in {"", False}}
        if self.resource.kind and activity_type is not None:
            body[self.resource.kind] = activity_type
        if self.resource.needed:
            body[self.resource.needed] = body.get(self.resource.title, "")
        return body

    def changed(self, content: EventContent, fields: Iterable[Field]) -> dict[str, Any]:
        """The body of a change of these fields alone; children are no fields, and are written on their own."""
        if content.recurrence is not None:
            raise ItemRejected("no_series", "recurrence")
        names = self.resource
        body: dict[str, Any] = {}
        for field in fields:
            match field:
                case Field.TITLE:
                    body[names.title] = without_controls(content.title)
                case Field.WHEN:
                    body[names.start], body[names.end] = self.dial.both(content.when)
                case Field.DESCRIPTION:
                    body[names.description] = without_controls(content.description)
                case Field.LOCATION:
                    body[names.location] = without_controls(content.location)
                case Field.VISIBILITY:
                    body[names.private] = content.visibility is Visibility.PRIVATE
                case Field.SHOW_AS | Field.RECURRENCE | Field.GUESTS | Field.GUESTS_MAY_CHANGE:
                    continue  # an appointment has none of them as a field
                case _:
                    assert_never(field)
        body.pop("", None)
        return body
