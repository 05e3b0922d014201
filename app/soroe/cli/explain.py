"""`soroe explain`: why an item is, or is not, synced, after which rule, and what would change it (S-9)."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from soroe.core.event import ObservedItem, Ref, Side
from soroe.core.finding import Finding
from soroe.core.plan import Action, Why
from soroe.core.route import SyncName
from soroe.engine.accounts import AccountTrouble
from soroe.engine.explain import Explanation, explain
from soroe.ports.errors import PortError
from soroe.ports.reading import Filters, MeetingRow, Reading, SortKey
from soroe.ports.store import JournalEntry
from soroe.settings.model import SyncSettings
from soroe.ui.texts import (
    action_line,
    explanation,
    finding_words,
    side_by_side,
    side_name,
    standing,
    standing_name,
    times,
    verb_words,
)

from .console import table
from .context import Answer, Context
from .exits import CommandError
from .items import item_document, utc
from .usage import Words

MOST_NAMED = 10
MOST_LOOKED_AT = 1000
"""Items with the wanted words among which one with exactly that title is looked for."""


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe explain ITEM [--sync NAME]`."""
    parser.add_argument("item", metavar="ITEM", help=texts("cli.arg.item"))
    parser.add_argument("--sync", metavar="NAME", help=texts("cli.arg.sync"))


@dataclass(frozen=True, slots=True)
class Told:
    """What can be said of one item; `pending` is what the next run would do, where that is known."""

    sync: SyncName
    side: Side
    ref: Ref
    crm: ObservedItem | None
    calendar: ObservedItem | None
    crm_ref: Ref | None
    calendar_ref: Ref | None
    why: Why | None
    pending: tuple[Action, ...]
    findings: tuple[Finding, ...]
    last: JournalEntry | None


def run(context: Context) -> Answer:
    """Explain the item with this id on either side, or the one whose title has these words."""
    told = the_item(context, context.arguments.item, context.arguments.sync)
    documents = [_document(context, one) for one in told]
    lines = [line for one in told for line in _lines(context, one)]
    return Answer({**documents[0], "also": documents[1:]}, lines)


def the_item(context: Context, wanted: str, sync: str | None) -> list[Told]:
    """What each sync, or the one named, knows of the item with this id or with these words in its title."""
    syncs = context.syncs(sync)
    told = _by_id(context, syncs, wanted)
    if not told:
        row = _by_title(context, syncs, wanted)
        told = _by_id(context, syncs, _id_of(row))
    if not told:
        raise CommandError("no_such_item", item=wanted)
    return told


def _id_of(row: MeetingRow) -> str:
    ref = row.crm or row.calendar
    return ref.id if ref is not None else ""


def _by_id(context: Context, syncs: Sequence[SyncSettings], item: str) -> list[Told]:
    """What each sync knows of an item with this id; most often one of them does."""
    with context.desk() as desk, closing(context.program.open_reading()) as reading:
        found: list[Told] = []
        for sync in syncs:
            try:
                known = explain(desk.open(sync.name), item)
                told = None if known is None else _of(sync.name, known, reading)
            except (AccountTrouble, PortError):  # the services are away: what is known here still explains it
                told = _from_here(sync.name, item, reading)
            found += [told] if told is not None else []
        return found


def _of(sync: SyncName, known: Explanation, reading: Reading) -> Told:
    link = known.link
    crm_ref = link.crm if link else known.ref if known.side is Side.CRM else None
    calendar_ref = link.calendar if link else known.ref if known.side is Side.CALENDAR else None
    standing_findings = _findings(sync, crm_ref, calendar_ref, reading)
    return Told(
        sync, known.side, known.ref, known.crm, known.calendar, crm_ref, calendar_ref, known.why,
        known.next.actions, standing_findings or known.next.findings, known.last,
    )  # fmt: skip # short values, several a line


def _from_here(sync: SyncName, item: str, reading: Reading) -> Told | None:
    for row in reading.meetings(Filters(sync), SortKey.START, descending=False, offset=0, limit=1_000_000).rows:
        for side, ref in ((Side.CRM, row.crm), (Side.CALENDAR, row.calendar)):
            if ref is not None and ref.id == item:
                both = reading.both_sides(sync, side, ref)
                findings = _findings(sync, row.crm, row.calendar, reading)
                return Told(
                    sync, side, ref, both.crm, both.calendar, row.crm, row.calendar, both.why, (), findings, None
                )
    return None


def _findings(sync: SyncName, crm: Ref | None, calendar: Ref | None, reading: Reading) -> tuple[Finding, ...]:
    about = {(side, ref) for side, ref in ((Side.CRM, crm), (Side.CALENDAR, calendar)) if ref is not None}
    return tuple(finding for _, finding in reading.findings(sync) if about & _members(finding))


def _members(finding: Finding) -> set[tuple[Side, Ref]]:
    own = {(side, ref) for side, ref in ((Side.CRM, finding.crm), (Side.CALENDAR, finding.calendar)) if ref is not None}
    return own | set(finding.others)


def _by_title(context: Context, syncs: Sequence[SyncSettings], words: str) -> MeetingRow:
    with closing(context.program.open_reading()) as reading:
        pages = [
            reading.meetings(
                Filters(sync.name, text=words), SortKey.START, descending=False, offset=0, limit=MOST_LOOKED_AT
            )
            for sync in syncs
        ]
    rows = [row for page in pages for row in page.rows]
    rows = [row for row in rows if row.title == words] or rows
    if not rows:
        raise CommandError("no_such_item", item=words)
    if len(rows) == 1:
        return rows[0]
    listed = [f"  {line}" for line in table([[_id_of(row), row.title] for row in rows[:MOST_NAMED]])]
    more = len(rows) - MOST_NAMED + sum(page.total - len(page.rows) for page in pages)
    listed += [context.texts("cli.error.several_items.more", n=context.texts.number(more))] if more > 0 else []
    raise CommandError("several_items", item=words, items="\n".join(listed))


def _document(context: Context, told: Told) -> dict[str, object]:
    texts, zone = context.texts, context.zone
    return {
        "sync": told.sync,
        "side": told.side.value,
        "item": told.ref.id,
        "crm": item_document(told.crm_ref, told.crm, zone),
        "calendar": item_document(told.calendar_ref, told.calendar, zone),
        "linked": told.crm_ref is not None and told.calendar_ref is not None,
        "standing": standing(told.why).value,
        "reason": told.why.value if told.why is not None else None,
        "words": explanation(texts, told.why),
        "rules": sorted({finding.rule for finding in told.findings if finding.rule}),
        "findings": [_finding(context, finding) for finding in told.findings],
        "next": [
            {"side": action.side.value, "verb": action.verb.value, "reason": action.why.value}
            for action in told.pending
        ],
        "last_change": _last(told.last),
    }


def _finding(context: Context, finding: Finding) -> dict[str, object]:
    words = finding_words(context.texts, finding)
    return {
        "id": finding.id, "kind": finding.kind.value, "rule": finding.rule, "cause": finding.cause,
        "what": words.what, "why": words.why, "actions": [action.value for action in finding.actions],
    }  # fmt: skip # short values, several a line


def _last(entry: JournalEntry | None) -> dict[str, object] | None:
    if entry is None:
        return None
    return {
        "run": int(entry.run), "change": int(entry.id), "at": utc(entry.at), "verb": entry.verb.value,
        "side": entry.side.value, "reason": entry.why.value, "state": entry.state.value,
    }  # fmt: skip # short values, several a line


def _lines(context: Context, told: Told) -> list[str]:
    texts = context.texts
    crm, calendar = (item.content if item else None for item in (told.crm, told.calendar))
    pairs = side_by_side(texts, crm, calendar, context.now, context.zone)
    missing = texts("value.not_there")
    rows = [
        ["", side_name(texts, Side.CRM), side_name(texts, Side.CALENDAR)],
        ["", told.crm_ref.id if told.crm_ref else missing, told.calendar_ref.id if told.calendar_ref else missing],
        *([pair.name, pair.left.replace("\n", " "), pair.right.replace("\n", " ")] for pair in pairs),
    ]
    lines = [f"{standing_name(texts, standing(told.why))} · {told.sync}", *table(rows), explanation(texts, told.why)]
    for finding in told.findings:
        words = finding_words(texts, finding)
        lines.append(f"{finding.id}  {words.kind}: {words.what} {words.why} {words.rule}".rstrip())
    lines += [texts("cli.explain.next", action=action_line(texts, action)) for action in told.pending]
    if told.last is not None:
        at = times.moment(texts, told.last.at, context.now, context.zone)
        lines.append(texts("cli.explain.last", what=verb_words(texts, told.last.verb, told.last.side), moment=at))
    return lines
