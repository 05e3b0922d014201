"""`soroe findings`: what the window lists, each with what, why, rule, and what can be done."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import closing

from soroe.core.finding import FindingKind
from soroe.ports.reading import Reading
from soroe.ui.texts import action_name, finding_words

from .context import Answer, Context
from .items import title_cell, when_cell
from .report import Found, finding_documents, findings_of, sides_of
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe findings [--kind KIND] [--sync NAME]`."""
    parser.add_argument(
        "--kind", choices=[kind.value for kind in FindingKind], metavar="KIND", help=texts("cli.arg.kind_of_finding")
    )
    parser.add_argument("--sync", metavar="NAME", help=texts("cli.arg.sync"))


def run(context: Context) -> Answer:
    """List the findings."""
    asked = context.arguments
    kind = FindingKind(asked.kind) if asked.kind else None
    syncs = [context.sync(asked.sync)] if asked.sync else context.program.settings().syncs
    with closing(context.program.open_reading()) as reading:
        found = findings_of(reading, syncs, kind)
        documents = finding_documents(found, reading, context.texts, context.zone)
        lines = [line for pair in found for line in _lines(context, pair, reading)]
    head = context.texts.count("findings.subtitle", len(found)) if found else context.texts("findings.empty.title")
    return Answer({"findings": documents}, [head, *lines])


def _lines(context: Context, found: Found, reading: Reading) -> list[str]:
    texts = context.texts
    name, finding = found
    sides = sides_of(name, finding, reading)
    item = sides.calendar or sides.crm
    content = item.content if item is not None else None
    title = title_cell(content) or finding.account or texts("finding.whole_sync")
    words = finding_words(texts, finding)
    head = [finding.id, words.kind, name, when_cell(texts, content, context.now, context.zone), title]
    actions = texts.listed(f"{action.value} ({action_name(texts, action)})" for action in finding.actions)
    details = [words.severity + ": " + words.what, words.why, words.rule]
    details += [texts("cli.findings.actions", actions=actions)] if actions else []
    return ["", "  ".join(part for part in head if part), *(f"    {line}" for line in details if line)]
