"""Every adapter of the port, each on a service of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.pipedrive.crm import PipedriveCrm, PipedriveSettings
from soroe.adapters.crm.rest.crm import RestCrm, RestSettings
from soroe.adapters.crm.rest.profile import Profile
from soroe.adapters.crm.rest.profile_file import load_profile
from soroe.adapters.crm.service import Line
from soroe.adapters.google.calendar import GoogleCalendar
from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret, GoogleSettings
from soroe.adapters.net.pacer import Pacer
from soroe.core.dialect import GENERIC, PIPEDRIVE
from soroe.core.event import CRM_LIST, ContainerId, EventContent, ItemId, Ref, Timed
from soroe.ports.errors import PortError, RetryLater, SignInRequired
from soroe.ports.remote import Capabilities, Write
from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET
from soroe.sandbox.pipedrive import PipedriveSandbox
from tests.fakes.clock import Clock
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .esales_stand import esales
from .exchange_stand import exchange
from .microsoft365_stand import microsoft365
from .oracle_stand import oracle
from .salesforce_stand import salesforce
from .stand import Stand

SATO = "sato@example.com"
PROFILES = Path(__file__).parents[2] / "resources" / "crm" / "profiles"
THROTTLED = Answer.as_json(429, {"error": "too many requests"}, {"Retry-After": "30"})


@cache
def generic() -> Profile:
    """The generic profile, read once."""
    return load_profile(PROFILES / "generic.toml")


class FakeStand(Stand):
    """The fake that the engine's tests run on."""

    def __init__(self, capabilities: Capabilities, clock: Clock) -> None:
        self._service = service = FakeService(capabilities, clock)
        dialect = {GOOGLE_LIKE: None, REST_LIKE: GENERIC, PIPEDRIVE_LIKE: PIPEDRIVE}[capabilities]
        super().__init__(service, service, service.container, clock, dialect)

    def user_creates(self, title: str, when: Timed) -> Ref:
        return self._service.user_creates(EventContent(title, when))

    def user_renames(self, ref: Ref, title: str) -> None:
        self._service.user_changes(ref, title=title)

    def user_deletes(self, ref: Ref) -> None:
        self._service.user_deletes(ref)

    def user_decorates(self, ref: Ref) -> None:
        self._service.items[ref] = replace(self._service.items[ref], activity_type="call")

    def decoration(self, ref: Ref) -> object:
        return self._service.items[ref].activity_type

    def somebody_elses(self) -> Ref:
        return Ref(self.container, ItemId("not-ours"))

    def spoils(self, ref: Ref) -> None:
        self._service.unreadable[ref] = "title"

    def expires_cursors(self) -> None:
        self._service.lies.expired = True

    def loses_an_answer(self) -> None:
        self._service.after_write = self._once(RetryLater("answer_lost", outcome_unknown=True))

    def _once(self, error: PortError) -> Callable[[Write], PortError | None]:
        def fault(_write: Write) -> PortError | None:
            self._service.after_write = None
            return error

        return fault

    def refuses_after(self, requests: int) -> None:
        allowed = [None] * requests * self.can.batch
        self._service.before_write = lambda _write: allowed.pop() if allowed else RetryLater("http_429", 30.0)

    def signs_out(self) -> None:
        self._service.before_write = lambda _write: SignInRequired("signed_out")

    def arrived(self) -> int:
        return self._service.requests_sent


class GoogleStand(Stand):
    """GoogleCalendar on the Google sandbox."""

    def __init__(self, sandbox: GoogleSandbox, calendar: GoogleCalendar, clock: Clock) -> None:
        self._sandbox = sandbox
        super().__init__(calendar, calendar.writer, ContainerId(SATO), clock, None)

    def user_creates(self, title: str, when: Timed) -> Ref:
        times = {
            name: {"dateTime": f"{at.isoformat()}", "timeZone": when.zone}
            for name, at in (("start", when.start), ("end", when.end))
        }
        return Ref(self.container, ItemId(self._sandbox.user_inserts(SATO, {"summary": title, **times})["id"]))

    def user_renames(self, ref: Ref, title: str) -> None:
        self._sandbox.user_patches(SATO, ref.id, {"summary": title})

    def user_deletes(self, ref: Ref) -> None:
        self._sandbox.user_deletes(SATO, ref.id)

    def user_decorates(self, ref: Ref) -> None:
        self._sandbox.user_patches(SATO, ref.id, {"colorId": "7"})

    def decoration(self, ref: Ref) -> object:
        return self._sandbox.event(SATO, ref.id).get("colorId")

    def somebody_elses(self) -> Ref:
        self._sandbox.add_account("suzuki@example.com")
        day, after = {"date": "2026-05-12"}, {"date": "2026-05-13"}
        made = self._sandbox.user_inserts("suzuki@example.com", {"summary": "Hers", "start": day, "end": after})
        return Ref(self.container, ItemId(made["id"]))

    def mails(self) -> int:
        return len(self._sandbox.mails_sent)

    def spoils(self, ref: Ref) -> None:
        record = self._sandbox.calendar(SATO).records[ref.id]
        record.body = {**record.body, "summary": 7}

    def expires_cursors(self) -> None:
        self._sandbox.expire_sync_tokens()

    def loses_an_answer(self) -> None:
        self._sandbox.faults.add(DropAfterProcessing(), "POST|PATCH", "/events")

    def refuses_after(self, requests: int) -> None:
        self._sandbox.faults.add(THROTTLED, "POST", "^/batch", skip=requests, times=-1)

    def signs_out(self) -> None:
        self._sandbox.expire_refresh_tokens()

    def arrived(self) -> int:
        return len(self._sandbox.requests)


class RestStand(Stand):
    """RestCrm, with the generic profile, on the CRM sandbox."""

    def __init__(self, sandbox: CrmSandbox, clock: Clock) -> None:
        self._sandbox = sandbox
        self._sato = sandbox.add_user(SATO)
        key = ApiKey(sandbox.api_key_for(self._sato), "Authorization", "Bearer")
        self.crm = RestCrm(RestSettings(sandbox.base_url), generic(), key, clock, Line())
        super().__init__(self.crm.reader, self.crm.writer, CRM_LIST, clock, GENERIC)

    def user_creates(self, title: str, when: Timed) -> Ref:
        start, end = _aware(when.start, when.zone), _aware(when.end, when.zone)
        return Ref(CRM_LIST, ItemId(self._sandbox.user_creates(self._sato, title, start, end).id))

    def user_renames(self, ref: Ref, title: str) -> None:
        self._sandbox.user_changes(ref.id, subject=title)

    def user_deletes(self, ref: Ref) -> None:
        self._sandbox.user_deletes(ref.id)

    def user_decorates(self, ref: Ref) -> None:
        self._sandbox.user_changes(ref.id, done=True)

    def decoration(self, ref: Ref) -> object:
        return self._sandbox.activity(ref.id).content.done

    def somebody_elses(self) -> Ref:
        suzuki = self._sandbox.add_user("suzuki@example.com", "Suzuki")
        made = self._sandbox.user_creates(suzuki, "Hers", datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11))
        return Ref(CRM_LIST, ItemId(made.id))

    def mails(self) -> int:
        return len(self._sandbox.mails_sent)

    def spoils(self, ref: Ref) -> None:
        self._sandbox.user_changes(ref.id, subject=7)

    def expires_cursors(self) -> None:
        self._sandbox.expire_cursors()

    def loses_an_answer(self) -> None:
        self._sandbox.faults.add(DropAfterProcessing(), "POST|PATCH|PUT")

    def refuses_after(self, requests: int) -> None:
        self._sandbox.faults.add(THROTTLED, "POST", skip=requests, times=-1)

    def signs_out(self) -> None:
        self._sandbox.revoke_access(self._sato)

    def arrived(self) -> int:
        return len(self._sandbox.requests)


class PipedriveStand(Stand):
    """PipedriveCrm on the Pipedrive sandbox."""

    def __init__(self, sandbox: PipedriveSandbox, clock: Clock) -> None:
        self._sandbox = sandbox
        self._sato = sandbox.add_user(SATO)
        key = ApiKey(sandbox.api_token_for(self._sato), "x-api-token")
        self.crm = PipedriveCrm(PipedriveSettings(sandbox.url), key, clock, Line())
        super().__init__(self.crm.reader, self.crm.writer, CRM_LIST, clock, PIPEDRIVE)

    def user_creates(self, title: str, when: Timed) -> Ref:
        length = when.end_utc - when.start_utc
        made = self._sandbox.user_creates(self._sato, title, _aware(when.start, when.zone), length, busy=True)
        return Ref(CRM_LIST, ItemId(str(made.id)))

    def user_renames(self, ref: Ref, title: str) -> None:
        self._sandbox.user_changes(int(ref.id), subject=title)

    def user_deletes(self, ref: Ref) -> None:
        self._sandbox.user_deletes(int(ref.id))

    def user_decorates(self, ref: Ref) -> None:
        self._sandbox.user_changes(int(ref.id), note="for us alone")

    def decoration(self, ref: Ref) -> object:
        return self._sandbox.activity(int(ref.id)).fields.note

    def somebody_elses(self) -> Ref:
        suzuki = self._sandbox.add_user("suzuki@example.com", "Suzuki")
        made = self._sandbox.user_creates(suzuki, "Hers", datetime(2026, 5, 12, 10))
        return Ref(CRM_LIST, ItemId(str(made.id)))

    def spoils(self, ref: Ref) -> None:
        self._sandbox.user_changes(int(ref.id), subject=7)

    def expires_cursors(self) -> None:
        self.clock.later(days=2)  # everything is listed anew once a day

    def loses_an_answer(self) -> None:
        self._sandbox.faults.add(DropAfterProcessing(), "POST|PATCH")

    def refuses_after(self, requests: int) -> None:
        self._sandbox.faults.add(THROTTLED, "POST", skip=requests, times=-1)

    def signs_out(self) -> None:
        self._sandbox.api_token_for(self._sato)

    def arrived(self) -> int:
        return len(self._sandbox.requests)


def _aware(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone))


@contextmanager
def _google() -> Iterator[Stand]:
    clock = Clock()
    with GoogleSandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, "佐藤 花子", time_zone="Asia/Tokyo")
        permission = sandbox.give_permission(SATO)
        settings = GoogleSettings(
            CLIENT_ID,
            CLIENT_SECRET,
            api_endpoint=sandbox.api_endpoint,
            authorization_endpoint=sandbox.authorization_endpoint,
            token_endpoint=sandbox.token_endpoint,
        )
        secret = GoogleSecret(permission.refresh_token, CLIENT_ID, SATO, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE))
        pacer = Pacer(600, clock=time.monotonic, wait=time.sleep)
        calendar = GoogleCalendar(settings, secret.text, pacer, now=clock)
        yield GoogleStand(sandbox, calendar, clock)
        calendar.close()


@contextmanager
def _rest() -> Iterator[Stand]:
    clock = Clock()
    with CrmSandbox(clock=clock) as sandbox:
        stand = RestStand(sandbox, clock)
        yield stand
        stand.crm.close()


@contextmanager
def _pipedrive() -> Iterator[Stand]:
    clock = Clock()
    with PipedriveSandbox(clock=clock) as sandbox:
        stand = PipedriveStand(sandbox, clock)
        yield stand
        stand.crm.close()


@contextmanager
def _fake(capabilities: Capabilities) -> Iterator[Stand]:
    yield FakeStand(capabilities, Clock())


STANDS = {
    "fake-like-google": lambda: _fake(GOOGLE_LIKE),
    "fake-like-rest": lambda: _fake(REST_LIKE),
    "fake-like-pipedrive": lambda: _fake(PIPEDRIVE_LIKE),
    "google": _google,
    "rest": _rest,
    "pipedrive": _pipedrive,
    "oracle": oracle,
    "esales": esales,
    "salesforce": salesforce,
    "microsoft365": microsoft365,
    "exchange": exchange,
}
