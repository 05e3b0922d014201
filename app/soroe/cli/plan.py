"""`soroe plan`: every action of the next run with its reason, and nothing written to either side."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace

from soroe.core.event import Side
from soroe.core.finding import Finding
from soroe.core.plan import Action, Plan
from soroe.core.route import SyncName
from soroe.engine.accounts import AccountTrouble
from soroe.engine.joint import Joint
from soroe.engine.run import Run
from soroe.ports.errors import LocalTrouble, PortError
from soroe.settings.model import SyncSettings
from soroe.ui.texts import Texts, field_name, finding_words, side_name, why_sentence

from .console import table
from .context import Answer, Context, Desk
from .items import content_document, item_document, title_cell, when_cell
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe plan [NAME]`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=texts("cli.arg.sync"))


def run(context: Context) -> Answer:
    """Read both sides of one sync or of all, and say what a run would do."""
    actions: list[dict[str, object]] = []
    findings: list[dict[str, object]] = []
    lines: list[str] = []
    with context.desk() as desk:
        for sync in context.syncs(context.arguments.name):
            plan, joint = planned(desk, sync)
            actions += [_action(action, joint, sync.name, context) for action in plan.actions]
            findings += [_finding(context, sync.name, finding) for finding in _findings(plan)]
            lines += plan_lines(context, sync.name, plan, joint)
    return Answer({"actions": actions, "findings": findings}, lines)


def planned(desk: Desk, sync: SyncSettings) -> tuple[Plan, Joint]:
    """The plan of one sync, read at its turn: what is read is kept, so that the run after it reads less.

    Raises `AccountTrouble` where it is known whose trouble it is, any other `PortError` else.
    """
    with desk.context.program.turn(sync.name):
        joint = desk.open(sync.name)
        run = Run(joint)
        try:
            return run.plan(), joint
        except PortError as error:
            if run.side is None or isinstance(error, LocalTrouble):
                raise
            raise AccountTrouble(sync.crm if run.side is Side.CRM else sync.calendar, error) from error


def plan_lines(context: Context, sync: SyncName, plan: Plan, joint: Joint) -> list[str]:
    """A plan for people: counts, then a line for every action, with its reason."""
    texts = context.texts
    head = texts("cli.plan.title", sync=sync, counts=counts(plan, texts))
    rows = [
        [
            "  " + texts(f"plan.{action.verb.value}"),
            side_name(texts, action.side),
            when_cell(texts, action.content, context.now, context.zone),
            title_cell(action.content),
            item_of(action),
            texts.listed(field_name(texts, name.value) for name in action.fields),
            why_sentence(texts, action.why),
        ]
        for action in _shown(plan, joint)
    ]
    found = len(_findings(plan))
    return [head, *table(rows), *([texts.count("cli.plan.findings", found)] if found else [])]


def _shown(plan: Plan, joint: Joint) -> list[Action]:
    """The actions with a content to show."""
    return [action if action.content is not None else _with_content(action, joint) for action in plan.actions]


def _with_content(action: Action, joint: Joint) -> Action:
    """A link or a deletion with what the CRM shows, or last showed: the calendar's own words may be private (S-6)."""
    ref = action.target if action.side is Side.CRM else action.source
    content = joint.store.last_content(Side.CRM, ref) if ref is not None else None
    return replace(action, content=content)


def counts(plan: Plan, texts: Texts) -> str:
    """What a plan would do to each side, in numbers."""
    totals: dict[tuple[str, Side], int] = {}
    for action in plan.actions:
        key = (action.verb.value, action.side)
        totals[key] = totals.get(key, 0) + 1
    parts = [
        texts("cli.plan.count", side=side_name(texts, side), verb=texts(f"plan.{verb}"), n=texts.number(n))
        for (verb, side), n in sorted(totals.items())
    ]
    return texts.listed(parts) if parts else texts("run.nothing")


def count_document(plan: Plan) -> dict[str, dict[str, int]]:
    """What a plan would do: for every verb, how often on each side."""
    totals: dict[str, dict[str, int]] = {}
    for action in plan.actions:
        per_side = totals.setdefault(action.verb.value, {"crm": 0, "calendar": 0})
        per_side[action.side.value] += 1
    return totals


def item_of(action: Action) -> str:
    """The id to ask `soroe explain` with: of what is written to, or, for a new item, of what it is made from."""
    ref = action.target or action.source
    return ref.id if ref is not None else ""


def _action(action: Action, joint: Joint, sync: SyncName, context: Context) -> dict[str, object]:
    shown = action if action.content is not None else _with_content(action, joint)
    content = content_document(shown.content, context.zone) if shown.content is not None else {}
    return {
        "sync": sync,
        "side": action.side.value,
        "verb": action.verb.value,
        "item": item_of(action),
        "source": item_document(action.source, None, context.zone),
        "target": item_document(action.target, None, context.zone),
        "reason": action.why.value,
        "words": why_sentence(context.texts, action.why),
        "fields": [name.value for name in action.fields],
        **content,
    }


def _findings(plan: Plan) -> list[Finding]:
    """Every finding once; a group of duplicates is found from each of its members."""
    return list({finding.id: finding for finding in plan.findings}.values())


def _finding(context: Context, sync: SyncName, finding: Finding) -> dict[str, object]:
    words = finding_words(context.texts, finding)
    return {
        "sync": sync,
        "id": finding.id,
        "kind": finding.kind.value,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "cause": finding.cause,
        "crm": item_document(finding.crm, None, context.zone),
        "calendar": item_document(finding.calendar, None, context.zone),
        "fields": list(finding.fields),
        "actions": [action.value for action in finding.actions],
        "what": words.what,
        "why": words.why,
    }
