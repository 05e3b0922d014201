"""A clock that a test moves, and programs that call the sandbox over real HTTP: by hand and with exchangelib."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import httpx

from soroe.sandbox.exchange import ExchangeSandbox

SATO = "sato@example.com"
SUZUKI = "suzuki@example.com"
PASSWORD = "correct horse"
T = "{http://schemas.microsoft.com/exchange/services/2006/types}"
M = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
E = "{http://schemas.microsoft.com/exchange/services/2006/errors}"
CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>'
STAMP = (
    '<t:ExtendedFieldURI PropertySetId="0F3C1A52-5F0B-4C0E-9D2B-6D4C1A7E8B90" PropertyName="Stamp" '
    'PropertyType="String"/>'
)
MORNING = "<t:Start>2026-04-06T01:00:00Z</t:Start><t:End>2026-04-06T02:00:00Z</t:End>"
_SPACES = (
    'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" '
    'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"'
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def envelope(operation: str, header: str = '<t:RequestServerVersion Version="Exchange2016"/>') -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope {_SPACES}><s:Header>{header}</s:Header>'
        f"<s:Body>{operation}</s:Body></s:Envelope>"
    ).encode()


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: its HTTP status and its XML."""

    status: int
    root: Element

    @property
    def codes(self) -> list[str]:
        """The response codes of the items, or that of the fault."""
        return [one.text or "" for one in self.root.iter() if one.tag in (f"{M}ResponseCode", f"{E}ResponseCode")]

    @property
    def code(self) -> str:
        assert len(self.codes) == 1, self.codes
        return self.codes[0]

    def ids(self) -> list[tuple[str, str]]:
        return [(one.attrib["Id"], one.attrib["ChangeKey"]) for one in self.root.iter(f"{T}ItemId")]

    def texts(self, name: str) -> list[str]:
        return [one.text or "" for one in self.root.iter() if one.tag in (T + name, M + name)]


@dataclass
class Caller:
    """One account's program that writes its SOAP by hand and signs in with Basic."""

    sandbox: ExchangeSandbox
    email: str = SATO
    password: str = PASSWORD
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, verify=False, timeout=60))

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        usual = {"Content-Type": "text/xml; charset=utf-8", **headers}
        return self.http.post(self.sandbox.ews_url, content=body, headers=usual, auth=(self.email, self.password))

    def ask(self, operation: str, **header: str) -> Answered:
        response = self.post(envelope(operation, **header))
        return Answered(response.status_code, ElementTree.fromstring(response.content))

    def create(self, properties: str, *, send: str | None = "SendToNone", folder: str = CALENDAR) -> Answered:
        sending = "" if send is None else f' SendMeetingInvitations="{send}"'
        saved = f"<m:SavedItemFolderId>{folder}</m:SavedItemFolderId>"
        item = f"<t:CalendarItem>{properties}</t:CalendarItem>"
        return self.ask(f"<m:CreateItem{sending}>{saved}<m:Items>{item}</m:Items></m:CreateItem>")

    def created(self, properties: str = f"<t:Subject>Visit</t:Subject>{MORNING}", **options: Any) -> tuple[str, str]:
        answer = self.create(properties, **options)
        assert answer.codes == ["NoError"], answer.texts("MessageText")
        return answer.ids()[0]

    def update(
        self,
        identity: tuple[str, str],
        updates: str,
        *,
        resolution: str = "NeverOverwrite",
        send: str | None = "SendToNone",
    ) -> Answered:
        sending = "" if send is None else f' SendMeetingInvitationsOrCancellations="{send}"'
        change = f"<t:ItemChange>{item_id(identity)}<t:Updates>{updates}</t:Updates></t:ItemChange>"
        return self.ask(
            f'<m:UpdateItem MessageDisposition="SaveOnly" ConflictResolution="{resolution}"{sending}>'
            f"<m:ItemChanges>{change}</m:ItemChanges></m:UpdateItem>"
        )

    def delete(
        self, identity: tuple[str, str], *, how: str = "MoveToDeletedItems", send: str | None = "SendToNone"
    ) -> Answered:
        sending = "" if send is None else f' SendMeetingCancellations="{send}"'
        return self.ask(
            f'<m:DeleteItem DeleteType="{how}"{sending}><m:ItemIds>{item_id(identity)}</m:ItemIds></m:DeleteItem>'
        )

    def get(self, *references: str, shape: str = "Default", more: str = "") -> Answered:
        wanted = f"<m:ItemShape><t:BaseShape>{shape}</t:BaseShape>{more}</m:ItemShape>"
        return self.ask(f"<m:GetItem>{wanted}<m:ItemIds>{''.join(references)}</m:ItemIds></m:GetItem>")

    def sync(self, state: str = "", most: int = 512, folder: str = CALENDAR, shape: str = "IdOnly") -> Answered:
        known = f"<m:SyncState>{state}</m:SyncState>" if state else ""
        return self.ask(
            f"<m:SyncFolderItems><m:ItemShape><t:BaseShape>{shape}</t:BaseShape></m:ItemShape>"
            f"<m:SyncFolderId>{folder}</m:SyncFolderId>{known}<m:MaxChangesReturned>{most}</m:MaxChangesReturned>"
            "</m:SyncFolderItems>"
        )

    def find(self, inside: str, more: str = "", folder: str = CALENDAR) -> Answered:
        shape = f"<m:ItemShape><t:BaseShape>Default</t:BaseShape>{more}</m:ItemShape>"
        parents = f"<m:ParentFolderIds>{folder}</m:ParentFolderIds>"
        return self.ask(f'<m:FindItem Traversal="Shallow">{shape}{inside}{parents}</m:FindItem>')


def item_id(identity: tuple[str, str] | str) -> str:
    if isinstance(identity, str):
        return f'<t:ItemId Id="{identity}"/>'
    return f'<t:ItemId Id="{identity[0]}" ChangeKey="{identity[1]}"/>'


def set_field(uri: str, element: str) -> str:
    path = f'<t:FieldURI FieldURI="{uri}"/>'
    return f"<t:SetItemField>{path}<t:CalendarItem>{element}</t:CalendarItem></t:SetItemField>"


def changes(answer: Answered) -> list[tuple[str, str]]:
    """The changes of a feed: what happened, and to which id."""
    told = answer.root.find(f".//{M}Changes")
    assert told is not None
    return [(one.tag.removeprefix(T), next(one.iter(f"{T}ItemId")).attrib["Id"]) for one in told]


def state_of(answer: Answered) -> str:
    return answer.texts("SyncState")[0]
