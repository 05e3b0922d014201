"""`soroe sync` without `--once`: every started sync in its own thread until the program is told to end."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from soroe.core.route import SyncName
from soroe.engine.health import RECONNECTS, Health, HealthState
from soroe.engine.messages import Event, HealthChanged, RunFinished, RunProgress, Shutdown
from soroe.engine.worker import Worker
from soroe.ports.errors import LocalTrouble
from soroe.ports.store import RunRecord, SyncStatus
from soroe.settings.model import SyncSettings
from soroe.ui.texts import health_words, progress_words, run_report

from .context import Answer, Context
from .exits import Exit, worst
from .report import document, finding_documents, findings_of
from .signals import asked_to_end

PATIENCE = timedelta(seconds=60)
"""How long a write under way may take to finish once the program is told to end."""
TURN = 0.5
"""How often, in seconds, a signal is looked for where the system cannot wake a waiting thread by it."""


@dataclass(slots=True)
class _Seen:
    """What came out of the workers so far."""

    runs: dict[SyncName, RunRecord] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)
    held: set[SyncName] = field(default_factory=set)
    failed: bool = False


def keep_running(context: Context, syncs: Sequence[SyncSettings]) -> Answer:
    """Run until `program.stopped` is set (Ctrl-C, the system's end of session), then finish the write under way."""
    program = context.program
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def publish(event: Event) -> None:
        """In the worker's thread; between two batches of writes is where a run can end without leaving one open."""
        if isinstance(event, RunProgress) and program.stopped.is_set():
            raise LocalTrouble("shutting_down")
        events.put(event)

    workers = [program.worker(sync.name, publish) for sync in syncs]
    seen = _Seen()
    context.console.note(context.texts("cli.sync.running", syncs=context.texts.listed(sync.name for sync in syncs)))
    with asked_to_end(program.stopped):
        for worker in workers:
            worker.start()
        while not program.stopped.is_set():
            try:
                _take(context, seen, events.get(timeout=TURN))
            except queue.Empty:
                continue
        _end(context, workers)
    while not events.empty():
        _take(context, seen, events.get())
    return _answer(context, syncs, seen)


def _end(context: Context, workers: Sequence[Worker]) -> None:
    context.console.note(context.texts("cli.sync.ending"))
    for worker in workers:
        worker.send(Shutdown())
    for worker in workers:
        worker.join(PATIENCE.total_seconds())


def _take(context: Context, seen: _Seen, event: Event) -> None:
    texts, console = context.texts, context.console
    match event:
        case RunFinished(sync, record, state):
            seen.runs[sync] = record
            seen.failed = seen.failed or record.failed > 0
            (seen.held.add if state.status is SyncStatus.HELD else seen.held.discard)(sync)
            if _says_something(record) and not console.as_json:
                console.end_progress()
                console.lines([texts("cli.sync.run", sync=sync, report=run_report(texts, record))])
        case HealthChanged(account, health):
            seen.health[account] = health
            words = health_words(texts, health, context.now, context.zone)
            if not program_ends(context):
                console.note(texts("cli.sync.health", account=account, state=words.state, what=words.what))
        case RunProgress() if event.total:
            console.progress(progress_words(texts, event.phase, event.done, event.total), phase=event.phase.value)
        case _:
            return


def program_ends(context: Context) -> bool:
    """Whether the end was asked for: what breaks off then is no trouble of an account."""
    return context.program.stopped.is_set()


def _says_something(record: RunRecord) -> bool:
    written = sum(record.created) + sum(record.updated) + sum(record.deleted) + record.linked
    return bool(written or record.conflicts or record.failed or record.held or record.trouble)


def _answer(context: Context, syncs: Sequence[SyncSettings], seen: _Seen) -> Answer:
    with closing(context.program.open_reading()) as reading:
        found = findings_of(reading, syncs)
        findings = finding_documents(found, reading, context.texts, context.zone)
    converged = all(sync.name in seen.runs and not _says_something(seen.runs[sync.name]) for sync in syncs)
    return Answer(document(list(seen.runs.values()), findings, converged), [], _exit(seen))


def _exit(seen: _Seen) -> Exit:
    exits = [Exit.HELD] if seen.held else []
    exits += [Exit.SIGN_IN for health in seen.health.values() if health.state in RECONNECTS]
    away = {HealthState.RETRYING, HealthState.DELAYED, HealthState.PAUSED_BY_LIMIT, HealthState.WAITING_FOR_KEYCHAIN}
    exits += [Exit.UNREACHABLE for health in seen.health.values() if health.state in away]
    exits += [Exit.FAILURES] if seen.failed else []
    return worst(exits)
