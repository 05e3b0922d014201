"""What the log tells of the syncs: one line for a run that did something, one for a connection that moved."""

from __future__ import annotations

from soroe.engine.messages import CommandDone, Event, HealthChanged, RunFinished
from soroe.engine.run import RunResult
from soroe.ports.log import Code, Id, Log
from soroe.ports.store import RunRecord


class EventLog:
    """Writes events into the log, in numbers, codes and marks; runs with nothing to tell are not told."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def heard(self, event: Event) -> None:
        """Take one event, from any thread."""
        match event:
            case RunFinished(record=record):
                self.ran(record)
            case HealthChanged(account=account, health=health):
                tell = self._log.info if health.usable else self._log.warning
                tell("health_changed", account=Id(account), state=health.state, code=Code(health.code or "none"))
            case CommandDone(command=command, code=code, skipped=skipped):
                name = Code(type(command).__name__)
                self._log.info("command_done", command=name, code=Code(code or "none"), skipped=skipped)
            case _:
                pass

    def finished(self, result: RunResult) -> None:
        """Take a run that a command made."""
        self.ran(result.record)

    def ran(self, run: RunRecord) -> None:
        """One run; the ids of its items are in History, not here."""
        counts = (*run.created, *run.updated, *run.deleted, run.linked, run.conflicts, run.failed, run.held)
        if not any(counts) and not run.trouble:
            return
        tell = self._log.warning if run.trouble or run.failed or run.held else self._log.info
        tell(
            "run_finished",
            sync=Id(run.sync),
            kind=run.kind,
            run=int(run.id),
            created_crm=run.created[0],
            created_calendar=run.created[1],
            updated_crm=run.updated[0],
            updated_calendar=run.updated[1],
            deleted_crm=run.deleted[0],
            deleted_calendar=run.deleted[1],
            linked=run.linked,
            conflicts=run.conflicts,
            failed=run.failed,
            held=run.held,
            requests=run.requests,
            milliseconds=round(run.seconds * 1000),
            trouble=Code(run.trouble or "none"),
        )
