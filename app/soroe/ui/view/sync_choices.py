"""The choices of one sync as its sheet edits them: what is chosen now, what else could be, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy
from soroe.engine.messages import Choice
from soroe.ui.ports import SyncSetup
from soroe.ui.texts import Texts

WAYS = {"direction": Direction, "privacy": PrivacyPolicy, "conflicts": ConflictPolicy}
"""The choices that are one of a few words, by their keys in config.toml."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be ticked: its key in config.toml, its name, whether it is ticked now."""

    key: str
    name: str
    ticked: bool


def calendars(setup: SyncSetup) -> tuple[Offer, ...]:
    """The calendars of the account; one that the settings name and the account lacks is offered too, ticked."""
    known = {key for calendar in setup.calendars_offered for key in calendar.keys}
    offered = [
        Offer(calendar.key, calendar.name, not calendar.keys.isdisjoint(setup.calendars))
        for calendar in setup.calendars_offered
    ]
    return (*offered, *(Offer(key, key, True) for key in setup.calendars if key not in known))


def types(setup: SyncSetup) -> tuple[Offer, ...]:
    """The activity types that are carried to the calendar; without a choice it is all of them."""
    chosen = setup.activity_types
    known = dict.fromkeys((*setup.types_offered, *(chosen or ())))
    return tuple(Offer(key, key, chosen is None or key in chosen) for key in known)


def incoming(setup: SyncSetup, texts: Texts) -> tuple[tuple[str, str], ...]:
    """What a new event can become in the CRM, as key and name; the first one leaves it to the program."""
    known = dict.fromkeys((*setup.types_offered, *((setup.incoming_type,) if setup.incoming_type else ())))
    return (("", texts("choices.incoming_type.usual")), *((key, key) for key in known))


def now(setup: SyncSetup) -> dict[str, Choice]:
    """The choices as they are kept."""
    return {
        "direction": setup.direction.value,
        "privacy": setup.privacy.value,
        "conflicts": setup.conflicts.value,
        "calendars": tuple(offer.key for offer in calendars(setup) if offer.ticked),
        "activity_types": setup.activity_types,
        "incoming_type": setup.incoming_type,
        "backfill_from": setup.backfill_from,
    }


def changed(setup: SyncSetup, chosen: Mapping[str, Choice]) -> tuple[tuple[str, Choice], ...]:
    """What differs from what is kept, in the order of the sheet."""
    before = now(setup)
    return tuple((key, value) for key, value in chosen.items() if _same(value) != _same(before[key]))


def _same(value: Choice) -> object:
    """Lists are sets here: their order says nothing."""
    return frozenset(value) if isinstance(value, tuple) else value


def of_ticks(ticked: tuple[str, ...], offered: tuple[Offer, ...]) -> tuple[str, ...] | None:
    """The activity types as config.toml keeps them: nothing where all are ticked, so that a new type counts as well."""
    return None if len(ticked) == len(offered) else ticked


def earliest(setup: SyncSetup, today: date) -> date:
    """The day that older items are taken from, as it is offered first."""
    return setup.backfill_from or today.replace(day=1)
