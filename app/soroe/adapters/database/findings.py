"""Findings, what people dismissed, and what they chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from soroe.core.event import Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingId, FindingKind, Severity
from soroe.ports.store import Choice

from .connection import Row
from .content_codec import from_ref, must_ref, to_ref
from .memory import Place, place_of
from .rows import SyncRows
from .small_values import dump, from_micros, load, padded, to_micros, to_text, to_texts, trimmed
from .trees import decoded

STANDING = (
    "SELECT f.id, f.body, f.sync FROM finding AS f "
    "WHERE NOT EXISTS (SELECT 1 FROM dismissal AS d WHERE d.sync = f.sync AND d.code = f.code)"
)
"""The findings that were not dismissed."""

_DELETES = (
    (Side.CRM, "DELETE FROM finding WHERE crm_tree = ? AND crm_ref = ?"),
    (Side.CALENDAR, "DELETE FROM finding WHERE calendar_tree = ? AND calendar_ref = ?"),
)
_ABOUT_ITEMS = "SELECT 1 FROM finding WHERE sync = ? AND (crm_tree IS NOT NULL OR calendar_tree IS NOT NULL) LIMIT 1"


class FindingRows(SyncRows):
    """The findings of the sync, with dismissals and choices."""

    def set_findings(self, items: Sequence[tuple[Side, Ref]], findings: Sequence[Finding]) -> None:
        """Replace all findings about these items (as `crm` or `calendar` of the finding) by these."""
        with self._database.whole():
            if self.has_item_findings():
                for side, delete in _DELETES:
                    refs = [ref for about, ref in items if about is side]
                    for tree, some in self._trees.by_tree(side, refs).items():
                        self._database.run_each(delete, [(tree, ref) for ref in to_texts([ref.id for ref in some])])
            self._insert_findings(findings)

    def has_item_findings(self) -> bool:
        """Whether there is a finding about any item; during a run it is asked once where there is none."""
        if self._memory.has_no_findings:
            return False
        found = self._database.row(_ABOUT_ITEMS, (self._trees.sync(),))
        if found is None:
            self._memory.keep_no_findings()
        return found is not None

    def set_sync_findings(self, findings: Sequence[Finding]) -> None:
        """Replace the findings about the sync as a whole (those without an item) by these."""
        with self._database.whole():
            self._database.run(
                "DELETE FROM finding WHERE sync = ? AND crm_tree IS NULL AND calendar_tree IS NULL",
                (self._trees.sync(),),
            )
            self._insert_findings(findings)

    def findings(self) -> Sequence[Finding]:
        """All findings that were not dismissed, ordered by kind and id."""
        rows = self._database.rows(f"{STANDING} AND f.sync = ? ORDER BY f.kind, f.code", (self._trees.sync(),))
        return [to_finding(row) for row in rows]

    def finding_count(self) -> int:
        """How many findings there are that were not dismissed."""
        row = self._database.row(f"SELECT count(*) FROM ({STANDING} AND f.sync = ?)", (self._trees.sync(),))  # noqa: S608 - a constant
        return int(row[0]) if row else 0

    def dismiss(self, finding: FindingId, at: datetime) -> None:
        """Hide a finding for good."""
        with self._database.whole():
            self._database.run(
                "INSERT INTO dismissal (sync, code, at) VALUES (?, ?, ?) "
                "ON CONFLICT (sync, code) DO UPDATE SET at = excluded.at",
                (self._trees.make_sync(), finding, to_micros(at)),
            )

    def is_dismissed(self, finding: FindingId) -> bool:
        """Whether it was hidden for good."""
        row = self._database.row("SELECT 1 FROM dismissal WHERE sync = ? AND code = ?", (self._trees.sync(), finding))
        return row is not None

    def undismiss(self, finding: FindingId) -> None:
        """Show it again."""
        self._database.run("DELETE FROM dismissal WHERE sync = ? AND code = ?", (self._trees.sync(), finding))

    def choice(self, side: Side, ref: Ref) -> Choice | None:
        """What a person decided about an item."""
        choices = self._memory.choices
        if choices is None:
            choices = self._read_choices(side, ref)
        return choices.get((side is Side.CRM, ref.container, ref.id))

    def _read_choices(self, side: Side, ref: Ref) -> dict[Place, Choice]:
        """The choice about this item; during a run, of which they are remembered, all choices of the sync."""
        values: list[Any]
        if self._memory.remembers:
            which, values = "tree IN (SELECT id FROM tree WHERE sync = ?)", [self._trees.sync()]
        else:
            which, values = "tree = ? AND ref = ?", [self._trees.find(side, ref.container), to_text(ref.id)]
        found: dict[Place, Choice] = {}
        for row in self._database.rows(f"SELECT tree, ref, action, at FROM choice WHERE {which}", values):  # noqa: S608 - constants
            place, about = self._trees.place(row[0])[0], self._trees.ref(row[0], row[1])
            found[place_of(place, about)] = decoded(
                "choice", row, lambda values: Choice(FindingAction(values[2]), from_micros(values[3]))
            )
        self._memory.keep_choices(found)
        return found

    def has_choices(self) -> bool:
        """Whether a person has decided about any item at all."""
        choices = self._memory.choices
        if choices is not None:
            return bool(choices)
        which = "SELECT 1 FROM choice WHERE tree IN (SELECT id FROM tree WHERE sync = ?) LIMIT 1"
        found = self._database.row(which, (self._trees.sync(),)) is not None
        if not found:
            self._memory.keep_choices({})
        return found

    def choose(self, side: Side, ref: Ref, choice: Choice | None) -> None:
        """Keep, or with None drop, a decision about an item."""
        if choice is None and self.choice(side, ref) is None:
            return
        self._memory.choices = None
        with self._database.whole():
            place = (self._trees.make(side, ref.container), to_text(ref.id))
            if choice is None:
                self._database.run("DELETE FROM choice WHERE tree = ? AND ref = ?", place)
                return
            self._database.run(
                "INSERT INTO choice (tree, ref, action, at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (tree, ref) DO UPDATE SET action = excluded.action, at = excluded.at",
                (*place, choice.action.value, to_micros(choice.at)),
            )

    def _insert_findings(self, findings: Sequence[Finding]) -> None:
        if not findings:
            return
        self._memory.has_no_findings = False
        sync = self._trees.make_sync()
        self._database.run_each(
            "INSERT INTO finding (sync, code, kind, crm_tree, crm_ref, calendar_tree, calendar_ref, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sync, code) DO UPDATE SET body = excluded.body",
            [
                (
                    sync,
                    finding.id,
                    finding.kind.value,
                    *self._split(Side.CRM, finding.crm),
                    *self._split(Side.CALENDAR, finding.calendar),
                    _to_body(finding),
                )
                for finding in findings
            ],
        )


def to_finding(row: Row) -> Finding:
    """The finding of a row of `STANDING`."""
    return decoded("finding", row, lambda values: _from_body(values[1]))


def _to_body(finding: Finding) -> bytes:
    return dump(
        trimmed(
            [
                finding.kind.value,
                finding.rule,
                finding.severity.value,
                finding.cause,
                to_ref(finding.crm),
                to_ref(finding.calendar),
                [[side.value, to_ref(ref)] for side, ref in finding.others] or 0,
                list(finding.fields) or 0,
                [list(pair) for pair in finding.numbers] or 0,
                [action.value for action in finding.actions] or 0,
                finding.service_message or 0,
                finding.account or 0,
            ]
        )
    )


def _from_body(body: bytes) -> Finding:
    kind, rule, severity, cause, crm, calendar, others, fields, numbers, actions, message, account = padded(
        load(body), 12
    )
    return Finding(
        FindingKind(kind),
        rule,
        Severity(severity),
        cause,
        from_ref(crm),
        from_ref(calendar),
        tuple((Side(side), must_ref(ref)) for side, ref in others or ()),
        tuple(fields or ()),
        tuple((name, number) for name, number in numbers or ()),
        tuple(FindingAction(action) for action in actions or ()),
        message or "",
        account or "",
    )
