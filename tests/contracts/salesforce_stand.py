"""Salesforce's connector on the played Salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from soroe.adapters.crm.salesforce.crm import SalesforceCrm
from soroe.adapters.crm.salesforce.settings import SalesforceSettings
from soroe.adapters.crm.service import Line
from soroe.adapters.net.oauth import OAuthKeys, Safe, Tokens
from soroe.adapters.net.transport import LibraryClient, RequestCount
from soroe.core.dialect import SALESFORCE
from soroe.core.event import CRM_LIST, ItemId, Ref, Timed
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.salesforce import SalesforceSandbox
from soroe.sandbox.salesforce.org import User
from soroe.sandbox.salesforce.sandbox import CLIENT_ID
from tests.fakes.clock import Clock

from .stand import Stand

SATO = "sato@example.com"
STAMP_FIELD = "Soroe_Id__c"
SCOPES = ("api", "refresh_token", "openid")
GUESTS = {
    "suzuki@example.com": "鈴木 一郎",
    "tanaka@example.com": "Tanaka",
    "yamada@example.com": "Yamada",
    "o'neil+x@example.co.jp": "O'Neil",
}
THROTTLED = Answer.as_json(
    403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentPerOrgLongTxn Limit exceeded."}]
)


class SalesforceStand(Stand):
    """SalesforceCrm on the played server; its user knows the guests as contacts."""

    def __init__(self, sandbox: SalesforceSandbox, crm: SalesforceCrm, sato: User, clock: Clock) -> None:
        self.sandbox = sandbox
        self.sato = sato
        self.crm = crm
        super().__init__(crm.reader, crm.writer, CRM_LIST, clock, SALESFORCE)

    def user_creates(self, title: str, when: Timed) -> Ref:
        start = when.start.replace(tzinfo=ZoneInfo(when.zone))
        made = self.sandbox.user_creates(self.sato, title, start, when.end_utc - when.start_utc)
        return Ref(CRM_LIST, ItemId(made["Id"]))

    def user_renames(self, ref: Ref, title: str) -> None:
        self.sandbox.user_changes(ref.id, Subject=title)

    def user_deletes(self, ref: Ref) -> None:
        self.sandbox.user_deletes(ref.id)

    def user_decorates(self, ref: Ref) -> None:
        self.sandbox.user_changes(ref.id, WhatId=self._account())

    def decoration(self, ref: Ref) -> object:
        return self.sandbox.event(ref.id)["WhatId"]

    def somebody_elses(self) -> Ref:
        hers = self.sandbox.add_user("suzuki@example.com", "Suzuki")
        made = self.sandbox.user_creates(hers, "Hers", datetime(2026, 5, 12, 10, tzinfo=UTC), 1)
        return Ref(CRM_LIST, ItemId(made["Id"]))

    def mails(self) -> int:
        return len(self.sandbox.mails_sent)

    def spoils(self, ref: Ref) -> None:
        self.sandbox.user_changes(ref.id, Subject=7)

    def expires_cursors(self) -> None:
        self.clock.later(days=2)  # everything is listed anew four times a day

    def loses_an_answer(self) -> None:
        self.sandbox.faults.add(DropAfterProcessing(), "POST|PATCH", "/sobjects")

    def refuses_after(self, requests: int) -> None:
        self.sandbox.faults.add(THROTTLED, "POST", "/composite/sobjects", skip=requests, times=-1)

    def signs_out(self) -> None:
        self.sandbox.revoke_consents(self.sato)
        self.sandbox.expire_access_tokens()

    def arrived(self) -> int:
        return len([one for one in self.sandbox.requests if not one.path.startswith("/services/oauth2/token")])

    def _account(self) -> str:
        return str(self.sandbox.add_account("Aoki Trading")["Id"])


def settings_of(sandbox: SalesforceSandbox, stamp_field: str = "") -> SalesforceSettings:
    """Where the played Salesforce is."""
    return SalesforceSettings(sandbox.url, CLIENT_ID, stamp_field)


@contextmanager
def salesforce(stamp_field: str = STAMP_FIELD) -> Iterator[SalesforceStand]:
    """A stand of its own; with a field for our stamp, unless that is ""."""
    clock = Clock()
    with SalesforceSandbox(clock=clock) as sandbox, ExitStack() as stack:
        if stamp_field:
            sandbox.add_external_id(stamp_field)
        sato = sandbox.add_user(SATO, "Sato")
        for email, name in GUESTS.items():
            sandbox.add_contact(name, email)
        given = sandbox.permission_for(sato, SCOPES)
        kept = [Tokens(str(given["refresh_token"]), str(given["access_token"]), site=sandbox.url).secret()]
        settings = settings_of(sandbox, stamp_field)
        http = LibraryClient(RequestCount())
        stack.callback(http.close)
        keys = OAuthKeys(settings.client(), http, Safe(lambda: kept[-1], kept.append), clock)
        crm = SalesforceCrm(settings, keys.site, keys, clock, Line())
        stack.callback(crm.close)
        yield SalesforceStand(sandbox, crm, sato, clock)
