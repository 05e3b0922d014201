"""Booking pages and the connection health that their members report."""

from __future__ import annotations

from typing import Any

from soroe.sandbox.crm.activity import BookingPage, instant
from soroe.sandbox.crm.problems import invalid
from soroe.sandbox.crm.store import Store
from soroe.sandbox.crm.validation import choice, members, read_instant, text

_CALENDARS = ("google", "microsoft365", "exchange")
_LOCATIONS = ("zoom", "teams", "meet")
_STATES = ("connected", "error", "not_connected")
_CAUSES = ("sign_in_required", "consent_missing", "admin_required", "limit_reached", "unreachable")


class Health:
    """Who reported what; the caller holds the lock."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def pages_of(self, user_id: str) -> list[BookingPage]:
        """Returns the pages that the user owns or hosts."""
        pages = self.store.pages.values()
        return [page for page in pages if user_id == page.owner_id or user_id in page.member_ids]

    def seen_by(self, user_id: str) -> list[dict[str, Any]]:
        """Returns the reports of everybody who is on a page with the user, and the user's own."""
        seen = {user_id}
        for page in self.pages_of(user_id):
            seen |= {page.owner_id, *page.member_ids}
        return [self._member(member) for member in self.store.users if member in seen and member in self.store.health]

    def report(self, user_id: str, body: object) -> dict[str, Any]:
        """Stores the user's own report and returns it."""
        connections = members(body, ("connections",)).get("connections")
        if not isinstance(connections, list) or len(connections) > 20:
            raise invalid("connections", "A list of at most 20 connections is needed.")
        known = [_connection(entry, f"connections.{place}") for place, entry in enumerate(connections)]
        self.store.health[user_id] = (self.store.clock(), known)
        return self._member(user_id)

    def _member(self, user_id: str) -> dict[str, Any]:
        reported_at, connections = self.store.health[user_id]
        return {"member_id": user_id, "reported_at": instant(reported_at), "connections": connections}


def _connection(entry: object, field: str) -> dict[str, Any]:
    given = members(entry, ("kind", "provider", "state", "cause", "since"), field)
    kind = choice(given.get("kind"), f"{field}.kind", ("calendar", "location"))
    provider = choice(given.get("provider"), f"{field}.provider", _CALENDARS if kind == "calendar" else _LOCATIONS)
    since = read_instant(text(given.get("since"), f"{field}.since", 1, 40), f"{field}.since")
    state = choice(given.get("state"), f"{field}.state", _STATES)
    known = {"kind": kind, "provider": provider, "state": state, "since": instant(since)}
    if "cause" in given:
        known["cause"] = choice(given["cause"], f"{field}.cause", _CAUSES)
    return known
