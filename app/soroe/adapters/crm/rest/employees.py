"""The CRM's own users as guests: which address stands for which of them, and the other way round."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from soroe.adapters.crm.documents import Malformed, at, flag_at, id_at, text_at
from soroe.core.event import Guest, Response
from soroe.ports.errors import ServiceFault

from .contract import Contract
from .paging import first_step, next_step, outside
from .profile import GuestsMap
from .reading import MOST_GUESTS, list_of

REREAD_AFTER = timedelta(minutes=10)
"""How long the list of employees is believed although somebody in it is missed."""
MOST_PAGES = 1_000


class Employees:
    """Reads and writes a list of employees as guests (ESM-O8, ESM-I13). The list is asked for once it is needed.

    An employee without a registered calendar address is no guest; in a list that is written he keeps his place.
    """

    def __init__(self, contract: Contract, shape: GuestsMap) -> None:
        self._contract = contract
        self._shape = shape
        self._lock = threading.Lock()
        self._by_id: dict[str, Guest | None] = {}
        self._by_address: dict[str, Any] = {}
        self._read: datetime | None = None

    def guests(self, listed: object) -> tuple[Guest, ...]:
        """The guests in an activity's list: colleagues with a calendar; the user himself is no guest of his own."""
        found = []
        for key in self._keys(listed):
            if key != self._contract.me():
                guest = self._known(key)
                if guest is not None:
                    found.append(guest)
        return tuple(found)

    def holds_user(self, listed: object) -> bool:
        """Whether the user himself is in an activity's list."""
        return self._contract.me() in self._keys(listed)

    def listed(self, guests: tuple[Guest, ...], before: object = None) -> list[dict[str, Any]]:
        """The list to write: the user, the guests who are employees, and of `before` all who have no calendar.

        Everybody else is left out: the CRM knows no such participant (T10). So are guests who declined (ESM-I14).
        """
        entries: dict[str, Any] = {self._contract.me(): self._own_id()}
        for guest in guests:
            is_out = guest.response is Response.DECLINED and self._shape.declined == "leave_out"
            raw = self._raw(guest.email)
            if raw is not None and not is_out:
                entries.setdefault(str(raw), raw)
        for key, raw in self._pairs(before):
            if self._known(key) is None:
                entries.setdefault(key, raw)
        assert self._shape.employee is not None
        return [{self._shape.employee: raw} for raw in entries.values()]

    def _own_id(self) -> object:
        return at(self._contract.user(), self._contract.profile.user.id)

    def _keys(self, listed: object) -> tuple[str, ...]:
        return tuple(key for key, _ in self._pairs(listed))

    def _pairs(self, listed: object) -> tuple[tuple[str, Any], ...]:
        """Ids as texts and as they stand there; raises `Malformed`."""
        shape = self._shape
        assert shape.employee is not None
        if listed is None:
            return ()
        if not isinstance(listed, list) or len(listed) > MOST_GUESTS:
            raise Malformed(shape.at, "is not a list of employees")
        return tuple((id_at(entry, shape.employee), at(entry, shape.employee)) for entry in listed)

    def _known(self, key: str) -> Guest | None:
        with self._lock:
            if key not in self._by_id and self._may_read():
                self._read_all()
            return self._by_id.get(key)

    def _raw(self, address: str) -> object:
        with self._lock:
            if address.lower() not in self._by_address and self._may_read():
                self._read_all()
            return self._by_address.get(address.lower())

    def _may_read(self) -> bool:
        return self._read is None or self._contract.clock() - self._read >= REREAD_AFTER

    def _read_all(self) -> None:
        self._by_id, self._by_address = {}, {}
        for document in self._documents():
            self._learn(document)
        self._read = self._contract.clock()

    def _learn(self, document: Mapping[str, Any]) -> None:
        words = self._contract.profile.user
        assert words.calendar_email is not None
        try:
            key, raw = id_at(document, words.id), at(document, words.id)
            address = text_at(document, words.calendar_email, 320)
            name = text_at(document, words.name, 1_000) if words.name is not None else ""
            is_active = words.active is None or flag_at(document, words.active)
        except Malformed:
            return  # somebody who cannot be read cannot be invited; the others can
        self._by_id[key] = Guest(address, name) if "@" in address and is_active else None
        if self._by_id[key] is not None:
            self._by_address.setdefault(address.lower(), raw)

    def _documents(self) -> list[Mapping[str, Any]]:
        operation, paging = self._contract.profile.operations.users, self._contract.profile.paging
        assert operation is not None
        found: list[Mapping[str, Any]] = []
        step = first_step(paging)
        for _ in range(MOST_PAGES):
            document = self._contract.read(operation, "", outside(operation, step.query), step.words)
            listed = list_of(document, operation.items_at)
            if listed is None:
                raise ServiceFault(f"list_is_missing:{operation.items_at or 'body'}")
            found += [one for one in listed if isinstance(one, dict)]
            following, _cursor = next_step(paging, step, document, len(listed))
            if following is None or following.target is not None:
                return found
            step = following
        raise ServiceFault("paging_does_not_advance")
