"""The link between two items that are one meeting, and what both sides last agreed on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

from .event import (
    AllDay,
    EventContent,
    Field,
    Guest,
    Recurrence,
    Ref,
    ShowAs,
    Side,
    Timed,
    Visibility,
    When,
    times_text,
)
from .quickly import quickly_made

FIELDS = tuple(Field)
DIGEST_BYTES = 6
_SUBJECT_BYTES = 4
"""So many of a title's bytes tell its subject, where more stands behind that; the others tell the whole title."""
GUEST_BYTES = 4
_PLACES: dict[Field, slice] = {
    name: slice(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES) for at, name in enumerate(FIELDS)
}
_WHOLE = len(FIELDS) * DIGEST_BYTES
_UNSAID = b"\xff" * DIGEST_BYTES
_BITS = _WHOLE * 8
_FIELD_AT = tuple([FIELDS[(_BITS - bit) // (DIGEST_BYTES * 8)] for bit in range(1, _BITS + 1)])
"""The field that each bit belongs to, from the last one on, with all digests as one number."""
_LEFT = {name: (1 << 8 * (_WHOLE - span.stop)) - 1 for name, span in _PLACES.items()}
"""The bits behind the digest of each field in that number."""


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
        known = _TAKEN.get(id(content))
        if known is not None and known[0] is content:
            return known[1]
        taken = cls(_digests(content))
        if len(_TAKEN) >= _MOST_TAKEN:
            _TAKEN.clear()
        _TAKEN[id(content)] = content, taken
        return taken

    def changed(self, now: Fingerprint) -> tuple[Field, ...]:
        """The fields that differ, in the order of `Field`."""
        before, after = self.digests, now.digests
        if before == after:
            return ()
        length = len(before)
        if length != len(after) or length > _WHOLE:  # few have guests, or were told by an older program
            before, after = _of_fields(before), _of_fields(after)
            length = min(len(before), len(after))  # what only one of them says did not change
            before, after = before[:length], after[:length]
        # All as one number: to compare the fields one by one takes three times as long.
        moved = (int.from_bytes(before, "big") ^ int.from_bytes(after, "big")) << 8 * (_WHOLE - length)
        differing: list[Field] = []
        while moved:
            name = _FIELD_AT[moved.bit_length() - 1]
            differing.append(name)
            moved &= _LEFT[name]
        return tuple(differing)

    def part(self, name: Field) -> bytes:
        """The digest of one field; of one that nobody can say anything of, a mark of its own."""
        return self.digests[_PLACES[name]] or _UNSAID

    @property
    def guests(self) -> frozenset[bytes] | None:
        """The digests of the guests (see `guest_digest`); None where nobody knows who they were."""
        each = self.digests[_WHOLE:]
        if each:
            return frozenset(each[at : at + GUEST_BYTES] for at in range(0, len(each), GUEST_BYTES))
        return frozenset() if self.part(Field.GUESTS) == _DIGESTS[""] else None

    def replaced(self, now: Fingerprint, fields: Collection[Field]) -> Fingerprint:
        """This fingerprint with some fields, each named once, taken from another.

        The other one itself where it says the same, so that what did not change is known at a glance.
        """
        if not fields:
            return self
        if self.digests == now.digests:
            return now
        if len(fields) == len(FIELDS):
            return now
        if len(self.digests) == len(now.digests) <= _WHOLE:  # most meetings have no guests
            digests = self.digests
            for name in fields:
                span = _PLACES[name]
                digests = digests[: span.start] + now.digests[span] + digests[span.stop :]
            return now if digests == now.digests else Fingerprint(digests)
        told, news = self.digests.ljust(_WHOLE, b"\xff"), now.digests.ljust(_WHOLE, b"\xff")
        parts = bytearray(told[:_WHOLE])
        for name in fields:
            span = _PLACES[name]
            parts[span] = news[span]
        return _joined(parts, (news if Field.GUESTS in fields else told)[_WHOLE:])

    def titled(self, subject: str) -> Fingerprint:
        """This fingerprint of an activity of that subject, whose title may say more than it: what is said of the title
        begins with what is said of the subject, so that a change of what stands behind it is known for one."""
        parts, place = bytearray(self.digests), _PLACES[Field.TITLE]
        parts[place] = title_digest(subject)[:_SUBJECT_BYTES] + parts[place][:-_SUBJECT_BYTES]
        return Fingerprint(bytes(parts))

    def has_subject(self, subject: str) -> bool:
        """Whether this was `titled` with that subject."""
        return self.part(Field.TITLE)[:_SUBJECT_BYTES] == title_digest(subject)[:_SUBJECT_BYTES]

    def forgetting(self, fields: frozenset[Field]) -> Fingerprint:
        """This fingerprint with some fields unknown: they count as changed until they are agreed on."""
        told = self.digests.ljust(_WHOLE, b"\xff")
        parts = bytearray(told[:_WHOLE])
        for name in fields:
            parts[_PLACES[name]] = bytes(DIGEST_BYTES)
        return _joined(parts, b"" if Field.GUESTS in fields else told[_WHOLE:])


def _of_fields(digests: bytes) -> bytes:
    """The digests of the fields alone, without the last one where it says nothing."""
    told = digests[:_WHOLE].ljust(_WHOLE, b"\xff")
    return told[:-DIGEST_BYTES] if told.endswith(_UNSAID) else told


def _joined(parts: bytearray, guests: bytes) -> Fingerprint:
    if not guests and parts.endswith(_UNSAID):
        del parts[-DIGEST_BYTES:]  # as services that cannot say whether guests may change it, and older programs, do
    return Fingerprint(bytes(parts) + guests)


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

    def tells_as_much(self, crm: Fingerprint, calendar: Fingerprint) -> bool:
        """Whether this tells of as many fields: an older program, or a poorer service, may have told of fewer."""
        return len(self.crm.digests) == len(crm.digests) and len(self.calendar.digests) == len(calendar.digests)

    def settled(self, crm: Fingerprint, calendar: Fingerprint, unsettled: Collection[Field]) -> Baseline:
        """What is agreed on where this is what both sides show now; `unsettled` fields stay as they were agreed on."""
        crm, calendar = crm.replaced(self.crm, unsettled), calendar.replaced(self.calendar, unsettled)
        return self if crm is self.crm and calendar is self.calendar else Baseline(crm, calendar)

    def with_side(self, side: Side, now: Fingerprint) -> Baseline:
        """The baseline with one side's part replaced."""
        return Baseline(now, self.calendar) if side is Side.CRM else Baseline(self.crm, now)


@quickly_made
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

    def agreed_on(self, baseline: Baseline) -> Link:
        """The link, with what both sides now agree on."""
        return Link(self.crm, self.calendar, baseline, self.origin)


_TAKEN: dict[int, tuple[EventContent, Fingerprint]] = {}
"""The fingerprints taken last, by the `id` of their contents: what was compared is soon written across, and is what
its pair agrees on then."""
_MOST_TAKEN = 512


class _Digests(dict[str, bytes]):
    """The digests of texts. The last ones are remembered, unless they are long: the two items of a pair say mostly the
    same, what is written comes back as it was, and most fields of most meetings say "busy", "normal", or nothing."""

    LONGEST = 300
    MOST = 1024

    def __missing__(self, text: str) -> bytes:
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
        if len(text) <= self.LONGEST:
            if len(self) >= self.MOST:
                self.clear()
            self[text] = digest
        return digest


_DIGESTS = _Digests()


def _digests(content: EventContent) -> bytes:
    """The digests of all fields, each of its `canonical` text, and of each guest.

    Every item of a sync passes here at least twice, so the texts are made in one go and not by `canonical`.
    """
    guests, repeats, description = content.guests, content.recurrence, content.description
    if "\r" in description:
        description = description.replace("\r\n", "\n")
    told = (
        _DIGESTS[content.title.strip()]
        + _DIGESTS[_series_time(content.when) if repeats is not None else times_text(content.when)]
        + _DIGESTS[description.strip()]
        + _DIGESTS[content.location.strip()]
        + _the_rest(
            content.show_as,
            content.visibility,
            _DIGESTS[_guests(guests) if guests else ""],
            _DIGESTS[_recurrence(repeats) if repeats is not None else ""],
            content.guests_may_change,
        )
    )
    if not guests:
        return told
    emails = sorted({guest.email.lower() for guest in guests})
    return told.ljust(_WHOLE, b"\xff") + b"".join([guest_digest(email) for email in emails])


@lru_cache(maxsize=64)  # most meetings differ in their texts and times alone
def _the_rest(
    show_as: ShowAs, visibility: Visibility, guests: bytes, recurrence: bytes, guests_may_change: bool | None
) -> bytes:
    # Whether guests may change it stands at the end, so that services that cannot say leave it out.
    last = b"" if guests_may_change is None else _DIGESTS[str(guests_may_change)]
    return _DIGESTS[show_as] + _DIGESTS[visibility] + guests + recurrence + last


def title_digest(title: str) -> bytes:
    """The digest that a fingerprint has of this title."""
    return _DIGESTS[title.strip()]


def when_digest(when: When) -> bytes:
    """The digest that a fingerprint has of the time of a meeting that does not repeat."""
    return _DIGESTS[times_text(when)]


def guest_digest(email: str) -> bytes:
    """The digest of one guest, by address in lower case."""
    return blake2b(email.encode("utf-8", "surrogatepass"), digest_size=GUEST_BYTES).digest()


def canonical(content: EventContent, name: Field) -> str:
    """One field as text that is equal exactly when the field means the same.

    Single events compare by instants, series by wall clock and zone (spec: Time). Guests compare by address and answer.
    """
    return _CANONICAL[name](content)


def same_text(one: EventContent, other: EventContent, name: Field) -> bool:
    """Whether both contents have the same `canonical` text in a field."""
    text_of = _CANONICAL[name]
    return text_of(one) == text_of(other)


def _guests(guests: tuple[Guest, ...]) -> str:
    return "\n".join(sorted([f"{guest.email.lower()} {guest.response}" for guest in guests]))


def _when(content: EventContent) -> str:
    return times_text(content.when) if content.recurrence is None else _series_time(content.when)


def _series_time(when: When) -> str:
    if isinstance(when, AllDay):
        return times_text(when)
    start, end = when.start.isoformat(timespec="seconds"), when.end.isoformat(timespec="seconds")
    return f"{start}/{end} {when.zone}"


_CANONICAL: dict[Field, Callable[[EventContent], str]] = {
    Field.TITLE: lambda content: content.title.strip(),  # white space at the ends is no change to send back (SF-1)
    Field.WHEN: _when,
    Field.DESCRIPTION: lambda content: content.description.replace("\r\n", "\n").strip(),
    Field.LOCATION: lambda content: content.location.strip(),
    Field.SHOW_AS: lambda content: str(content.show_as),
    Field.VISIBILITY: lambda content: str(content.visibility),
    Field.GUESTS: lambda content: _guests(content.guests),
    Field.RECURRENCE: lambda content: "" if content.recurrence is None else _recurrence(content.recurrence),
    Field.GUESTS_MAY_CHANGE: lambda content: str(content.guests_may_change),
}


def _recurrence(recurrence: Recurrence) -> str:
    rules = sorted(";".join(sorted(rule.upper().split(";"))) for rule in recurrence.rules)
    added = sorted(_moment(at) for at in recurrence.added)
    removed = sorted(_moment(at) for at in recurrence.removed)
    return f"{rules}{added}{removed}"


def _moment(at: object) -> str:
    return at.strftime("%Y%m%dT%H%M%S") if isinstance(at, datetime) else f"{at:%Y%m%d}"


def same_time(one: When, other: When) -> bool:
    """Whether two times are the same instants, or the same dates."""
    if isinstance(one, Timed) and isinstance(other, Timed):
        return one.start_utc == other.start_utc and one.end_utc == other.end_utc
    return one == other
