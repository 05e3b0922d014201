"""A CRM in memory that takes series as Salesforce Classic does: bounded, ending on a day, the past as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from soroe.core.event import EventContent, Field, ObservedItem, Recurrence, Ref, Timed
from soroe.core.rules.recurrence_limits import can_be_said
from soroe.ports.errors import ItemRejected
from soroe.ports.remote import Capabilities, Create, Result, Update, Written

from .clock import Clock
from .series import found_in
from .service import REST_LIKE, FakeService

MOST = {"DAILY": 100, "WEEKLY": 53, "MONTHLY": 60, "YEARLY": 10}
STAMPED = replace(REST_LIKE, batch=25)
"""An organisation with a field of its own for our stamp."""
BARE = replace(REST_LIKE, batch=25, idempotent_create=False, hidden_stamp=False)
"""One without."""


class SalesforceLike(FakeService):
    """Refuses what Salesforce refuses of a series, and makes a single event that becomes a series anew."""

    def __init__(self, capabilities: Capabilities, clock: Clock) -> None:
        super().__init__(capabilities, clock)
        self._now = clock

    def _create(self, write: Create) -> Result:
        result = super()._create(replace(write, content=self._taken(write.content)))
        model = self.items.get(write.like) or self.trash.get(write.like) if write.like is not None else None
        if isinstance(result, Written) and not result.already and model is not None and write.occurrence is None:
            return Written(self._keep(replace(result.item, particulars=model.particulars)))
        return result

    def _update(self, write: Update) -> Result:
        item = self.items.get(write.ref)
        if item is None or write.occurrence is not None:
            return super()._update(write)
        wanted = replace(item.content, **{name.value: write.content.get(name) for name in write.fields})  # type: ignore[arg-type]  # fields of the same class
        self._check_start(item, wanted)
        if (item.content.recurrence is None) != (wanted.recurrence is None):
            return self._made_anew(item, self._taken(wanted), write.stamp)
        if wanted.recurrence is not None and Field.RECURRENCE in write.fields:
            write = replace(write, content=replace(write.content, recurrence=self._taken(wanted).recurrence))
        return super()._update(write)

    def _check_start(self, item: ObservedItem, wanted: EventContent) -> None:
        today = self._now().astimezone(ZoneInfo("Asia/Tokyo")).date()
        begun = isinstance(item.content.when, Timed) and item.content.when.start.date() < today
        if begun and item.content.recurrence is not None and item.content.when != wanted.when:
            raise ItemRejected("FIELD_INTEGRITY_EXCEPTION", "when")

    def _taken(self, content: EventContent) -> EventContent:
        """The series as it is kept: with the day it ends on instead of a number of occurrences."""
        if content.recurrence is None:
            return content
        if not can_be_said(content):
            raise ItemRejected("FIELD_INTEGRITY_EXCEPTION", "recurrence")
        probe = ObservedItem(Ref(self.container, self._new_ref().id), None, replace(content, recurrence=_all(content)))
        found = list(found_in(probe, None))
        kind = next(part[5:] for part in content.recurrence.rules[0].split(";") if part.startswith("FREQ="))
        if not found or len(found) > MOST[kind] or content.when.end - content.when.start >= timedelta(days=1, hours=1):
            raise ItemRejected("FIELD_INTEGRITY_EXCEPTION", "recurrence")
        last = found[-1][1]
        day = last.start.date() if isinstance(last, Timed) else last.start
        kept = [part for part in content.recurrence.rules[0].split(";") if not part.startswith(("COUNT=", "UNTIL="))]
        rule = ";".join([*kept, f"UNTIL={day:%Y%m%d}T235959"])
        return replace(content, recurrence=replace(content.recurrence, rules=(rule,)))

    def _made_anew(self, item: ObservedItem, content: EventContent, stamp: str | None) -> Result:
        self._erase(item.ref)
        made = replace(item, ref=self._new_ref(), content=content, stamp=self._hidden(stamp) or item.stamp)
        return Written(self._keep(replace(made, created_at=self._now().astimezone(UTC))))


def _all(content: EventContent) -> Recurrence:
    assert content.recurrence is not None
    return replace(content.recurrence, removed=())
