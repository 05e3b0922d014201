"""Guests: whom a CRM can hold, and how two lists of them are brought together without losing anybody.

A CRM knows its own employees and contacts only (ESM-I13, SF-25). That it leaves somebody out says nothing about the
meeting, so nobody leaves the calendar for it: what travels is who was added, and who was taken off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from soroe.core.dialect import Dialect
from soroe.core.event import Guest, ObservedItem, ReadOnlyCause, Recurrence, Response
from soroe.core.link import guest_digest


def guests_for(guests: tuple[Guest, ...], recurrence: Recurrence | None, dialect: Dialect) -> tuple[Guest, ...]:
    """The guests as the CRM could hold them if it knew them all: in order, and no more than it takes (SF-11)."""
    if not dialect.guests or not guests:
        return ()
    return tuple(sorted(invited(guests, dialect)))[: most(recurrence, dialect)]


def is_invited(item: ObservedItem) -> bool:
    """Whether the user is only a guest of this meeting."""
    return item.invited or item.read_only is ReadOnlyCause.FOREIGN_ORGANISER


def brings_guests(event: ObservedItem, dialect: Dialect) -> bool:
    """Whether an event's guests are told to the CRM.

    Where the CRM keeps one event for all, its organiser invites them there; of what somebody outside organises, each
    guest who uses the CRM has an event of his own, and nobody else is on it (SF-24).
    """
    return dialect.guests and not (dialect.group_events and is_invited(event))


def most(recurrence: Recurrence | None, dialect: Dialect) -> int | None:
    """How many guests the CRM takes on such a meeting; None for any number."""
    if recurrence is not None and dialect.series_guest_limit is not None:
        return dialect.series_guest_limit
    return dialect.guest_limit


def invited(guests: Iterable[Guest], dialect: Dialect) -> tuple[Guest, ...]:
    """Those whom the CRM's rules count as guests (ESM-I14), with their answers where it follows them (ESM-I15)."""
    staying = (guest for guest in guests if dialect.declined_stay or guest.response is not Response.DECLINED)
    if dialect.answers:
        return tuple(staying)
    return tuple(replace(guest, response=Response.NONE) for guest in staying)


def brought_over(
    target: tuple[Guest, ...], source: tuple[Guest, ...], before: frozenset[bytes] | None, *, answers: bool
) -> tuple[Guest, ...]:
    """The target's guests with whoever was added at the source, and without whoever was taken off there.

    `before` are the digests of the source's guests when both sides last agreed; None: nobody knows, so nobody is taken
    off. With `answers`, whoever stands on both sides answers as the source says.
    """
    told = {_key(guest): guest for guest in source}
    gone = frozenset() if before is None else before - {guest_digest(email) for email in told}
    result = [
        replace(guest, response=told[_key(guest)].response) if answers and _key(guest) in told else guest
        for guest in target
        if guest_digest(_key(guest)) not in gone
    ]
    present = {_key(guest) for guest in target}
    new = [guest for email, guest in told.items() if email not in present and _is_new(email, before)]
    return tuple(sorted([*result, *new]))


def missing(wanted: tuple[Guest, ...], held: tuple[Guest, ...]) -> int:
    """How many of the guests wanted are not held."""
    present = {_key(guest) for guest in held}
    return sum(1 for guest in wanted if _key(guest) not in present)


def _key(guest: Guest) -> str:
    return guest.email.lower()


def _is_new(email: str, before: frozenset[bytes] | None) -> bool:
    return before is None or guest_digest(email) not in before
