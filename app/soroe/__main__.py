"""Start: the tray, or one command."""

from __future__ import annotations

import sys


def main() -> int:
    """The entry point; returns the exit code."""
    from soroe.bootstrap import main as start

    return start(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
