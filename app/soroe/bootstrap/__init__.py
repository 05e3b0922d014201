"""Names the concrete classes and joins them: the only package that knows them all."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Start the tray or carry out one command; returns the exit code."""
    from soroe.cli.main import run

    from .commands import CommandProgram
    from .program import usual

    return run(argv, CommandProgram(usual(dict(os.environ))), sys.stdout, sys.stderr, sys.stdin)
