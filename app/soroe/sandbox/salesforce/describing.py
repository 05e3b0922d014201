"""What describe tells of an object and its fields."""

from __future__ import annotations

from typing import Any

from soroe.sandbox.salesforce.ids import PREFIXES
from soroe.sandbox.salesforce.schema import Field, Schema

_WRITABLE = ("Event", "EventRelation")
_SOAP = {"boolean": "xsd:boolean", "int": "xsd:int", "date": "xsd:date", "datetime": "xsd:dateTime", "id": "tns:ID"}


def described(schema: Schema, kind: str, version: str) -> dict[str, Any]:
    """The answer of describe: only the fields that the user sees."""
    return {
        **summary(kind, version),
        "fields": [_field(field) for field in schema.fields(kind)],
        "childRelationships": _children(kind),
        "recordTypeInfos": [],
    }


def summary(kind: str, version: str) -> dict[str, Any]:
    """An object as the list of all objects tells it."""
    address = f"/services/data/{version}/sobjects/{kind}"
    writable = kind in _WRITABLE
    return {
        "name": kind,
        "label": kind,
        "keyPrefix": PREFIXES[kind],
        "custom": False,
        "createable": writable,
        "updateable": writable,
        "deletable": writable,
        "undeletable": kind == "Event",
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "urls": {
            "sobject": address,
            "describe": f"{address}/describe",
            "rowTemplate": f"{address}/{{ID}}",
        },
    }


def _field(field: Field) -> dict[str, Any]:
    values = [
        {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}
        for value in field.picklist
    ]
    return {
        "name": field.name,
        "label": field.label,
        "type": field.kind,
        "soapType": _SOAP.get(field.kind, "xsd:string"),
        "length": field.length,
        "byteLength": field.length * 3,
        "createable": field.create,
        "updateable": field.update,
        "filterable": field.filter,
        "sortable": field.sort,
        "nillable": field.nillable,
        "defaultedOnCreate": field.kind == "boolean" or field.name in ("OwnerId", "ShowAs"),
        "restrictedPicklist": field.kind == "picklist" and field.restricted,
        "picklistValues": values,
        "referenceTo": list(field.refers),
        "relationshipName": field.relation or None,
        "polymorphicForeignKey": len(field.refers) > 1,
        "custom": field.custom,
        "externalId": field.external,
        "idLookup": field.kind == "id" or field.external,
        "unique": field.unique,
        "caseSensitive": False,
        "calculated": False,
        "deprecatedAndHidden": False,
    }


def _children(kind: str) -> list[dict[str, Any]]:
    if kind != "Event":
        return []
    return [{"childSObject": "EventRelation", "field": "EventId", "relationshipName": "EventRelations"}]
