"""One write to a Microsoft 365 calendar: what has to be known first, its call, and what the answer means.

Graph mails the guests of a meeting for every change, and knows no switch against it. So whatever has guests is neither
made, changed nor deleted: that is looked at in the request, and again in the event as it stands right before the write.
Our hidden stamp alone is written there too, since no guest ever sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from soroe.adapters.net.reading import Json, Misfit, part_of
from soroe.core.event import Field, ItemId, ObservedItem, ReadOnlyCause, Ref, Version, occurrence_id, occurrence_named
from soroe.core.stamp import token
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, PortError, ReadOnly, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Result, Update, Write, Written

from .body import WHOLE, changes, new_event, with_meeting_block
from .calendars import Calendars, event_path
from .events import completed, event_call, read_entry
from .finding import made_by
from .instances import event_id
from .session import Answer, Call, Session
from .whereabouts import are_in
from .wire import attendees, invites, is_ours, read_event

_HTML = 'outlook.body-content-type="html"'


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that is ready to be sent, and the event as it stood right before it."""

    write: Write
    call: Call
    before: Json | None = None


class SingleWrites:
    """Prepares writes and settles them. `alone` carries one out and never raises for a write that failed."""

    def __init__(self, session: Session, calendars: Calendars) -> None:
        self._session = session
        self._calendars = calendars

    def alone(self, write: Write) -> Result:
        """Carry out one write."""
        try:
            if isinstance(write, Restore):
                return self._restore(write)
            ready = self.prepared(write, self._before(write))
            if not isinstance(ready, Prepared):
                return ready
            return self.settled(ready, self._session.send(ready.call))
        except PortError as error:
            return self.failed(write, error)

    def look(self, write: Write) -> Call | None:
        """The reading that a write on a whole event needs first; None for one that needs none."""
        if isinstance(write, Create):
            return None
        if occurrence_named(write.ref.id) is not None:
            raise ItemRejected("occurrence")
        return event_call(write.ref.container, event_id(self._session, write.ref))

    def entry(self, write: Write, call: Call, answer: Answer | None) -> Json:
        """The event that was read; raises the port's errors."""
        if answer is None:
            raise RetryLater("answer_lost")
        if not answer.ok:
            raise self._session.trouble_of(call, answer)
        return completed(self._session, target(write).container, answer.json(call))

    def prepared(self, write: Write, before: Json | None) -> Prepared | Result:
        """The call for a write on the event as it stands, or the result where nothing has to be sent."""
        try:
            match write:
                case Create(occurrence=None):
                    _no_guests(write)
                    body = new_event(write.content, write.stamp, write.seed, write.container)
                    return Prepared(write, Call("POST", event_path(write.container), "", body))
                case Delete():
                    current = before or {}
                    _quiet(current, alters=True)
                    _unchanged(write.version, current)
                    return Prepared(write, Call("DELETE", _path(write.ref, current), "", None, _etag(current)), current)
                case Create() | Restore():
                    _no_guests(write)
                    fields = tuple(field for field in WHOLE if field is not Field.RECURRENCE or write_is_whole(write))
                    return self._patch(write, before or {}, fields)
                case Update():
                    _no_guests(write)
                    _unchanged(write.version, before or {})
                    return self._patch(write, before or {}, write.fields)
        except Misfit as misfit:
            return Failed(ItemRejected(misfit.reason, misfit.field))
        except PortError as error:
            return self.failed(write, error)

    def settled(self, ready: Prepared, answer: Answer | None) -> Result:
        """What an answer makes of a write; never raises for a write that failed."""
        write, call = ready.write, ready.call
        try:
            if answer is None:
                return Failed(RetryLater("answer_lost", outcome_unknown=True))
            if not answer.ok:
                trouble = self._session.trouble_of(call, answer)
                if isinstance(write, Create) and write.occurrence is None and isinstance(trouble, ChangedMeanwhile):
                    return self._made_before(write, call)
                if isinstance(write, Delete) and isinstance(trouble, ReadOnly) and not self._is_there(ready):
                    return Erased(write.ref)  # among the deleted ones, where nothing can be deleted once more
                return self.failed(write, trouble)
            if isinstance(write, Delete):
                return Erased(write.ref)
            return Written(self._told(ready, answer.json(call)))
        except PortError as error:
            return self.failed(write, error)

    @staticmethod
    def failed(write: Write, error: PortError) -> Result:
        """The result for an error: deleting what is gone counts as done."""
        if isinstance(error, Gone) and isinstance(write, Delete):
            return Erased(write.ref)
        return Failed(error)

    # --- before ---
    def _before(self, write: Write) -> Json | None:
        if isinstance(write, Create) and write.occurrence is None:
            return None
        ref = target(write)
        return read_entry(self._session, ref.container, event_id(self._session, ref))

    def _patch(self, write: Create | Update | Restore, before: Json, fields: tuple[Field, ...]) -> Prepared | Result:
        wanted = tuple(field for field in fields if field is not Field.GUESTS)
        if Field.GUESTS in fields and attendees(before):
            raise ReadOnly(ReadOnlyCause.NO_QUIET_WRITES.value)  # to put them off would mail them
        _quiet(before, alters=bool(wanted))
        series = before.get("recurrence") is not None
        body = changes(write.content, wanted, write.stamp, series=series)
        if Field.DESCRIPTION in wanted and before.get("isOnlineMeeting") is True:
            body["body"] = with_meeting_block(write.content.description, self._html(write, before))
        if not body:
            return Written(self._item(write, before))
        return Prepared(write, Call("PATCH", _path(target(write), before), "", body, _etag(before)), before)

    def _html(self, write: Write, before: Json) -> str:
        query = "$select=id,body"
        call = Call("GET", _path(target(write), before), query, prefer=_HTML)
        content = part_of(self._session.json(call), "body").get("content")
        return content if isinstance(content, str) else ""

    # --- after ---
    def _told(self, ready: Prepared, entry: Json) -> ObservedItem:
        """The event as the answer shows it. What an answer to a write leaves out is known from before."""
        write, call, before = ready.write, ready.call, ready.before or {}
        if "recurrence" in (call.body or {}) and before:
            return self._item(write, read_entry(self._session, target(write).container, str(entry.get("id", ""))))
        kept = {name: before[name] for name in _NOT_TOLD if name in before and name not in entry}
        stamps = (call.body or {}).get("singleValueExtendedProperties")
        if stamps:
            kept["singleValueExtendedProperties"] = stamps
        return self._item(write, entry | kept)

    def _item(self, write: Write, entry: Json) -> ObservedItem:
        seen = read_event(entry, self._calendars.facts(target(write).container))
        if not isinstance(seen, ObservedItem):
            raise RetryLater("unreadable_answer", outcome_unknown=True)
        if seen.ref != target(write) and not (isinstance(write, Create) and write.occurrence is None):
            raise RetryLater("unreadable_answer", outcome_unknown=True)
        return seen

    def _made_before(self, create: Create, call: Call) -> Result:
        """A create met a conflict: an earlier try has made its event, or Graph still knows a deleted one's."""
        found = made_by(self._session, self._calendars, create)
        if found:
            return Written(found[0], already=True)
        fresh = {**(call.body or {}), "transactionId": token(f"{create.seed}/{self._session.now()}", 20)}
        again = replace(call, body=fresh)
        answer = self._session.send(again)
        if answer.ok:
            return Written(self._told(Prepared(create, again), answer.json(again)))
        trouble = self._session.trouble_of(again, answer)
        if isinstance(trouble, ChangedMeanwhile):
            trouble = RetryLater("create_conflict", outcome_unknown=True)
        return Failed(trouble)

    def _is_there(self, ready: Prepared) -> bool:
        return ready.before is None or all(are_in(self._session, target(ready.write).container, [ready.before]))

    # --- bringing back ---
    def _restore(self, write: Restore) -> Result:
        """What still stands is made what it was; what is deleted cannot be brought back, and is made anew."""
        occurrence = occurrence_named(write.ref.id)
        try:
            before = self._before(write)
            if before is not None and not all(are_in(self._session, write.ref.container, [before])):
                raise Gone("elsewhere")
            ready = self.prepared(write, before)
        except Gone as gone:
            if occurrence is not None:
                return Failed(gone)
            return self.alone(Create(write.ref.container, write.content, write.seed, write.stamp))
        return self.settled(ready, self._session.send(ready.call)) if isinstance(ready, Prepared) else ready


_NOT_TOLD = ("singleValueExtendedProperties", "cancelledOccurrences", "exceptionOccurrences", "occurrenceId")


def target(write: Write) -> Ref:
    """The event that a write is about; a new one has no id yet."""
    if not isinstance(write, Create):
        return write.ref
    if write.occurrence is not None:
        return Ref(write.container, occurrence_id(write.occurrence.series, write.occurrence.original_start))
    return Ref(write.container, ItemId(""))


def write_is_whole(write: Write) -> bool:
    """Whether a write is about a whole event, not about an occurrence."""
    return occurrence_named(target(write).id) is None


def _path(ref: Ref, entry: Json) -> str:
    return event_path(ref.container, str(entry.get("id", "")))


def _etag(entry: Json) -> Version | None:
    etag = entry.get("@odata.etag")
    return Version(etag) if isinstance(etag, str) and etag.isascii() and etag.isprintable() else None


def _unchanged(version: Version | None, entry: Json) -> None:
    if version is not None and entry.get("@odata.etag") != version:
        raise ChangedMeanwhile("etag")


def _no_guests(write: Create | Update | Restore) -> None:
    if write.content.guests and (not isinstance(write, Update) or Field.GUESTS in write.fields):
        raise ReadOnly(ReadOnlyCause.NO_QUIET_WRITES.value)


def _quiet(entry: Json, *, alters: bool) -> None:
    """Raises `ReadOnly` where a change of this event would mail somebody, or is not ours to make (S-5)."""
    if not alters:
        return
    if not is_ours(entry):
        raise ReadOnly(ReadOnlyCause.FOREIGN_ORGANISER.value)
    if invites(entry):
        raise ReadOnly(ReadOnlyCause.NO_QUIET_WRITES.value)
