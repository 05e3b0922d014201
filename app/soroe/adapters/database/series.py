"""Series as the feeds tell them: master, exceptions, cancelled occurrences."""

from __future__ import annotations

from collections.abc import Sequence

from soroe.core.event import Ref, Seen, Side, Tombstone

from .content_codec import from_seen, to_seen
from .rows import SyncRows
from .small_values import to_text
from .trees import SIDE_NUMBERS, decoded


class SeriesRows(SyncRows):
    """The parts of series of both sides."""

    def series_parts(self, side: Side, series: Ref) -> Sequence[Seen]:
        """Master and exceptions of one series as they were last told: the master first, the rest by their ids."""
        rows = self._database.rows(
            "SELECT p.id, p.body FROM series_part AS p JOIN series AS s ON s.id = p.series "
            "WHERE s.tree = ? AND s.ref = ? ORDER BY p.ref <> s.ref, p.ref",
            (self._trees.find(side, series.container), to_text(series.id)),
        )
        return [decoded("series_part", row, lambda values: from_seen(values[1], self._words)) for row in rows]

    def put_series_part(self, side: Side, series: Ref, part: Seen) -> None:
        """Keep one part; a `Tombstone` without occurrence for the series itself drops all parts."""
        if self._memory.beginning is not None:
            self._memory.beginning.has_series = True
        tree = self._trees.make(side, series.container)
        place = (tree, to_text(series.id))
        with self._database.whole():
            if isinstance(part, Tombstone) and part.occurrence is None and part.ref == series:
                found = "SELECT id FROM series WHERE tree = ? AND ref = ?"
                self._database.run(f"DELETE FROM series_part WHERE series = ({found})", place)  # noqa: S608 - a constant
                self._database.run("DELETE FROM series WHERE tree = ? AND ref = ?", place)
                return
            self._database.run("INSERT INTO series (tree, ref) VALUES (?, ?) ON CONFLICT DO NOTHING", place)
            self._database.run(
                "INSERT INTO series_part (series, ref, body) "
                "SELECT id, ?3, ?4 FROM series WHERE tree = ?1 AND ref = ?2 "
                "ON CONFLICT (series, ref) DO UPDATE SET body = excluded.body",
                (*place, to_text(part.ref.id), to_seen(part, self._words)),
            )

    def all_series(self, side: Side) -> Sequence[Ref]:
        """All series of a side, in the order of their refs."""
        if self._memory.beginning is not None and not self._memory.beginning.has_series:
            return []
        rows = self._database.rows(
            "SELECT s.tree, s.ref FROM series AS s JOIN tree AS t ON t.id = s.tree WHERE t.sync = ? AND t.side = ?",
            (self._trees.sync(), SIDE_NUMBERS[side]),
        )
        return sorted(self._trees.ref(tree, ref) for tree, ref in rows)
