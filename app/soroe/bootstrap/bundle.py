"""Puts together the file for the support (PD-12)."""

from __future__ import annotations

import tomllib
from collections import Counter
from contextlib import closing
from pathlib import Path

from soroe import __version__
from soroe.adapters.desktop.support_bundle import SupportContents, write_support_bundle
from soroe.ports.errors import LocalTrouble
from soroe.ports.reading import Filters, SortKey
from soroe.settings.problems import SettingsError

from .connectors import now_utc
from .doctor import examine
from .program import Program

MOST_RUNS = 100_000


def write_bundle(program: Program, target: Path) -> None:
    """Write it; what cannot be told (a locked keychain, broken settings) is told as a code, and the rest goes in."""
    log = program.log
    contents = SupportContents(
        version=__version__,
        settings=_tree(program),
        policies=[value.policy.name for value in program.policy.values],
        counts=_counts(program),
        checks={
            ".".join([check.check, *([log.mark(check.subject)[1:]] if check.subject else [])]): check.code
            for check in examine(program)
        },
        logs=log.files(),
    )
    write_support_bundle(target, contents, log.mark, now_utc)


def _counts(program: Program) -> dict[str, int]:
    """How much there is of everything; nothing, where the database cannot be opened (the checks then say why)."""
    try:
        with closing(program.open_reading()) as reading:
            page = reading.meetings(Filters(), SortKey.START, descending=False, offset=0, limit=1)
            runs = reading.runs(0, MOST_RUNS)
            findings = Counter(f"findings_{finding.kind.value.replace('-', '_')}" for _, finding in reading.findings())
            return {
                "syncs": len(reading.syncs()),
                "meetings": page.total,
                "runs": len(runs),
                "runs_with_trouble": sum(1 for run in runs if run.trouble),
                "items_failed": sum(run.failed for run in runs),
                **findings,
            }
    except LocalTrouble:
        return {}


def _tree(program: Program) -> dict[str, object]:
    try:
        return tomllib.loads(program.config.text())
    except (tomllib.TOMLDecodeError, RecursionError, SettingsError, LocalTrouble):
        return {}
