"""Writes that take several steps: occurrences, guests, recurrences, and bringing back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, assert_never

from soroe.core.event import EventContent, Field, ObservedItem, Occurrence, Recurrence, Ref, Timed, occurrence_id
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Result, Update, Write, Written

from .finding import in_trash, made_by
from .lookup import Place, find_place, settled
from .reading import Misfit
from .session import Session
from .together import creates, delete_items, erased, update_items
from .wire import originals, read_item, read_series, read_when

if TYPE_CHECKING:
    from .library import Mailbox

_OF_AN_OCCURRENCE = tuple(name for name in Field if name is not Field.RECURRENCE)


class SingleWrites:
    """Carries out writes one by one. `alone` never raises for a write that failed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def alone(self, write: Write) -> Result:
        """Carry out one write."""
        try:
            match write:
                case Create():
                    return (
                        self._new_series(write)
                        if write.occurrence is None
                        else self._exception(write, write.occurrence)
                    )
                case Update():
                    return self._change(write)
                case Delete():
                    return self._delete(write)
                case Restore():
                    return self._restore(write)
                case _:
                    assert_never(write)
        except Misfit as misfit:
            return Failed(ItemRejected(misfit.reason, misfit.field))
        except PortError as error:
            return Failed(error)

    def _exception(self, write: Create, occurrence: Occurrence) -> Result:
        ref = Ref(write.container, occurrence_id(occurrence.series, occurrence.original_start))
        return self._change(Update(ref, None, write.content, _OF_AN_OCCURRENCE, write.stamp, occurrence))

    # --- changing ---
    def _change(self, write: Update) -> Result:
        """Look at the item, then change it in the state that was seen."""
        place = self._place(write.ref)
        if write.version is not None and place.found.version != write.version:
            raise ChangedMeanwhile("change_key")
        values = self._values(write, place)
        if values:
            self._send(place.id, values)
        ruled = Field.RECURRENCE in write.fields or "recurrence" in values
        if ruled and write.content.recurrence is not None and place.occurrence is None:
            self._cancel(write.ref, write.content.recurrence)
        return self._now(write.ref)

    def _values(self, write: Update, place: Place) -> dict[str, Any]:
        from .body import attendees, fields

        names = [name for name in write.fields if place.occurrence is None or name is not Field.RECURRENCE]
        if place.occurrence is None:
            names = _with_rule(names, write, self._rule(write.ref, place))
        content = write.content if place.occurrence is None else replace(write.content, recurrence=None)
        values = fields(content, names, write.stamp)
        if Field.GUESTS in names:
            values |= attendees(content.guests, place.found.item)
        return values

    def _rule(self, ref: Ref, place: Place) -> ObservedItem | None:
        seen = read_item(place.found, self._session.facts(ref.container))
        return seen if isinstance(seen, ObservedItem) else None

    def _send(self, own: Any, values: dict[str, Any]) -> None:  # noqa: ANN401 - an id of the library's
        from .body import changed_item

        change = changed_item(own, values)
        (answer,) = self._session.run(lambda mailbox: update_items(mailbox, [change]), writing=True)
        if isinstance(answer, Exception):
            raise self._session.trouble(answer, writing=True)

    def _now(self, ref: Ref) -> Result:
        """The item after a write that went through."""
        try:
            place = self._place(ref)
        except PortError as error:
            raise RetryLater("unread_answer", getattr(error, "after", None), outcome_unknown=True) from error
        seen = settled(self._session, place.found, ref, place.occurrence)
        if not isinstance(seen, ObservedItem):
            raise RetryLater("unreadable_answer", outcome_unknown=True)
        return Written(seen)

    # --- series ---
    def _new_series(self, write: Create) -> Result:
        (made,) = creates(self._session, [write])
        if not isinstance(made, Written) or write.content.recurrence is None:
            return made
        try:
            self._cancel(made.item.ref, write.content.recurrence)
        except PortError as error:
            # The series stands: told as not made, it would be made once more.
            raise RetryLater("half_made", getattr(error, "after", None), outcome_unknown=True) from error
        return self._now(made.item.ref)

    def _cancel(self, master: Ref, wanted: Recurrence) -> None:
        """Cancel the occurrences that the rule leaves out and the series still has."""
        place = self._place(master)
        facts = self._session.facts(master.container)
        gone = set(read_series(place.found, facts).cancelled)
        for start in originals(wanted.removed, read_when(place.found, facts)):
            if start not in gone:
                self._cancel_one(master, start)

    def _cancel_one(self, master: Ref, start: datetime | date) -> None:
        result = self._delete(Delete(Ref(master.container, occurrence_id(master.id, start)), None))
        if isinstance(result, Failed):
            raise result.error

    # --- deleting ---
    def _delete(self, write: Delete) -> Result:
        try:
            place = self._place(write.ref)
        except Gone:
            return Erased(write.ref)
        if write.version is not None and place.found.version != write.version:
            raise ChangedMeanwhile("change_key")
        (answer,) = self._session.run(lambda mailbox: delete_items(mailbox, [place.id]), writing=True)
        return erased(self._session, write.ref, answer)

    # --- bringing back ---
    def _restore(self, write: Restore) -> Result:
        """What is still there is set to the content; else it comes out of Deleted Items, or is made anew."""
        back = self._present(write)
        if back is None:
            return self.alone(Create(write.ref.container, write.content, write.seed, write.stamp))
        names = tuple(name for name in Field if write.content.get(name) != back.content.get(name))
        if not names and write.stamp in (None, back.stamp):
            return Written(back)
        stamp = None if write.stamp == back.stamp else write.stamp
        return self._change(Update(back.ref, back.version, write.content, names, stamp, back.occurrence))

    def _present(self, write: Restore) -> ObservedItem | None:
        session = self._session
        try:
            place = self._place(write.ref)
        except Gone:
            pass
        else:
            seen = settled(session, place.found, write.ref, place.occurrence)
            if not isinstance(seen, ObservedItem):
                raise ItemRejected("unreadable")
            return seen
        made = made_by(session, write.ref.container, write.seed)
        if made:
            return made[0]  # an earlier try went through, and its answer was lost
        return in_trash(session, write.ref, write.stamp, write.seed)

    def _place(self, ref: Ref) -> Place:
        def look(mailbox: Mailbox) -> Place:
            return find_place(self._session, mailbox, ref)

        return self._session.run(look)


def _with_rule(names: list[Field], write: Update, now: ObservedItem | None) -> list[Field]:
    """The fields to send, with a series' rule exactly where it has to be sent.

    A series' first day stands in its rule too, so a moved series needs it; but a rule that is sent again makes Exchange
    forget every exception, so one that says nothing new is left out.
    """
    wanted = write.content.recurrence
    if wanted is None or now is None or now.content.recurrence is None:
        return names
    same = now.content.recurrence.rules == wanted.rules and set(now.content.recurrence.removed) <= set(wanted.removed)
    moved = Field.WHEN in names and _first_day(now.content) != _first_day(write.content)
    if moved or (Field.RECURRENCE in names and not same):
        return [*(name for name in names if name is not Field.RECURRENCE), Field.RECURRENCE]
    return [name for name in names if name is not Field.RECURRENCE]


def _first_day(content: EventContent) -> date:
    when = content.when
    return when.start.date() if isinstance(when, Timed) else when.start
