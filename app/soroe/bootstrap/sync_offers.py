"""What a sync can choose from, as its accounts told it when they were last asked; and how a choice is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from soroe.core.event import ContainerId
from soroe.settings.model import SyncSettings
from soroe.settings.problems import SettingsError
from soroe.ui.ports import CalendarOffer, Refused

PRIMARY = "primary"
Facts = Callable[[str], str | None]


def calendar_offers(facts: Facts, account: str) -> tuple[CalendarOffer, ...]:
    """The calendars of an account; the main one is called "primary", so that another address stays the main one."""
    told = facts(f"calendars:{account}")
    return tuple(_offer(*entry[:4]) for entry in json.loads(told)["calendars"]) if told else ()


def _offer(key: str, name: str, _zone: str, primary: bool) -> CalendarOffer:
    return CalendarOffer(PRIMARY if primary else key, name or key, frozenset({key, *((PRIMARY,) if primary else ())}))


def colleagues_in(facts: Facts, sync: SyncSettings) -> tuple[tuple[ContainerId, str], ...]:
    """The calendars that a sync takes and that are not the user's own, with their names."""
    told = facts(f"calendars:{sync.calendar}")
    entries = json.loads(told)["calendars"] if told else ()
    return tuple(
        (ContainerId(key), name or key) for key, name, _, _, own, *_ in entries if not own and key in sync.calendars
    )


def known_types(facts: Facts, account: str) -> tuple[str, ...]:
    """The activity types of a CRM."""
    told = facts(f"activity-types:{account}")
    return tuple(json.loads(told)["types"]) if told else ()


@contextmanager
def refusing() -> Iterator[None]:
    """Tell the first problem of settings that cannot be as `Refused`: which key, and why."""
    try:
        yield
    except SettingsError as error:
        raise Refused(error.problems[0].key.rpartition(".")[2], error.problems[0].code) from error
