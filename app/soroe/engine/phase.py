"""What a run is doing, apart from the messages: a command that runs once needs none of those."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """What a run is doing."""

    OBSERVE_CRM = "observe_crm"
    OBSERVE_CALENDAR = "observe_calendar"
    RECONCILE = "reconcile"
    APPLY = "apply"
