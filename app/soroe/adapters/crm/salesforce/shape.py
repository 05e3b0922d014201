"""What this organisation lets this user see and set of an event, as Salesforce describes it."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.adapters.crm.documents import at
from soroe.ports.errors import AdminRequired, ServiceFault
from soroe.ports.remote import ActivityType

NEEDED = ("Id", "OwnerId", "Subject", "StartDateTime", "LastModifiedDate", "SystemModstamp")
READ = (
    *NEEDED,
    "EndDateTime",
    "DurationInMinutes",
    "ActivityDate",
    "IsAllDayEvent",
    "Description",
    "Location",
    "ShowAs",
    "IsPrivate",
    "Type",
    "CreatedDate",
    "IsDeleted",
    "IsChild",
    "IsGroupEvent",
    "GroupEventType",
    "IsRecurrence",
    "RecurrenceActivityId",
    "RecurrenceStartDateTime",
    "RecurrenceEndDateOnly",
    "RecurrenceTimeZoneSidKey",
    "RecurrenceType",
    "RecurrenceInterval",
    "RecurrenceDayOfWeekMask",
    "RecurrenceDayOfMonth",
    "RecurrenceInstance",
    "RecurrenceMonthOfYear",
    "IsRecurrence2",
    "IsRecurrence2Exception",
    "Recurrence2PatternText",
    "Recurrence2PatternTimeZone",
)


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field: whether it can be set at first and later, its length in characters, the values it offers.

    `unique`: no two records may hold the same.
    """

    createable: bool
    updateable: bool
    length: int | None = None
    values: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of an event that this user can see, by name; `stamp_field` is the one our stamp goes into, or ""."""

    fields: dict[str, FieldShape]
    stamp_field: str = ""

    @classmethod
    def described(cls, document: object, stamp_field: str) -> Shape:
        """The shape in a description; raises `AdminRequired` where the user lacks a field that nothing works without.

        A stamp field that was named and is not there is for IT as well: going on without it would make doubles of what
        another computer has stamped.
        """
        listed = at(document, "fields")
        if not isinstance(listed, list):
            raise ServiceFault("description_without_fields")
        fields = {name: _field(one) for one in listed if isinstance(name := at(one, "name"), str)}
        for name in NEEDED:
            if name not in fields:
                raise AdminRequired(f"field_not_visible:{name}")
        if stamp_field:
            stamp = fields.get(stamp_field)
            if stamp is None or not (stamp.createable and stamp.updateable):
                raise AdminRequired(f"stamp_field_not_usable:{stamp_field}")
        return cls(fields, stamp_field)

    @property
    def asked(self) -> tuple[str, ...]:
        """The fields to ask for: of those we know, the ones that are there."""
        names = (*READ, self.stamp_field) if self.stamp_field else READ
        return tuple(name for name in names if name in self.fields)

    @property
    def written(self) -> frozenset[str]:
        """The fields that we set ourselves, or that follow from those; the type of an event is the user's own."""
        return frozenset(READ) - {"Type"}

    @property
    def series_stamp_field(self) -> str:
        """The field for the stamp of a series, or "": each of its records would hold the same, which IT may forbid."""
        found = self.fields.get(self.stamp_field)
        return "" if found is None or found.unique else self.stamp_field

    def takes(self, name: str, *, new: bool) -> bool:
        """Whether a field can be set, on a new event or on one that is there."""
        found = self.fields.get(name)
        return found is not None and (found.createable if new else found.updateable)

    def fitting(self, name: str, text: str) -> str:
        """The text, as long as the field holds it: IT may have made a field shorter than it usually is."""
        found = self.fields.get(name)
        limit = None if found is None else found.length
        return text if limit is None or limit <= 0 else text[:limit]

    def offers(self, name: str, value: str) -> bool:
        """Whether a picklist offers a value; one that tells no values takes any."""
        found = self.fields.get(name)
        return found is None or not found.values or any(value == one for one, _ in found.values)

    def types(self) -> tuple[ActivityType, ...]:
        """The types that an event can have."""
        found = self.fields.get("Type")
        return tuple(ActivityType(key, name) for key, name in found.values) if found is not None else ()


def _field(document: object) -> FieldShape:
    length = at(document, "length")
    listed = at(document, "picklistValues")
    values: list[tuple[str, str]] = []
    for one in listed if isinstance(listed, list) else ():
        key, name = at(one, "value"), at(one, "label")
        if isinstance(key, str) and key and at(one, "active") is not False:
            values.append((key, name if isinstance(name, str) and name else key))
    return FieldShape(
        at(document, "createable") is True,
        at(document, "updateable") is True,
        length if isinstance(length, int) and not isinstance(length, bool) else None,
        tuple(values),
        kind if isinstance(kind := at(document, "type"), str) else "",
        at(document, "unique") is True,
    )
