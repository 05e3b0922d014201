"""The mirror of a CRM's events in its appointments, as a sync of its own (OD-1 to OD-9).

The appointments are the CRM's side and the events stand where a calendar stands, so that the same rules bring both into
step. Owner, team and books of a record travel as its guests, under names that only the connector reads.
"""

from __future__ import annotations

from .dialect import NO_TITLE, Dialect, RecurrenceSupport
from .event import ShowAs

EVENT_TYPE = "Event"
"""The activity type of an appointment that stands for an event."""
TWIN = "twin_of_event"
"""The kind of an appointment that stands for an event."""
HIDDEN_TWIN = "hidden_twin_of_event"
"""The kind of one that the company shows in no calendar (OD-6)."""
TWINS = frozenset({TWIN, HIDDEN_TWIN})

MIRROR = Dialect(
    "oracle-mirror",
    recurrence=RecurrenceSupport.NONE,
    empty_title=NO_TITLE,
    privacy_flag=False,
    show_as=frozenset({ShowAs.BUSY}),
    new_items_only=True,
)
"""Both sides are records of one CRM: nothing is cut or rounded between them. An event that was there before gets its
appointment at its next change (OD-5)."""
