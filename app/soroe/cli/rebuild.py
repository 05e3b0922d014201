"""`soroe rebuild`: throw the local state of a sync away and rebuild it from both sides (PD-5)."""

from __future__ import annotations

from argparse import ArgumentParser

from soroe.engine.rebuild import rebuild

from .context import Answer, Context
from .sync import answer, carried_out, started
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe rebuild NAME`."""
    parser.add_argument("name", metavar="NAME", help=texts("cli.arg.sync_name"))


def run(context: Context) -> Answer:
    """Rebuild one sync that was started; the run that does it is told like any other."""
    sync = context.sync(context.arguments.name)
    started(context, [sync])
    with context.desk() as desk, context.program.turn(sync.name):
        outcome = carried_out(desk, sync, rebuild(desk.clean(sync.name)))
    return answer(context, [outcome])
