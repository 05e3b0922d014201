"""The places to meet online (Zoom, Teams), as the details of a meeting offer them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from soroe.core.event import AllDay, EventContent, ObservedItem, Ref, Side
from soroe.core.route import Direction
from soroe.engine.health import HealthState
from soroe.engine.messages import AddLink
from soroe.ports.reading import BothSides, MeetingRow
from soroe.ui.ports import Account, Role
from soroe.ui.state import AppState

from .told import Told

_JOINS = re.compile(
    r"https://(?:[\w-]+\.)*(?:zoom(?:gov)?\.(?:us|com)/(?:j|my|w|s)/"
    r"|teams\.(?:microsoft|live)\.(?:com|us)/(?:l/meetup-join|meet)/|meet\.google\.com/)"
)
"""The addresses that guests join at, as these services write them."""


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """One button: what it says, the command it sends, and why it cannot be pressed (empty where it can)."""

    words: str
    command: AddLink
    why_not: str = ""


def link_offers(row: MeetingRow, sides: BothSides, state: AppState, told: Told) -> tuple[LinkOffer, ...]:
    """A button for each place that is signed in, in the order of their names; none where there is no such place."""
    places = [one for one in state.accounts if one.kind.role is Role.LOCATION and _is_signed_in(one)]
    target = _asked_about(row)
    if target is None:
        return ()
    why_not = _why_not(row, sides, state, told)
    return tuple(
        LinkOffer(
            _words(place, places, told),
            AddLink(row.sync, *target, place.name),
            why_not or _not_connected(place, told),
        )
        for place in sorted(places, key=lambda place: (place.kind.value, place.name))
    )


def _is_signed_in(account: Account) -> bool:
    return account.health.state is not HealthState.NOT_CONNECTED


def _asked_about(row: MeetingRow) -> tuple[Side, Ref] | None:
    if row.calendar is not None:
        return Side.CALENDAR, row.calendar
    return None if row.crm is None else (Side.CRM, row.crm)


def _words(place: Account, places: Sequence[Account], told: Told) -> str:
    """The name of the account only where two of one service must be told apart."""
    words = told.texts(f"activities.link.add.{place.kind.value}")
    if sum(one.kind is place.kind for one in places) == 1:
        return words
    return told.texts("activities.link.named", action=words, account=place.name)


def _why_not(row: MeetingRow, sides: BothSides, state: AppState, told: Told) -> str:
    """What about the meeting stands in the way; the engine decides again when it is asked."""
    items = [item for item in (sides.calendar, sides.crm) if item is not None]
    if any(command.sync == row.sync and command.ref in {row.calendar, row.crm} for command in state.linking):
        return told.texts("activities.link.making")
    if not items:
        return told.texts("activities.link.no.gone")
    if any(isinstance(item.content.when, AllDay) for item in items):
        return told.texts("activities.link.no.all_day")
    if any(_joins(item.content) for item in items):
        return told.texts("activities.link.no.has_link")
    sync = state.sync(row.sync)
    direction = sync.setup.direction if sync else Direction.TWO_WAY
    if not (_takes(sides.calendar, Side.CALENDAR, direction) or _takes(sides.crm, Side.CRM, direction)):
        return told.texts("activities.link.no.read_only")
    return ""


def _takes(item: ObservedItem | None, side: Side, direction: Direction) -> bool:
    return item is not None and item.read_only is None and direction.writes(side)


def _joins(content: EventContent) -> bool:
    return _JOINS.search(f"{content.location}\n{content.description}") is not None


def _not_connected(place: Account, told: Told) -> str:
    return "" if place.health.usable else told.texts("activities.link.no.not_connected", account=place.name)
