"""Names the concrete classes and joins them: the only package that knows them all."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Start the tray or carry out one command; returns the exit code."""
    from soroe.cli.quick import answered
    from soroe.settings.homes import homes

    from .resources import resources_folder

    if answered(argv, os.environ, homes(os.environ).config_file, resources_folder(), sys.stdout):
        return 0
    from soroe.adapters.desktop.crash import log_crashes
    from soroe.cli.main import run

    from .commands import CommandProgram
    from .program import usual

    program = usual(dict(os.environ))
    log_crashes(program.log)
    return run(argv, CommandProgram(program), sys.stdout, sys.stderr, sys.stdin)
