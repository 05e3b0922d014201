"""The mail to guests that a write would have made the service send."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.sandbox.google.errors import invalid


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail the service would have sent because of one request of a program.

    `kind` is invitation, update, cancellation or answer. `asked` is the value of `sendUpdates`, or "" when the request
    did not carry it.
    """

    to: str
    kind: str
    event_id: str
    calendar_id: str
    asked: str


def read_send_updates(send_updates: str | None, send_notifications: str | None) -> str:
    """Returns all, externalOnly, none, or "" when the request says nothing.

    The documents give "false" as the default and add that some mails might still be sent. The sandbox therefore counts
    silence as a mail: only a program that says `none` can rely on no guest being written to.
    """
    if send_updates is not None:
        if send_updates not in ("all", "externalOnly", "none"):
            raise invalid(f"Invalid value for: {send_updates} is not a valid value", "sendUpdates")
        return send_updates
    if send_notifications is not None:
        return "all" if send_notifications == "true" else "none"
    return ""


def addressees(asked: str, guests: list[str], members: set[str]) -> list[str]:
    """Returns which guests get a mail; `members` are the addresses that have a Google account."""
    if asked == "none":
        return []
    return [guest for guest in guests if asked != "externalOnly" or guest not in members]
