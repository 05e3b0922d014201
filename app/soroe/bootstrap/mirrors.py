"""The sync that joins the events and the appointments of one CRM (OD-1 to OD-9)."""

from __future__ import annotations

from dataclasses import replace

from soroe.core.event import ContainerId
from soroe.core.mirror import EVENT_TYPE
from soroe.ports.errors import LocalTrouble
from soroe.settings.model import Account, Guests, OracleAccount, SyncSettings

from .connectors import Connection


def as_mirror(
    chosen: SyncSettings, account: Account, connection: Connection
) -> tuple[SyncSettings, Connection, Connection, tuple[ContainerId, ...]]:
    """The sync as the mirror needs it, its two ends (the appointments first), and where the events are."""
    from soroe.adapters.crm.oracle.mirror import EVENTS_LIST

    if connection.mirror is None:
        raise LocalTrouble("kind_not_available")
    appointments, events = connection.mirror()
    own_zone = account.zone if isinstance(account, OracleAccount) else None
    chosen = replace(
        chosen,
        activity_types=(EVENT_TYPE,),
        incoming_type=EVENT_TYPE,
        guests=Guests.BOTH,  # owner, team and books travel as guests (OD-3)
        zone=chosen.zone or own_zone,
    )
    return chosen, appointments, events, (EVENTS_LIST,)


def makes_twins(account: Account) -> bool:
    """Whether new mirrors are made: not while the company does not show events in its calendar (OD-6)."""
    return isinstance(account, OracleAccount) and account.show_events
