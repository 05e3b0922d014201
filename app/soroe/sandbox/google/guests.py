"""What a guest may change in his copy, and whom the service writes to."""

from __future__ import annotations

from soroe.sandbox.google.copies import is_organizer
from soroe.sandbox.google.errors import Json, forbidden, forbidden_for_non_organizer
from soroe.sandbox.google.mailbox import Mail, addressees
from soroe.sandbox.google.model import Calendar, Record

_ORGANIZER_ONLY = ("anyoneCanAddSelf", "guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests")
_LOCKED = ("summary", "description", "location", "start", "end", "recurrence")


def check_shared_changes(calendar: Calendar, record: Record, new: Json) -> None:
    """Refuses what only the organiser may change, and any change of the main fields of a locked copy.

    Other shared fields of a guest's copy may be changed: the change stays in that copy and the organiser's next one
    overwrites it, as the guide on invitations says.
    """
    old = record.body
    if old.get("locked") and any(old.get(key) != new.get(key) for key in _LOCKED):
        raise forbidden("The main fields of a locked event cannot be changed.")
    if is_organizer(calendar, record) or old.get("privateCopy") or old.get("guestsCanModify"):
        return
    if any(old.get(key) != new.get(key) for key in _ORGANIZER_ONLY):
        raise forbidden_for_non_organizer()
    if old.get("extendedProperties", {}).get("shared") != new.get("extendedProperties", {}).get("shared"):
        raise forbidden_for_non_organizer()
    before = {guest["email"]: guest for guest in old.get("attendees", [])}
    after = {guest["email"]: guest for guest in new.get("attendees", [])}
    for email, guest in before.items():
        if email != calendar.identity and after.get(email) != guest:
            raise forbidden_for_non_organizer()
    if set(after) - set(before) and old.get("guestsCanInviteOthers") is False:
        raise forbidden_for_non_organizer()


def mails(calendar: Calendar, record: Record, old: Json, kind: str, asked: str, members: set[str]) -> list[Mail]:
    """Returns the mails one write causes: to guests when the organiser writes, to the organiser when a guest does."""
    mine = calendar.identity
    before = {guest["email"]: guest for guest in old.get("attendees", [])}
    after = {guest["email"]: guest for guest in record.body.get("attendees", [])}
    if record.body.get("privateCopy"):
        return []
    if not is_organizer(calendar, record):
        answered = kind == "cancellation" or before.get(mine) != after.get(mine)
        organizer = record.body["organizer"]["email"]
        invited = set(after) - set(before)
        answers = [Mail(to, "answer", record.id, calendar.id, asked) for to in addressees(asked, [organizer], members)]
        others = addressees(asked, sorted(invited), members)
        return (answers if answered else []) + [Mail(to, "invitation", record.id, calendar.id, asked) for to in others]
    found = []
    for email in addressees(asked, [email for email in {**before, **after} if email != mine], members):
        one = kind
        if kind == "update":
            one = "update" if email in before and email in after else "invitation" if email in after else "cancellation"
        found.append(Mail(email, one, record.id, calendar.id, asked))
    return found
