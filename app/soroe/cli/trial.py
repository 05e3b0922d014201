"""`soroe test-sync`: an item each way, timed, and removed again (PD-2)."""

from __future__ import annotations

from argparse import ArgumentParser

from soroe.engine.trial import TestTitle, test_sync
from soroe.ui.texts import leg_words

from .context import Answer, Context
from .exits import Exit
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe test-sync NAME`."""
    parser.add_argument("name", metavar="NAME", help=texts("cli.arg.sync_name"))


def run(context: Context) -> Answer:
    """Try both legs."""
    sync = context.sync(context.arguments.name)
    title = TestTitle(context.texts("test.title.crm"), context.texts("test.title.calendar"))
    with context.desk() as desk, context.program.turn(sync.name):
        legs = test_sync(desk.open(sync.name), desk.store, title)
    documents = [
        {
            "to": "crm" if leg.to_crm else "calendar",
            "seconds": None if leg.seconds is None else round(leg.seconds, 3),
            "code": leg.code,
        }
        for leg in legs
    ]
    arrived = all(leg.seconds is not None for leg in legs)
    lines = [leg_words(context.texts, leg) for leg in legs]
    return Answer({"sync": sync.name, "ok": arrived, "legs": documents}, lines, Exit.DONE if arrived else Exit.FAILURES)
