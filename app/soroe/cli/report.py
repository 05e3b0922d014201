"""Runs and findings as documents: one shape for `sync --once --json` and `demo --json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from soroe.core.event import ObservedItem, Ref, Side
from soroe.core.finding import Finding, FindingKind
from soroe.core.route import SyncName
from soroe.engine.accounts import health_fact, read_health
from soroe.engine.connection_findings import connection_finding
from soroe.ports.reading import BothSides, Reading
from soroe.ports.store import RunRecord
from soroe.settings.model import SyncSettings
from soroe.ui.texts import Texts, finding_words

from .items import item_document, utc

Found = tuple[SyncName, Finding]


def document(runs: Sequence[RunRecord], findings: Sequence[Mapping[str, object]], converged: bool) -> dict[str, object]:
    """The shared shape; `findings` come from `finding_documents`."""
    return {"runs": [run_document(run) for run in runs], "findings": list(findings), "converged": converged}


def run_document(run: RunRecord) -> dict[str, object]:
    """One run; counts of writes are per side."""
    return {
        "id": int(run.id),
        "sync": run.sync,
        "kind": run.kind.value,
        "started": utc(run.started),
        "finished": utc(run.finished),
        "created": _sides(run.created),
        "updated": _sides(run.updated),
        "deleted": _sides(run.deleted),
        "linked": run.linked,
        "conflicts": run.conflicts,
        "failed": run.failed,
        "held": run.held,
        "requests": run.requests,
        "seconds": round(run.seconds, 3),
        "trouble": run.trouble,
        "undone": run.undone,
    }


def _sides(pair: tuple[int, int]) -> dict[str, int]:
    return {"crm": pair[0], "calendar": pair[1]}


def findings_of(reading: Reading, syncs: Sequence[SyncSettings], kind: FindingKind | None = None) -> list[Found]:
    """The findings of these syncs, of one kind or of all; accounts in error first, each once."""
    names = {sync.name for sync in syncs}
    found = [*_connections(reading, syncs), *(pair for pair in reading.findings() if pair[0] in names)]
    return [(name, finding) for name, finding in found if kind is None or finding.kind is kind]


def _connections(reading: Reading, syncs: Sequence[SyncSettings]) -> list[Found]:
    found: dict[str, Found] = {}
    for sync in syncs:
        for account in (sync.crm, sync.calendar):
            finding = connection_finding(account, read_health(reading.fact(health_fact(account))))
            if finding is not None:
                found.setdefault(account, (sync.name, finding))
    return list(found.values())


def finding_documents(found: Sequence[Found], reading: Reading, texts: Texts, zone: tzinfo) -> list[dict[str, object]]:
    """Findings as JSON, with both sides' titles and times, and with the words that the window uses."""
    return [_finding(name, finding, reading, texts, zone) for name, finding in found]


def _finding(name: SyncName, finding: Finding, reading: Reading, texts: Texts, zone: tzinfo) -> dict[str, object]:
    sides = sides_of(name, finding, reading)
    words = finding_words(texts, finding)
    return {
        "id": finding.id,
        "sync": name,
        "kind": finding.kind.value,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "cause": finding.cause,
        "crm": item_document(finding.crm, sides.crm, zone),
        "calendar": item_document(finding.calendar, sides.calendar, zone),
        "others": [_other(name, side, ref, reading, zone) for side, ref in finding.others],
        "fields": list(finding.fields),
        "numbers": dict(finding.numbers),
        "account": finding.account,
        "actions": [action.value for action in finding.actions],
        "what": words.what,
        "why": words.why,
    }


def _other(name: SyncName, side: Side, ref: Ref, reading: Reading, zone: tzinfo) -> dict[str, object]:
    item = _item(reading.both_sides(name, side, ref), side)
    return {"side": side.value, **(item_document(ref, item, zone) or {})}


def sides_of(name: SyncName, finding: Finding, reading: Reading) -> BothSides:
    """What both sides show of the items that a finding is about."""
    if finding.calendar is not None:
        return reading.both_sides(name, Side.CALENDAR, finding.calendar)
    if finding.crm is not None:
        return reading.both_sides(name, Side.CRM, finding.crm)
    return BothSides(None, None, None, None)


def _item(sides: BothSides, side: Side) -> ObservedItem | None:
    return sides.crm if side is Side.CRM else sides.calendar
