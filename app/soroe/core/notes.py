"""The findings that go with decisions: one maker for each kind."""

from __future__ import annotations

from .dialect import Dialect
from .event import Field, ReadOnlyCause, Ref, Side
from .finding import Finding, FindingAction, FindingKind, Severity
from .plan import Why
from .route import Direction
from .rules.form import TRIMMED, Alteration
from .rules.privacy import Mask

RULES_OF_ALTERATIONS = {"trimmed": "SF-1", "cut": "ESM-IL1", "plain_text": "ESM-IL3", "rounded": "ESM-I9"}


def duplicate(ref: Ref, side: Side, others: tuple[tuple[Side, Ref], ...]) -> Finding:
    """Several items look alike (PD-9). The group has one finding, whichever of its members is looked at."""
    group = sorted({(side, ref), *others})
    first_side, first = group[0]
    return Finding(
        FindingKind.DUPLICATE,
        "PD-9",
        Severity.WARNING,
        Why.DUPLICATE,
        crm=first if first_side is Side.CRM else None,
        calendar=first if first_side is Side.CALENDAR else None,
        others=tuple(group[1:]),
        numbers=(("copies", len(group)),),
        actions=(FindingAction.KEEP_ONE, FindingAction.MERGE, FindingAction.NOT_A_DUPLICATE),
    )


def private(mask: Mask, crm: Ref | None, calendar: Ref, *, kept: bool) -> tuple[Finding, ...]:
    """A private event and what the CRM learns of it (PD-7)."""
    if mask is Mask.OPEN:
        return ()
    causes = {Mask.FULL: Why.PRIVATE_KEPT, Mask.BLOCK: Why.PRIVATE_BLOCK, Mask.SKIP: Why.PRIVATE_SKIPPED}
    cause = Why.PRIVATE_KEPT if kept else causes[mask]
    actions = (FindingAction.CHANGE_PRIVACY, FindingAction.DISMISS)
    return (Finding(FindingKind.PRIVATE, "PD-7", Severity.INFO, cause, crm, calendar, actions=actions),)


def one_way(
    obstacle: Direction | ReadOnlyCause, crm: Ref | None, calendar: Ref | None, stuck: tuple[Field, ...] = ()
) -> Finding:
    """Changes on one side do not reach the other, and why (PD-8, ESM-G5). `stuck` fields wait already."""
    by_setting = isinstance(obstacle, Direction)
    action = FindingAction.SHOW_SETTING if by_setting else FindingAction.DISMISS
    return Finding(
        FindingKind.ONE_WAY,
        "ESM-G5" if obstacle is ReadOnlyCause.FOREIGN_ORGANISER else "PD-8",
        Severity.WARNING if stuck else Severity.INFO,
        obstacle.value,
        crm,
        calendar,
        fields=tuple(name.value for name in stuck),
        actions=(action,) if action is FindingAction.DISMISS else (action, FindingAction.DISMISS),
    )


def conflict(crm: Ref, calendar: Ref, fields: tuple[Field, ...]) -> Finding:
    """Both sides changed the same fields and the policy is to ask."""
    return Finding(
        FindingKind.CONFLICT,
        "S-conflict",
        Severity.WARNING,
        Why.CONFLICT,
        crm,
        calendar,
        fields=tuple(name.value for name in fields),
        actions=(FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR),
    )


def altered(alterations: tuple[Alteration, ...], crm: Ref | None, calendar: Ref | None) -> tuple[Finding, ...]:
    """Fields that the CRM holds in a poorer form, one finding per kind of loss."""
    return tuple(
        Finding(
            FindingKind.ALTERED,
            RULES_OF_ALTERATIONS.get(loss.rule, "S-8"),
            Severity.INFO,
            loss.rule,
            crm,
            calendar,
            fields=(loss.field.value,),
            numbers=(("before", loss.before), ("after", loss.after)),
            actions=(FindingAction.DISMISS,),
        )
        for loss in alterations
        if loss.rule != TRIMMED  # white space at the ends is no loss (SF-1)
    )


def unsupported(why: Why, dialect: Dialect, crm: Ref | None, calendar: Ref | None) -> Finding:
    """An item that the CRM's rules keep out as a whole (SF-7, series where the CRM has none)."""
    rule = {Why.TOO_LONG: "SF-7", Why.NO_SERIES: "ESM-I5"}.get(why, "S-9")
    numbers = (("minutes", dialect.longest_minutes),) if dialect.longest_minutes is not None else ()
    actions = (FindingAction.DISMISS,)
    return Finding(FindingKind.REJECTED, rule, Severity.WARNING, why, crm, calendar, numbers=numbers, actions=actions)
