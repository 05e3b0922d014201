"""One command of the product in a home of the benchmark: `python -m tests.bench.command HOME WORDS…`."""

from __future__ import annotations

import sys

from tests.bench.home import program_in, started


def main() -> int:
    """Carry out the command as the installed program does; only the keychain is another."""
    from soroe.bootstrap.commands import CommandProgram
    from soroe.cli.main import run

    folder, words = started(sys.argv[1:])
    return run(words, CommandProgram(program_in(folder)), sys.stdout, sys.stderr, sys.stdin)


if __name__ == "__main__":
    sys.exit(main())
