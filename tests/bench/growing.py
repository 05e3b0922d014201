"""P-9 and P-11: the window on 50,000 meetings, and what grows with the number of links."""

from __future__ import annotations

import json
import subprocess
import sys
from math import ceil
from typing import Any

from tests.bench.child import ROOT, Child, ChildFailed, environment
from tests.bench.laptop import SYNC, Laptop
from tests.bench.sizes import Bench
from tests.bench.table import Line, at_most, middle

MS = 1000.0


def window(bench: Bench) -> list[Line]:
    """P-9: sorting, filtering, scrolling, and Qt's timer while a full sync runs beside it."""
    few, rows = bench.sizes.few, bench.sizes.rows
    laptop = Laptop(bench.folder / "p9")
    try:
        laptop.servers.ask("fill", activities=few // 2, events=few - few // 2)
        with laptop.app() as app:
            app.ask("start")
            app.ask("sync")
            app.ask("pad", times=rows // few - 1)
        laptop.servers.ask("expire")
        told = _timed(laptop)
    finally:
        laptop.close()
    shown, stalls = told["rows"], told["stalls"]
    slowest = {key: max(text[key] for text in told["typed"]) for key in ("shown", "stall", "work")}
    return [
        at_most("P-9", f"window with {shown:,} meetings: sort", max(told["sorts"]), 50, "ms", "slowest column"),
        at_most("P-9", "… filter", slowest["shown"], 20, "ms", f"slowest text; {slowest['work']:.1f} with the pause"),
        at_most("P-9", "… longest stall while typing", slowest["stall"], 33, "ms"),
        at_most("P-9", "… frame while scrolling, p99", _high(told["frames"], 0.99), 16.7, "ms"),
        at_most("P-9", f"… stall during a full sync of {few:,}, p99", _high(stalls, 0.99), 10, "ms", "by the clock"),
        at_most("P-9", "… longest stall", max(stalls), 33, "ms", "by the clock"),
    ]


def _timed(laptop: Laptop) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.window", str(laptop.folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ChildFailed(done.stderr[-3000:])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _high(values: list[float], share: float) -> float:
    return sorted(values)[ceil(len(values) * share) - 1]


def growth(bench: Bench) -> list[Line]:
    """P-11: what ten changes cost, and what a link takes of disk and memory, with few links and with very many."""
    few, huge = bench.sizes.few, bench.sizes.huge
    laptop = Laptop(bench.folder / "p11")
    try:
        laptop.servers.ask("fill", activities=few // 2, events=few - few // 2)
        laptop.command("syncs", "start", SYNC)
        laptop.command("sync", "--once")
        laptop.command("sync", "--once")
        small = laptop.database.stat().st_size
        with laptop.app() as app:
            at_few = _changes(laptop, app, bench.sizes.pairs)
            start = app.ask("peak")["peak"]
            links = app.ask("pad", times=huge // few - 1)["links"]
        large = laptop.database.stat().st_size
        with laptop.app() as app:
            at_huge = _changes(laptop, app, bench.sizes.pairs)
            peak = app.ask("peak")["peak"]
    finally:
        laptop.close()
    each = (large - small) / (links - few)
    grown = (peak - start) * 1024 * 1024 / (links - few)
    return [
        at_most("P-11", f"ten changes with {links:,} links beside {few:,}: CPU", at_huge / at_few, 1.2, "×",
                f"{at_huge:.1f} and {at_few:.1f} ms"),
        at_most("P-11", "… database for each link", each, 1024, "B", "both items, the link, all indexes"),
        at_most("P-11", "… memory for each further link", max(0.0, grown), 100, "B", f"{peak:.0f} and {start:.0f} MiB"),
    ]  # fmt: skip # short values, several a line


def _changes(laptop: Laptop, app: Child, pairs: int) -> float:
    app.ask("sync")
    took = []
    for _ in range(max(3, pairs)):
        laptop.servers.ask("change", activities=5, events=5)
        run = app.ask("sync")
        if run["updated"] != 10:
            raise AssertionError(f"ten changes were not carried over: {run}")
        took.append(run["cpu"] * MS)
        app.ask("sync")
    return middle(took)
