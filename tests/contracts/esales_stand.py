"""RestCrm, with the profile of eSales Manager, on the eSales sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.rest.crm import RestCrm, RestSettings, within_limits
from soroe.adapters.crm.rest.profile import Profile
from soroe.adapters.crm.rest.profile_file import load_profile
from soroe.adapters.crm.service import Line
from soroe.core.dialect import ESALES
from soroe.core.event import CRM_LIST, ItemId, Ref, Seen, Timed
from soroe.ports.remote import Cursor
from soroe.sandbox.esales import TENANT, EsalesSandbox
from soroe.sandbox.faults import Answer, DropAfterProcessing
from tests.fakes.clock import Clock

from .stand import Stand

SATO = "sato@example.com"
PROFILE = Path(__file__).parents[2] / "resources" / "crm" / "profiles" / "esales.toml"
THROTTLED = Answer.as_json(429, {"error": {"code": "too_many"}}, {"Retry-After": "30"})
SCHEDULES = "/schedules$"
COLLEAGUES = {
    "suzuki@example.com": "鈴木 一郎",
    "tanaka@example.com": "Tanaka",
    "yamada@example.com": "Yamada",
    "o'neil+x@example.co.jp": "O'Neil",
}
"""Guests are employees here; nobody else can be one."""


@cache
def read_profile() -> Profile:
    """The profile of eSales Manager, read once."""
    return load_profile(PROFILE)


class EsalesStand(Stand):
    """One employee of one company."""

    new_type = "訪問"

    def __init__(self, sandbox: EsalesSandbox, clock: Clock) -> None:
        self._sandbox = sandbox
        self._sato = sandbox.add_employee(SATO, "佐藤 健")
        for address, name in COLLEAGUES.items():
            sandbox.add_employee(address, name)
        profile = read_profile()
        key = ApiKey(sandbox.api_token(), "Authorization", "Bearer")
        settings = RestSettings(sandbox.url, "Asia/Tokyo", TENANT, SATO)
        self.crm = RestCrm(settings, profile, key, clock, Line())
        super().__init__(self.crm.reader, self.crm.writer, CRM_LIST, clock, within_limits(ESALES, profile))

    def user_creates(self, title: str, when: Timed) -> Ref:
        local = when.within("Asia/Tokyo")
        return Ref(CRM_LIST, ItemId(str(self._sandbox.user_creates(self._sato, title, local.start, local.end).id)))

    def user_renames(self, ref: Ref, title: str) -> None:
        self._sandbox.user_changes(int(ref.id), subject=title)

    def user_deletes(self, ref: Ref) -> None:
        self._sandbox.user_deletes(int(ref.id))

    def user_decorates(self, ref: Ref) -> None:
        self._sandbox.user_changes(int(ref.id), people_met=("田中様",))

    def decoration(self, ref: Ref) -> object:
        return self._sandbox.schedule(int(ref.id)).fields.people_met

    def somebody_elses(self) -> Ref:
        suzuki = self._sandbox.add_employee("hers@example.com", "鈴木 花子")
        return Ref(CRM_LIST, ItemId(str(self._sandbox.user_creates(suzuki, "Hers", datetime(2026, 5, 12, 10)).id)))

    def spoils(self, ref: Ref) -> None:
        self._sandbox.spoil(int(ref.id), subject=7)

    def expires_cursors(self) -> None:
        self.clock.later(hours=2)  # everything is listed anew once an hour

    def loses_an_answer(self) -> None:
        self._sandbox.faults.add(DropAfterProcessing(), "POST", SCHEDULES)
        self._sandbox.faults.add(DropAfterProcessing(), "PUT|DELETE")

    def refuses_after(self, requests: int) -> None:
        self._sandbox.faults.add(THROTTLED, "POST", SCHEDULES, skip=requests, times=-1)

    def news(self, cursor: Cursor) -> list[Seen]:
        """What the feed tells of since, before the hour is over at which everything is listed anew."""
        self.clock.later(minutes=10)
        return self.seen(cursor)[0]

    def signs_out(self) -> None:
        self._sandbox.revoke_tokens()

    def arrived(self) -> int:
        return len(self._sandbox.requests)


@contextmanager
def esales() -> Iterator[EsalesStand]:
    """An employee whom an API token of the company's opens, in Tokyo."""
    clock = Clock()
    with EsalesSandbox(clock=clock) as sandbox:
        stand = EsalesStand(sandbox, clock)
        yield stand
        stand.crm.close()
