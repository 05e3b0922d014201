"""`soroe history`: runs, the changes of one run, and deleted items that can be restored."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import closing
from datetime import timedelta

from soroe.core.event import EventContent
from soroe.ports.reading import Reading
from soroe.ports.store import JournalEntry, RunId, RunRecord
from soroe.ui.texts import change_state, field_name, run_kind, run_report, side_by_side, times, verb_words, why_sentence

from .console import table
from .context import Answer, Context
from .exits import CommandError
from .items import content_document, item_document, title_cell, utc, when_cell
from .report import run_document
from .usage import Words

RESTORABLE = timedelta(days=30)
MOST_RUNS = 100_000


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe history [RUN] [--sync NAME] [--limit N] [--deleted]`."""
    parser.add_argument("run", nargs="?", type=int, metavar="RUN", help=texts("cli.arg.run_to_show"))
    parser.add_argument("--sync", metavar="NAME", help=texts("cli.arg.sync"))
    parser.add_argument("--limit", type=int, default=20, metavar="N", help=texts("cli.arg.limit"))
    parser.add_argument("--deleted", action="store_true", help=texts("cli.arg.deleted"))


def run(context: Context) -> Answer:
    """List the newest runs, or tell one run's changes, or what was deleted."""
    asked = context.arguments
    if asked.limit < 1:
        raise CommandError("bad_limit")
    with closing(context.program.open_reading()) as reading:
        if asked.deleted:
            return _deleted(context, reading)
        if asked.run is not None:
            return _one(context, reading, find_run(reading, asked.run))
        sync = context.sync(asked.sync).name if asked.sync else None
        runs = list(reading.runs(0, MOST_RUNS if sync else min(asked.limit, MOST_RUNS)))
        runs = [record for record in runs if sync is None or record.sync == sync][: asked.limit]
    lines = table([_row(context, record) for record in runs])
    return Answer({"runs": [run_document(record) for record in runs]}, lines or [context.texts("history.empty.title")])


def find_run(reading: Reading, number: int) -> RunRecord:
    """The run of that number."""
    found = next((record for record in reading.runs(0, MOST_RUNS) if record.id == number), None)
    if found is None:
        raise CommandError("no_such_run", run=str(number))
    return found


def _row(context: Context, record: RunRecord) -> list[str]:
    texts = context.texts
    undone = texts("run.undone") if record.undone else ""
    report = run_report(texts, record)
    at = times.moment(texts, record.started, context.now, context.zone)
    words = texts.listed([report, undone]) if undone else report
    return [str(record.id), at, record.sync, run_kind(texts, record.kind), words]


def _one(context: Context, reading: Reading, record: RunRecord) -> Answer:
    changes = reading.changes(RunId(record.id))
    lines = table([_row(context, record)])
    seen = [change for change in changes if not change.is_mark]
    for change in seen:
        lines += _change_lines(context, change)
    if not seen:
        lines.append(context.texts("history.no_changes"))
    documents = [change_document(context, change) for change in changes]
    return Answer({"runs": [{**run_document(record), "changes": documents}]}, lines)


def change_document(context: Context, change: JournalEntry) -> dict[str, object]:
    """One change with what stood there before and after it."""
    return {
        "id": int(change.id),
        "run": int(change.run),
        "at": utc(change.at),
        "side": change.side.value,
        "verb": change.verb.value,
        "reason": change.why.value,
        "words": why_sentence(context.texts, change.why),
        "state": change.state.value,
        "error": change.error,
        "fields": list(change.fields),
        "source": item_document(change.source, None, context.zone),
        "target": item_document(change.target, None, context.zone),
        "before": _content(context, change.before),
        "after": _content(context, change.after),
    }


def _content(context: Context, content: EventContent | None) -> dict[str, object] | None:
    if content is None:
        return None
    pairs = side_by_side(context.texts, content, None, context.now, context.zone)
    return {**content_document(content, context.zone), "fields": {pair.field.value: pair.left for pair in pairs}}


def _change_lines(context: Context, change: JournalEntry) -> list[str]:
    texts = context.texts
    content = change.after or change.before
    head = [
        f"  {verb_words(texts, change.verb, change.side)}",
        change_state(texts, change.state),
        when_cell(texts, content, context.now, context.zone),
        title_cell(content),
        why_sentence(texts, change.why),
    ]
    pairs = side_by_side(texts, change.before, change.after, context.now, context.zone)
    rows = [
        [
            f"      {field_name(texts, pair.field.value)}",
            pair.left.replace("\n", " "),
            "→",
            pair.right.replace("\n", " "),
        ]
        for pair in pairs
        if pair.differs
    ]
    return ["  ".join(part for part in head if part), *table(rows)]


def _deleted(context: Context, reading: Reading) -> Answer:
    texts = context.texts
    items = reading.deleted_items(context.now - RESTORABLE)
    documents = [{"sync": item.sync, **change_document(context, item.change)} for item in items]
    rows = [
        [
            item.change.target.id if item.change.target else "",
            texts(
                "history.deleted.on",
                moment=times.moment(texts, item.change.at, context.now, context.zone),
                side=texts(f"side.{item.change.side.value}"),
            ),
            when_cell(texts, item.content, context.now, context.zone),
            title_cell(item.content),
        ]
        for item in items
    ]
    return Answer({"deleted": documents}, table(rows) or [texts("history.deleted.empty.title")])
