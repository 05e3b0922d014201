"""What is on disk of a sync when a run of it begins, read in one question: most runs find nothing to do."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.ports.remote import Cursor
from soroe.ports.store import RunId

from .connection import Database, Row
from .small_values import from_text

_BEGINNING = """
SELECT newest, is_open, t.id, t.side, t.container, t.cursor,
  EXISTS (SELECT 1 FROM series WHERE tree = t.id), EXISTS (SELECT 1 FROM item WHERE tree = t.id AND dirty = 1)
FROM (SELECT coalesce((SELECT max(id) FROM run), 0) AS newest,
  EXISTS (SELECT 1 FROM change WHERE sync = ?1 AND state = 'intended') AS is_open)
LEFT JOIN tree AS t ON t.sync = ?1
"""


@dataclass(slots=True)
class Beginning:
    """What a run finds; true until something is written, and then kept true by whoever writes it.

    `cursors` are those of the trees, by number; `newest_run` is the newest in History, whichever sync made it.
    """

    trees: list[Row]
    cursors: dict[int, Cursor | None]
    has_series: bool
    has_open_changes: bool
    nothing_waits: bool
    newest_run: RunId


def read_beginning(database: Database, sync: int) -> Beginning:
    """What there is of a sync now."""
    rows = database.rows(_BEGINNING, (sync,))
    trees = [row[2:] for row in rows if row[2] is not None]
    return Beginning(
        [tree[:3] for tree in trees],
        {tree[0]: None if tree[3] is None else Cursor(from_text(tree[3])) for tree in trees},
        has_series=1 in [tree[4] for tree in trees],
        has_open_changes=bool(rows[0][1]),
        nothing_waits=1 not in [tree[5] for tree in trees],
        newest_run=RunId(rows[0][0]),
    )
