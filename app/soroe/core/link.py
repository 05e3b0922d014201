"""The link between two items that are one meeting, and what both sides last agreed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from .event import AllDay, EventContent, Field, Recurrence, Ref, Side, Timed, When

FIELDS = tuple(Field)
DIGEST_BYTES = 6
GUEST_BYTES = 4
_SPANS = {name: slice(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES) for at, name in enumerate(FIELDS)}
_REMEMBERED = 256
"""Contents of which the fingerprint is remembered: a write asks for that of the same content five times."""
_SHORT = 8
_PLACES = {name: number * DIGEST_BYTES for number, name in enumerate(FIELDS)}
_WHOLE = len(FIELDS) * DIGEST_BYTES
_UNSAID = b"\xff" * DIGEST_BYTES


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The content of one side, field by field, as short digests: enough to know which fields changed since.

    Digests instead of the content keep a link small; the content itself stands in the observed trees and, for
    every write, in History. The fields stand in the order of `Field`; one that nobody can say anything of at the end,
    or that was not known when the fingerprint was taken, has no digest, and does not count as changed. Behind them
    stands a digest for each guest, so that who was added and who was taken off can be told apart.
    """

    digests: bytes

    @classmethod
    def of(cls, content: EventContent) -> Fingerprint:
        """The fingerprint of this content; equal content gives equal fingerprints on every machine."""
        return cls(_digests(content, _folds(content.when)))

    def changed(self, now: Fingerprint) -> tuple[Field, ...]:
        """The fields that differ, in the order of `Field`."""
        if self.digests == now.digests:
            return ()
        before, after = self.digests, now.digests
        differing = tuple(name for name, span in _SPANS.items() if before[span] != after[span])
        if FIELDS[-1] in differing and not (_says_all(before) and _says_all(after)):
            return differing[:-1]
        return differing

    def part(self, name: Field) -> bytes:
        """The digest of one field; of one that nobody can say anything of, a mark of its own."""
        at = _PLACES[name]
        return self.digests[at : at + DIGEST_BYTES] or _UNSAID

    @property
    def guests(self) -> frozenset[bytes] | None:
        """The digests of the guests (see `guest_digest`); None where nobody knows who they were."""
        each = self.digests[_WHOLE:]
        if each:
            return frozenset(each[at : at + GUEST_BYTES] for at in range(0, len(each), GUEST_BYTES))
        return frozenset() if self.part(Field.GUESTS) == _short_digest("") else None

    def replaced(self, now: Fingerprint, fields: tuple[Field, ...]) -> Fingerprint:
        """This fingerprint with some fields taken from another."""
        if len(fields) in {0, len(FIELDS)}:
            return now if fields else self
        parts = [(now if name in fields else self).part(name) for name in FIELDS]
        return _joined(parts, (now if Field.GUESTS in fields else self).digests[_WHOLE:])

    def forgetting(self, fields: frozenset[Field]) -> Fingerprint:
        """This fingerprint with some fields unknown: they count as changed until they are agreed on."""
        unknown = bytes(DIGEST_BYTES)
        parts = [unknown if name in fields else self.part(name) for name in FIELDS]
        return _joined(parts, b"" if Field.GUESTS in fields else self.digests[_WHOLE:])


def _says_all(digests: bytes) -> bool:
    last = digests[_WHOLE - DIGEST_BYTES : _WHOLE]
    return bool(last) and last != _UNSAID


def _joined(parts: list[bytes], guests: bytes) -> Fingerprint:
    if not guests and parts[-1] == _UNSAID:
        parts = parts[:-1]  # as services that cannot say whether guests may change it, and older programs, leave it
    return Fingerprint(b"".join(parts) + guests)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What each side showed when both last agreed, each in its own form.

    Keeping both forms is what makes an echo harmless (S-8): the CRM's cut title is compared with the cut title it was
    given, and the calendar's long one with the long one.
    """

    crm: Fingerprint
    calendar: Fingerprint

    def of(self, side: Side) -> Fingerprint:
        """One side's part."""
        return self.crm if side is Side.CRM else self.calendar

    def with_side(self, side: Side, now: Fingerprint) -> Baseline:
        """The baseline with one side's part replaced."""
        return Baseline(now, self.calendar) if side is Side.CRM else Baseline(self.crm, now)


@dataclass(frozen=True, slots=True)
class Link:
    """Two items that are one meeting. `origin` is the side it was made on."""

    crm: Ref
    calendar: Ref
    baseline: Baseline
    origin: Side

    def ref(self, side: Side) -> Ref:
        """The item of one side."""
        return self.crm if side is Side.CRM else self.calendar


@lru_cache(maxsize=_REMEMBERED)
def _digests(content: EventContent, folds: tuple[int, int]) -> bytes:
    # Whether guests may change it stands at the end, so that services that cannot say leave it out.
    if content.guests_may_change is not None:
        told = b"".join(_digest(canonical(content, name)) for name in FIELDS)
    else:
        told = b"".join(_digest(canonical(content, name)) for name in FIELDS[:-1])
    if not content.guests:
        return told
    emails = sorted({guest.email.lower() for guest in content.guests})
    return told.ljust(_WHOLE, b"\xff") + b"".join(guest_digest(email) for email in emails)


def title_digest(title: str) -> bytes:
    """The digest that a fingerprint has of this title."""
    return _digest(title.strip())


def guest_digest(email: str) -> bytes:
    """The digest of one guest, by address in lower case."""
    return blake2b(email.encode("utf-8", "surrogatepass"), digest_size=GUEST_BYTES).digest()


def _folds(when: When) -> tuple[int, int]:
    """Which of two equal wall-clock times at the end of summer time is meant: comparing times leaves that out."""
    return (when.start.fold, when.end.fold) if isinstance(when, Timed) else (0, 0)


def canonical(content: EventContent, name: Field) -> str:
    """One field as text that is equal exactly when the field means the same.

    Single events compare by instants, series by wall clock and zone (spec: Time). Guests compare by address and answer.
    """
    return _CANONICAL[name](content)


def _guests(content: EventContent) -> str:
    return "\n".join(sorted(f"{guest.email.lower()} {guest.response}" for guest in content.guests))


_CANONICAL: dict[Field, Callable[[EventContent], str]] = {
    Field.TITLE: lambda content: content.title.strip(),  # white space at the ends is no change to send back (SF-1)
    Field.WHEN: lambda content: _when(content.when, recurring=content.recurrence is not None),
    Field.DESCRIPTION: lambda content: content.description.replace("\r\n", "\n").strip(),
    Field.LOCATION: lambda content: content.location.strip(),
    Field.SHOW_AS: lambda content: str(content.show_as),
    Field.VISIBILITY: lambda content: str(content.visibility),
    Field.GUESTS: _guests,
    Field.RECURRENCE: lambda content: "" if content.recurrence is None else _recurrence(content.recurrence),
    Field.GUESTS_MAY_CHANGE: lambda content: str(content.guests_may_change),
}


def _when(when: When, *, recurring: bool) -> str:
    if isinstance(when, AllDay):
        return f"{when.start}/{when.end}"
    start, end = (when.start, when.end) if recurring else (when.start_utc, when.end_utc)
    zone = f" {when.zone}" if recurring else ""
    return f"{start.isoformat(timespec='seconds')}/{end.isoformat(timespec='seconds')}{zone}"


def _recurrence(recurrence: Recurrence) -> str:
    rules = sorted(";".join(sorted(rule.upper().split(";"))) for rule in recurrence.rules)
    added = sorted(_moment(at) for at in recurrence.added)
    removed = sorted(_moment(at) for at in recurrence.removed)
    return f"{rules}{added}{removed}"


def _moment(at: object) -> str:
    return at.strftime("%Y%m%dT%H%M%S") if isinstance(at, datetime) else f"{at:%Y%m%d}"


def _digest(text: str) -> bytes:
    return _short_digest(text) if len(text) <= _SHORT else _long_digest(text)


@lru_cache(512)
def _short_digest(text: str) -> bytes:
    return _long_digest(text)  # most fields of most meetings say "busy", "normal", or nothing


def _long_digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def same_time(one: When, other: When) -> bool:
    """Whether two times are the same instants, or the same dates."""
    if isinstance(one, Timed) and isinstance(other, Timed):
        return one.start_utc == other.start_utc and one.end_utc == other.end_utc
    return one == other
