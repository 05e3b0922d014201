"""Graph's ids of occurrences: they can be told from nothing, so they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from soroe.adapters.net.reading import Json, Misfit
from soroe.core.event import Occurrence, Ref, occurrence_named
from soroe.ports.errors import Gone, ServiceFault

from .events import instances
from .repeats import read_original
from .session import Session
from .wire import is_id

_AROUND = timedelta(days=2)
_ASTRAY = timedelta(days=730)
_NO_SERIES = "ErrorInvalidOperation"


def event_id(session: Session, ref: Ref) -> str:
    """Graph's id for a ref of ours; raises `Gone` when there can be no such event, or no such occurrence."""
    occurrence = occurrence_named(ref.id)
    if occurrence is not None:
        return _looked_up(session, ref, occurrence)
    if not is_id(ref.id):
        raise Gone("no_such_id")
    return ref.id


def _looked_up(session: Session, ref: Ref, occurrence: Occurrence) -> str:
    """The id of an occurrence: where it stands by its series, or wherever it was moved.

    What comes is compared with what was asked for: to write to the wrong occurrence would be worse than to none.
    """
    if not is_id(occurrence.series):
        raise Gone("no_such_id")
    start = occurrence.original_start
    at = start.replace(tzinfo=UTC) if isinstance(start, datetime) else datetime.combine(start, time(), UTC)
    for span in (_AROUND, _ASTRAY):
        try:
            found = instances(session, ref.container, occurrence.series, at - span, at + span)
            own = next((one.get("id") for one in found if _starts(one, occurrence)), None)
        except OverflowError as error:
            raise Gone("no_such_occurrence") from error
        except ServiceFault as fault:
            if fault.code == _NO_SERIES:  # it was one when its occurrence was seen
                raise Gone("no_series") from fault
            raise
        if isinstance(own, str) and is_id(own):
            return own
    raise Gone("no_such_occurrence")


def _starts(entry: Json, occurrence: Occurrence) -> bool:
    try:
        return read_original(entry) == occurrence.original_start
    except Misfit:
        return False
