"""Runs, syncs, plans and the results of commands in words."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from soroe.core.event import Side
from soroe.core.plan import Action, Verb
from soroe.ports.store import ChangeState, RunKind, RunRecord, SyncState, SyncStatus

from . import times
from .catalogue import Texts
from .diagnosis import code_words
from .items import side_name
from .reasons import why_sentence

if TYPE_CHECKING:
    from soroe.engine.messages import CommandDone, TestLeg
    from soroe.engine.phase import Phase


def run_report(texts: Texts, run: RunRecord) -> str:
    """What a run did, in one line."""
    parts = [
        texts(f"run.{name}", n=texts.number(sum(pair)))
        for name, pair in (("created", run.created), ("updated", run.updated), ("deleted", run.deleted))
        if any(pair)
    ]
    if run.linked:
        parts.append(texts("run.linked", n=texts.number(run.linked)))
    if run.conflicts:
        parts.append(texts.count("run.conflicts", run.conflicts))
    for name, n in (("failed", run.failed), ("held", run.held)):
        if n:
            parts.append(texts(f"run.{name}", n=texts.number(n)))
    if run.trouble:
        parts.append(texts("run.trouble", trouble=code_words(texts, run.trouble)))
    return texts.listed(parts) if parts else texts("run.nothing")


def run_kind(texts: Texts, kind: RunKind) -> str:
    """What a run was for."""
    return texts(f"run.kind.{kind.value}")


def status_words(texts: Texts, state: SyncState, now: datetime, zone: tzinfo) -> str:
    """Where a sync stands."""
    if state.status is SyncStatus.PAUSED and state.paused_until is not None:
        return texts("sync.status.paused_until", moment=times.moment(texts, state.paused_until, now, zone))
    return texts(f"sync.status.{state.status.value}")


def progress_words(texts: Texts, phase: Phase, done: int, total: int | None) -> str:
    """How far a run is."""
    doing = texts(f"phase.{phase.value}")
    if total is None:
        return texts("progress.open", phase=doing, done=texts.number(done))
    return texts("progress.count", phase=doing, done=texts.number(done), total=texts.number(total))


def verb_words(texts: Texts, verb: Verb, side: Side) -> str:
    """What was done, and where."""
    return texts("verb.where", verb=texts(f"verb.{verb.value}"), side=side_name(texts, side))


def action_line(texts: Texts, action: Action) -> str:
    """One line of `soroe plan`: what would be done where, and why."""
    verb = texts(f"plan.{action.verb.value}")
    return f"{side_name(texts, action.side)}: {verb} – {why_sentence(texts, action.why)}"


def change_state(texts: Texts, state: ChangeState) -> str:
    """How far a change has come."""
    return texts(f"change.{state.value}")


def leg_words(texts: Texts, leg: TestLeg) -> str:
    """One leg of a test sync."""
    name = texts("connections.test.leg.to_crm" if leg.to_crm else "connections.test.leg.to_calendar")
    if leg.seconds is None:
        return texts("connections.test.failed", leg=name, code=code_words(texts, leg.code))
    return texts("connections.test.ok", leg=name, seconds=times.seconds(texts, leg.seconds))


def foreseen_words(texts: Texts, done: CommandDone) -> str:
    """What a preview came to: what a run would do, in sentences; or why nobody can say."""
    seen = done.foreseen
    if seen is None:
        return texts("choices.unknown", code=code_words(texts, done.code))
    parts = [
        texts("cli.plan.count", side=side_name(texts, side), verb=texts(f"plan.{verb.value}"), n=texts.number(n))
        for verb, side, n in seen.actions
    ]
    said = [texts("choices.would", counts=texts.listed(parts)) if parts else texts("choices.would.nothing")]
    if seen.findings:
        said.append(texts.count("choices.would.findings", seen.findings))
    if seen.held:
        said.append(texts.count("choices.would.held", seen.held))
    return texts.sentences(said)


def support_file_words(texts: Texts, file: str, code: str) -> str:
    """What became of the file for the support."""
    return texts("done.failed", code=code_words(texts, code)) if code else texts("cli.bundle.written", file=file)


def refused_words(texts: Texts, field: str, code: str) -> str:
    """Why a value that was typed or chosen is not accepted."""
    key = f"refused.{code}"
    reason = texts(key) if texts.has(key) else texts("refused.unknown", code=code)
    return texts("add.refused", field=field, reason=reason)


def command_result(texts: Texts, done: CommandDone) -> str:
    """What became of a command; empty for commands whose result is seen anyway."""
    from soroe.engine.messages import AddLink, Preview, Resolve, Restore, Undo

    if isinstance(done.command, Preview):
        return ""  # the sheet that asked says it
    if done.code and isinstance(done.command, AddLink):
        return texts("done.link.failed", code=code_words(texts, done.code))
    if done.code:
        return texts("done.failed", code=code_words(texts, done.code))
    match done.command:
        case Undo():
            return texts.count("history.undo.done", done.skipped) if done.skipped else texts("done.undo")
        case Restore():
            return texts("done.restore")
        case AddLink():
            return texts("done.link")
        case Resolve():
            return texts("done.resolve")
        case _:
            return ""
