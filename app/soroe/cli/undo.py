"""`soroe undo`: take a run back, on both sides (S-7)."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import closing

from soroe.engine.undo import UndoResult, undo
from soroe.ports.store import RunId
from soroe.ui.texts import run_report, verb_words

from .console import table
from .context import Answer, Context
from .exits import CommandError, Exit
from .history import change_document, find_run
from .items import title_cell, when_cell
from .report import run_document
from .troubles import of_account
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe undo RUN`."""
    parser.add_argument("run", type=int, metavar="RUN", help=texts("cli.arg.run"))


def run(context: Context) -> Answer:
    """Take back every change of a run that nobody has touched since; list the others."""
    with closing(context.program.open_reading()) as reading:
        record = find_run(reading, context.arguments.run)
    if record.undone:
        raise CommandError("undone_already", run=str(record.id))
    context.sync(record.sync)
    with context.desk() as desk, context.program.turn(record.sync):
        result = undo(desk.clean(record.sync), RunId(record.id))
    texts = context.texts
    done = texts.count("history.undo.done", len(result.skipped)) if result.skipped else texts("done.undo")
    return taken_back(context, result, done)


def taken_back(context: Context, result: UndoResult, done: str) -> Answer:
    """The answer of `undo` and of `restore`."""
    texts = context.texts
    rows = [
        [
            f"  {texts('code.changed_since')}",
            verb_words(texts, change.verb, change.side),
            when_cell(texts, change.after or change.before, context.now, context.zone),
            title_cell(change.after or change.before),
        ]
        for change in result.skipped
    ]
    document: dict[str, object] = {
        "run": run_document(result.record),
        "skipped": [change_document(context, change) for change in result.skipped],
    }
    exit_code = Exit.FAILURES if result.skipped or result.record.failed else Exit.DONE
    lines = [done, f"  {run_report(texts, result.record)}", *table(rows)]
    if result.trouble is not None:
        trouble = of_account(result.trouble, "", texts)
        document["trouble"] = {"code": trouble.code, "message": trouble.message}
        lines, exit_code = [*lines[1:], trouble.message], trouble.exit_code
    return Answer(document, lines, exit_code)
