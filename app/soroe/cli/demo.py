"""`soroe demo`: the product with servers of its own, a salesperson's fortnight, and what it finds in it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from .context import Context
from .ports import DemoChoices
from .usage import Words

PROVIDERS = ("google", "exchange", "microsoft365")
CRMS = ("rest", "pipedrive", "salesforce", "esales", "oracle")


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe demo …`."""
    parser.add_argument("--headless", action="store_true", help=texts("cli.arg.headless"))
    parser.add_argument("--provider", choices=PROVIDERS, default=PROVIDERS[0], help=texts("cli.arg.provider"))
    parser.add_argument("--crm", choices=CRMS, default=CRMS[0], help=texts("cli.arg.demo_crm"))
    parser.add_argument("--calendar-file", type=Path, metavar="F.ics", help=texts("cli.arg.calendar_file"))
    parser.add_argument("--activities-file", type=Path, metavar="F.csv", help=texts("cli.arg.activities_file"))
    parser.add_argument("--encoding", default="", metavar="NAME", help=texts("cli.arg.encoding"))
    parser.add_argument("--screenshot", type=Path, metavar="DIR", help=texts("cli.arg.screenshot"))
    parser.add_argument("--keep", action="store_true", help=texts("cli.arg.keep"))


def run(context: Context) -> int:
    """Show it; the demo prints its own answer, in the shape of `sync --once` (`cli.report`)."""
    asked = context.arguments
    choices = DemoChoices(
        headless=asked.headless,
        provider=asked.provider,
        crm=asked.crm,
        calendar_file=asked.calendar_file,
        activities_file=asked.activities_file,
        encoding=asked.encoding,
        screenshots=asked.screenshot,
        keep=asked.keep,
        as_json=context.console.as_json,
    )
    return context.program.demo(choices)
