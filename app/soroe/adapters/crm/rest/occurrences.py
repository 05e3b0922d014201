"""Which of a CRM's ids belong to exceptions of a series: outside the adapter they go by series and original start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from soroe.adapters.crm.documents import wall_time
from soroe.core.event import ItemId, ObservedItem, Occurrence, Ref, Window, occurrence_id
from soroe.core.rules.recurrence import RunawayRule, occurrences
from soroe.ports.errors import ItemRejected

_MARK = "#"
"""What stands between a series' id and the original start in an occurrence's id (`occurrence_id`)."""


class Occurrences:
    """The exceptions seen so far, both ways: the CRM's own id, and the id the program uses (`occurrence_id`).

    It travels in the cursor, so that a tombstone, which holds the CRM's id alone, still says which occurrence it means.
    """

    def __init__(self) -> None:
        self._theirs: dict[ItemId, str] = {}
        self._ours: dict[str, ItemId] = {}
        self.zones: dict[str, str] = {}

    def learn(self, own: str, occurrence: Occurrence) -> ItemId:
        """Remembers an exception; returns the id the program uses."""
        name = occurrence_id(occurrence.series, occurrence.original_start)
        self._pair(own, name)
        return name

    def forget(self, own: str) -> None:
        """Drops an exception that is gone."""
        name = self._ours.pop(own, None)
        if name is not None and self._theirs.get(name) == own:
            del self._theirs[name]

    def ours(self, own: str) -> ItemId:
        """The id the program uses for the CRM's id."""
        return self._ours.get(own, ItemId(own))

    def theirs(self, name: ItemId) -> str | None:
        """The CRM's id, or None for an occurrence that has no activity of its own as far as we have seen."""
        found = self._theirs.get(name)
        if found is not None:
            return found
        return None if _MARK in name and is_occurrence(name) else str(name)

    def dump(self) -> dict[str, str]:
        """What goes into the cursor."""
        return {own: str(name) for own, name in sorted(self._ours.items())}

    def load(self, known: Mapping[str, object]) -> None:
        """Takes over what a cursor holds."""
        for own, name in known.items():
            if isinstance(name, str) and own not in self._ours:
                self._pair(own, ItemId(name))

    def _pair(self, own: str, name: ItemId) -> None:
        self._ours[own] = name
        self._theirs[name] = own


def is_occurrence(name: ItemId) -> bool:
    """Whether an id names an occurrence."""
    return parts_of(name) is not None


def parts_of(name: ItemId) -> Occurrence | None:
    """The series and original start in an occurrence's id; None for any other id."""
    series, mark, moment = name.rpartition(_MARK)
    if not mark or not series:
        return None
    try:
        if len(moment) == 8:
            found: date = wall_time(moment, "%Y%m%d").date()
            return Occurrence(ItemId(series), found)
        return Occurrence(ItemId(series), wall_time(moment, "%Y%m%dT%H%M%SZ"))
    except ValueError:  # an id of the CRM's own that happens to hold the mark
        return None


def instance_of(series: ObservedItem, occurrence: Occurrence) -> ObservedItem | None:
    """An occurrence as its series alone says it is; None where the series has none at that original start.

    Raises `ItemRejected` for a rule that nobody can follow.
    """
    start = occurrence.original_start
    day = start.date() if isinstance(start, datetime) else start
    near = Window(day - timedelta(days=2), day + timedelta(days=2))
    try:
        found = next((when for when, original in occurrences(series.content, near) if original == start), None)
    except RunawayRule as error:
        raise ItemRejected("rule_not_followed", "recurrence") from error
    if found is None:
        return None
    content = replace(series.content, when=found, recurrence=None)
    ref = Ref(series.ref.container, occurrence_id(occurrence.series, start))
    return replace(series, ref=ref, version=None, content=content, occurrence=occurrence, stamp=None)
