"""What has to hold for an item whoever writes it, and what the server puts right by itself."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice, pairwise

from soroe.sandbox.exchange.errors import EwsError
from soroe.sandbox.exchange.model import Item, changed
from soroe.sandbox.exchange.reading import Changes
from soroe.sandbox.exchange.series import originals
from soroe.sandbox.exchange.zones import at, midnight_after, midnight_before, wall

_LONGEST = timedelta(days=5 * 366)
_MOST_CHARACTERS = 255
_FURTHEST = timedelta(days=366 * 12)

NEW: dict[str, Changes] = {
    "Subject": {"subject": ""},
    "Sensitivity": {"sensitivity": "Normal"},
    "Body": {"body": "", "body_type": "Text"},
    "Categories": {"categories": ()},
    "Importance": {"importance": "Normal"},
    "ReminderIsSet": {"reminder": False},
    "ReminderMinutesBeforeStart": {"reminder_minutes": 0},
    "LegacyFreeBusyStatus": {"show_as": "Busy"},
    "Location": {"location": ""},
    "RequiredAttendees": {"required": ()},
    "OptionalAttendees": {"optional": ()},
    "Resources": {"resources": ()},
    "Recurrence": {"recurrence": None},
}
"""What deleting a property leaves behind."""


def settled(item: Item, before: Item | None) -> Item:
    """Returns the item as the server stores it: whole days for all-day items, a series from its first day on."""
    if item.all_day:
        item = changed(
            item,
            start=midnight_before(item.start, item.start_zone),
            end=midnight_after(max(item.end, item.start + timedelta(seconds=1)), item.start_zone),
        )
    if item.end < item.start:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    if item.end - item.start > _LONGEST:
        raise EwsError("ErrorCalendarDurationIsTooLong")
    for name, text in (("Subject", item.subject), ("Location", item.location)):
        if len(text) > _MOST_CHARACTERS:
            raise EwsError("ErrorItemSavePropertyError", f"{name} is longer than {_MOST_CHARACTERS} characters.")
    if item.recurrence is not None and (before is None or _laid_out(before) != _laid_out(item)):
        item = _from_first_day(item, before)
    if before is not None and _laid_out(before) != _laid_out(item):
        item = changed(item, sequence=item.sequence + 1)
    return item


def _laid_out(item: Item) -> tuple[object, ...]:
    return item.start, item.end, item.all_day, item.recurrence, item.start_zone


def _from_first_day(item: Item, before: Item | None) -> Item:
    """Moves a series to its first occurrence, and its range along with a changed start."""
    rule = item.recurrence
    if rule is None:
        return item
    same_rule = before is not None and before.recurrence == rule
    if same_rule:
        rule = rule.beginning(wall(item.start, item.start_zone).date())
    length = wall(item.end, item.start_zone) - wall(item.start, item.start_zone)
    clock = wall(item.start, item.start_zone)
    start = at(clock.replace(year=rule.first.year, month=rule.first.month, day=rule.first.day), item.start_zone)
    item = changed(item, recurrence=rule, start=start)
    found = list(islice(originals(item, start + _FURTHEST), 3))
    if not found:
        raise EwsError("ErrorRecurrenceHasNoOccurrence")
    first = found[0]
    if any(later - sooner < length for sooner, later in pairwise(found)):
        raise EwsError("ErrorOccurrenceTimeSpanTooBig")
    return changed(item, start=first, end=at(wall(first, item.start_zone) + length, item.start_zone))
