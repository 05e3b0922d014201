"""What Oracle CRM On Demand calls its records and their fields, which every company may rename."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Children:
    """A kind of child record: how its collection is called, and the field that names what hangs on the parent.

    `access` is the field that tells how far a member of the team may go, "" where there is none; `group` the field
    that names the user group through which somebody came in.
    """

    name: str
    member: str
    access: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """The integration tags of one kind of record; "" for a field that it does not have.

    `stamp` is where something can be hidden. `needed` is a text that a new record must have beside its title; `event`
    names the event of an appointment that the company's own mirror made. The names are those of the vendor's guides;
    what a company calls its own fields is asked.
    """

    name: str
    title: str
    start: str
    end: str
    location: str = "Location"
    description: str = "Description"
    kind: str = ""
    private: str = ""
    owner: str = "OwnerId"
    created: str = "CreatedDate"
    modified: str = "ModifiedDate"
    needed: str = ""
    event: str = ""
    stamp: str = ""
    id: str = "Id"
    team: Children = Children("Users", "UserId", "AccessCode", "UserGroupId")
    books: Children = Children("Books", "BookId")

    @property
    def parts(self) -> tuple[str, ...]:
        """The fields that are a person's, whose change is a change of the record."""
        named = (self.title, self.start, self.end, self.location, self.description, self.kind, self.private)
        return tuple(name for name in (*named, self.owner, self.stamp) if name)

    @property
    def asked(self) -> tuple[str, ...]:
        """The fields that a reading asks for."""
        more = (self.created, self.modified, self.event)
        return (self.id, *self.parts, *(name for name in more if name))

    def renamed(self, names: Mapping[str, str]) -> Resource:
        """The same kind of record under a company's own names; `names` are the usual ones to theirs."""
        values = {ours: names.get(getattr(self, ours)) for ours in _RENAMABLE}
        known = {ours: theirs for ours, theirs in values.items() if theirs}
        return replace(self, **known)  # type: ignore[arg-type]  # every renamable field is a text

    def within(self, has: frozenset[str]) -> Resource:
        """The same kind of record where the company has these fields only; what can be spared is left out."""
        gone = {ours: "" for ours in _SPARABLE if getattr(self, ours) not in has}
        return replace(self, **gone)  # type: ignore[arg-type]  # see above


_RENAMABLE = (
    *("title", "start", "end", "location", "description", "kind", "private", "owner", "created", "modified"),
    *("needed", "id", "event", "stamp"),
)
_SPARABLE = ("location", "description", "private", "needed", "event", "stamp")

APPOINTMENTS = Resource(
    "Appointments", "Subject", "StartTime", "EndTime", kind="Type", private="Private", event="MEEventId"
)
EVENTS = Resource(
    "Events", "Name", "StartDate", "EndDate", description="", needed="Objective", stamp="ExternalSystemId"
)
"""Events must have an objective, which a new one gets from its name (the vendor's guide: required fields). What
names an event's appointment fits into the 64 characters of the company's own key, and is written only where that is
empty."""
MIRRORED_APPOINTMENTS = replace(APPOINTMENTS, description="", private="")
"""An appointment as far as an event knows it (OD-1)."""
