"""Names the concrete classes and joins them: the only package that knows them all."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from soroe.ports.errors import LocalTrouble

    from .tray import TrayProgram


def main(argv: Sequence[str]) -> int:
    """Start the tray or carry out one command; returns the exit code."""
    from soroe.cli.purpose import is_for_the_tray
    from soroe.ports.errors import LocalTrouble
    from soroe.settings.homes import homes

    from .resources import resources_folder

    if is_for_the_tray(argv):
        try:
            from .start import run_tray
        except ImportError as error:
            if "PySide6" not in (error.path or ""):
                raise
            return _said(LocalTrouble(f"no_qt: {error.msg}"))  # it names the system's library that is not installed
        token = os.environ.get("XDG_ACTIVATION_TOKEN", "")
        try:
            return run_tray(["soroe", *argv], homes(os.environ), resources_folder(), token, _tray)
        except LocalTrouble as trouble:
            return _said(trouble)
    # Libraries speak to programmers, of Pythons to come: nobody who runs a command can do anything about it.
    warnings.simplefilter("ignore", FutureWarning)
    with _open(sys.stdout) as out, _open(sys.stderr) as err:
        return _command(argv, out, err)


def _command(argv: Sequence[str], out: TextIO, err: TextIO) -> int:
    from soroe.cli.console import NotWritten
    from soroe.cli.quick import answered
    from soroe.settings.homes import homes

    from .resources import resources_folder

    try:
        if answered(argv, os.environ, homes(os.environ).config_file, resources_folder(), out):
            return 0
    except NotWritten:
        return 1
    from soroe.adapters.desktop.crash import log_crashes
    from soroe.cli.main import run

    from .commands import CommandProgram
    from .program import usual

    program = usual(dict(os.environ))
    log_crashes(program.log)
    program.log_policies()
    return run(argv, CommandProgram(program), out, err, sys.stdin or io.StringIO())


def _open(stream: TextIO | None) -> AbstractContextManager[TextIO]:
    """The stream, or where the process has none (a window's program, `>&-`), one that forgets."""
    return Path(os.devnull).open("w", encoding="utf-8") if stream is None else nullcontext(stream)


def _said(trouble: LocalTrouble) -> int:
    """Why there is no tray, on stderr; returns the exit code."""
    from soroe.cli.console import Console
    from soroe.cli.troubles import told

    from .program import usual

    words = told(trouble, usual(dict(os.environ)).texts())
    Console(sys.stdout, sys.stderr, as_json=False).note(words.message)
    return int(words.exit_code)


def _tray() -> TrayProgram:
    """The tray app's program; it is loaded while its icon stands already."""
    from soroe.adapters.desktop.crash import log_crashes

    from .program import usual
    from .tray import TrayProgram

    program = usual(dict(os.environ))
    log_crashes(program.log)
    program.log_policies()
    return TrayProgram(program)
