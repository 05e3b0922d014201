"""What the CRM may learn of a private event, applied before anything is compared (S-6, PD-7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from soroe.core.dialect import Dialect
from soroe.core.event import EventContent, ObservedItem, ShowAs, Visibility
from soroe.core.route import PrivacyPolicy, Route


class Mask(StrEnum):
    """How much of a private event is seen from the CRM's side.

    `OPEN`: not private. `FULL`: private and shown in full with the CRM's own privacy flag, as the user chose.
    `BLOCK`: only the time, and a title that says so. `SKIP`: not at all. `APART`: private and free, which the CRM's
    rules leave out whatever the user chose, also when it was linked before (ESM-I18).
    """

    OPEN = "open"
    FULL = "full"
    BLOCK = "block"
    SKIP = "skip"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Projection:
    """An event as the rest of the program may see it."""

    content: EventContent
    mask: Mask

    @property
    def hides(self) -> bool:
        """Whether details are withheld."""
        return self.mask not in _SHOWN


_SHOWN = frozenset({Mask.OPEN, Mask.FULL})


def mask_of(event: ObservedItem, route: Route, dialect: Dialect) -> Mask:
    """How much of this event is seen.

    Another person's private event is never shown in full, whatever the policy says.
    """
    private = event.content.visibility is Visibility.PRIVATE
    if not private and not event.details_hidden:
        return Mask.OPEN
    if private and dialect.private_free_out and event.content.show_as is ShowAs.FREE:
        return Mask.APART
    foreign = event.details_hidden or event.ref.container in route.foreign_calendars
    if route.privacy is PrivacyPolicy.FULL and not foreign and dialect.privacy_flag:
        return Mask.FULL
    return Mask.SKIP if route.privacy is PrivacyPolicy.SKIP else Mask.BLOCK


def project(event: ObservedItem, route: Route, dialect: Dialect) -> Projection:
    """The event with everything removed that the policy hides."""
    mask = mask_of(event, route, dialect)
    return Projection(event.content if mask in _SHOWN else block(event.content, route, dialect), mask)


def visible(event: ObservedItem, route: Route, dialect: Dialect) -> EventContent:
    """What `project` leaves of the event's content: the very same object where nothing is hidden."""
    content = event.content
    if content.visibility is Visibility.NORMAL and not event.details_hidden:
        return content  # as most are
    return project(event, route, dialect).content


def block(content: EventContent, route: Route, dialect: Dialect) -> EventContent:
    """The block that stands for a private event: its time, and nothing else."""
    return EventContent(
        title=route.private_title,
        when=content.when,
        show_as=content.show_as,
        visibility=Visibility.PRIVATE if dialect.privacy_flag else Visibility.NORMAL,
        recurrence=content.recurrence,
    )
