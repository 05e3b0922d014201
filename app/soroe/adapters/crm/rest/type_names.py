"""Types of activities by the names that people know them by, where the CRM's own keys are numbers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from soroe.adapters.crm.documents import Malformed, at, flag_at, id_at, text_at
from soroe.ports.errors import ServiceFault
from soroe.ports.remote import ActivityType

from .contract import Contract
from .reading import list_of

REREAD_AFTER = timedelta(minutes=10)
"""How long the list of types is believed although one of them is missed."""


class TypeNames:
    """The CRM's list of types, asked for once it is needed."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}
        self._keys: dict[str, Any] = {}
        self._read: datetime | None = None

    def name_of(self, key: str) -> str:
        """The name of the type with this key; the key itself where the list does not have it."""
        with self._lock:
            if key not in self._names:
                self._read_again()
            return self._names.get(key, key)

    def key_of(self, name: str) -> object:
        """The key of the type with this name, as it stands in the CRM's JSON; None for no such type."""
        with self._lock:
            if name not in self._keys:
                self._read_again()
            return self._keys.get(name)

    def all(self) -> tuple[ActivityType, ...]:
        """The types that new activities can have, read anew."""
        with self._lock:
            self._read = None
            self._read_again()
            return tuple(ActivityType(name, name) for name in self._keys)

    def _read_again(self) -> None:
        if self._read is not None and self._contract.clock() - self._read < REREAD_AFTER:
            return
        operation = self._contract.profile.operations.activity_types
        assert operation is not None
        listed = list_of(self._contract.read(operation), operation.items_at)
        if listed is None:
            raise ServiceFault(f"list_is_missing:{operation.items_at or 'body'}")
        self._names, self._keys = {}, {}
        for entry in listed:
            if isinstance(entry, dict):
                self._learn(entry)
        self._read = self._contract.clock()

    def _learn(self, entry: Mapping[str, Any]) -> None:
        words = self._contract.profile.activity_types
        assert words.key is not None and words.name is not None
        try:
            key, name = id_at(entry, words.key), text_at(entry, words.name, 255)
            is_active = words.active is None or flag_at(entry, words.active)
        except Malformed:
            return  # a type that cannot be named cannot be chosen; the others can
        self._names[key] = name or key
        if is_active:
            self._keys.setdefault(name or key, at(entry, words.key))
