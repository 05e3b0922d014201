"""Core values as small JSON arrays, in which defaults at the end are left out; the round trip is exact.

Texts and times are written as `small_values` says. An item that nobody changed since it was made has `true` for the
second of its two instants. A value that cannot be decoded raises one of `BROKEN`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol, assert_never

from soroe.core.event import (
    AllDay,
    ContainerId,
    EventContent,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Particulars,
    ReadOnlyCause,
    Recurrence,
    Ref,
    Response,
    Seen,
    ShowAs,
    Timed,
    Tombstone,
    Unreadable,
    Version,
    Visibility,
    When,
)

from .small_values import (
    EPOCH,
    Json,
    dump,
    from_instant,
    from_moment,
    from_wall,
    load,
    padded,
    to_instant,
    to_moment,
    trimmed,
)


def to_when(when: When) -> Json:
    """A time: two numbers for dates (first day, days), three values for a time (start, end or minutes, zone)."""
    if isinstance(when, AllDay):
        first = when.start.toordinal()
        return [first, when.end.toordinal() - first]
    start, end = when.start, when.end
    return [*_to_times(start, start.fold, start.tzinfo, end, end.fold, end.tzinfo), when.zone]


@lru_cache(maxsize=1024)  # of an item, its partner and their change: all are written one after the other
def _to_times(
    start: datetime, _start_fold: int, _start_zone: object, end: datetime, _end_fold: int, _end_zone: object
) -> tuple[Json, Json]:
    """Start and end; what times may differ in that count as equal is told beside them."""
    begins, ends = to_moment(start), to_moment(end)
    if type(begins) is int and type(ends) is int:
        return begins, ends - begins
    return begins, ends if isinstance(ends, str) else (ends,)


def from_when(value: Json) -> When:
    """The time of `to_when`."""
    if len(value) == 2:
        return AllDay(date.fromordinal(value[0]), date.fromordinal(value[0] + value[1]))
    begins, ends, zone = value
    if type(begins) is int and type(ends) is int:
        start = EPOCH + timedelta(minutes=begins)
        return Timed(start, start + timedelta(minutes=ends), zone)
    match ends:
        case [minutes]:
            return Timed(from_wall(begins), from_wall(minutes), zone)
        case str():
            return Timed(from_wall(begins), from_wall(ends), zone)
        case _:
            raise ValueError("unknown time")


def to_ref(ref: Ref | None) -> Json:
    """A ref, or 0."""
    return 0 if ref is None else [ref.container, ref.id]


def from_ref(value: Json) -> Ref | None:
    """The ref of `to_ref`."""
    return None if value == 0 else Ref(ContainerId(value[0]), ItemId(value[1]))


def must_ref(value: Json) -> Ref:
    """The ref of `to_ref` where there has to be one."""
    return Ref(ContainerId(value[0]), ItemId(value[1]))


def to_occurrence(occurrence: Occurrence | None) -> Json:
    """An occurrence, or 0."""
    return 0 if occurrence is None else [occurrence.series, to_moment(occurrence.original_start)]


def from_occurrence(value: Json) -> Occurrence | None:
    """The occurrence of `to_occurrence`."""
    return None if value == 0 else Occurrence(ItemId(value[0]), from_moment(value[1]))


def _to_guest(guest: Guest) -> Json:
    return trimmed([guest.email, guest.name or 0, 0 if guest.response is Response.NONE else guest.response])


def _from_guest(value: Json) -> Guest:
    email, name, response = padded(value, 3)
    return Guest(email, name or "", Response(response) if response else Response.NONE)


def _to_recurrence(recurrence: Recurrence) -> Json:
    added = [to_moment(at) for at in recurrence.added]
    removed = [to_moment(at) for at in recurrence.removed]
    return trimmed([list(recurrence.rules), added or 0, removed or 0])


def _from_recurrence(value: Json) -> Recurrence:
    rules, added, removed = padded(value, 3)
    return Recurrence(
        tuple(rules),
        tuple(from_moment(at) for at in added or ()),
        tuple(from_moment(at) for at in removed or ()),
    )


def to_particulars(particulars: Particulars) -> Json:
    """What a CRM holds beside a meeting, as its texts."""
    texts = (particulars.customer, particulars.deal, particulars.building, particulars.postal_code)
    return trimmed([text or 0 for text in texts])


def from_particulars(value: Json) -> Particulars:
    """The particulars of `to_particulars`."""
    customer, deal, building, postal_code = padded(value, 4)
    return Particulars(customer or "", deal or "", building or "", postal_code or "")


def _to_body(content: EventContent) -> list[Json]:
    when, description, location = to_when(content.when), content.description, content.location
    if (
        content.guests_may_change is None
        and not content.guests
        and content.recurrence is None
        and content.show_as is ShowAs.BUSY
        and content.visibility is Visibility.NORMAL
    ):  # most meetings say no more
        if location:
            return [when, description or 0, location]
        return [when, description] if description else [when]
    body = [
        when,
        description or 0,
        location or 0,
        0 if content.show_as is ShowAs.BUSY else content.show_as,
        0 if content.visibility is Visibility.NORMAL else content.visibility,
        [_to_guest(guest) for guest in content.guests] if content.guests else 0,
        0 if content.recurrence is None else _to_recurrence(content.recurrence),
        0 if content.guests_may_change is None else content.guests_may_change,
    ]
    return trimmed(body)


def _from_body(title: str, value: Json) -> EventContent:
    when, description, location, show_as, visibility, guests, recurrence, guests_may_change = padded(value, 8)
    return EventContent(
        title,
        from_when(when),
        description or "",
        location or "",
        ShowAs(show_as) if show_as else ShowAs.BUSY,
        Visibility(visibility) if visibility else Visibility.NORMAL,
        tuple([_from_guest(guest) for guest in guests]) if guests else (),
        None if recurrence == 0 else _from_recurrence(recurrence),
        guests_may_change if type(guests_may_change) is bool else None,
    )


def to_content(content: EventContent) -> bytes:
    """A whole content."""
    return dump([content.title, *_to_body(content)])


def from_content(blob: bytes) -> EventContent:
    """The content of `to_content`."""
    title, *body = load(blob)
    return _from_body(title, body)


_DETAILS_HIDDEN, _DECLINED, _INVITED = 1, 2, 4


class Texts(Protocol):
    """Numbers for texts that occur again and again."""

    def number_if_few(self, text: str) -> int | None:
        """A text's number, or None where it is to be written out."""
        ...

    def text(self, number: int) -> str:
        """The text of a number; raises `KeyError` where there is none."""
        ...


def _shortened(stamp: str, texts: Texts) -> Json:
    """A stamp with a number for its head, which is the same on all items of a sync."""
    parts = stamp.split("|", 2)
    if len(parts) < 3:
        return stamp
    number = texts.number_if_few(f"{parts[0]}|{parts[1]}")
    return stamp if number is None else [number, parts[2]]


def _lengthened(value: Json, texts: Texts) -> str:
    return value if type(value) is str else f"{texts.text(value[0])}|{value[1]}"


def to_item_body(item: ObservedItem, texts: Texts) -> bytes:
    """Everything of an item but its ref, version, title and activity type, which have columns of their own."""
    body = _to_body(item.content)
    when = body[0]
    if len(when) == 3:
        number = texts.number_if_few(when[2])
        if number is not None:
            when[2] = number
    is_as_made = item.created_at is not None and item.created_at == item.changed_at
    values = [
        body,
        to_instant(item.changed_at),
        True if is_as_made else to_instant(item.created_at),
        0 if item.stamp is None else _shortened(item.stamp, texts),
    ]
    if (
        item.kind == "default"
        and not (item.details_hidden or item.declined or item.invited)
        and item.read_only is None
        and item.occurrence is None
        and item.particulars is None
    ):
        return dump(trimmed(values))  # most items say no more
    flags = (_DETAILS_HIDDEN if item.details_hidden else 0) | (_DECLINED if item.declined else 0)
    flags |= _INVITED if item.invited else 0
    values += (
        0 if item.read_only is None else item.read_only,
        0 if item.occurrence is None else to_occurrence(item.occurrence),
        0 if item.kind == "default" else item.kind,
        flags,
        0 if item.particulars is None else to_particulars(item.particulars),
    )
    return dump(trimmed(values))


def from_item_body(
    blob: bytes, ref: Ref, version: str | None, title: str, activity_type: str | None, texts: Texts
) -> ObservedItem:
    """The item of `to_item_body`."""
    body, changed_at, created_at, stamp, read_only, occurrence, kind, flags, particulars = padded(load(blob), 9)
    _write_out_zone(body, texts)
    changed = from_instant(changed_at)
    return ObservedItem(
        ref,
        None if version is None else Version(version),
        _from_body(title, body),
        changed,
        changed if created_at is True else from_instant(created_at),
        None if stamp == 0 else _lengthened(stamp, texts),
        None if read_only == 0 else ReadOnlyCause(read_only),
        None if occurrence == 0 else from_occurrence(occurrence),
        activity_type,
        "default" if kind == 0 else kind,
        bool(flags & _DETAILS_HIDDEN),
        bool(flags & _DECLINED),
        None if particulars == 0 else from_particulars(particulars),
        bool(flags & _INVITED),
    )


def from_item_glance(blob: bytes, texts: Texts) -> tuple[When, bool]:
    """The time of an item, and whether its details are private or hidden: what a row of a table needs."""
    body, *rest = load(blob)
    _write_out_zone(body, texts)
    hidden = len(rest) >= 7 and bool(rest[6] & _DETAILS_HIDDEN)
    return from_when(body[0]), hidden or (len(body) > 4 and body[4] == Visibility.PRIVATE.value)


def _write_out_zone(body: Json, texts: Texts) -> None:
    when = body[0]
    if len(when) == 3 and type(when[2]) is int:
        when[2] = texts.text(when[2])


def to_seen(seen: Seen, texts: Texts) -> bytes:
    """What a feed told of an item: its content, its end, or why it cannot be used."""
    match seen:
        case ObservedItem():
            own = [seen.version, seen.content.title, seen.activity_type]
            return dump(["item", to_ref(seen.ref), own, to_item_body(seen, texts).decode("utf-8", "surrogatepass")])
        case Tombstone():
            return dump(["gone", to_ref(seen.ref), to_instant(seen.at), to_occurrence(seen.occurrence)])
        case Unreadable():
            return dump(["unreadable", to_ref(seen.ref), seen.field, seen.reason, seen.version])
        case _:
            assert_never(seen)


def from_seen(blob: bytes, texts: Texts) -> Seen:
    """What `to_seen` wrote."""
    match load(blob):
        case ["item", ref, [version, title, activity_type], body]:
            return from_item_body(
                body.encode("utf-8", "surrogatepass"), must_ref(ref), version, title, activity_type, texts
            )
        case ["gone", ref, at, occurrence]:
            return Tombstone(must_ref(ref), from_instant(at), from_occurrence(occurrence))
        case ["unreadable", ref, field, reason, version]:
            return Unreadable(must_ref(ref), field, reason, None if version is None else Version(version))
        case _:
            raise ValueError("unknown kind")
