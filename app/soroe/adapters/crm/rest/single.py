"""One write in one request, with what it takes to make it safe: a version, an idempotency key, a look afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from soroe.adapters.crm.documents import Malformed, at, put
from soroe.adapters.net.exchange import Answer, Json
from soroe.core.event import (
    CRM_LIST,
    EventContent,
    Field,
    ObservedItem,
    Occurrence,
    Particulars,
    Ref,
    Tombstone,
    Unreadable,
    Version,
)
from soroe.core.link import canonical
from soroe.core.stamp import token
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, ReadOnly, RetryLater, ServiceFault
from soroe.ports.remote import Create, Delete, Erased, Restore, Update, Written

from .contract import Contract
from .employees import Employees
from .errors import AlreadyThere
from .occurrences import instance_of, parts_of
from .profile import AllDayFlag
from .profile_requests import EtagVersions, FieldVersions, HeaderIdempotency, NotQuiet, NoVersions, Operation
from .reader import RestReader
from .reading import ItemReading
from .recurrence import without
from .writing import ALL_BUT_GUESTS, ItemWriting

Look = tuple[Json, Answer]
"""An item's document, and the answer that it came in."""
KEY_REUSED = "idempotency_key_reused"


class Single:
    """Carries out single writes. Raises the port's errors."""

    def __init__(
        self,
        contract: Contract,
        reader: RestReader,
        reading: ItemReading,
        writing: ItemWriting,
        employees: Employees | None = None,
    ) -> None:
        self._employees = employees
        self._contract = contract
        self._profile = contract.profile
        self._reader = reader
        self._reading = reading
        self._writing = writing

    # ------------------------------------------------------------------ create
    def create(self, write: Create) -> Written:
        """Makes the item, or finds the one that an earlier try has made."""
        operation = self._existing(self._profile.operations.create)
        body = self.body_of(write)
        try:
            answer = self._contract.write(operation, "", body, self._key(write.seed))
        except AlreadyThere as error:
            return self.adopted(write, error.existing)
        except ItemRejected as error:
            if error.code != KEY_REUSED:
                raise
            return self._made_differently(write, operation, body)
        if answer.headers.get("idempotency-replayed") == "true":
            return self._as_it_is_now(self._own_id(self._item(operation, answer)), already=True)
        return Written(self._item(operation, answer))

    def body_of(self, write: Create) -> dict[str, Any]:
        """The body of a create."""
        self._must_be_quiet(write.content)
        occurrence = write.occurrence
        try:
            body = self._new_of(write, occurrence)
        except Malformed as error:
            raise ItemRejected("not_representable", error.field) from error
        fields, guests = self._profile.fields, self._profile.guests
        if self._employees is not None and guests is not None and guests.write:
            put(body, guests.at, self._employees.listed(write.content.guests))
        if fields.registrant is not None and fields.registrant.at is not None:
            put(body, fields.registrant.at, at(self._contract.user(), self._profile.user.id))
        return body

    def _new_of(self, write: Create, occurrence: Occurrence | None) -> dict[str, Any]:
        if occurrence is None:
            return self._writing.new(write.content, write.stamp, write.activity_type, particulars=write.particulars)
        zone = self._reading.occurrences.zones.get(occurrence.series)
        whose = (str(occurrence.series), occurrence.original_start)
        return self._writing.new(write.content, write.stamp, write.activity_type, whose, zone, write.particulars)

    def adopted(self, write: Create, existing: str | None) -> Written:
        """The item that stands in the way of a create: it is what the create wanted to make."""
        if existing is not None:
            return self._as_it_is_now(existing, already=True)
        found = self._reader.find(write)
        if len(found) != 1:
            raise ItemRejected("already_there_but_not_found")
        return Written(found[0], already=True)

    def _made_differently(self, write: Create, operation: Operation, body: dict[str, Any]) -> Written:
        """The key was used for other content: an earlier try, before the content changed. Its item is the item."""
        found = self._reader.find(write)
        if found:
            return Written(found[0], already=True)
        # That item is gone again, so this create is a new intent and needs a key of its own.
        answer = self._contract.write(operation, "", body, self._key(token(f"{write.seed}/{body!r}", 20)))
        return Written(self._item(operation, answer))

    # ------------------------------------------------------------------ update
    def update(self, write: Update) -> Written:
        """Changes the fields of the item; an occurrence that has no activity of its own gets one."""
        self._must_be_quiet(write.content)
        own = self._reading.occurrences.theirs(write.ref.id)
        if own is None and write.occurrence is not None:
            return self._make_exception(write, write.occurrence)
        if own is None:
            raise Gone("occurrence_unknown")
        body = self.patch_of(write.content, write.fields, write.stamp, write.particulars)
        look = self._contract.get(own) if self.needs_a_look(write.fields) else None
        if look is not None:
            body = self._with_what_stays(look[0], body, write)
        if not body:
            return self._as_it_is_now(own, already=False)
        return Written(self._change(own, body, write.version, look))

    def patch_of(
        self,
        content: EventContent,
        fields: tuple[Field, ...],
        stamp: str | None,
        particulars: Particulars | None = None,
    ) -> dict[str, Any]:
        """The body of a change."""
        try:
            return self._writing.changed(content, fields, stamp, particulars)
        except Malformed as error:
            raise ItemRejected("not_representable", error.field) from error

    def needs_a_look(self, fields: tuple[Field, ...]) -> bool:
        """Whether a change of these fields depends on what the item holds that we do not carry."""
        guests, all_day = self._profile.guests, self._profile.times.all_day
        employees = self._employees is not None and guests is not None and guests.write and Field.GUESTS in fields
        return employees or (Field.WHEN in fields and isinstance(all_day, AllDayFlag) and bool(all_day.other_timed))

    def _with_what_stays(self, document: object, body: dict[str, Any], write: Update) -> dict[str, Any]:
        """The change without what would undo what the CRM knows by itself: colleagues without a calendar, the kind."""
        guests, all_day = self._profile.guests, self._profile.times.all_day
        if self._employees is not None and guests is not None and guests.write and Field.GUESTS in write.fields:
            try:
                put(body, guests.at, self._employees.listed(write.content.guests, at(document, guests.at)))
            except Malformed as error:
                raise ItemRejected("not_representable", error.field) from error
        if isinstance(all_day, AllDayFlag) and at(document, all_day.flag_at) in all_day.other_timed:
            stays = at(body, all_day.flag_at) == all_day.timed_value
            return without_path(body, all_day.flag_at) if stays else body
        return body

    def _change(
        self, own: str, body: dict[str, Any], version: Version | None, look: Look | None = None
    ) -> ObservedItem:
        operation = self._existing(self._profile.operations.update)
        headers, query, extra = self.condition(own, version, look)
        sent = {**body, **extra}
        if operation.body == "whole_item":
            document, _ = self._contract.get(own)
            sent = _merged(document, sent)
        answer = self._contract.write(operation, own, sent, headers, query)
        if answer.document_or_none() is None:
            return self._as_it_is_now(own, already=False).item
        return self.still(own, self._item(operation, answer))

    def _make_exception(self, write: Update, occurrence: Occurrence) -> Written:
        series = self._reader.read(Ref(CRM_LIST, occurrence.series))
        base = instance_of(series, occurrence) if isinstance(series, ObservedItem) else None
        if base is None:
            raise Gone("no_such_occurrence")
        values = {name.value: write.content.get(name) for name in write.fields if name is not Field.RECURRENCE}
        content = replace(base.content, **values)  # type: ignore[arg-type]  # fields of the same class
        seed = token(f"{write.ref.id}/{write.version}/{content!r}", 20)
        create = Create(write.ref.container, content, seed, write.stamp, base.activity_type, occurrence)
        made = self.create(create)
        if not made.already:
            return made
        own = self._reading.occurrences.theirs(made.item.ref.id)
        if own is None:
            raise ServiceFault("exception_has_no_id")
        if write.version is not None and write.version != made.item.version:
            raise ChangedMeanwhile("exception_moved")
        body = self.patch_of(write.content, write.fields, write.stamp, write.particulars)
        return Written(self._change(own, body, made.item.version)) if body else made

    # ------------------------------------------------------------------ delete
    def delete(self, write: Delete) -> Erased:
        """Deletes the item; an occurrence is cancelled in its series."""
        occurrence = parts_of(write.ref.id)
        if occurrence is not None:
            return self._cancel(write, write.occurrence or occurrence)
        try:
            self._erase(str(write.ref.id), write.version)
        except Gone:
            return Erased(write.ref)
        return Erased(write.ref)

    def _erase(self, own: str, version: Version | None) -> None:
        operation = self._existing(self._profile.operations.delete)
        if isinstance(self._profile.quiet, NotQuiet):
            document, _ = self._contract.get(own)
            self._must_be_quiet(self._reading.item(document).content)
        headers, query, extra = self.condition(own, version)
        self._contract.write(operation, own, extra or None, headers, query)

    def _cancel(self, write: Delete, occurrence: Occurrence) -> Erased:
        """The series first: a CRM that only forgot the exception would let its occurrence take place again."""
        series = self._reader.read(Ref(CRM_LIST, occurrence.series))
        if isinstance(series, Tombstone):
            return Erased(write.ref)
        if isinstance(series, Unreadable):
            raise ItemRejected("series_unreadable", series.field)
        if series.content.recurrence is None:
            raise ItemRejected("not_a_series", "recurrence")
        lessened = without(series.content.recurrence, series.content.when, occurrence.original_start)
        if lessened != series.content.recurrence:
            content = replace(series.content, recurrence=lessened)
            body = self.patch_of(content, (Field.RECURRENCE,), None)
            self._change(str(occurrence.series), body, series.version)
        own = self._reading.occurrences.theirs(write.ref.id)
        if own is not None:
            try:
                self._erase(own, write.version)
            except Gone:
                self._reading.occurrences.forget(own)
            self._reading.occurrences.forget(own)
        return Erased(write.ref)

    # ------------------------------------------------------------------ restore
    def restore(self, write: Restore) -> Written:
        """Brings the item back under its old id with this content; makes it anew where the CRM cannot any more."""
        operation = self._profile.operations.restore
        own = self._reading.occurrences.theirs(write.ref.id)
        occurrence = parts_of(write.ref.id)
        anew = Create(
            write.ref.container,
            write.content,
            write.seed,
            write.stamp,
            write.activity_type,
            occurrence,
            write.particulars,
        )
        if own is None:
            return self.create(anew)
        if operation is None:
            return self._still_there(write) or self.create(anew)
        try:
            answer = self._contract.write(operation, own)
        except Gone:
            return self.create(anew)
        except AlreadyThere as error:
            return self.adopted(anew, error.existing)
        return self._brought_to(write, own, self._item(operation, answer))

    def _still_there(self, write: Restore) -> Written | None:
        """The item with this content, where it was never gone; a CRM that restores nothing may have it yet."""
        own = self._reading.occurrences.theirs(write.ref.id)
        found = self._reader.read(write.ref)
        if isinstance(found, Unreadable):
            raise ItemRejected("item_unreadable", found.field)
        if own is None or not isinstance(found, ObservedItem):
            return None
        return self._brought_to(write, own, found)

    def _brought_to(self, write: Restore, own: str, item: ObservedItem) -> Written:
        fields = tuple(
            field for field in ALL_BUT_GUESTS if canonical(item.content, field) != canonical(write.content, field)
        )
        stamp = write.stamp if write.stamp != item.stamp else None
        body = self.patch_of(write.content, fields, stamp, write.particulars) if fields or stamp else {}
        return Written(self._change(own, body, item.version) if body else item)

    # ------------------------------------------------------------------ parts
    def condition(
        self, own: str, version: Version | None, look: Look | None = None
    ) -> tuple[dict[str, str], tuple[tuple[str, str], ...], dict[str, Any]]:
        """Headers, query and body members that make a write conditional; reads first where the CRM needs that.

        `look` is the item as it was read a moment ago, for this very write.
        """
        versions = self._profile.versions
        if isinstance(versions, EtagVersions) and versions.field is not None and version is not None:
            return {versions.condition_header: version}, (), {}
        if isinstance(versions, FieldVersions) and version is not None:
            if versions.parameter is not None:
                return {}, ((versions.parameter, version),), {}
            extra: dict[str, Any] = {}
            put(extra, versions.field, int(version) if version.isdecimal() else str(version))
            return {}, (), extra
        document, answer = look if look is not None else self._contract.get(own)
        current = self._version(document)
        if version is not None and current != version:
            raise ChangedMeanwhile("version_moved")
        match versions:
            case EtagVersions(header=header, condition_header=condition_header):
                tag = answer.headers.get(header.lower()) or str(current)
                return {condition_header: tag}, (), {}
            case FieldVersions():
                return self.condition(own, current)
            case NoVersions():
                return {}, (), {}

    def _version(self, document: object) -> Version:
        try:
            return self._reading.version(document)
        except Malformed as error:
            raise ItemRejected("version_unreadable", error.field) from error

    def _existing(self, operation: Operation | None) -> Operation:
        if operation is None:
            raise ReadOnly("read_only_container")
        return operation

    def _key(self, seed: str) -> dict[str, str]:
        how = self._profile.idempotency
        return {how.header: seed} if isinstance(how, HeaderIdempotency) else {}

    def _must_be_quiet(self, content: EventContent) -> None:
        if isinstance(self._profile.quiet, NotQuiet) and content.guests:
            raise ReadOnly("no_quiet_writes")

    def _own_id(self, item: ObservedItem) -> str:
        return self._reading.occurrences.theirs(item.ref.id) or str(item.ref.id)

    def still(self, own: str, item: ObservedItem) -> ObservedItem:
        """The item in the answer to a change; the answer has to be about the one that was to be changed."""
        if self._own_id(item) != own:
            raise RetryLater("answer_unreadable:id", outcome_unknown=True)
        return item

    def _item(self, operation: Operation, answer: Answer) -> ObservedItem:
        return self.observed(self._contract.item_of(operation, answer))

    def observed(self, document: object) -> ObservedItem:
        """The item in the answer to a write; one that nobody can read leaves the outcome unknown."""
        try:
            return self._reading.item(document)
        except Malformed as error:
            raise RetryLater(f"answer_unreadable:{error.field}", outcome_unknown=True) from error

    def _as_it_is_now(self, own: str, *, already: bool) -> Written:
        document, _ = self._contract.get(own)
        return Written(self.observed(document), already=already)


def without_path(body: dict[str, Any], path: str) -> dict[str, Any]:
    """The body without the member at a dotted path."""
    first, dot, rest = path.partition(".")
    kept = dict(body)
    below = kept.pop(first, None)
    if dot and isinstance(below, dict):
        kept[first] = without_path(below, rest)
    return kept


def _merged(document: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The whole item with a change laid over it, so that nothing we do not know is lost."""
    merged = dict(document)
    for name, value in change.items():
        below = merged.get(name)
        merged[name] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
