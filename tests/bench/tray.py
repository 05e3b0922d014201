"""The product's tray app in a home of the benchmark: `python -m tests.bench.tray HOME`.

When it ends, the names of the modules it had loaded are in the file `modules` of the home.
"""

from __future__ import annotations

import sys

from tests.bench.home import program_in, started


def main() -> int:
    """Run the tray app until it is told to quit."""
    from soroe.bootstrap.tray import TrayProgram

    folder, words = started(sys.argv[1:])
    try:
        return TrayProgram(program_in(folder)).run(["soroe", *words])
    finally:
        (folder / "modules").write_text("\n".join(sorted(sys.modules)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
