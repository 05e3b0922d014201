"""Why an item stands as it does, and what would change it (S-9)."""

from __future__ import annotations

from enum import StrEnum

from soroe.core.event import ReadOnlyCause
from soroe.core.plan import Why
from soroe.core.route import Direction

from .catalogue import Texts


class Standing(StrEnum):
    """What a reason comes to, in one word of the table."""

    SYNCED = "synced"
    WAITING = "waiting"
    ONE_WAY = "one_way"
    NOT_SYNCED = "not_synced"
    ATTENTION = "attention"


STANDINGS: dict[Why, Standing] = {
    Why.IN_STEP: Standing.SYNCED,
    Why.NEW_IN_CRM: Standing.SYNCED,
    Why.NEW_IN_CALENDAR: Standing.SYNCED,
    Why.CHANGED_IN_CRM: Standing.SYNCED,
    Why.CHANGED_IN_CALENDAR: Standing.SYNCED,
    Why.CHANGED_ON_BOTH: Standing.SYNCED,
    Why.REMOVED_IN_CRM: Standing.SYNCED,
    Why.REMOVED_IN_CALENDAR: Standing.SYNCED,
    Why.CHANGE_BEATS_REMOVAL: Standing.SYNCED,
    Why.SAME_MEETING: Standing.SYNCED,
    Why.STAMPED: Standing.SYNCED,
    Why.BOTH_GONE: Standing.SYNCED,
    Why.DUPLICATE: Standing.ATTENTION,
    Why.CONFLICT: Standing.ATTENTION,
    Why.OUT_OF_WINDOW: Standing.NOT_SYNCED,
    Why.TYPE_NOT_CHOSEN: Standing.NOT_SYNCED,
    Why.CALENDAR_NOT_CHOSEN: Standing.NOT_SYNCED,
    Why.UNCHANGED_SINCE_START: Standing.NOT_SYNCED,
    Why.PRIVATE_SKIPPED: Standing.NOT_SYNCED,
    Why.PRIVATE_FREE: Standing.NOT_SYNCED,
    Why.PRIVATE_BLOCK: Standing.SYNCED,
    Why.PRIVATE_KEPT: Standing.SYNCED,
    Why.NOT_A_MEETING: Standing.NOT_SYNCED,
    Why.HIDDEN_IN_CRM: Standing.NOT_SYNCED,
    Why.NO_NEW_PAIRS: Standing.NOT_SYNCED,
    Why.DELETES_EVENT: Standing.ATTENTION,
    Why.REASSIGNED: Standing.ATTENTION,
    Why.RELATED_DELETED: Standing.ATTENTION,
    Why.DECLINED: Standing.NOT_SYNCED,
    Why.DIRECTION: Standing.ONE_WAY,
    Why.READ_ONLY: Standing.ONE_WAY,
    Why.OTHER_SYNC: Standing.NOT_SYNCED,
    Why.WAITS_FOR_SERIES: Standing.WAITING,
    Why.NO_SERIES: Standing.NOT_SYNCED,
    Why.TOO_LONG: Standing.NOT_SYNCED,
    Why.SERIES_TOO_LONG: Standing.NOT_SYNCED,
    Why.SERIES_TOO_RARE: Standing.NOT_SYNCED,
    Why.SERIES_ENDS_FIRST: Standing.NOT_SYNCED,
    Why.PAST_OCCURRENCE: Standing.NOT_SYNCED,
    Why.SPLIT_AT_TODAY: Standing.SYNCED,
    Why.GOES_ON: Standing.SYNCED,
    Why.REJECTED: Standing.ATTENTION,
    Why.UNREADABLE: Standing.ATTENTION,
    Why.HELD: Standing.ATTENTION,
    Why.REWRITTEN_ON_BOTH_SIDES: Standing.ATTENTION,
    Why.CHOSEN_BY_USER: Standing.SYNCED,
    Why.UNDONE: Standing.SYNCED,
    Why.RESTORED: Standing.SYNCED,
}
"""Every reason has its standing (complete by test)."""

Cause = Why | ReadOnlyCause | Direction
CAUSES: dict[str, Cause] = {cause.value: cause for kind in (Direction, ReadOnlyCause, Why) for cause in kind}


def cause_of(code: str) -> Cause | None:
    """The cause that a finding's code names; None for a code of a service or of an account."""
    return CAUSES.get(code)


def why_sentence(texts: Texts, why: Cause) -> str:
    """One sentence that says why."""
    return texts(f"why.{why.value}")


def standing(why: Why | None) -> Standing:
    """What a reason comes to; an item nobody has looked at yet waits."""
    return Standing.WAITING if why is None else STANDINGS[why]


def standing_name(texts: Texts, of: Standing) -> str:
    """The word in the table."""
    return texts(f"state.{of.value}")


def explanation(texts: Texts, why: Why | None) -> str:
    """The whole answer of `soroe explain` and of the details panel: synced or not, why, and what would change it."""
    if why is None:
        return texts("explain.not_looked_at")
    synced = standing(why) in {Standing.SYNCED, Standing.ONE_WAY}
    first = texts("explain.synced" if synced else "explain.not_synced", why=why_sentence(texts, why))
    mend = f"mend.{why.value}"
    return texts.sentences([first, texts("explain.mend", mend=texts(mend)) if texts.has(mend) else ""])
