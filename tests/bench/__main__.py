"""`python -m tests.bench [--full] [--tiny] [P-1 P-4 …]`: measure, and print the table."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench import growing, limits, peer, syncing, trays
from tests.bench.sizes import FULL, TINY, USUAL, Bench
from tests.bench.table import Line, printed

Measure = Callable[[Bench], list[Line]]
MEASURES: Mapping[tuple[str, ...], Measure] = {
    ("P-1",): syncing.nothing_changed,
    ("P-2", "P-3", "P-4"): syncing.at_ten_thousand,
    ("P-5",): syncing.initial,
    ("P-6",): limits.paced,
    ("P-7", "P-8"): trays.trays,
    ("P-9",): growing.window,
    ("P-10",): limits.budget,
    ("P-11",): growing.growth,
}


def main(argv: Sequence[str]) -> int:
    """Measure what is asked for; ends with 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the product beside a peer.")
    parser.add_argument("rows", nargs="*", metavar="P-N", help="only these rows (default: all)")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--full", action="store_true", help="the sizes of the targets everywhere; takes half an hour")
    sizes.add_argument("--tiny", action="store_true", help="sizes that only show that the benchmark itself works")
    parser.add_argument("--pairs", type=int, help="how often every pair is measured")
    parser.add_argument("--many", type=int, help="meetings where the targets say 10,000")
    chosen = parser.parse_args(argv)
    size = FULL if chosen.full else TINY if chosen.tiny else USUAL
    size = replace(size, pairs=chosen.pairs or size.pairs, many=chosen.many or size.many)
    known = {row for rows in MEASURES for row in rows}
    wanted = {row.upper() for row in chosen.rows} or known
    if wanted - known:
        parser.error(f"no such row: {', '.join(sorted(wanted - known))}")
    release = peer.version()
    _say(f"vdirsyncer {release or 'is not installed'}; Python {platform.python_version()}; {os.cpu_count()} processors")
    folder = Path(tempfile.mkdtemp(prefix="soroe-bench-"))
    try:
        lines = measured(Bench(size, folder, release), wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _say(printed(lines))
    return int(any(line.reached is False for line in lines))


def measured(bench: Bench, wanted: set[str]) -> list[Line]:
    """The lines of the rows that are wanted, in the order of their numbers."""
    found: list[Line] = []
    for rows, measure in MEASURES.items():
        if wanted.isdisjoint(rows):
            continue
        began = time.monotonic()
        found += measure(bench)
        _say(f"{' '.join(rows)}: {time.monotonic() - began:.0f} s")
    return sorted((line for line in found if line.row in wanted), key=lambda line: int(line.row[2:]))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
