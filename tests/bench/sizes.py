"""How much is measured: the usual sizes fit into a few minutes, the full ones are those of the targets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sizes:
    """`many` meetings where the targets say 10,000, `huge` where they say 100,000, `rows` for the window.

    `first` meetings for each repeated first sync, `single` where every one is written by requests of its own (at
    Pipedrive's pace a minute for 200), `pairs` repetitions of every pair, `quota` calls a minute and `paced` meetings
    against a server that enforces it, `idle` seconds beside the tray.
    """

    few: int = 1_000
    many: int = 5_000
    huge: int = 100_000
    rows: int = 50_000
    first: int = 2_000
    single: int = 200
    pairs: int = 5
    quota: int = 600
    paced: int = 660
    idle: float = 60.0


USUAL = Sizes()
FULL = Sizes(many=10_000, first=10_000, single=300, paced=2_400, idle=180.0)
TINY = Sizes(few=20, many=40, huge=120, rows=200, first=20, single=10, pairs=1, quota=600, paced=20, idle=2.0)


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of the benchmark: its sizes, a folder of its own, and the peer's release ("" where it is missing)."""

    sizes: Sizes
    folder: Path
    peer: str
