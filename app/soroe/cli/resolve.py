"""`soroe resolve`: what the buttons of a finding do."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import closing

from soroe.core.finding import Finding, FindingAction, FindingId
from soroe.core.route import SyncName
from soroe.engine.by_person import CannotResolve
from soroe.engine.resolve import resolve
from soroe.engine.run import Run
from soroe.ports.reading import Reading
from soroe.ports.store import SyncStatus
from soroe.ui.texts import action_done, run_report

from .context import Answer, Context
from .exits import CommandError
from .report import findings_of
from .sync import Outcome, answer, carried_out
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe resolve FINDING ACTION`."""
    parser.add_argument("finding", metavar="FINDING", help=texts("cli.arg.finding"))
    parser.add_argument(
        "action", metavar="ACTION", choices=[action.value for action in FindingAction], help=texts("cli.arg.action")
    )


def run(context: Context) -> Answer:
    """Do it, and let the sync run, as the window does: most choices take effect in that run."""
    action = FindingAction(context.arguments.action)
    with closing(context.program.open_reading()) as reading:
        name, finding = the_finding(context, reading, context.arguments.finding)
    _check(context, finding, action)
    sync = context.sync(name)
    with context.desk() as desk, context.program.turn(name):
        joint = desk.clean(name)
        try:
            resolve(joint, FindingId(finding.id), action)
        except CannotResolve as refusal:
            raise CommandError(f"resolve_{refusal.code}", finding=finding.id, action=action.value) from refusal
        outcomes: list[Outcome] = []
        if action is not FindingAction.DISMISS and joint.store.state().status is not SyncStatus.STOPPED:
            outcomes.append(carried_out(desk, sync, Run(joint).carry_out()))
    told = answer(context, outcomes)
    done = action_done(context.texts, action)
    records = [outcome.record for outcome in outcomes if outcome.record is not None]
    lines = [context.texts("cli.resolve.done", finding=finding.id, done=done)]
    lines += [context.texts("cli.sync.run", sync=name, report=run_report(context.texts, record)) for record in records]
    document = {"resolved": {"finding": finding.id, "sync": name, "action": action.value}, **told.document}
    return Answer(document, lines, told.exit_code)


def the_finding(context: Context, reading: Reading, text: str) -> tuple[SyncName, Finding]:
    """The one finding whose id begins with this text."""
    listed = findings_of(reading, context.program.settings().syncs)
    found = [pair for pair in listed if pair[1].id.startswith(text)]
    exact = [pair for pair in found if pair[1].id == text]
    if len(exact) == 1:
        return exact[0]
    if not found or not text:
        raise CommandError("no_such_finding", finding=text)
    if len(found) > 1:
        ids = context.texts.listed(finding.id for _, finding in found[:10])
        raise CommandError("several_findings", finding=text, ids=ids)
    return found[0]


def _check(context: Context, finding: Finding, action: FindingAction) -> None:
    if action not in finding.actions:
        offered = context.texts.listed(offer.value for offer in finding.actions) or context.texts("none")
        raise CommandError("action_not_offered", finding=finding.id, action=action.value, offered=offered)
    if action is FindingAction.RECONNECT:
        raise CommandError("resolve_reconnect_account", account=finding.account)
