"""Which items a sync takes at all; an item once linked stays linked, whatever these rules say later."""

from __future__ import annotations

from datetime import datetime

from soroe.core.dialect import Dialect
from soroe.core.event import ObservedItem, Side, Window
from soroe.core.mirror import HIDDEN_TWIN
from soroe.core.plan import Why
from soroe.core.route import TAKEN_KINDS, Route

from .limits import refusal
from .recurrence_cut import is_over
from .recurrence_limits import can_be_said


def obstacle(item: ObservedItem, side: Side, route: Route, dialect: Dialect) -> Why | None:
    """Why an unlinked item is not taken; None when it is."""
    if side is Side.CALENDAR:
        if item.kind not in TAKEN_KINDS:
            return Why.NOT_A_MEETING
        if item.declined:
            return Why.DECLINED
    elif item.kind == HIDDEN_TWIN:
        return Why.HIDDEN_IN_CRM
    elif route.activity_types is not None and item.activity_type not in route.activity_types:
        return Why.TYPE_NOT_CHOSEN
    content = item.content
    if (
        content.recurrence is None
        and not route.window.holds(content.when)
        and not _came_from(item, route.window)
        and not _is_kept_past(item, side, dialect)
    ):
        return Why.OUT_OF_WINDOW
    if route.changed_since is not None:
        touched = item.changed_at or item.created_at
        if touched is not None and touched < route.changed_since:
            return Why.UNCHANGED_SINCE_START
    if content.recurrence is not None and _is_rest_of_series(item, side, route, dialect):
        return Why.OUT_OF_WINDOW
    refused = refusal(content, dialect)
    return refused.why if refused is not None else None


def _is_kept_past(item: ObservedItem, side: Side, dialect: Dialect) -> bool:
    """Whether this is a meeting of a CRM's series that stayed as it was when the series changed: however long ago it
    was, the calendar's series, which changes with all its past, needs to be told (SF-16)."""
    return side is Side.CRM and item.occurrence is not None and dialect.series is not None and dialect.series.started


def _is_rest_of_series(item: ObservedItem, side: Side, route: Route, dialect: Dialect) -> bool:
    """Whether this is what is left in the CRM of a series that was split at a day past: nobody's twin (SF-12)."""
    if side is Side.CALENDAR or dialect.series is None:
        return False
    over = route.today is not None and can_be_said(item.content) and is_over(item.content, route.today)
    return dialect.series.started and over


def _came_from(item: ObservedItem, window: Window) -> bool:
    """Whether this is an occurrence that was moved out of the window: it also counts where it came from."""
    if item.occurrence is None:
        return False
    original = item.occurrence.original_start
    day = original.date() if isinstance(original, datetime) else original
    return window.first <= day <= window.last
