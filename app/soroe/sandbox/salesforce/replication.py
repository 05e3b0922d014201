"""Which records changed, and which were deleted, between two times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.salesforce.org import IN_BIN, Org, User
from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.values import Values, read_instant, shown

_UPDATED_BACK = timedelta(days=30)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, both included."""

    start: datetime
    end: datetime


class Replication:
    """Answers `updated` and `deleted`.

    The start goes to its minute, lies more than a minute before the end and at most 30 days back; deletions are told
    for 15 days. `most_ids` is what one answer may bring; `purged_until` is where an emptied recycle bin begins again;
    `open_since` is when a transaction began that is still open, which moves the time that is covered back.
    """

    def __init__(self, org: Org, clock: Callable[[], datetime]) -> None:
        self.most_ids = 600_000
        self.purged_until: datetime | None = None
        self.open_since: datetime | None = None
        self._org = org
        self._clock = clock

    def updated(self, user: User, kind: str, start: str | None, end: str | None) -> dict[str, Any]:
        span = self._span(start, end)
        found = [row for row in self._org.rows(kind) if self._within(row, span) and self._org.sees(user, row)]
        self._check_size(found)
        ids = [row["Id"] for row in sorted(found, key=lambda row: row["SystemModstamp"])]
        return {"ids": ids, "latestDateCovered": shown(self._covered(span))}

    def deleted(self, user: User, kind: str, start: str | None, end: str | None) -> dict[str, Any]:
        span = self._span(start, end)
        earliest = self._earliest()
        rows = [row for row in self._org.rows(kind, with_bin=True) if row["IsDeleted"] and self._within(row, span)]
        found = [row for row in rows if row["SystemModstamp"] >= earliest and self._org.sees(user, row)]
        self._check_size(found)
        records = [{"id": row["Id"], "deletedDate": shown(row["SystemModstamp"])} for row in found]
        return {
            "deletedRecords": records,
            "earliestDateAvailable": shown(earliest),
            "latestDateCovered": shown(self._covered(span)),
        }

    def _earliest(self) -> datetime:
        earliest = max(self._org.created, self._clock() - IN_BIN)
        return _minute(max(earliest, self.purged_until) if self.purged_until is not None else earliest)

    def _span(self, start: str | None, end: str | None) -> Span:
        first, last = read_instant(start or ""), read_instant(end or "")
        if first is None or last is None:
            raise Refusal("MALFORMED_QUERY", "start and end are needed as YYYY-MM-DDThh:mm:ss with an offset")
        first = _minute(first)
        if _minute(last) - first <= _MINUTE:
            message = "startDate must precede endDate by more than one minute"
            raise Refusal("INVALID_REPLICATION_DATE", message)
        if first < self._clock() - _UPDATED_BACK:
            raise Refusal("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
        if first < self._org.created:
            raise Refusal("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
        return Span(first, last)

    def _within(self, row: Values, span: Span) -> bool:
        stamp: datetime = row["SystemModstamp"]
        return span.start <= stamp <= span.end

    def _covered(self, span: Span) -> datetime:
        covered = min(span.end, self._clock())
        return _minute(min(covered, self.open_since) if self.open_since is not None else covered)

    def _check_size(self, found: list[Values]) -> None:
        if len(found) > self.most_ids:
            raise Refusal("EXCEEDED_ID_LIMIT", "The interval has too many records: choose a narrower one")


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
