"""The page Findings: lists by kind, one finding in full, and what can be done about one or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from soroe.core.event import Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingKind
from soroe.core.plan import Why
from soroe.core.route import SyncName
from soroe.engine.connection_findings import connection_finding, ending_finding
from soroe.ports.reading import BothSides
from soroe.ui.state import AppState
from soroe.ui.texts import (
    FieldPair,
    FindingWords,
    action_name,
    finding_words,
    kind_name,
    side_by_side,
    times,
    title_words,
)
from soroe.ui.texts.catalogue import Texts

from .connections import ends_soon
from .meetings import content_of, hides_details
from .told import Told

LookUp = Callable[[SyncName, Side, Ref], BothSides]
NOWHERE = BothSides(None, None, None, None)
NO_COMMAND = frozenset({FindingAction.SHOW_SETTING, FindingAction.CHANGE_PRIVACY, FindingAction.RECONNECT})
"""Actions that open something here instead of asking the engine."""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One line of the list: what it is about, and what happened."""

    sync: SyncName
    finding: Finding
    title: str
    when: str
    words: FindingWords


@dataclass(frozen=True, slots=True)
class FindingDetails:
    """One finding in full; `others` are further items of a group of duplicates, as (side, title, time)."""

    line: FindingLine
    fields: tuple[FieldPair, ...]
    others: tuple[tuple[str, str, str], ...]
    actions: tuple[tuple[FindingAction, str], ...]
    has_items: bool


def setting_of(action: FindingAction, cause: str) -> str:
    """The choice of a sync, by its key in config.toml, that an action about a finding leads to."""
    if action is FindingAction.CHANGE_PRIVACY or cause.startswith("private"):
        return "privacy"
    return "conflicts" if cause == Why.CONFLICT.value else "direction"


def about_connections(state: AppState, told: Told) -> tuple[tuple[SyncName, Finding], ...]:
    """The findings about the accounts of syncs, each once: they live with the accounts and not in the database."""
    found: list[tuple[SyncName, Finding]] = []
    for account in state.accounts:
        users = [sync.name for sync in state.syncs if account.name in {sync.setup.crm, sync.setup.calendar}]
        finding = connection_finding(account.name, account.health)
        if finding is None and ends_soon(account, told):
            finding = ending_finding(account.name)
        if finding is not None and users:
            found.append((users[0], finding))
    return tuple(found)


def kinds_view(
    found: Sequence[tuple[SyncName, Finding]], texts: Texts
) -> tuple[tuple[FindingKind | None, str, int], ...]:
    """The tabs of the page: all, then every kind that has findings, with counts."""
    counts = [(kind, sum(1 for _, finding in found if finding.kind is kind)) for kind in FindingKind]
    everything = (None, texts("finding.kind.all"), len(found))
    return (everything, *((kind, kind_name(texts, kind), n) for kind, n in counts if n))


def line(sync: SyncName, finding: Finding, look_up: LookUp, told: Told) -> FindingLine:
    """One line of the list; its title and time are read from the items."""
    sides = _sides(sync, finding, look_up)
    shown = content_of(sides.calendar) or content_of(sides.crm)
    if shown is None:
        title = finding.account or told.texts("finding.whole_sync")
        return FindingLine(sync, finding, title, sync, finding_words(told.texts, finding))
    at = times.when(told.texts, shown.when, told.now, told.zone)
    title = title_words(told.texts, shown.title, private=hides_details(sides))
    return FindingLine(sync, finding, title, at, finding_words(told.texts, finding))


def details(sync: SyncName, finding: Finding, look_up: LookUp, told: Told) -> FindingDetails:
    """One finding in full."""
    sides = _sides(sync, finding, look_up)
    crm, calendar = content_of(sides.crm), content_of(sides.calendar)
    return FindingDetails(
        line(sync, finding, look_up, told),
        side_by_side(told.texts, crm, calendar, told.now, told.zone),
        tuple(_other(sync, side, ref, look_up, told) for side, ref in finding.others),
        tuple((action, action_name(told.texts, action)) for action in finding.actions),
        crm is not None or calendar is not None,
    )


def common_actions(findings: Sequence[Finding], texts: Texts) -> tuple[tuple[FindingAction, str], ...]:
    """What can be done about all of these at once, in the order of the first one."""
    if not findings:
        return ()
    shared = [a for a in findings[0].actions if all(a in finding.actions for finding in findings)]
    several = [a for a in shared if len(findings) == 1 or a not in NO_COMMAND]
    return tuple((action, action_name(texts, action)) for action in several)


def _sides(sync: SyncName, finding: Finding, look_up: LookUp) -> BothSides:
    crm = look_up(sync, Side.CRM, finding.crm) if finding.crm else None
    calendar = look_up(sync, Side.CALENDAR, finding.calendar) if finding.calendar else None
    first = crm or calendar
    if first is None:
        return NOWHERE
    return BothSides(
        first.crm if crm is None else crm.crm,
        calendar.calendar if calendar else first.calendar,
        first.link,
        first.why,
    )


def _other(sync: SyncName, side: Side, ref: Ref, look_up: LookUp, told: Told) -> tuple[str, str, str]:
    sides = look_up(sync, side, ref)
    shown = content_of(sides.crm if side is Side.CRM else sides.calendar)
    name = told.texts(f"side.{side.value}")
    if shown is None:
        return name, told.texts("value.not_there"), ""
    title = title_words(told.texts, shown.title, private=hides_details(sides))
    return name, title, times.when(told.texts, shown.when, told.now, told.zone)
