"""Where a company's Oracle CRM On Demand is, and how it tells times."""

from __future__ import annotations

from dataclasses import dataclass, field

from .mark import Intervals
from .times import Times


@dataclass(frozen=True, slots=True)
class OracleSettings:
    """One user of a company. `username` is "company/user", `zone` the user's own (IANA).

    `show_events` is the company's setting of that name: without it no calendar shows the appointments of events (OD-6).
    `fields` are the company's own names, as in ("Appointments.Subject", "Topic"), where the service does not tell them.
    """

    base_url: str
    username: str
    zone: str
    times: Times = Times.USER
    show_events: bool = True
    fields: tuple[tuple[str, str], ...] = ()
    intervals: Intervals = field(default_factory=Intervals)
