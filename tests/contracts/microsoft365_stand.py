"""Microsoft365Calendar on the Microsoft 365 sandbox."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from msal import SerializableTokenCache  # type: ignore[import-untyped]  # it has no types

from soroe.adapters.microsoft365.calendar import Microsoft365Calendar
from soroe.adapters.microsoft365.settings import Microsoft365Settings
from soroe.adapters.microsoft365.tokens import Microsoft365Secret
from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.transport import Network
from soroe.core.event import ContainerId, EventContent, ItemId, Ref, Timed
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.model import changed
from soroe.sandbox.microsoft365.sandbox import CLIENT_ID, TENANT, USUAL_SCOPES
from tests.fakes.clock import Clock

from .stand import Stand

SATO = "sato@example.com"
THROTTLED = Answer.as_json(429, {"error": {"code": "ApplicationThrottled", "message": "x"}}, {"Retry-After": "30"})


class Microsoft365Stand(Stand):
    """Microsoft365Calendar on the Microsoft 365 sandbox. Guests are never written there, so none are handed to it."""

    def __init__(self, sandbox: Microsoft365Sandbox, calendar: Microsoft365Calendar, clock: Clock) -> None:
        self._sandbox = sandbox
        container = ContainerId(sandbox.calendar_id(SATO))
        super().__init__(calendar, calendar.writer, container, clock, None)

    def form(self, content: EventContent) -> EventContent:
        return replace(content, guests=())

    def user_creates(self, title: str, when: Timed) -> Ref:
        times = {
            name: {"dateTime": at.isoformat(), "timeZone": when.zone}
            for name, at in (("start", when.start), ("end", when.end))
        }
        return Ref(self.container, ItemId(self._sandbox.user_creates(SATO, {"subject": title, **times})["id"]))

    def user_renames(self, ref: Ref, title: str) -> None:
        self._sandbox.user_renames(SATO, ref.id, title)

    def user_deletes(self, ref: Ref) -> None:
        self._sandbox.user_deletes(SATO, ref.id)

    def user_decorates(self, ref: Ref) -> None:
        self._sandbox.user_changes(SATO, ref.id, {"categories": ["Blue"]})

    def decoration(self, ref: Ref) -> object:
        return self._sandbox.event(SATO, ref.id)["categories"]

    def somebody_elses(self) -> Ref:
        self._sandbox.add_account("suzuki@example.com")
        at = {"dateTime": "2026-05-12T10:00:00", "timeZone": "UTC"}
        made = self._sandbox.user_creates("suzuki@example.com", {"subject": "Hers", "start": at, "end": at})
        return Ref(self.container, ItemId(made["id"]))

    def mails(self) -> int:
        return len(self._sandbox.mails_sent)

    def spoils(self, ref: Ref) -> None:
        calendar = self._sandbox._state.default_calendar(SATO)
        record = calendar.records[ref.id]
        record.item = changed(record.item, subject=7)
        calendar.put(record)

    def expires_cursors(self) -> None:
        self._sandbox.expire_delta_links()

    def loses_an_answer(self) -> None:
        self._sandbox.faults.add(DropAfterProcessing(), "POST|PATCH", "/events")

    def refuses_after(self, requests: int) -> None:
        self._sandbox.faults.add(THROTTLED, "POST", "/events", skip=requests * self.can.batch, times=-1)

    def signs_out(self) -> None:
        self._sandbox.revoke_refresh_tokens(SATO)
        self._sandbox.expire_access_tokens()

    def arrived(self) -> int:
        return len(self._sandbox.requests)


class Shelf:
    """A keychain's one item."""

    def __init__(self, text: str) -> None:
        self.text = text

    def secret(self) -> str:
        return self.text

    def keep(self, text: str) -> None:
        self.text = text


def settings_of(sandbox: Microsoft365Sandbox) -> Microsoft365Settings:
    """Where the sandbox is reached."""
    return Microsoft365Settings(
        CLIENT_ID, TENANT, SATO, api_endpoint=sandbox.api_endpoint, authority=f"{sandbox.tls_url}/"
    )


def network_of(sandbox: Microsoft365Sandbox) -> Network:
    """A network that trusts the sandbox's certificate."""
    return Network(trust=lambda: ssl.create_default_context(cafile=str(sandbox.authority_file)))


def secret_of(sandbox: Microsoft365Sandbox, email: str = SATO, scopes: tuple[str, ...] = USUAL_SCOPES) -> str:
    """The secret of an account that has signed in and given these permissions."""
    given = sandbox.give_permission(email, scopes)
    cache = SerializableTokenCache()
    uid = base64.urlsafe_b64encode(json.dumps({"uid": email, "utid": TENANT}).encode()).decode().rstrip("=")
    told = {
        "access_token": given.access_token,
        "refresh_token": given.refresh_token,
        "expires_in": 3599,
        "scope": " ".join(scopes),
        "client_info": uid,
    }
    endpoint = f"{settings_of(sandbox).authority_address}/oauth2/v2.0/token"
    event = {"client_id": CLIENT_ID, "scope": told["scope"], "token_endpoint": endpoint, "response": told}
    cache.add({**event, "scope": str(told["scope"]).split(), "grant_type": "authorization_code"})
    return Microsoft365Secret(cache.serialize(), CLIENT_ID).text()


def calendar_on(sandbox: Microsoft365Sandbox, clock: Clock, shelf: Shelf | None = None) -> Microsoft365Calendar:
    """A calendar of somebody who has signed in."""
    place = shelf or Shelf(secret_of(sandbox))
    pacer = Pacer(10_000, 600.0, clock=time.monotonic, wait=time.sleep)
    return Microsoft365Calendar(
        settings_of(sandbox), place.secret, place.keep, pacer, now=clock, network=network_of(sandbox)
    )


@contextmanager
def microsoft365() -> Iterator[Stand]:
    """A stand of its own."""
    clock = Clock()
    with Microsoft365Sandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, "佐藤 花子")
        calendar = calendar_on(sandbox, clock)
        yield Microsoft365Stand(sandbox, calendar, clock)
        calendar.close()
