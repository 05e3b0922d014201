"""`soroe support-bundle`: a file for the support, without secrets and without calendar content (PD-12)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from .context import Answer, Context
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe support-bundle FILE`."""
    parser.add_argument("file", type=Path, metavar="FILE", help=texts("cli.arg.bundle"))


def run(context: Context) -> Answer:
    """Write it."""
    target = context.arguments.file.expanduser().absolute()
    context.program.write_support_bundle(target)
    return Answer({"file": str(target)}, [context.texts("cli.bundle.written", file=str(target))])
