"""Names of fields in a query: of the object itself, or of a record it refers to, as in `Owner.Email`."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.sandbox.salesforce.org import Org
from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.schema import RELATION_FIELDS, Field
from soroe.sandbox.salesforce.values import Values


@dataclass(frozen=True, slots=True)
class Path:
    """A field, and the reference that leads to it where it is another record's."""

    name: str
    field: Field
    reference: Field | None = None

    def value(self, org: Org, row: Values) -> object:
        """The value in this record; nothing where the other record is gone."""
        if self.reference is None:
            return row.get(self.field.name)
        target = org.live(row[self.reference.name])
        if target is None:
            return None
        return org.kind(target) if self.field.name == "Type" and "Type" not in target else target.get(self.field.name)


def need_path(org: Org, kind: str, name: str) -> Path:
    """The field that a query names; raises INVALID_FIELD for one that is not there or not to be seen."""
    first, dot, rest = name.partition(".")
    if dot and first.casefold() == kind.casefold():
        first, dot, rest = rest, "", ""
    if not dot:
        field = org.schema.field(kind, first)
        if field is None:
            raise no_column(first, kind)
        return Path(field.name, field)
    reference = next((f for f in org.schema.fields(kind) if f.relation.casefold() == first.casefold()), None)
    if reference is None or not first:
        message = f"Didn't understand relationship '{first}' in field path."
        raise Refusal("INVALID_FIELD", message)
    found = _target(org, reference, rest)
    if found is None:
        raise no_column(rest, reference.relation if len(reference.refers) != 1 else reference.refers[0])
    return Path(f"{reference.relation}.{found.name}", found, reference)


def no_column(name: str, kind: str) -> Refusal:
    return Refusal(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{kind}'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate "
        "names.",
    )


def _target(org: Org, reference: Field, name: str) -> Field | None:
    if len(reference.refers) == 1:
        return org.schema.field(reference.refers[0], name)
    known = next((known for known in RELATION_FIELDS if known.casefold() == name.casefold()), None)
    return Field(known, "boolean" if known == "IsActive" else "string", 255) if known else None
