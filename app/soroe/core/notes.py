"""The findings that go with decisions: one maker for each kind."""

from __future__ import annotations

from .dialect import Dialect
from .event import Departure, Field, ReadOnlyCause, Ref, Side, Unreadable
from .finding import Finding, FindingAction, FindingKind, Severity
from .plan import Decision, Nothing, Why
from .route import Direction
from .rules.form import (
    AS_TIME,
    CUT,
    ENDLESS_CUT,
    GUESTS_CUT,
    LENGTHENED,
    PLAIN_TEXT,
    ROUNDED,
    SERIES_CUT,
    TRIMMED,
    Alteration,
)
from .rules.limits import RULES_OF_SERIES, Refusal
from .rules.privacy import Mask

USUAL_RULES = {
    CUT: "ESM-IL1",
    PLAIN_TEXT: "ESM-IL3",
    ROUNDED: "ESM-I9",
    LENGTHENED: "ESM-I10",
    AS_TIME: "ESM-I4",
    GUESTS_CUT: "SF-11",
    SERIES_CUT: "SF-10",
    ENDLESS_CUT: "SF-10",
}
"""The rule behind an alteration, where the dialect names no other."""
GUESTS_UNKNOWN = "guests_unknown"
DEFAULT_VISIBILITY = "default_visibility"
WHY_MASKED = {
    Mask.FULL: Why.PRIVATE_KEPT,
    Mask.BLOCK: Why.PRIVATE_BLOCK,
    Mask.SKIP: Why.PRIVATE_SKIPPED,
    Mask.APART: Why.PRIVATE_FREE,
}


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


def private(mask: Mask, dialect: Dialect, crm: Ref | None, calendar: Ref, *, kept: bool) -> tuple[Finding, ...]:
    """A private event and what the CRM learns of it (PD-7)."""
    if mask is Mask.OPEN:
        return ()
    cause = Why.PRIVATE_KEPT if kept and mask is not Mask.APART else WHY_MASKED[mask]
    rule = dialect.rule(cause, "ESM-I18" if mask is Mask.APART else "PD-7")
    actions = (FindingAction.DISMISS,) if mask is Mask.APART else (FindingAction.CHANGE_PRIVACY, FindingAction.DISMISS)
    return (Finding(FindingKind.PRIVATE, rule, Severity.INFO, cause, crm, calendar, actions=actions),)


def rule_of(obstacle: Direction | ReadOnlyCause, side: Side, dialect: Dialect) -> str:
    """The rule behind an obstacle to changes of `side` (SF-25, SF-26 where a dialect says so)."""
    if obstacle is ReadOnlyCause.FOREIGN_ORGANISER:
        return dialect.rule(obstacle, "ESM-G5")
    of_crm = obstacle is ReadOnlyCause.SPECIAL_KIND and side is Side.CRM
    return dialect.rule(obstacle, "PD-8") if of_crm else "PD-8"


def about_the_sync(dialect: Dialect) -> tuple[Finding, ...]:
    """What is true of every sync with this CRM: only what an event says of itself makes it private (ESM-IL2)."""
    rule = dialect.rule(DEFAULT_VISIBILITY, "")
    if not rule:
        return ()
    return (
        Finding(
            FindingKind.PRIVATE, rule, Severity.INFO, DEFAULT_VISIBILITY,
            actions=(FindingAction.CHANGE_PRIVACY, FindingAction.DISMISS),
        ),
    )  # fmt: skip # short values, several a line


def one_way(
    obstacle: Direction | ReadOnlyCause,
    crm: Ref | None,
    calendar: Ref | None,
    stuck: tuple[Field, ...] = (),
    rule: str = "PD-8",
) -> Finding:
    """Changes on one side do not reach the other, and why (PD-8, ESM-G5). `stuck` fields wait already."""
    by_setting = isinstance(obstacle, Direction)
    action = FindingAction.SHOW_SETTING if by_setting else FindingAction.DISMISS
    return Finding(
        FindingKind.ONE_WAY,
        rule,
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


def deletes_event(crm: Ref, calendar: Ref) -> Finding:
    """A meeting is gone from the calendar, and its appointment stands for an event: with it the whole event would go,
    team, books and all, so that is asked (OD-7)."""
    actions = (FindingAction.TAKE_CALENDAR, FindingAction.TAKE_CRM)
    return Finding(FindingKind.HELD, "OD-7", Severity.WARNING, Why.DELETES_EVENT, crm, calendar, actions=actions)


def departed(departure: Departure, crm: Ref, calendar: Ref) -> Decision:
    """An activity went to somebody else, or along with its related record: nobody has called the meeting off, so the
    event stays until a person says what is to become of it; should the activity come back, both are in step (SF-19).
    """
    why = Why(departure.value)
    actions = (FindingAction.TAKE_CALENDAR, FindingAction.TAKE_CRM)
    finding = Finding(FindingKind.HELD, "SF-19", Severity.WARNING, why, crm, calendar, actions=actions)
    return Decision(crm, calendar, Nothing(why), (finding,))


def hidden(crm: Ref, calendar: Ref) -> Finding:
    """The CRM shows this appointment in no calendar any more; it stays in ours, in step (OD-6).

    Nothing is deleted because an administrator turned a setting: turned back, it would all come anew.
    """
    why, actions = Why.HIDDEN_IN_CRM, (FindingAction.DISMISS,)
    return Finding(FindingKind.ALTERED, "OD-6", Severity.INFO, why, crm, calendar, actions=actions)


def altered(
    alterations: tuple[Alteration, ...], dialect: Dialect, crm: Ref | None, calendar: Ref | None
) -> tuple[Finding, ...]:
    """Fields that the CRM holds in a poorer form, one finding per kind of loss, which names all its fields.

    One for each field would be the same finding to whoever keeps them: only the last would be seen. Where there are
    several, how long each was and is stays untold.
    """
    if not alterations:
        return ()
    kinds: dict[str, list[Alteration]] = {}
    for loss in alterations:
        if loss.cause != TRIMMED:  # white space at the ends is no loss (SF-1)
            kinds.setdefault(loss.cause, []).append(loss)
    return tuple(
        Finding(
            FindingKind.ALTERED,
            dialect.rule(cause, USUAL_RULES.get(cause, "S-8")),
            Severity.INFO,
            cause,
            crm,
            calendar,
            fields=fields,
            numbers=_numbers(losses[-1]) if len(fields) == 1 else (),
            actions=(FindingAction.DISMISS,),
        )
        for cause, losses in kinds.items()
        for fields in [tuple(dict.fromkeys(loss.field.value for loss in losses))]
    )


def _numbers(loss: Alteration) -> tuple[tuple[str, int], ...]:
    if loss.cause == ENDLESS_CUT:
        return (("after", loss.after),)
    more = (("cut", loss.before - loss.after),) if loss.cause == SERIES_CUT else ()
    return (("before", loss.before), ("after", loss.after), *more)


def series_of_singles(calendar: Ref, before: int, after: int, *, endless: bool) -> Finding:
    """A series that stands in the CRM as its next so many occurrences (SF-10). `before` are those in the window."""
    return Finding(
        FindingKind.ALTERED,
        "SF-10",
        Severity.INFO,
        ENDLESS_CUT if endless else SERIES_CUT,
        calendar=calendar,
        fields=(Field.RECURRENCE.value,),
        numbers=(("before", before), ("after", after), ("cut", before - after)),
        actions=(FindingAction.DISMISS,),
    )


def kept_out(why: Why, crm: Ref | None, calendar: Ref | None, fields: tuple[Field, ...] = ()) -> Finding:
    """A change of a series that the CRM does not take (SF-15)."""
    return Finding(
        FindingKind.REJECTED,
        RULES_OF_SERIES[why],
        Severity.WARNING,
        why,
        crm,
        calendar,
        fields=tuple(name.value for name in fields),
        actions=(FindingAction.DISMISS,),
    )


def guests_unknown(count: int, dialect: Dialect, crm: Ref, calendar: Ref) -> tuple[Finding, ...]:
    """Guests whom the CRM does not know: they stay in the calendar, and it is told how many there are."""
    if not count:
        return ()
    rule = dialect.rule(GUESTS_UNKNOWN, "ESM-I13")
    fields, numbers = (Field.GUESTS.value,), (("left_out", count),)
    actions = (FindingAction.DISMISS,)
    return (
        Finding(
            FindingKind.ALTERED, rule, Severity.INFO, GUESTS_UNKNOWN, crm, calendar,
            fields=fields, numbers=numbers, actions=actions,
        ),
    )  # fmt: skip # short values, several a line


def unsupported(refused: Refusal, crm: Ref | None, calendar: Ref | None) -> Finding:
    """An item that the CRM's rules keep out as a whole (SF-7, series where the CRM has none)."""
    return Finding(
        FindingKind.REJECTED,
        refused.rule,
        Severity.WARNING,
        refused.why,
        crm,
        calendar,
        fields=tuple(name.value for name in Field if name in refused.fields),
        numbers=refused.numbers,
        actions=(FindingAction.DISMISS,),
    )


def unreadable(seen: Unreadable, side: Side, dialect: Dialect) -> Finding:
    """The finding about an item that nobody can read: which one, and which field."""
    of_calendar = dialect.rule(Why.UNREADABLE, "S-9")
    return Finding(
        FindingKind.REJECTED,
        of_calendar if side is Side.CALENDAR else "S-9",
        Severity.WARNING,
        Why.UNREADABLE,
        crm=seen.ref if side is Side.CRM else None,
        calendar=seen.ref if side is Side.CALENDAR else None,
        fields=(seen.field,),
        actions=(FindingAction.RETRY, FindingAction.DISMISS),
        service_message=seen.reason,
    )
