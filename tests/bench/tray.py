"""The product's tray app in a home of the benchmark: `python -m tests.bench.tray HOME`.

When it ends, the names of the modules it had loaded are in the file `modules` of the home.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.home import program_in, started

if TYPE_CHECKING:
    from soroe.bootstrap.tray import TrayProgram


def main() -> int:
    """Run the tray app, as the installed program does, until it is told to quit; only the keychain is another."""
    from soroe.bootstrap.resources import resources_folder
    from soroe.bootstrap.start import run_tray
    from soroe.settings.homes import homes

    folder, words = started(sys.argv[1:])
    places = homes({**os.environ, "SOROE_HOME": str(folder)})
    try:
        return run_tray(["soroe", *words], places, resources_folder(), "", lambda: _tray(folder))
    finally:
        (folder / "modules").write_text("\n".join(sorted(sys.modules)), encoding="utf-8")


def _tray(folder: Path) -> TrayProgram:
    program = program_in(folder)
    from soroe.bootstrap.tray import TrayProgram

    return TrayProgram(program)


if __name__ == "__main__":
    sys.exit(main())
