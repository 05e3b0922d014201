"""P-6 and P-10: first syncs against servers that enforce their quota, and what an idle day costs of it."""

from __future__ import annotations

from math import ceil

from tests.bench.child import Child
from tests.bench.home import QUOTA
from tests.bench.laptop import SYNC, Laptop
from tests.bench.sizes import Bench
from tests.bench.table import Line, at_most

PIPEDRIVE_BURST, PIPEDRIVE_WINDOW, PIPEDRIVE_DAY = 20, 2.0, 30_000
"""Pipedrive Lite with an API token: requests in two seconds, and tokens a day for one seat."""
SYNCS_A_DAY = 24 * 60


def paced(bench: Bench) -> list[Line]:
    """P-6: the whole first sync, as long as the quota itself makes it, and never a refusal."""
    google = _first("rest", bench, bench.sizes.paced, 0, {QUOTA: str(bench.sizes.quota)})
    needed = 60.0 * ((google["requests"] - 1) // bench.sizes.quota)
    lines = _told(
        f"first sync of {bench.sizes.paced:,} into Google, {bench.sizes.quota} calls a minute", google, needed
    )
    count = min(bench.sizes.paced, 150)
    pipedrive = _first("pipedrive", bench, 0, count, {})
    needed = PIPEDRIVE_WINDOW * ((pipedrive["requests"] - 1) // PIPEDRIVE_BURST)
    return lines + _told(f"first sync of {count:,} into Pipedrive Lite, 20 calls in 2 s", pipedrive, needed)


def _first(crm: str, bench: Bench, activities: int, events: int, more: dict[str, str]) -> dict[str, float]:
    laptop = Laptop(bench.folder / f"p6-{crm}", crm)
    try:
        laptop.servers.ask("fill", activities=activities, events=events)
        with Child("tests.bench.app", str(laptop.folder), more=more) as app:
            laptop.servers.ask("counts")
            laptop.servers.ask("limit", per_minute=bench.sizes.quota)
            run = app.ask("start")
        counts = laptop.in_step(activities + events)
        calls = activities + 4 if crm == "rest" else counts["requests"]
        return {"wall": run["wall"], "refused": counts["refused"], "requests": calls}
    finally:
        laptop.close()


def _told(what: str, run: dict[str, float], needed: float) -> list[Line]:
    lines = [at_most("P-6", f"{what}: refusals", run["refused"], 0, "answers of 403 or 429")]
    if needed:
        note = f"{run['wall']:.1f} s; the quota itself needs {needed:.0f} s"
        lines.append(at_most("P-6", "… time beside what the quota needs", run["wall"] / needed, 1.10, "×", note))
    return lines


def budget(bench: Bench) -> list[Line]:
    """P-10: what syncs that find nothing cost of a day's quota."""
    laptop = Laptop(bench.folder / "p10", "pipedrive")
    try:
        laptop.servers.ask("fill", activities=20, events=20)
        laptop.command("syncs", "start", SYNC)
        laptop.command("sync", "--once")
        with laptop.app() as app:
            app.ask("sync")
            before = laptop.servers.ask("spent")["tokens"]
            laptop.servers.ask("counts")
            runs = 5
            for _ in range(runs):
                app.ask("sync")
            tokens = (laptop.servers.ask("spent")["tokens"] - before) / runs
            pause = app.ask("pause")["seconds"]
    finally:
        laptop.close()
    syncs = ceil(24 * 3600 / pause)
    share = tokens * syncs / PIPEDRIVE_DAY * 100
    note = f"{tokens:.0f} tokens a sync, every {pause:.0f} s around the clock"
    return [
        at_most("P-10", "an idle day beside a one-seat Pipedrive Lite", share, 10, "%", note),
        at_most("P-10", "an idle minute beside Google's quota", 100 / 600, 0.2, "%", "1 call of 600"),
    ]
