"""How an event left the user's calendar: deleted by somebody, along with its related record, or given away (SF-19)."""

from __future__ import annotations

from datetime import timedelta

from soroe.adapters.crm.documents import Malformed, at
from soroe.adapters.net.exchange import Json
from soroe.core.event import Departure
from soroe.ports.errors import ServiceFault

from .api import FIELD_REFUSED, Api, FieldsChanged
from .queries import deleted_records
from .times import moment_at
from .wire import is_deleted, owner_of, record_id
from .words import is_record_id

KINDS = {"001": "Account", "003": "Contact", "00Q": "Lead", "006": "Opportunity", "500": "Case", "701": "Campaign"}
"""What an event is usually related to, by the letters that such records' ids begin with."""
RELATIONS = ("WhatId", "WhoId")
SAME_MOMENT = timedelta(seconds=2)


def departure(api: Api, row: Json) -> Departure | None:
    """How this event left the user's calendar; None where somebody deleted it, or nobody can tell."""
    try:
        if not is_deleted(row):
            return Departure.REASSIGNED if owner_of(row) != api.user().id else None
        return Departure.RELATED_DELETED if _went_along(api, row) else None
    except (Malformed, FieldsChanged):
        return None
    except ServiceFault as fault:
        if fault.code != FIELD_REFUSED:
            raise
        return None  # this user may not see such records


def _went_along(api: Api, row: Json) -> bool:
    """Whether a record that the event was related to was deleted in the same moment."""
    names = [name for name in RELATIONS if name in api.shape().fields]
    if not names:
        return False
    for event in api.all_of(deleted_records("Event", ("Id", "SystemModstamp", *names), [record_id(row)])):
        for own in (str(at(event, name)) for name in names):
            kind = KINDS.get(own[:3])
            if kind is None or not is_record_id(own):
                continue
            for record in api.all_of(deleted_records(kind, ("Id", "SystemModstamp"), [own])):
                apart = moment_at(record, "SystemModstamp") - moment_at(event, "SystemModstamp")
                if abs(apart) <= SAME_MOMENT:
                    return True
    return False
