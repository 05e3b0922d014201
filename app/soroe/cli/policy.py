"""`soroe policy`: what IT has set and from where, and whether a draft of a policy file holds."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from soroe.settings.overlay import Overlay, PolicyFault, PolicyValue
from soroe.settings.problems import Problem
from soroe.ui.texts import problem_words

from .console import table
from .context import Answer, Context
from .exits import Exit
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, everywhere: ArgumentParser) -> None:
    """`soroe policy show | check FILE`."""
    doing = parser.add_subparsers(dest="doing", required=True, metavar=texts("cli.help.command"))
    for name in ("show", "check"):
        sentence = texts(f"cli.help.policy.{name}")
        made = doing.add_parser(name, help=sentence, description=sentence, parents=[everywhere], allow_abbrev=False)
        if name == "check":
            made.add_argument("file", type=Path, metavar="FILE", help=texts("cli.arg.policy_file"))


def run(context: Context) -> Answer:
    """Show what is in force, or check a draft."""
    checking = context.arguments.doing == "check"
    found = context.program.policy_of_file(context.arguments.file) if checking else context.program.policy
    rows = [_row(context, value) for value in found.values]
    lines = table(rows) + [_fault_line(context, fault) for fault in found.faults]
    lines = lines or [context.texts("cli.policy.none_here" if checking else "cli.policy.none")]
    bad = checking and bool(found.faults)
    return Answer(_document(context, found), lines, Exit.USAGE if bad else Exit.DONE)


def _row(context: Context, value: PolicyValue) -> list[str]:
    level = context.texts(f"cli.policy.{value.level.value}")
    return [value.policy.name, _plain(value), level, value.where]


def _plain(value: PolicyValue) -> str:
    if isinstance(value.value, list):
        return ", ".join(value.value)
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value or "")


def _document(context: Context, found: Overlay) -> dict[str, object]:
    return {
        "policies": [
            {
                "name": value.policy.name,
                "sets": f"{value.policy.target}.{value.policy.key}",
                "value": value.value,
                "level": value.level.value,
                "locked": value.locked,
                "where": value.where,
                "fault": value.fault,
            }
            for value in found.values
        ],
        "faults": [
            {"where": fault.where, "policy": fault.name, "code": fault.code, "message": _fault_line(context, fault)}
            for fault in found.faults
        ],
    }


def _fault_line(context: Context, fault: PolicyFault) -> str:
    """Where, which policy, and what is wrong with it; of values, in the words that config.toml is judged with."""
    key = f"cli.policy.fault.{fault.code}"
    if context.texts.has(key):
        where = ": ".join(part for part in (fault.where, fault.name) if part)
        return f"{where}: {context.texts(key)}"
    return problem_words(context.texts, Problem(fault.where, 0, fault.name, fault.code, fault.detail))
