"""What services can do, as far as whole runs differ by it."""

from __future__ import annotations

from dataclasses import replace

from soroe.core.event import Side
from soroe.ports.remote import Capabilities

GOOGLE_LIKE = Capabilities(
    Side.CALENDAR,
    conditional_writes=True,
    own_ids=True,
    idempotent_create=True,
    hidden_stamp=True,
    quiet=True,
    tombstones=True,
    restore=True,
    native_recurrence=True,
    batch=50,
)
REST_LIKE = replace(GOOGLE_LIKE, side=Side.CRM, own_ids=False, batch=100)
PIPEDRIVE_LIKE = Capabilities(
    Side.CRM,
    conditional_writes=False,
    own_ids=False,
    idempotent_create=False,
    hidden_stamp=False,
    quiet=True,
    tombstones=True,
    restore=False,
    native_recurrence=False,
    creates_in_turn=10,
)
