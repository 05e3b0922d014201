"""The running app without its window: a sync's desk as its thread has it, asked to run by the benchmark.

`python -m tests.bench.app HOME`
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from dataclasses import replace

from soroe.bootstrap.workers import workshop
from soroe.core.event import ItemId, ObservedItem, Ref, Side, Timed
from soroe.core.link import Link
from soroe.core.plan import Why
from soroe.core.route import SyncName
from soroe.engine.messages import Event, RunFinished, Start, SyncNow
from soroe.engine.trees import Trees
from soroe.engine.worker import Desk
from soroe.ports.store import Entry
from tests.bench.child import Answer, serve
from tests.bench.home import program_in, started
from tests.bench.laptop import SYNC
from tests.bench.meetings import meetings

BATCH = 500


class App:
    """One sync in a process that stays."""

    def __init__(self, folder: str) -> None:
        from pathlib import Path

        self._program = program_in(Path(folder))
        self._store = self._program.open_store()
        self._events: list[Event] = []
        chosen = self._program.settings().sync(SyncName(SYNC))
        if chosen is None:
            raise LookupError(SYNC)
        self._shop = workshop(self._program, chosen, self._events.append)
        self._desk = Desk(self._shop, self._store)

    def start(self) -> Answer:
        """The user presses Start: the first run."""
        return self._measured(Start(SyncName(SYNC)))

    def sync(self) -> Answer:
        """One run, as every minute."""
        return self._measured(SyncNow(SyncName(SYNC)))

    def _measured(self, command: Start | SyncNow) -> Answer:
        self._events.clear()
        gc.collect()
        before, began = time.process_time(), time.perf_counter()
        self._desk.handle(command)
        cpu, wall = time.process_time() - before, time.perf_counter() - began
        finished = [event for event in self._events if isinstance(event, RunFinished)]
        if not finished:
            raise AssertionError(f"no run took place: {self._events}")
        record = finished[-1].record
        return {
            "cpu": cpu,
            "wall": wall,
            "requests": record.requests,
            "created": sum(record.created),
            "updated": sum(record.updated),
            "failed": record.failed,
            "trouble": record.trouble,
        }

    def peak(self) -> Answer:
        """The largest memory so far, in MiB."""
        return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}

    def pad(self, count: int, first: int) -> Answer:
        """Put so many linked meetings straight into the database, made after one that was really synced."""
        joint = self._shop.open_joint(self._store, lambda _phase, _done, _total: None)
        store, trees = joint.store, Trees(joint)
        pattern = next(iter(store.links()))
        items = {side: store.item(side, pattern.ref(side)) for side in Side}
        fresh = meetings(count, first)
        for start in range(0, count, BATCH):
            some = [meeting for meeting, _ in zip(fresh, range(min(BATCH, count - start)), strict=False)]
            with store.transaction():
                for side, item in items.items():
                    if not isinstance(item, ObservedItem) or not isinstance(item.content.when, Timed):
                        raise AssertionError("the pattern is gone")
                    entries = []
                    for meeting in some:
                        ref = Ref(item.ref.container, ItemId(f"{item.ref.id[:-6]}{meeting.key}"))
                        when = replace(item.content.when, start=meeting.start, end=meeting.end)
                        made = replace(item, ref=ref, content=replace(item.content, title=meeting.title, when=when))
                        entries.append(Entry(made, trees.key(side, made), dirty=False))
                    store.put(side, entries)
                    store.settle([(side, entry.item.ref, Why.IN_STEP) for entry in entries])
                for meeting in some:
                    crm, calendar = (
                        Ref(pattern.ref(side).container, ItemId(f"{pattern.ref(side).id[:-6]}{meeting.key}"))
                        for side in Side
                    )
                    store.save_link(Link(crm, calendar, pattern.baseline, pattern.origin))
        return {"links": store.link_count()}

    def handle(self) -> None:
        """Answer until the benchmark ends us."""
        serve({"start": self.start, "sync": self.sync, "peak": self.peak, "pad": self.pad})
        self._store.close()


if __name__ == "__main__":
    App(str(started(sys.argv[1:])[0])).handle()
