"""The running app without its window: a sync's desk as its thread has it, asked to run by the benchmark.

`python -m tests.bench.app HOME`
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from soroe.adapters.database.connection import open_file
from soroe.adapters.keychain.database_key import database_key
from soroe.bootstrap.workers import workshop
from soroe.core.route import SyncName
from soroe.engine.messages import Event, RunFinished, Start, SyncNow
from soroe.engine.worker import Desk
from soroe.ui import garbage
from tests.bench.child import Answer, serve
from tests.bench.home import PaperKeychain, program_in, started
from tests.bench.laptop import SYNC

_NUMBERS = "(WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {times}) SELECT k FROM n)"
_OTHER_REF = "'z' || printf('%02d', n.k) || substr({item}.ref, 4)"
"""Another id, as long as the item's own (no service's begins with z): the file grows as with items of the services."""
_OTHER_TITLE = "substr(i.{title}, 1, length(i.{title}) - 1) || printf('%03d', n.k)"
"""Another title, of as many bytes as one that ends in Japanese."""
_MORE_ITEMS = f"""
INSERT INTO item (tree, ref, presence, shown, why, start, type, stamp, version, match_key, title, title_key, body)
SELECT i.tree, {_OTHER_REF.format(item="i")}, 1, i.shown, i.why, i.start, i.type, i.stamp, i.version,
  substr(i.match_key, 1, 2) || randomblob(length(i.match_key) - 2), {_OTHER_TITLE.format(title="title")},
  {_OTHER_TITLE.format(title="title_key")}, i.body
FROM {{numbers}} AS n CROSS JOIN item AS i WHERE i.presence = 1
"""
_MORE_LINKS = f"""
INSERT INTO link (crm, calendar, sync, origin, crm_base, calendar_base)
SELECT a.id, b.id, l.sync, l.origin, l.crm_base, l.calendar_base
FROM link AS l JOIN item AS crm ON crm.id = l.crm JOIN item AS calendar ON calendar.id = l.calendar
CROSS JOIN {{numbers}} AS n
JOIN item AS a ON a.tree = crm.tree AND a.ref = {_OTHER_REF.format(item="crm")}
JOIN item AS b ON b.tree = calendar.tree AND b.ref = {_OTHER_REF.format(item="calendar")}
"""
_COUNT = "UPDATE sync SET links = (SELECT count(*) FROM link WHERE link.sync = sync.id)"


class App:
    """One sync in a process that stays."""

    def __init__(self, folder: Path) -> None:
        self._program = program_in(folder)
        self._store = self._program.open_store()
        self._events: list[Event] = []
        chosen = self._program.settings().sync(SyncName(SYNC))
        if chosen is None:
            raise LookupError(SYNC)
        self._shop = workshop(self._program, chosen, self._events.append)
        self._desk = Desk(self._shop, self._store)
        garbage.leave_to_quiet_moments()  # as the tray does when it starts, and after each run

    def start(self) -> Answer:
        """The user presses Start: the first run."""
        return self._measured(Start(SyncName(SYNC)))

    def sync(self) -> Answer:
        """One run, as every minute."""
        return self._measured(SyncNow(SyncName(SYNC)))

    def _measured(self, command: Start | SyncNow) -> Answer:
        self._events.clear()
        before, began = time.process_time(), time.perf_counter()
        self._desk.handle(command)
        garbage.collect()
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

    def pad(self, times: int) -> Answer:
        """Put every linked meeting into the database `times` more times, under other ids and titles."""
        keychain = PaperKeychain(self._program.homes.config.parent)
        database = open_file(self._program.homes.database, database_key(keychain))
        try:
            with database.transaction():
                for statement in (_MORE_ITEMS, _MORE_LINKS, _COUNT):
                    database.run(statement.format(numbers=_NUMBERS.format(times=times)))
            database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.close()
        return {"links": self._store.sync(SyncName(SYNC)).link_count()}

    def pause(self) -> Answer:
        """The seconds until the next run, as the app would wait now."""
        return {"seconds": self._desk.seconds_until_due()}

    def handle(self) -> None:
        """Answer until the benchmark ends us."""
        serve({"start": self.start, "sync": self.sync, "peak": self.peak, "pad": self.pad, "pause": self.pause})
        self._store.close()


if __name__ == "__main__":
    App(started(sys.argv[1:])[0]).handle()
