"""P-1 to P-5: syncs of Google and a CRM over REST, beside the peer's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil

from tests.bench.laptop import SYNC, Laptop
from tests.bench.peer import Peer
from tests.bench.sizes import Bench
from tests.bench.table import Line, at_least, at_most, middle, not_measured

MS = 1000.0
PAGE = 500
_A_FEW = 4
"""So many meetings make a first sync of which almost nothing is for the meetings."""


def nothing_changed(bench: Bench) -> list[Line]:
    """P-1: a sync that finds nothing new, in the running app, with few links and with very many."""
    few, huge = bench.sizes.few, bench.sizes.huge
    laptop = Laptop(bench.folder / "p1")
    try:
        laptop.servers.ask("fill", activities=few // 2, events=few - few // 2)
        with laptop.app() as app:
            app.ask("start")
            app.ask("sync")
            laptop.in_step(few)
            small = [app.ask("sync") for _ in range(4 * bench.sizes.pairs)]
            counts = laptop.servers.ask("counts")
            links = app.ask("pad", times=huge // few - 1)["links"]
            app.ask("sync")
            large = [app.ask("sync") for _ in range(4 * bench.sizes.pairs)]
    finally:
        laptop.close()
    at_few, at_huge = (middle([run["cpu"] for run in runs]) * MS for runs in (small, large))
    requests = max(run["requests"] for run in small + large)
    return [
        at_most("P-1", "nothing changed: requests a sync", requests, 2, "requests"),
        at_most("P-1", "… bytes of bodies a sync", counts["bytes"] / len(small), 2048, "B"),
        at_most("P-1", f"… CPU in the running app, {few:,} links", at_few, 3, "ms"),
        at_most("P-1", f"… CPU in the running app, {links:,} links", at_huge, 3, "ms", "filled directly"),
        at_most("P-1", "… growth of that CPU", at_huge / at_few, 1.2, "×"),
    ]


def at_ten_thousand(bench: Bench) -> list[Line]:
    """P-2, P-3 and P-4, on one laptop and one peer with as many meetings."""
    many, pairs = bench.sizes.many, bench.sizes.pairs
    laptop = Laptop(bench.folder / "p3")
    peer = Peer(bench.folder / "peer3", many // 2, many - many // 2) if bench.peer else None
    try:
        laptop.servers.ask("fill", activities=many // 2, events=many - many // 2)
        laptop.command("syncs", "start", SYNC)
        laptop.command("sync", "--once")
        laptop.command("sync", "--once")
        laptop.in_step(many)
        if peer:
            peer.sync()
        idle, theirs, reread, peaks, asked = [], [], [], [], []
        for _ in range(pairs):
            idle.append(laptop.command("sync", "--once").cpu)
            if peer:
                theirs.append(peer.sync().cpu)
            laptop.servers.ask("expire")
            laptop.servers.ask("counts")
            cost = laptop.command("sync", "--once")
            reread.append(cost.cpu)
            peaks.append(cost.peak)
            asked.append(laptop.servers.ask("counts")["requests"])
        lines = _ten_changes(bench, laptop)
    finally:
        laptop.close()
        if peer:
            peer.close()
    limit = 2 * ceil(many / PAGE) + 2
    lines += _against(bench, "P-3", f"one-shot command, no change, {many:,} links", idle, theirs, 5.0)
    lines += [at_most("P-4", f"full re-read of {many:,}: requests", max(asked), limit, "requests")]
    lines += _against(bench, "P-4", "… against the peer's no-op", reread, theirs, 2.5)
    lines += [at_most("P-4", "… peak memory", max(peaks), 100, "MiB")]
    return lines


def _ten_changes(bench: Bench, laptop: Laptop) -> list[Line]:
    runs = []
    with laptop.app() as app:
        app.ask("sync")
        for kind in ({"activities": 10, "events": 0}, {"activities": 0, "events": 10}):
            for _ in range(max(3, bench.sizes.pairs)):
                laptop.servers.ask("change", **kind)
                run = app.ask("sync")
                if run["updated"] != 10:
                    raise AssertionError(f"ten changes were not carried over: {run}")
                runs.append(run)
                app.ask("sync")
    cpu = middle([run["cpu"] for run in runs]) * MS
    return [
        at_most("P-2", f"10 changes at {bench.sizes.many:,} links: requests", max(r["requests"] for r in runs), 3,
                "requests", "2 and one batch of writes"),
        at_most("P-2", "… CPU in the running app", cpu, 8, "ms"),
    ]  # fmt: skip # short values, several a line


def initial(bench: Bench) -> list[Line]:
    """P-5: the first sync, where the CRM's API has bulk writes (REST) and where it has not (Pipedrive).

    CPU for each event, for us and for the peer: what a first sync of many costs more than a first sync of a few. So
    what a first sync of whatever size costs once (libraries to load, lists of calendars) is in neither.
    """
    bulk: list[float] = []
    single: list[float] = []
    theirs: list[float] = []
    for number in range(bench.sizes.pairs):
        bulk.append(_each(bench.sizes.first, partial(_first, bench, "rest", number)))
        single.append(_each(bench.sizes.single, partial(_first, bench, "pipedrive", number)))
        if bench.peer:
            theirs.append(_each(bench.sizes.first, partial(_peer_first, bench, number)))
    return [
        *_against(bench, "P-5", f"each event of a first sync of {bench.sizes.first:,}, bulk writes", bulk, theirs, 5.0),
        *_against(bench, "P-5", f"… of {bench.sizes.single:,}, no bulk writes (Pipedrive)", single, theirs, 2.0),
    ]


def _each(many: int, first: Callable[[int], float]) -> float:
    return (first(many) - first(_A_FEW)) / (many - _A_FEW)


def _first(bench: Bench, crm: str, number: int, count: int) -> float:
    laptop = Laptop(bench.folder / f"p5-{crm}-{number}-{count}", crm)
    try:
        activities = count // 2 if crm == "rest" else 0
        laptop.servers.ask("fill", activities=activities, events=count - activities)
        laptop.command("syncs", "start", SYNC)
        cost = laptop.command("sync", "--once").cpu
        laptop.in_step(count)
        return cost
    finally:
        laptop.close()


def _peer_first(bench: Bench, number: int, count: int) -> float:
    peer = Peer(bench.folder / f"peer5-{number}-{count}", count // 2, count - count // 2)
    try:
        return peer.sync().cpu
    finally:
        peer.close()


def _against(bench: Bench, row: str, what: str, ours: list[float], theirs: list[float], times: float) -> list[Line]:
    if not theirs:
        return [not_measured(row, what, "the peer is not installed; `make bench` installs it")]
    ratio = middle([their / our for our, their in zip(ours, theirs, strict=True)])
    note = f"{_seconds(middle(ours))} and {_seconds(middle(theirs))}"
    return [at_least(row, what, ratio, times, "× less CPU", note)]


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 0.1 else f"{value * MS:.2f} ms"
