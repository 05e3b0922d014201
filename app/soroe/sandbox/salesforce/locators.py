"""Answers in pages: what does not fit waits behind a locator, as it was when it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.salesforce.ids import new_id
from soroe.sandbox.salesforce.refusals import Refusal

LARGEST, SMALLEST, MOST_OPEN = 2000, 200, 10
_LIFE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Waiting:
    user_id: str
    records: tuple[dict[str, Any], ...]
    size: int
    until: datetime


class Locators:
    """The answers that are not read to their end; at most ten a user, for two days."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.page_size = LARGEST
        self.inner_size = LARGEST
        self._clock = clock
        self._waiting: dict[str, _Waiting] = {}
        self._number = 0

    def first(self, user_id: str, records: list[dict[str, Any]], size: int, prefix: str) -> dict[str, Any]:
        """The first page; `prefix` is the address that goes before the locator."""
        if len(records) <= size:
            return {"totalSize": len(records), "done": True, "records": records}
        self._number += 1
        name = new_id("01g", self._number)
        self._waiting[name] = _Waiting(user_id, tuple(records), size, self._clock() + _LIFE)
        mine = [key for key, waiting in self._waiting.items() if waiting.user_id == user_id]
        for key in mine[:-MOST_OPEN]:
            del self._waiting[key]
        return self._page(name, 0, prefix)

    def more(self, user_id: str, locator: str, prefix: str) -> dict[str, Any]:
        """The page behind a locator; raises INVALID_QUERY_LOCATOR when it is unknown, another's or too old."""
        name, _, place = locator.rpartition("-")
        waiting = self._waiting.get(name)
        known = waiting is not None and waiting.user_id == user_id and self._clock() < waiting.until
        if waiting is None or not known or not place.isdecimal() or int(place) >= len(waiting.records):
            raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(name, int(place), prefix)

    def forget(self) -> None:
        """Lets every locator expire."""
        self._waiting.clear()

    def _page(self, name: str, place: int, prefix: str) -> dict[str, Any]:
        waiting = self._waiting[name]
        end = place + waiting.size
        page: dict[str, Any] = {"totalSize": len(waiting.records), "done": end >= len(waiting.records)}
        if not page["done"]:
            page["nextRecordsUrl"] = f"{prefix}/{name}-{end}"
        return page | {"records": list(waiting.records[place:end])}
