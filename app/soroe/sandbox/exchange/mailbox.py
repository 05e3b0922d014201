"""The mail to guests that a program's write would have made the server send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from soroe.sandbox.exchange.model import Account, Attendee, Item


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail because of one request: `kind` is invitation, update, cancellation or answer.

    `asked` is the value of SendMeetingInvitations, SendMeetingInvitationsOrCancellations or SendMeetingCancellations.
    """

    to: str
    kind: str
    item_id: str
    asked: str


def mails(account: Account, kind: str, item_id: str, asked: str, before: Item | None, after: Item) -> list[Mail]:
    """The mails of one write. Who is not the organiser writes to the organiser only."""
    if asked == "SendToNone":
        return []
    if after.my_response != "Organizer":
        organizer = after.organizer.email if after.organizer is not None else ""
        return [Mail(organizer, "answer", item_id, asked)] if kind == "cancellation" and organizer else []
    known = {one.person.email.lower() for one in before.invited} if before is not None else set()
    now = {one.person.email.lower() for one in after.invited}
    only_changed = "Changed" in asked and before is not None and _moments(before) == _moments(after)
    found = [Mail(email, "cancellation", item_id, asked) for email in sorted(known - now)]
    for email in _addresses(after.invited):
        if email != account.email and not (only_changed and email in known):
            found.append(Mail(email, kind if email in known or kind != "update" else "invitation", item_id, asked))
    return found


def _moments(item: Item) -> tuple[object, ...]:
    return item.start, item.end, item.location, item.recurrence, item.all_day


def _addresses(attendees: Iterable[Attendee]) -> list[str]:
    return sorted({one.person.email.lower() for one in attendees})
