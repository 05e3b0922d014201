"""The links: which two items are one meeting, and what both sides last agreed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from soroe.core.event import Ref, Side
from soroe.core.link import Baseline, Fingerprint, Link

from .connection import Row
from .memory import UNREAD, Place
from .rows import SyncRows
from .small_values import to_text, to_texts
from .trees import CALENDAR, CRM, SIDES, Trees

_PAGE = 1_000
_ALTER = "UPDATE link SET origin = ?, crm_base = ?, calendar_base = ? WHERE crm = ? AND calendar = ?"
_INSERT = """
INSERT INTO link (crm, calendar, sync, origin, crm_base, calendar_base) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_CRM = "SELECT id FROM item WHERE tree = ?1 AND ref = ?2"
_CALENDAR = "SELECT id FROM item WHERE tree = ?3 AND ref = ?4"
_ALTER_EACH = f"""
UPDATE link SET origin = ?6, crm_base = ?7, calendar_base = ?8
WHERE crm = ({_CRM}) AND calendar = ({_CALENDAR}) AND sync = ?5
"""  # noqa: S608 - constants
_FIND_ITEMS = """
SELECT a.id, b.id FROM item AS a CROSS JOIN item AS b ON a.tree = ?1 AND a.ref = ?2 AND b.tree = ?3 AND b.ref = ?4
"""
# In two statements, for a list of two ids costs as much again. Of a pair, the CRM's row is the one that is shown.
_SHOW_CRM = "UPDATE item SET shown = (body IS NOT NULL) WHERE id = ?"
_SHOW_CALENDAR = """
UPDATE item SET shown = (body IS NOT NULL AND (SELECT body IS NULL FROM item WHERE id = ?1)) WHERE id = ?2
"""

LINK_COLUMNS = "l.crm, l.origin, l.crm_base, l.calendar_base, a.tree, a.ref, b.tree, b.ref"
LINK_TABLES = "link AS l JOIN item AS a ON a.id = l.crm JOIN item AS b ON b.id = l.calendar"

_LINK_OF_CRM = f"SELECT {LINK_COLUMNS} FROM {LINK_TABLES} WHERE a.tree = ? AND a.ref = ?"  # noqa: S608 - constants
_LINK_OF_CALENDAR = f"SELECT {LINK_COLUMNS} FROM {LINK_TABLES} WHERE b.tree = ? AND b.ref = ?"  # noqa: S608 - constants


class LinkRows(SyncRows):
    """The links of the sync."""

    def link(self, side: Side, ref: Ref) -> Link | None:
        """The link of an item."""
        place = side is Side.CRM, ref.container, ref.id
        found = self._memory.links.get(place, UNREAD)
        if found is UNREAD:
            found = self._read_link(side, ref)
            if found is None:
                self._memory.keep_links({place: None})
            else:
                self.keep_links([found])
        return found

    def _read_link(self, side: Side, ref: Ref) -> Link | None:
        row = self._database.row(
            _LINK_OF_CRM if side is Side.CRM else _LINK_OF_CALENDAR,
            (self._trees.find(side, ref.container), to_text(ref.id)),
        )
        return to_link(row, self._trees) if row else None

    def links(self) -> Iterable[Link]:
        """All links, in the order of their CRM refs, read in pages as they are asked for."""
        for tree, side, _ in self._trees.in_order():
            if side is not Side.CRM:
                continue
            after: str | bytes = ""
            while page := self._database.rows(
                f"SELECT {LINK_COLUMNS} FROM item AS a CROSS JOIN link AS l ON l.crm = a.id "  # noqa: S608 - constants
                "JOIN item AS b ON b.id = l.calendar WHERE a.tree = ? AND a.ref > ? ORDER BY a.ref LIMIT ?",
                (tree, after, _PAGE),
            ):
                yield from (to_link(row, self._trees) for row in page)
                after = page[-1][5]

    def link_count(self) -> int:
        """How many links there are."""
        if self._memory.beginning is not None:
            return self._memory.beginning.links
        row = self._database.row("SELECT links FROM sync WHERE id = ?", (self._trees.sync(),))
        return int(row[0]) if row else 0

    def save_link(self, link: Link) -> None:
        """Keep a link; it replaces any other link of either item."""
        bases = _bases(link.baseline)
        origin = CRM if link.origin is Side.CRM else CALENDAR
        with self._database.whole():
            items = (self._make_item_id(Side.CRM, link.crm), self._make_item_id(Side.CALENDAR, link.calendar))
            if not self._database.run(_ALTER, (origin, *bases, *items)):
                values = (*items, self._trees.make_sync(), origin, *bases)
                if not self._database.run(_INSERT, values):
                    self._drop("crm = ? OR calendar = ?", items)
                    items = (self._make_item_id(Side.CRM, link.crm), self._make_item_id(Side.CALENDAR, link.calendar))
                    self._database.run(_INSERT, (*items, *values[2:]))
                self._show([items])
                self._count(1)
        self.keep_links([link])

    def save_links(self, links: Sequence[Link]) -> None:
        """Keep many links, no two of one item."""
        if not links:
            return
        known: list[Row] = []
        new: list[Row] = []
        with self._database.whole():
            for link, row in zip(links, self._link_rows(links), strict=True):
                (known if self._memory.links.get((True, link.crm.container, link.crm.id)) else new).append(row)
            altered = self._database.run_each(_ALTER_EACH, known) if known else 0
            made = self._insert(new) if new else 0
            if altered != len(known) or made != len(new):  # some replace others, or join items never seen
                for link in links:
                    self.save_link(link)
        self.keep_links(links)

    def _insert(self, rows: Sequence[Row]) -> int:
        """Write new links, and return how many there was room for; to be told which would take as long again."""
        items = self._database.rows_of_each(_FIND_ITEMS, [row[:4] for row in rows])
        if len(items) != len(rows):
            return 0
        made = self._database.run_each(_INSERT, [(*ids, *row[4:]) for ids, row in zip(items, rows, strict=True)])
        self._show(items)
        self._count(made)
        return made

    def _show(self, items: Sequence[Row]) -> None:
        """Show the rows of these pairs as one each."""
        self._database.run_each(_SHOW_CRM, [(crm,) for crm, _ in items])
        self._database.run_each(_SHOW_CALENDAR, items)

    def _link_rows(self, links: Sequence[Link]) -> list[Row]:
        crm = self._trees.make_all(Side.CRM, [link.crm for link in links])
        calendar = self._trees.make_all(Side.CALENDAR, [link.calendar for link in links])
        crm_ids = to_texts([link.crm.id for link in links])
        calendar_ids = to_texts([link.calendar.id for link in links])
        sync = self._trees.make_sync()
        return [
            (
                crm[link.crm.container],
                crm_id,
                calendar[link.calendar.container],
                calendar_id,
                sync,
                CRM if link.origin is Side.CRM else CALENDAR,
                *_bases(link.baseline),
            )
            for link, crm_id, calendar_id in zip(links, crm_ids, calendar_ids, strict=True)
        ]

    def keep_links(self, links: Iterable[Link]) -> None:
        """Remember links that were read, or have just been written."""
        found: dict[Place, Link | None] = {}
        for link in links:
            found[True, link.crm.container, link.crm.id] = link
            found[False, link.calendar.container, link.calendar.id] = link
        self._memory.keep_links(found)

    def drop_link(self, link: Link) -> None:
        """Forget a link."""
        crm = self._trees.find(Side.CRM, link.crm.container)
        calendar = self._trees.find(Side.CALENDAR, link.calendar.container)
        with self._database.whole():
            self._drop(
                "crm = (SELECT id FROM item WHERE tree = ? AND ref = ?) "
                "AND calendar = (SELECT id FROM item WHERE tree = ? AND ref = ?)",
                (crm, to_text(link.crm.id), calendar, to_text(link.calendar.id)),
            )

    def _drop(self, which: str, values: Sequence[object]) -> int:
        links = self._database.rows(f"SELECT crm, calendar FROM link WHERE {which}", values)  # noqa: S608 - constants
        if links:
            self._memory.forget_links()
        for crm, calendar in links:
            self._database.run("DELETE FROM link WHERE crm = ?", (crm,))
            for item, alone in ((crm, 2), (calendar, 3)):
                self._database.run(
                    "UPDATE item SET shown = CASE presence WHEN 1 THEN ? ELSE 0 END WHERE id = ?", (alone, item)
                )
                self._database.run("DELETE FROM item WHERE id = ? AND presence = 0 AND dirty = 0", (item,))
            self._count(-1)
        return len(links)

    def _count(self, change: int) -> None:
        if self._memory.beginning is not None:
            self._memory.beginning.links += change
        self._database.run("UPDATE sync SET links = links + ? WHERE id = ?", (change, self._trees.sync()))


def _bases(baseline: Baseline) -> tuple[bytes, bytes | str | None]:
    """Both sides' digests as two columns: calendars mostly say all that the CRM says, and whether guests may change
    it, so that a link need not keep most of it twice."""
    crm, calendar = baseline.crm.digests, baseline.calendar.digests
    if calendar == crm:
        return crm, None
    return crm, calendar[len(crm) :].hex() if calendar.startswith(crm) else calendar


def _baseline(crm: bytes, calendar: bytes | str | None) -> Baseline:
    """The baseline of the two columns of `_bases`."""
    if isinstance(calendar, str):
        calendar = crm + bytes.fromhex(calendar)
    return Baseline(Fingerprint(crm), Fingerprint(crm if calendar is None else calendar))


def to_link(row: Row, trees: Trees) -> Link:
    """The link of a row of `LINK_COLUMNS`."""
    _, origin, crm_base, calendar_base, crm_tree, crm_ref, calendar_tree, calendar_ref = row
    return Link(
        trees.ref(crm_tree, crm_ref),
        trees.ref(calendar_tree, calendar_ref),
        _baseline(crm_base, calendar_base),
        SIDES[origin],
    )
