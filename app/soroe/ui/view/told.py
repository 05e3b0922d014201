"""The words, the time and the zone that every view needs, in one hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from soroe.ui.texts import Texts, times


@dataclass(frozen=True, slots=True)
class Told:
    """To whom things are told: in which language, at what time (UTC), in which zone."""

    texts: Texts
    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day it is for the user."""
        return self.now.astimezone(self.zone).date()

    def moment(self, at: datetime | None) -> str:
        """An instant as a person tells it."""
        return times.moment(self.texts, at, self.now, self.zone)
