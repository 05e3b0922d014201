"""One write to Google Calendar: its call, what its answer means, and the ways round what stands in the way."""

from __future__ import annotations

from typing import assert_never
from urllib.parse import quote

from soroe.adapters.net.reading import Json, Misfit, list_of
from soroe.core.event import ContainerId, Field, ItemId, ObservedItem, Ref, Unreadable, Version, occurrence_id
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Result, Update, Write, Written

from .body import changes, guest_list, new_event, own_id, revival
from .calendars import Calendars
from .errors import Refused
from .instances import event_id, looked_up
from .series import instance_id, occurrence_named
from .session import Answer, Call, Session, event_path
from .wire import EVENT_FIELDS, is_cancelled, read_event

# No write of ours ever makes Google mail a guest (S-5): every write carries this, deletions too.
_QUIET = "sendUpdates=none"
_QUIET_TOLD = f"{_QUIET}&fields={quote(EVENT_FIELDS)}"
_GUESTS_TOLD = f"fields={quote('etag,status,attendees,attendeesOmitted')}"
BURNT_IDS = 3
"""How many ids of a seed are tried: the id of a deleted event stays taken."""
_NOT_REVIVED = frozenset({400, 403, 404, 410})


class SingleWrites:
    """Carries out writes one by one. `alone` never raises for a write that failed."""

    def __init__(self, session: Session, calendars: Calendars) -> None:
        self._session = session
        self._calendars = calendars

    def alone(self, write: Write) -> Result:
        """Carry out one write."""
        try:
            match write:
                case Restore():
                    return self._restore(write)
                case Update() if Field.GUESTS in write.fields:
                    return self._update_with_guests(write)
                case _:
                    ref = target(write)
                    call = self.call(write, ref)
            return self.settled(write, ref, call, self._session.send(call))
        except Misfit as misfit:
            return Failed(ItemRejected(misfit.reason, misfit.field))
        except PortError as error:
            return Failed(error)

    def prepared(self, write: Write, ref: Ref) -> Call | PortError:
        """The call for a write that can travel in a batch, or why there is none; `ref` is its `target`."""
        try:
            return self.call(write, ref)
        except Misfit as misfit:
            return ItemRejected(misfit.reason, misfit.field)
        except PortError as error:
            return error

    def call(self, write: Write, ref: Ref, own: str | None = None) -> Call:
        """The call for a write of this `target`; `own` is Google's id where it had to be found out."""
        match write:
            case Create(occurrence=None):
                body = new_event(write.content, write.stamp)
                body["id"] = own or ref.id
                return Call("POST", event_path(write.container), _QUIET_TOLD, body)
            case Create() | Restore():
                body = revival(write.content, write.stamp, occurrence=occurrence_named(ref.id) is not None)
                return Call("PATCH", self._path(ref, own), _QUIET_TOLD, body)
            case Update():
                body = changes(write.content, write.fields, write.stamp)
                return Call("PATCH", self._path(ref, own), _QUIET_TOLD, body, write.version)
            case Delete():
                return Call("DELETE", self._path(ref, own), _QUIET, None, write.version)
            case _:
                assert_never(write)

    def settled(self, write: Write, ref: Ref, call: Call, answer: Answer) -> Result:
        """What an answer makes of a write of this `target`; never raises for a write that failed."""
        try:
            if 200 <= answer.status < 300:
                return Erased(write.ref) if isinstance(write, Delete) else self._written(write, ref, call, answer)
            refused = answer.refusal(call)
            if refused.is_gone and not isinstance(write, Restore):
                elsewhere = self._elsewhere(write, ref, call)
                if elsewhere is not None:
                    return self.settled(write, ref, elsewhere, self._session.send(elsewhere))
            if isinstance(write, Delete) and (refused.is_gone or self._is_erased(refused, call)):
                return Erased(write.ref)
            if isinstance(write, Create) and write.occurrence is None and refused.reason == "duplicate":
                return self._adopt(write, ref)
            return Failed(self._session.trouble(refused))
        except PortError as error:
            return Failed(error)

    def _is_erased(self, refused: Refused, call: Call) -> bool:
        """Whether a delete met another state because the event is deleted already: Google checks the state first."""
        if refused.status != 412:
            return False
        look = Call("GET", call.path, "fields=status")
        answer = self._session.send(look)
        return is_cancelled(answer.json(look)) if answer.ok else answer.refusal(look).is_gone

    def _path(self, ref: Ref, own: str | None) -> str:
        return event_path(ref.container, own or event_id(self._session, ref))

    def _elsewhere(self, write: Write, ref: Ref, call: Call) -> Call | None:
        """The call for an occurrence that Google knows by another id than its series' id suggests, if it does."""
        occurrence = occurrence_named(ref.id)
        if occurrence is None:
            return None
        try:
            again = self.call(write, ref, looked_up(self._session, ref, occurrence))
        except Gone:
            return None
        return again if again.path != call.path else None

    def _written(self, write: Write, ref: Ref, call: Call, answer: Answer) -> Result:
        item = self._item(ref.container, answer.json(call))
        if item.ref.id != ref.id and not isinstance(write, Create | Restore):
            raise RetryLater("unreadable_answer", outcome_unknown=True)
        return Written(item)

    def _item(self, container: ContainerId, entry: Json) -> ObservedItem:
        seen = read_event(entry, self._calendars.facts(container))
        if not isinstance(seen, ObservedItem):
            raise RetryLater("unreadable_answer", outcome_unknown=True)
        return seen

    # --- an id that is taken ---
    def _adopt(self, create: Create, ref: Ref) -> Result:
        """Our own id exists: the create happened before. A deleted one is brought back, or the next id taken."""
        for attempt in range(BURNT_IDS):
            if attempt:
                call = self.call(create, ref, own_id(create.seed, attempt))
                answer = self._session.send(call)
                if answer.ok or answer.refusal(call).reason != "duplicate":
                    return self.settled(create, ref, call, answer)
            adopted = self._adopted(create, ref, own_id(create.seed, attempt))
            if adopted is not None:
                return adopted
        return Failed(ItemRejected("ids_taken", "id"))

    def _adopted(self, create: Create, ref: Ref, own: str) -> Result | None:
        path = event_path(create.container, own)
        call = Call("GET", path, f"fields={quote(EVENT_FIELDS)}")
        answer = self._session.send(call)
        if not answer.ok:
            refused = answer.refusal(call)
            if refused.is_gone:
                return None
            raise self._session.trouble(refused)
        entry = answer.json(call)
        if not is_cancelled(entry):
            seen = read_event(entry, self._calendars.facts(create.container))
            if not isinstance(seen, ObservedItem):
                raise ItemRejected("item_unreadable", seen.field if isinstance(seen, Unreadable) else None)
            return Written(seen, already=True)
        body = revival(create.content, create.stamp)
        if create.content.guests:
            body["attendees"] = guest_list(create.content, ())
        again = Call("PATCH", path, _QUIET_TOLD, body)
        answer = self._session.send(again)
        return None if answer.status in _NOT_REVIVED else self.settled(create, ref, again, answer)

    # --- bringing back ---
    def _restore(self, write: Restore) -> Result:
        """Under its old id by a patch, by a whole update where patching is refused, else under an id of ours."""
        call = self.call(write, write.ref)
        answer = self._session.send(call)
        if answer.status in _NOT_REVIVED and occurrence_named(write.ref.id) is None:
            whole = Call("PUT", call.path, _QUIET_TOLD, new_event(write.content, write.stamp))
            call, answer = whole, self._session.send(whole)
            if answer.status in _NOT_REVIVED:
                return self.alone(Create(write.ref.container, write.content, write.seed, write.stamp))
        return self.settled(write, write.ref, call, answer)

    # --- guests ---
    def _update_with_guests(self, write: Update) -> Result:
        """Google replaces the whole list of attendees, so the new one is made from the one that stands there now."""
        path = self._path(write.ref, None)
        entry = self._session.json(Call("GET", path, _GUESTS_TOLD))
        if write.version is not None and entry.get("etag") != write.version:
            raise ChangedMeanwhile("etag")
        body = changes(write.content, write.fields, write.stamp)
        if entry.get("attendeesOmitted") is True:
            # The list we know is not whole: written back, it would throw guests out.
            if not body:
                raise ItemRejected("attendees_omitted", Field.GUESTS.value)
        else:
            present = [one for one in list_of(entry, "attendees", 5_000) if isinstance(one, dict)]
            body["attendees"] = guest_list(write.content, present)
        version = write.version if write.version is not None else entry.get("etag")
        call = Call("PATCH", path, _QUIET_TOLD, body, Version(version) if isinstance(version, str) else None)
        return self.settled(write, write.ref, call, self._session.send(call))


def target(write: Write) -> Ref:
    """The item a write is about; for a new event, the ref that it will have."""
    if not isinstance(write, Create):
        return write.ref
    if write.occurrence is not None:
        return Ref(write.container, occurrence_id(write.occurrence.series, write.occurrence.original_start))
    return Ref(write.container, ItemId(own_id(write.seed)))


def is_simple(write: Write, ref: Ref) -> bool:
    """Whether a write of this `target` is one call that can be told beforehand, so that it can travel in a batch."""
    if isinstance(write, Restore) or (isinstance(write, Update) and Field.GUESTS in write.fields):
        return False
    if "#" not in ref.id:  # the usual case: no occurrence
        return True
    occurrence = occurrence_named(ref.id)
    return occurrence is None or instance_id(occurrence) is not None
