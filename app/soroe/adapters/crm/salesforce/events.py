"""One event with everything that hangs on it: its record, its stamp, its guests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from soroe.adapters.crm.documents import at
from soroe.adapters.net.exchange import Json
from soroe.core.event import EventContent, Field, ObservedItem
from soroe.ports.errors import ACCOUNT_TROUBLE, PortError, RetryLater
from soroe.ports.remote import Update

from .api import Api
from .guests import Invitations
from .rows import Rows
from .wire import new_event, record_id, relations_of, written
from .words import is_record_id


class Events:
    """Makes and changes single records, meetings of series included."""

    def __init__(self, api: Api, rows: Rows, invitations: Invitations) -> None:
        self._api = api
        self._rows = rows
        self._invitations = invitations

    def record_of(
        self, content: EventContent, activity_type: str | None, stamp: str | None, carried: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The fields of a new event. What is carried over gives way to what is said now."""
        return {**carried, **new_event(content, self._api.shape(), activity_type, stamp)}

    def make(
        self, content: EventContent, activity_type: str | None, stamp: str | None, carried: Mapping[str, Any]
    ) -> ObservedItem:
        """A new event with its guests."""
        own = self._rows.make(self.record_of(content, activity_type, stamp, carried))
        self.invite(own, content)
        return self.read_back(own)

    def invite(self, own: str, content: EventContent) -> None:
        """Invites the guests to a new event; one whom Salesforce refuses is left out, like one it does not know."""
        known = self._invitations.known(content.guests)
        self._invite_all(own, self._invitations.wanted(content.guests, known))

    def invite_those_of(self, own: str, row: Json) -> None:
        """Invites whoever another event has invited, rooms included."""
        people = [str(at(one, "RelationId")) for one in relations_of(row)]
        self._invite_all(own, [person for person in people if is_record_id(person)])

    def _invite_all(self, own: str, people: Sequence[str]) -> None:
        """The event is there: trouble of the account meanwhile leaves in doubt what Salesforce shows of it."""
        try:
            troubles = self._invitations.invite([(own, person) for person in people])
        except PortError as error:
            raise RetryLater("guests_not_invited", outcome_unknown=True) from error
        if any(isinstance(trouble, ACCOUNT_TROUBLE) for trouble in troubles.values()):
            raise RetryLater("guests_not_invited", outcome_unknown=True)

    def change(self, row: Json, write: Update) -> bool:
        """Changes a record that may be written, guests included; False where there was nothing to change."""
        shape = self._api.shape()
        fields = written(write.content, write.fields, shape)
        if write.stamp is not None and shape.stamp_field:
            fields[shape.stamp_field] = write.stamp
        self._rows.change(row, fields)
        invited = Field.GUESTS in write.fields and self.bring_guests(row, write.content)
        return bool(fields) or invited

    def bring_guests(self, row: Json, content: EventContent) -> bool:
        """Brings the invitations of an event in line with the guests; False where they were."""
        known = self._invitations.known(content.guests)
        added, gone = self._invitations.changes(row, content.guests, known)
        self._invitations.take_back(gone)
        _raise_first(self._invitations.invite([(record_id(row), person) for person in added]))
        return bool(added or gone)

    def read_back(self, own: str) -> ObservedItem:
        """The event as Salesforce shows it now."""
        return self._rows.observed(self._rows.read_back([own]).get(own))


def _raise_first(troubles: Mapping[str, PortError]) -> None:
    for trouble in troubles.values():
        raise trouble
