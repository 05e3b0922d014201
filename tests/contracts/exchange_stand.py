"""ExchangeCalendar on the Exchange sandbox, for the promises that every adapter keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

from soroe.adapters.exchange.calendar import ExchangeCalendar
from soroe.adapters.exchange.settings import Auth, ExchangeSecret, ExchangeSettings
from soroe.core.event import ContainerId, ItemId, Ref, Timed
from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.exchange.ids import read_item_id
from soroe.sandbox.faults import Answer, DropAfterProcessing
from tests.fakes.clock import Clock

from .stand import Stand, at

SATO = "sato@example.com"
SUZUKI = "suzuki@example.com"
PASSWORD = "correct horse"
THROTTLED = Answer(429, b"", "text/plain", {"Retry-After": "30"})


class ExchangeStand(Stand):
    """One mailbox with its own calendar."""

    def __init__(self, sandbox: ExchangeSandbox, calendar: ExchangeCalendar, clock: Clock) -> None:
        self.sandbox = sandbox
        super().__init__(calendar, calendar.writer, ContainerId(sandbox.calendar(SATO).id), clock, None)

    def user_creates(self, title: str, when: Timed) -> Ref:
        start, end = (one.replace(tzinfo=ZoneInfo(when.zone)) for one in (when.start, when.end))
        return Ref(self.container, ItemId(self.sandbox.user_creates(SATO, title, start, end)))

    def user_renames(self, ref: Ref, title: str) -> None:
        self.sandbox.user_changes(ref.id, subject=title)

    def user_deletes(self, ref: Ref) -> None:
        self.sandbox.user_deletes(ref.id)

    def user_decorates(self, ref: Ref) -> None:
        self.sandbox.user_changes(ref.id, categories=("Red",))

    def decoration(self, ref: Ref) -> object:
        return self.sandbox.item(ref.id).categories

    def somebody_elses(self) -> Ref:
        self.sandbox.add_account(SUZUKI, "hers")
        when = at()
        start, end = (one.replace(tzinfo=ZoneInfo(when.zone)) for one in (when.start, when.end))
        return Ref(self.container, ItemId(self.sandbox.user_creates(SUZUKI, "Hers", start, end)))

    def mails(self) -> int:
        return len(self.sandbox.mails_sent)

    def spoils(self, ref: Ref) -> None:
        record = self.sandbox.calendar(SATO).records[read_item_id(ref.id)[0]]
        record.item = replace(record.item, subject="x" * 40_000)

    def expires_cursors(self) -> None:
        self.sandbox.expire_sync_states()

    def loses_an_answer(self) -> None:
        self.sandbox.operation_faults.add(DropAfterProcessing(), path="CreateItem|UpdateItem|DeleteItem|MoveItem")

    def refuses_after(self, requests: int) -> None:
        self.sandbox.operation_faults.add(THROTTLED, path="CreateItem", skip=requests, times=-1)

    def signs_out(self) -> None:
        self.sandbox.change_password(SATO, "another")

    def arrived(self) -> int:
        return len(self.sandbox.requests)


@contextmanager
def exchange() -> Iterator[ExchangeStand]:
    """A mailbox that a password opens, in Tokyo."""
    clock = Clock()
    with ExchangeSandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, PASSWORD, "佐藤 花子")
        settings = ExchangeSettings(SATO, endpoint=sandbox.ews_url, auth=Auth.BASIC, zone="Asia/Tokyo")
        secret = ExchangeSecret(PASSWORD, sandbox.ews_url, Auth.BASIC, "15.2.1544.4", SATO)
        calendar = ExchangeCalendar(settings, secret.text, now=clock)
        yield ExchangeStand(sandbox, calendar, clock)
        calendar.close()
