"""`soroe sync`: one run of every sync that was started and is not paused, or running on without a tray."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from soroe.core.route import SyncName
from soroe.engine.accounts import AccountTrouble, HealthBook
from soroe.engine.run import Run, RunResult
from soroe.ports.errors import PortError
from soroe.ports.store import RunRecord, SyncStatus
from soroe.settings.model import SyncSettings
from soroe.ui import garbage
from soroe.ui.texts import run_report

from .context import Answer, Context, Desk
from .exits import CommandError, Exit, worst
from .items import utc
from .report import document, finding_documents, findings_of
from .troubles import Trouble, of_account
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe sync [NAME] [--once]`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=texts("cli.arg.sync_to_run"))
    parser.add_argument("--once", action="store_true", help=texts("cli.arg.once"))


def run(context: Context) -> Answer:
    """Run once, or keep running until the program is told to end."""
    syncs = started(context, context.syncs(context.arguments.name))
    if not context.arguments.once:
        from .keep_running import keep_running

        return keep_running(context, syncs)
    paused = _paused(context, syncs)
    if context.arguments.name is not None:
        for sync in paused:
            context.console.note(context.texts("cli.sync.stays_paused", sync=sync.name))
        paused = {}
    with garbage.left_to_the_end(), context.desk() as desk:
        outcomes = [_once(desk, sync) for sync in syncs if sync not in paused]
    return _with_paused(context, answer(context, outcomes), paused)


def started(context: Context, syncs: Sequence[SyncSettings]) -> list[SyncSettings]:
    """Those that may move: nothing does before `soroe syncs start`. Raises `CommandError` when none of them may."""
    with closing(context.program.open_store()) as store:
        ready = [sync for sync in syncs if store.sync(sync.name).state().status is not SyncStatus.STOPPED]
    resting = [sync.name for sync in syncs if sync not in ready]
    if not ready:
        raise CommandError("not_started", name=resting[0])
    for name in resting:
        context.console.note(context.texts("cli.error.not_started", name=name))
    return ready


def _paused(context: Context, syncs: Sequence[SyncSettings]) -> dict[SyncSettings, datetime | None]:
    """Those that rest at present, and until when; None: until they are started. One that is over counts no more."""
    with closing(context.program.open_store()) as store:
        states = {sync: store.sync(sync.name).state() for sync in syncs}
    return {
        sync: state.paused_until
        for sync, state in states.items()
        if state.status is SyncStatus.PAUSED and (state.paused_until is None or state.paused_until > context.now)
    }


def _with_paused(context: Context, told: Answer, paused: Mapping[SyncSettings, datetime | None]) -> Answer:
    """The answer, and which syncs were left alone: it is no failure that they rest, for somebody wanted it so."""
    if not paused:
        return told
    left = [{"sync": sync.name, "until": utc(until)} for sync, until in paused.items()]
    lines = [context.texts("cli.sync.left_paused", sync=sync.name) for sync in paused]
    return Answer({**told.document, "paused": left}, [*told.lines, *lines], told.exit_code)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to; without a record, the sync could not even be opened."""

    sync: SyncName
    record: RunRecord | None
    trouble: Trouble | None
    held: bool
    converged: bool

    @property
    def exit_code(self) -> Exit:
        """How this sync ended."""
        if self.trouble is not None:
            return self.trouble.exit_code
        if self.held:
            return Exit.HELD
        return Exit.FAILURES if self.record is not None and self.record.failed else Exit.DONE


def _once(desk: Desk, sync: SyncSettings) -> Outcome:
    """One run; trouble with one sync does not keep the others from running."""
    try:
        with desk.context.program.turn(sync.name):
            return carried_out(desk, sync, Run(desk.clean(sync.name)).carry_out())
    except AccountTrouble as error:
        _book(desk).met(error.account, error.error)
        return Outcome(sync.name, None, of_account(error.error, error.account, desk.context.texts), False, False)
    except PortError as error:
        return Outcome(sync.name, None, of_account(error, "", desk.context.texts), False, False)


def carried_out(desk: Desk, sync: SyncSettings, result: RunResult) -> Outcome:
    """What a run came to; the health of both accounts is noted for the window."""
    accounts = {"crm": sync.crm, "calendar": sync.calendar}
    book = _book(desk)
    trouble = None
    if result.trouble is not None:
        blamed = [accounts[result.side.value]] if result.side is not None else list(accounts.values())
        for account in blamed if not desk.context.program.stopped.is_set() else []:
            book.met(account, result.trouble)
        trouble = of_account(result.trouble, desk.context.texts.listed(blamed), desk.context.texts)
    else:
        for account in accounts.values():
            book.went_well(account)
    held = desk.store.sync(sync.name).state().status is SyncStatus.HELD
    return Outcome(sync.name, result.record, trouble, held, result.converged)


def _book(desk: Desk) -> HealthBook:
    return HealthBook(desk.store, desk.context.program.now, lambda _change: None)


def answer(context: Context, outcomes: Sequence[Outcome]) -> Answer:
    """The runs as the shared document and as a line each."""
    texts = context.texts
    ran = [context.sync(outcome.sync) for outcome in outcomes]
    with closing(context.program.open_reading()) as reading:
        found = findings_of(reading, ran)
        findings = finding_documents(found, reading, texts, context.zone)
    converged = bool(outcomes) and all(outcome.converged for outcome in outcomes)
    runs = [outcome.record for outcome in outcomes if outcome.record is not None]
    told = document(runs, findings, converged)
    errors = [outcome.trouble for outcome in outcomes if outcome.trouble is not None]
    if errors:
        told["errors"] = [
            {"sync": outcome.sync, "code": outcome.trouble.code, "message": outcome.trouble.message}
            for outcome in outcomes
            if outcome.trouble is not None
        ]
    lines = [line for outcome in outcomes for line in _lines(context, outcome)]
    if found:
        lines.append(texts.count("cli.sync.findings", len(found)))
    return Answer(told, lines, worst(outcome.exit_code for outcome in outcomes))


def _lines(context: Context, outcome: Outcome) -> list[str]:
    texts = context.texts
    lines = []
    if outcome.record is not None:
        lines.append(texts("cli.sync.run", sync=outcome.sync, report=run_report(texts, outcome.record)))
    if outcome.trouble is not None:
        lines.append(texts("cli.sync.trouble", sync=outcome.sync, message=outcome.trouble.message))
    if outcome.held:
        lines.append(texts("cli.sync.held", sync=outcome.sync))
    return lines
