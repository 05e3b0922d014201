"""The health of every account, remembered across starts and told to whoever listens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from soroe.ports.errors import LocalTrouble, PortError, RetryLater, SignInRequired
from soroe.ports.store import Store

from .health import Health, HealthState, after_error, after_success
from .joint import Clock
from .messages import HealthChanged
from .sign_in_facts import USE_NOTED, note_end, note_use

_KEY = "health:"


class AccountTrouble(Exception):
    """Opening a sync failed because of one account: `error` says how."""

    def __init__(self, account: str, error: PortError) -> None:
        super().__init__(account)
        self.account = account
        self.error = error


class HealthBook:
    """Keeps the health of accounts in the store of one thread. A change is published once."""

    def __init__(self, store: Store, clock: Clock, publish: Callable[[HealthChanged], None]) -> None:
        self._store = store
        self._clock = clock
        self._publish = publish
        self._used: dict[str, datetime] = {}

    def of(self, account: str) -> Health:
        """The health as last noted; an account nobody has tried yet counts as connected."""
        return read_health(self._store.fact(_KEY + account))

    def went_well(self, account: str) -> Health:
        """The service answered as it should; returns the health."""
        now = self._clock()
        if account not in self._used or not timedelta() <= now - self._used[account] < USE_NOTED:
            self._used[account] = note_use(self._store, account, now)
        told = self._store.fact(_KEY + account)
        before = read_health(told)
        health = after_success(before, now)
        if told is None or health != before:
            self._note(account, health)
        return health

    def met(self, account: str, error: PortError) -> None:
        """The service, or this machine, was in the way; that the program ends is nobody's trouble."""
        if isinstance(error, LocalTrouble) and error.code == "shutting_down":
            return
        now = self._clock()
        health = after_error(self.of(account), error, now)
        if isinstance(error, RetryLater) and error.after is not None:
            health = replace(health, until=now + timedelta(seconds=error.after))
        if isinstance(error, SignInRequired) and self.of(account).state is HealthState.CONNECTED:
            note_end(self._store, account, now)
        self._note(account, health)

    def set(self, account: str, health: Health) -> None:
        """Note what is known from elsewhere: a sign-in that worked, an account that was removed."""
        self._note(account, health)

    def _note(self, account: str, health: Health) -> None:
        told = self._store.fact(_KEY + account)
        before = read_health(told)
        if before == health and told is not None:
            return
        self._store.set_fact(_KEY + account, write_health(health))
        if (before.state, before.code) != (health.state, health.code):
            from .messages import HealthChanged  # a command whose accounts stay well needs none of the messages

            self._publish(HealthChanged(account, health))


def health_fact(account: str) -> str:
    """The key of the fact that holds an account's health (see `Store.fact`)."""
    return _KEY + account


@lru_cache(maxsize=64)
def read_health(text: str | None) -> Health:
    """Health from its fact."""
    if text is None:
        return Health(HealthState.CONNECTED)
    raw = json.loads(text)
    return Health(
        HealthState(raw["state"]),
        _time(raw["since"]),
        str(raw["code"]),
        _time(raw["until"]),
        int(raw["failures"]),
        str(raw.get("reference", "")),
    )


def write_health(health: Health) -> str:
    """Health as a fact."""
    since = health.since.isoformat() if health.since else None
    until = health.until.isoformat() if health.until else None
    raw = {"state": health.state, "since": since, "code": health.code, "until": until, "failures": health.failures}
    return json.dumps(raw | ({"reference": health.reference} if health.reference else {}))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
