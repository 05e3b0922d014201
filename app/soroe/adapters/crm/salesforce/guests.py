"""Who is invited: records of their own beside the event, one for each user, contact or lead (SF-24, SF-25).

Nobody is told by mail: the interface mails only who asks for it, and we do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from soroe.adapters.crm.documents import at
from soroe.adapters.net.exchange import Json
from soroe.core.event import Guest, Response
from soroe.ports.errors import Gone, PortError, ServiceFault

from .api import FIELD_REFUSED, Api, FieldsChanged
from .errors import Complaint, record_trouble
from .queries import people
from .wire import relations_of
from .words import is_record_id

KINDS = ("User", "Contact", "Lead")
"""Where a guest is sought, in this order: a colleague may be somebody's contact as well."""
MOST_ADDRESSES = 100
MOST_RECORDS = 200


class Invitations:
    """Brings the invitations of events in line with a list of guests. Whom Salesforce does not know is left out."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._closed: set[str] = set()

    def known(self, guests: Iterable[Guest]) -> dict[str, str]:
        """The ids of the people with these addresses (in lower case), as far as Salesforce knows them."""
        wanted = list(dict.fromkeys(guest.email.lower() for guest in guests if guest.email))
        found: dict[str, str] = {}
        for kind in KINDS:
            left = [email for email in wanted if email not in found]
            for start in range(0, len(left), MOST_ADDRESSES):
                for row in self._found(kind, left[start : start + MOST_ADDRESSES]):
                    email, own = at(row, "Email"), at(row, "Id")
                    if isinstance(email, str) and isinstance(own, str) and is_record_id(own):
                        found.setdefault(email.lower(), own)
        return found

    def _found(self, kind: str, emails: Sequence[str]) -> list[Json]:
        """The people of a kind; nobody where this user has no right to such records, or not to their addresses."""
        if kind in self._closed:
            return []
        try:
            return self._api.all_of(people(kind, emails))
        except FieldsChanged:
            self._closed.add(kind)
        except ServiceFault as fault:
            if fault.code != FIELD_REFUSED:
                raise
            self._closed.add(kind)
        return []

    def wanted(self, guests: Sequence[Guest], known: Mapping[str, str]) -> list[str]:
        """The ids of those to invite; who declined, and the user himself, are not among them."""
        me = self._api.user().id
        ids = [known.get(guest.email.lower()) for guest in guests if guest.response is not Response.DECLINED]
        return [own for own in dict.fromkeys(ids) if own is not None and own != me]

    def changes(self, row: Json, guests: Sequence[Guest], known: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """Whom to invite, and which invitations to take back; those without an address (rooms) are kept."""
        wanted = self.wanted(guests, known)
        present = {str(at(one, "RelationId")): one for one in relations_of(row)}
        gone = [
            str(at(one, "Id"))
            for relation, one in present.items()
            if relation not in wanted and at(one, "Relation.Email") and is_record_id(str(at(one, "Id")))
        ]
        return [own for own in wanted if own not in present], gone

    def invite(self, added: Sequence[tuple[str, str]]) -> dict[str, PortError]:
        """Invites people (event id, person's id); what went wrong, by event.

        Who was deleted meanwhile is a guest whom Salesforce does not know.
        """
        troubles: dict[str, PortError] = {}
        for start in range(0, len(added), MOST_RECORDS):
            some = added[start : start + MOST_RECORDS]
            results = self._api.create_many([self._record(event, person) for event, person in some])
            for (event, _), result in zip(some, results, strict=True):
                trouble = trouble_in(result, self._api)
                if trouble is not None and not isinstance(trouble, Gone):
                    troubles.setdefault(event, trouble)
        return troubles

    def take_back(self, relations: Sequence[str]) -> None:
        """Takes invitations back; one that is gone already is none that is left."""
        for start in range(0, len(relations), MOST_RECORDS):
            for result in self._api.delete_many(relations[start : start + MOST_RECORDS]):
                trouble = trouble_in(result, self._api)
                if trouble is not None and not isinstance(trouble, Gone):
                    raise trouble

    def _record(self, event: str, person: str) -> dict[str, Any]:
        kind = {"attributes": {"type": "EventRelation"}, "EventId": event, "RelationId": person, "Status": "New"}
        return {**kind, "IsInvitee": True} if self._api.invitees_only() else kind


def trouble_in(result: Json, api: Api) -> PortError | None:
    """What went wrong with one record of several; None where it was written."""
    if at(result, "success") is True:
        return None
    complaint = Complaint.in_document(at(result, "errors"), 400)
    api.learn_from(complaint)
    return record_trouble(complaint, api.clock())
