"""Whatever a request looks like, it is answered or refused; nothing breaks the server."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random
from xml.etree.ElementTree import Element, fromstring, tostring

import pytest

from soroe.sandbox.exchange import ExchangeSandbox, Recurrence
from soroe.sandbox.exchange.errors import SoapFault
from tests.sandbox.exchange.caller import CALENDAR, MORNING, SATO, STAMP, Clock, envelope, item_id, set_field

WORDS = ("", "x", "true", "-1", "999999999999", "2026-04-06T01:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31", "Monday")
SHAPE = (
    "<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties>"
    f'<t:FieldURI FieldURI="item:Subject"/>{STAMP}</t:AdditionalProperties></m:ItemShape>'
)
RULE = (
    "<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek>"
    "</t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2026-04-06</t:StartDate>"
    "<t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>"
)
WEEKLY = Recurrence(
    "WeeklyRecurrence", (("Interval", "1"), ("DaysOfWeek", "Monday")), "NumberedRecurrence", date(2026, 4, 6), most=3
)
EQUAL = '<t:FieldURIOrConstant><t:Constant Value="x"/></t:FieldURIOrConstant>'


def requests(single: str, series: str) -> list[str]:
    occurrence = f'<t:OccurrenceItemId RecurringMasterId="{series}" InstanceIndex="2"/>'
    stamp = f"<t:ExtendedProperty>{STAMP}<t:Value>1</t:Value></t:ExtendedProperty>"
    updates = set_field("item:Subject", "<t:Subject>x</t:Subject>") + f"<t:DeleteItemField>{STAMP}</t:DeleteItemField>"
    updates += set_field("calendar:Start", "<t:Start>2026-04-06T01:30:00</t:Start>")
    updates += set_field("calendar:Recurrence", RULE)
    search = f"<t:And><t:IsEqualTo>{STAMP}{EQUAL}</t:IsEqualTo><t:Exists>{STAMP}</t:Exists></t:And>"
    parents = f"<m:ParentFolderIds>{CALENDAR}</m:ParentFolderIds>"
    change = 'ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone"'
    return [
        f"<m:GetFolder><m:FolderIds>{CALENDAR}</m:FolderIds></m:GetFolder>",
        f"<m:GetItem>{SHAPE}<m:ItemIds>{item_id(single)}{occurrence}</m:ItemIds></m:GetItem>",
        f'<m:FindItem Traversal="Shallow">{SHAPE}<m:CalendarView StartDate="2026-04-01T00:00:00Z" '
        f'EndDate="2026-05-01T00:00:00Z" MaxEntriesReturned="2"/>{parents}</m:FindItem>',
        f'<m:FindItem Traversal="Shallow">{SHAPE}<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" '
        f'BasePoint="Beginning"/><m:Restriction>{search}</m:Restriction>{parents}</m:FindItem>',
        f"<m:SyncFolderItems>{SHAPE}<m:SyncFolderId>{CALENDAR}</m:SyncFolderId><m:SyncState/>"
        "<m:MaxChangesReturned>5</m:MaxChangesReturned></m:SyncFolderItems>",
        f'<m:CreateItem SendMeetingInvitations="SendToNone"><m:SavedItemFolderId>{CALENDAR}</m:SavedItemFolderId>'
        f"<m:Items><t:CalendarItem><t:Subject>x</t:Subject>{stamp}{MORNING}{RULE}"
        '<t:StartTimeZone Id="Tokyo Standard Time"/></t:CalendarItem></m:Items></m:CreateItem>',
        f"<m:UpdateItem {change}><m:ItemChanges><t:ItemChange>{item_id(series)}<t:Updates>{updates}</t:Updates>"
        f"</t:ItemChange><t:ItemChange>{occurrence}<t:Updates>{updates}</t:Updates></t:ItemChange></m:ItemChanges>"
        "</m:UpdateItem>",
        '<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="SendToNone"><m:ItemIds>'
        f"{occurrence}</m:ItemIds></m:DeleteItem>",
        f"<m:MoveItem><m:ToFolderId>{CALENDAR}</m:ToFolderId><m:ItemIds>{item_id(single)}</m:ItemIds></m:MoveItem>",
    ]


def mangle(root: Element, random: Random) -> None:
    """Breaks one thing somewhere."""
    parents = [one for one in root.iter() if len(one)][1:]
    if not parents:
        return
    parent = random.choice(parents)
    child = random.choice(list(parent))
    match random.randrange(6):
        case 0:
            parent.remove(child)
        case 1:
            parent.append(child)
        case 2:
            child.text = random.choice(WORDS)
        case 3:
            child[:] = []
        case 4:
            child.tag = random.choice(list(root.iter())).tag
        case _:
            for name in list(child.attrib):
                child.set(name, random.choice(WORDS))


@pytest.mark.parametrize("seed", range(9))
def test_a_mangled_request_is_answered_or_refused(clock: Clock, seed: int) -> None:
    sandbox = ExchangeSandbox(clock=clock)
    account = sandbox.add_account(SATO, "x")
    start, end = datetime(2026, 4, 6, 1, tzinfo=UTC), datetime(2026, 4, 6, 2, tzinfo=UTC)
    random = Random(seed)
    answered = refused = 0
    for _ in range(40):
        single = sandbox.user_creates(SATO, "Single", start, end)
        series = sandbox.user_creates(SATO, "Series", start, end, recurrence=WEEKLY)
        text = envelope(requests(single, series)[seed])
        root = fromstring(text)
        for _ in range(random.randrange(1, 4)):
            mangle(root, random)
        try:
            answer = sandbox.web.service.answer(account, sandbox.web.service.read(tostring(root)))
            answered += answer.startswith(b"<?xml")
        except SoapFault:
            refused += 1
    assert answered + refused == 40
    assert refused
