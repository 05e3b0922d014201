"""A CRM on loopback that serves the generic REST contract, for the demo and the tests."""

from __future__ import annotations

from soroe.sandbox.crm.activity import Activity, BookingPage, Day, Guest, Mail, Moment, ReadOnlyCause, Tombstone, User
from soroe.sandbox.crm.feed import EmptyPage, ExpiredCursor, FalseTombstones, Lie, TruncatedPage
from soroe.sandbox.crm.sandbox import CLIENT_ID, CrmSandbox

__all__ = [
    "CLIENT_ID",
    "Activity",
    "BookingPage",
    "CrmSandbox",
    "Day",
    "EmptyPage",
    "ExpiredCursor",
    "FalseTombstones",
    "Guest",
    "Lie",
    "Mail",
    "Moment",
    "ReadOnlyCause",
    "Tombstone",
    "TruncatedPage",
    "User",
]
