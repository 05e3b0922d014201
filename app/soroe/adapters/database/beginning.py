"""What is on disk of a sync when a run of it begins, read in one question: most runs find nothing to do."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.ports.remote import Cursor
from soroe.ports.store import RunId

from .connection import Database, Row
from .small_values import from_text

_BEGINNING = """
SELECT newest, is_open, is_found, links, t.id, t.side, t.container, t.cursor,
  EXISTS (SELECT 1 FROM series WHERE tree = t.id), EXISTS (SELECT 1 FROM item WHERE tree = t.id AND dirty = 1),
  EXISTS (SELECT 1 FROM choice WHERE tree = t.id)
FROM (SELECT coalesce((SELECT max(id) FROM run), 0) AS newest,
  EXISTS (SELECT 1 FROM change WHERE sync = ?1 AND state = 'intended') AS is_open,
  EXISTS (SELECT 1 FROM finding WHERE sync = ?1 AND (crm_tree IS NOT NULL OR calendar_tree IS NOT NULL)) AS is_found,
  (SELECT links FROM sync WHERE id = ?1) AS links)
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
    has_item_findings: bool
    has_choices: bool
    links: int


def read_beginning(database: Database, sync: int) -> Beginning:
    """What there is of a sync now."""
    rows = database.rows(_BEGINNING, (sync,))
    newest, is_open, is_found, links = rows[0][:4]
    trees = [row[4:] for row in rows if row[4] is not None]
    return Beginning(
        [tree[:3] for tree in trees],
        {tree[0]: None if tree[3] is None else Cursor(from_text(tree[3])) for tree in trees},
        has_series=1 in [tree[4] for tree in trees],
        has_open_changes=bool(is_open),
        nothing_waits=1 not in [tree[5] for tree in trees],
        newest_run=RunId(newest),
        has_item_findings=bool(is_found),
        has_choices=1 in [tree[6] for tree in trees],
        links=links,
    )
