"""From a sync in the settings to one that can run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from soroe.core.event import CRM_LIST, UTC_ZONE, ContainerId, ReadOnlyCause, Side, Window
from soroe.core.route import Route, SyncName
from soroe.core.stamp import sync_key
from soroe.engine.accounts import AccountTrouble, health_fact, read_health
from soroe.engine.joint import End, Joint
from soroe.engine.phase import Phase
from soroe.engine.sign_in_facts import sign_in_fact, use_fact
from soroe.ports.errors import PortError, SignInRequired
from soroe.ports.remote import ContainerEntry, Identity
from soroe.ports.store import Store
from soroe.settings.model import (
    LOCATION_KINDS,
    Account,
    ExchangeAccount,
    OracleAccount,
    Settings,
    SyncSettings,
    kind_of,
)

from .connectors import Connection, now_utc
from .mirrors import as_mirror, makes_twins
from .program import Program

T = TypeVar("T")

CALENDARS_AGE = timedelta(days=1)
"""How long the list of calendars is believed before it is read again."""


class CalendarMissing(PortError):
    """A calendar that the settings name is not in the account's list."""

    def __init__(self, calendar: str) -> None:
        super().__init__(calendar)
        self.calendar = calendar


class Syncs:
    """Makes syncs ready to run. One for each thread; connections are kept for the life of the object."""

    def __init__(self, program: Program, store: Store) -> None:
        self._program = program
        self._store = store
        self._connections: dict[str, Connection] = {}

    def open(
        self,
        name: SyncName,
        progress: Callable[[Phase, int, int | None], None] | None = None,
        tried: Settings | None = None,
    ) -> Joint:
        """The sync, ready to run. Asks the services who is signed in the first time, later only the local facts.

        `tried` are settings that were not kept yet. Raises `LookupError` for a sync that is not configured,
        `AccountTrouble` when an account is the trouble.
        """
        settings = tried or self._program.settings()
        chosen = settings.sync(name)
        if chosen is None:
            raise LookupError(name)
        accounts = {}
        for side, account_name in ((Side.CRM, chosen.crm), (Side.CALENDAR, chosen.calendar)):
            account = settings.account(account_name)
            if account is None:
                raise LookupError(account_name)
            accounts[side] = account
        return self._joint(chosen, accounts[Side.CRM], accounts[Side.CALENDAR], progress)

    def connection(self, account: Account) -> Connection:
        """The open account. A password that was refused is not sent again, not even by a program that begins anew:
        until the next sign-in the account says `SignInRequired`, as the server did.
        """
        if isinstance(account, ExchangeAccount | OracleAccount):
            health = read_health(self._store.fact(health_fact(account.name)))
            if health.password_refused:
                raise SignInRequired(health.code, health.reference)
        if account.name not in self._connections:
            self._connections[account.name] = self._program.connectors.open(account)
        return self._connections[account.name]

    def close(self) -> None:
        """Let go of all connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _joint(
        self,
        chosen: SyncSettings,
        crm: Account,
        calendar: Account,
        progress: Callable[[Phase, int, int | None], None] | None,
    ) -> Joint:
        crm_side, calendar_side = self._attempt(crm, self.connection), self._attempt(calendar, self.connection)
        identities = [self._attempt(account, self.identity).key for account in (crm, calendar)]
        if chosen.mirrors:
            entries: Sequence[ContainerEntry] = ()
            chosen, crm_side, calendar_side, containers = as_mirror(chosen, crm, crm_side)
        else:
            entries = self._attempt(calendar, self.calendars)
            types = self._attempt(crm, self.activity_types)
            containers = tuple(_resolved(entries, name) for name in chosen.calendars)
            chosen = replace(chosen, incoming_type=chosen.incoming_type or _usual_type(types))
        route = self._route(chosen, sync_key(*identities), entries, containers)
        if chosen.mirrors:
            route = replace(route, makes_new=makes_twins(crm), links_untouched=True)
        writes = chosen.direction.writes
        crm_writer = crm_side.writer if writes(Side.CRM) else None
        calendar_writer = calendar_side.writer if writes(Side.CALENDAR) else None
        joint = Joint(
            route,
            self._program.connectors.dialect(crm, chosen.dialect),
            End(Side.CRM, crm.name, crm_side.reader, crm_writer, (CRM_LIST,), crm_side.upkeep),
            End(Side.CALENDAR, calendar.name, calendar_side.reader, calendar_writer, containers, calendar_side.upkeep),
            self._store.sync(chosen.name),
            now_utc,
            chosen.past_days,
            chosen.future_days,
            chosen.guard,
            self._program.installation(self._store),
        )
        return joint if progress is None else joint.reporting(progress)

    def _attempt(self, account: Account, ask: Callable[[Account], T]) -> T:
        try:
            return ask(account)
        except PortError as error:
            raise AccountTrouble(account.name, error) from error

    def identity(self, account: Account) -> Identity:
        """Who is signed in: the local fact, or asked of the service the first time."""
        known = self._store.fact(identity_fact(account.name))
        if known is not None:
            key, name = json.loads(known)
            return Identity(key, name)
        identity = self.connection(account).reader.identity()
        self.remember_identity(account.name, identity)
        return identity

    def ask(self, account: Account) -> tuple[Identity, Sequence[ContainerEntry]]:
        """Who is signed in and which calendars there are, asked of the service now: the proof that it works."""
        if kind_of(account) in LOCATION_KINDS:
            return self._program.connectors.identity(account), ()
        reader = self.connection(account).reader
        return reader.identity(), reader.containers()

    def remember_identity(self, account: str, identity: Identity) -> None:
        """Keep who is signed in: another person's account is told apart by it."""
        self._store.set_fact(identity_fact(account), json.dumps([identity.key, identity.name]))

    def calendars(self, account: Account) -> Sequence[ContainerEntry]:
        """The account's calendars, read anew once a day."""
        key = f"calendars:{account.name}"
        known = self._store.fact(key)
        if known is not None:
            raw = json.loads(known)
            if now_utc() - datetime.fromisoformat(raw["at"]) < CALENDARS_AGE:
                return [_entry(entry) for entry in raw["calendars"]]
        entries = list(self.connection(account).reader.containers())
        told = [[e.id, e.name, e.zone, e.primary, e.own, e.read_only] for e in entries]
        self._store.set_fact(key, json.dumps({"at": now_utc().isoformat(), "calendars": told}))
        return entries

    def activity_types(self, account: Account) -> Sequence[str]:
        """The CRM's activity types, read anew once a day."""
        key = f"activity-types:{account.name}"
        known = self._store.fact(key)
        if known is not None:
            raw = json.loads(known)
            if now_utc() - datetime.fromisoformat(raw["at"]) < CALENDARS_AGE:
                return tuple(raw["types"])
        types = [kind.key for kind in self.connection(account).reader.activity_types()]
        self._store.set_fact(key, json.dumps({"at": now_utc().isoformat(), "types": types}))
        return types

    def _route(
        self,
        chosen: SyncSettings,
        key: str,
        entries: Sequence[ContainerEntry],
        containers: tuple[ContainerId, ...],
    ) -> Route:
        zone = chosen.zone or self._zone(entries)
        today = now_utc().astimezone(ZoneInfo(zone)).date()
        return Route(
            name=chosen.name,
            key=key,  # type: ignore[arg-type]  # made by sync_key above
            calendars=containers,
            window=Window.around(today, chosen.past_days, chosen.future_days),
            direction=chosen.direction,
            activity_types=None if chosen.activity_types is None else frozenset(chosen.activity_types),
            incoming_type=chosen.incoming_type,
            privacy=chosen.privacy,
            conflicts=chosen.conflicts,
            changed_since=self._changed_since(chosen, zone),
            zone=zone,
            private_title=chosen.private_title or self._private_title(chosen.name),
            guests_to_calendar=chosen.guests_to_calendar,
            guests_to_crm=chosen.guests_to_crm,
            foreign_calendars=frozenset(entry.id for entry in entries if not entry.own),
            deletes_events=chosen.deletes_events,
        )

    def _private_title(self, sync: SyncName) -> str:
        """The word for a private event, as it was at the first run: another process must not translate it anew."""
        key = f"private-title:{sync}"
        known = self._store.fact(key)
        if known is None:
            known = self._program.texts()("value.private")
            self._store.set_fact(key, known)
        return known

    def _zone(self, entries: Sequence[ContainerEntry]) -> str:
        """The user's own zone: the computer's, or, where it does not tell, the primary calendar's."""
        zone = self._program.zone()
        if zone != UTC_ZONE:
            return zone
        return next((entry.zone for entry in entries if entry.primary and entry.zone), zone)

    def _changed_since(self, chosen: SyncSettings, zone: str) -> datetime | None:
        """PD-3: only what was touched since the sync was started, or since the day the user chose."""
        if chosen.backfill_from is not None:
            midnight = datetime.min.time()
            return datetime.combine(chosen.backfill_from, midnight, ZoneInfo(zone)).astimezone(now_utc().tzinfo)
        if not chosen.new_items_only:
            return None
        return self._store.sync(chosen.name).state().started or now_utc()


def _usual_type(types: Sequence[str]) -> str | None:
    """What an event becomes in the CRM where nobody has chosen: a meeting, or else the CRM's first type."""
    return next((kind for kind in types if kind.casefold() == "meeting"), types[0] if types else None)


def identity_fact(account: str) -> str:
    """The key of the fact that holds who is signed in."""
    return f"identity:{account}"


def account_facts(account: str) -> tuple[str, ...]:
    """The keys of everything that is known of an account."""
    of_sign_in = (identity_fact(account), health_fact(account), sign_in_fact(account), use_fact(account))
    return *of_sign_in, f"calendars:{account}", f"activity-types:{account}"


def _entry(raw: list[object]) -> ContainerEntry:
    id_, name, zone, primary, own, read_only = raw
    cause = ReadOnlyCause(str(read_only)) if read_only is not None else None
    return ContainerEntry(ContainerId(str(id_)), str(name), str(zone), bool(primary), bool(own), cause)


def _resolved(entries: Sequence[ContainerEntry], name: str) -> ContainerId:
    """A calendar as every laptop names it: "primary" becomes the calendar's real id."""
    for entry in entries:
        if entry.id == name or (name == "primary" and entry.primary):
            return entry.id
    raise SignInRequired(f"calendar_not_found:{name}")
