"""Names the concrete classes and joins them: the only package that knows them all."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tray import TrayProgram


def main(argv: Sequence[str]) -> int:
    """Start the tray or carry out one command; returns the exit code."""
    from soroe.cli.purpose import is_for_the_tray
    from soroe.settings.homes import homes

    from .resources import resources_folder

    if is_for_the_tray(argv):
        from .start import run_tray

        token = os.environ.get("XDG_ACTIVATION_TOKEN", "")
        return run_tray(["soroe", *argv], homes(os.environ), resources_folder(), token, _tray)
    from soroe.cli.quick import answered

    if answered(argv, os.environ, homes(os.environ).config_file, resources_folder(), sys.stdout):
        return 0
    from soroe.adapters.desktop.crash import log_crashes
    from soroe.cli.main import run

    from .commands import CommandProgram
    from .program import usual

    program = usual(dict(os.environ))
    log_crashes(program.log)
    return run(argv, CommandProgram(program), sys.stdout, sys.stderr, sys.stdin)


def _tray() -> TrayProgram:
    """The tray app's program; it is loaded while its icon stands already."""
    from soroe.adapters.desktop.crash import log_crashes

    from .program import usual
    from .tray import TrayProgram

    program = usual(dict(os.environ))
    log_crashes(program.log)
    return TrayProgram(program)
