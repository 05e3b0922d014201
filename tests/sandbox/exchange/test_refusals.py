"""What a real Exchange refuses, the sandbox refuses too, with the documented response codes."""

from __future__ import annotations

import pytest

from soroe.sandbox.exchange import ExchangeSandbox
from tests.sandbox.exchange.caller import (
    MORNING,
    SATO,
    STAMP,
    Caller,
    envelope,
    item_id,
    set_field,
)

SUBJECT = "<t:Subject>Visit</t:Subject>"


def test_a_calendar_item_needs_a_word_about_invitations(exchange: ExchangeSandbox, sato: Caller) -> None:
    assert sato.create(SUBJECT + MORNING, send=None).code == "ErrorSendMeetingInvitationsRequired"
    assert not exchange.items(SATO)
    made = sato.created()
    update = sato.update(made, set_field("item:Subject", SUBJECT), send=None)
    assert update.code == "ErrorSendMeetingInvitationsOrCancellationsRequired"
    assert sato.delete(made, send=None).code == "ErrorSendMeetingCancellationsRequired"
    assert list(exchange.items(SATO)) == [made[0]]


@pytest.mark.parametrize(
    "properties",
    [
        f"{MORNING}{SUBJECT}",
        f"{SUBJECT}{SUBJECT}{MORNING}",
        f"{SUBJECT}<t:Colour>Red</t:Colour>{MORNING}",
        f"{SUBJECT}<t:Sensitivity>Secret</t:Sensitivity>{MORNING}",
        f"{SUBJECT}<t:Body>No type</t:Body>{MORNING}",
        f"{SUBJECT}{MORNING}<t:IsAllDayEvent>yes</t:IsAllDayEvent>",
        f"{SUBJECT}<t:Start>tomorrow</t:Start><t:End>later</t:End>",
        f"{SUBJECT}{MORNING}<t:LegacyFreeBusyStatus>Away</t:LegacyFreeBusyStatus>",
        f"{SUBJECT}{MORNING}<t:Recurrence><t:DailyRecurrence/></t:Recurrence>",
    ],
)
def test_an_item_that_breaks_the_schema_is_a_fault(exchange: ExchangeSandbox, sato: Caller, properties: str) -> None:
    answer = sato.create(properties)
    assert (answer.status, answer.code) == (500, "ErrorSchemaValidation")
    assert not exchange.items(SATO)


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        (SUBJECT, "ErrorRequiredPropertyMissing"),
        (f"<t:Subject>{'x' * 256}</t:Subject>{MORNING}", "ErrorItemSavePropertyError"),
        (
            f"{SUBJECT}<t:Start>2026-04-06T02:00:00Z</t:Start><t:End>2026-04-06T01:00:00Z</t:End>",
            "ErrorCalendarEndDateIsEarlierThanStartDate",
        ),
        (
            f"{SUBJECT}<t:Start>2026-04-06T02:00:00Z</t:Start><t:End>2032-04-06T01:00:00Z</t:End>",
            "ErrorCalendarDurationIsTooLong",
        ),
        (f"{SUBJECT}<t:LastModifiedTime>2026-04-06T02:00:00Z</t:LastModifiedTime>{MORNING}", "ErrorInvalidPropertySet"),
        (f'{SUBJECT}{MORNING}<t:StartTimeZone Id="Asia/Tokyo"/>', "ErrorTimeZone"),
        (
            f"{SUBJECT}{MORNING}<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>nobody</t:EmailAddress>"
            "</t:Mailbox></t:Attendee></t:RequiredAttendees>",
            "ErrorInvalidRecipients",
        ),
        (
            f"{SUBJECT}<t:ExtendedProperty>{STAMP}<t:Values><t:Value>1</t:Value></t:Values></t:ExtendedProperty>"
            f"{MORNING}",
            "ErrorInvalidExtendedPropertyValue",
        ),
    ],
)
def test_an_item_that_cannot_be_is_refused(sato: Caller, properties: str, code: str) -> None:
    answer = sato.create(properties)
    assert (answer.status, answer.code) == (200, code)


def test_the_longest_subject_is_kept(exchange: ExchangeSandbox, sato: Caller) -> None:
    made = sato.created(f"<t:Subject>{'題' * 255}</t:Subject>{MORNING}")
    assert exchange.item(made[0]).subject == "題" * 255


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("", "ErrorInvalidIdEmpty"),
        ("not base64!", "ErrorInvalidIdMalformed"),
        ("AAAA", "ErrorInvalidIdMalformed"),
        ("A" * 72, "ErrorItemNotFound"),
    ],
)
def test_ids_that_lead_nowhere_are_told_apart(sato: Caller, reference: str, code: str) -> None:
    assert sato.get(item_id(reference)).code == code


def test_ids_count_by_their_case(sato: Caller) -> None:
    identity, _ = sato.created()
    assert sato.get(item_id(identity)).code == "NoError"
    assert sato.get(item_id(identity.swapcase())).code == "ErrorItemNotFound"


def test_a_write_must_know_what_it_writes_over(exchange: ExchangeSandbox, sato: Caller) -> None:
    identity, key = sato.created()
    rename = set_field("item:Subject", "<t:Subject>New</t:Subject>")
    exchange.user_changes(identity, location="大阪")
    assert sato.update((identity, key), rename).code == "ErrorIrresolvableConflict"
    assert sato.update((identity, "nonsense"), rename).code == "ErrorInvalidChangeKey"
    other = sato.created()
    assert sato.update((identity, other[1]), rename).code == "ErrorInvalidChangeKey"
    assert sato.update((identity, key), rename, resolution="AutoResolve").codes == ["NoError"]
    assert exchange.item(identity).location == "大阪"
    assert exchange.item(identity).subject == "New"


def test_a_write_without_a_change_key_has_to_say_that_it_overwrites(sato: Caller) -> None:
    identity, _ = sato.created()
    update = f"<t:Updates>{set_field('item:Subject', '<t:Subject>New</t:Subject>')}</t:Updates>"

    def ask(resolution: str) -> str:
        return sato.ask(
            f'<m:UpdateItem ConflictResolution="{resolution}" SendMeetingInvitationsOrCancellations="SendToNone">'
            f"<m:ItemChanges><t:ItemChange>{item_id(identity)}{update}</t:ItemChange></m:ItemChanges></m:UpdateItem>"
        ).code

    assert ask("NeverOverwrite") == "ErrorChangeKeyRequiredForWriteOperations"
    assert ask("AlwaysOverwrite") == "NoError"


def test_every_write_gives_a_new_change_key(sato: Caller) -> None:
    identity = sato.created()
    keys = {identity[1]}
    for number in range(3):
        answer = sato.update(identity, set_field("item:Subject", f"<t:Subject>{number}</t:Subject>"))
        identity = answer.ids()[0]
        keys.add(identity[1])
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("update", "status", "code"),
    [
        (set_field("item:Subject", "<t:Location>x</t:Location>"), 200, "ErrorUpdatePropertyMismatch"),
        (set_field("calendar:IsMeeting", "<t:IsMeeting>true</t:IsMeeting>"), 200, "ErrorInvalidPropertySet"),
        (set_field("calendar:Colour", "<t:Colour>x</t:Colour>"), 500, "ErrorSchemaValidation"),
        (
            '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Start"/></t:DeleteItemField>',
            200,
            "ErrorInvalidPropertyDelete",
        ),
        ("<t:ReplaceItemField/>", 500, "ErrorSchemaValidation"),
    ],
)
def test_an_update_that_makes_no_sense_is_refused(sato: Caller, update: str, status: int, code: str) -> None:
    answer = sato.update(sato.created(), update)
    assert (answer.status, answer.code) == (status, code)


def test_properties_are_set_and_taken_away(exchange: ExchangeSandbox, sato: Caller) -> None:
    stamp = f"<t:ExtendedProperty>{STAMP}<t:Value>link</t:Value></t:ExtendedProperty>"
    identity = sato.created(f"{SUBJECT}{stamp}{MORNING}<t:Location>大阪</t:Location>")
    away = f"<t:DeleteItemField>{STAMP}</t:DeleteItemField>"
    away += '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Location"/></t:DeleteItemField>'
    assert exchange.item(identity[0]).extended
    assert sato.update(identity, away).code == "NoError"
    assert (exchange.item(identity[0]).extended, exchange.item(identity[0]).location) == ((), "")


def test_an_unknown_operation_is_a_fault(sato: Caller) -> None:
    answer = sato.ask("<m:EmptyTheMailbox/>")
    assert (answer.status, answer.code) == (500, "ErrorInvalidRequest")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<not xml",
        b"<html/>",
        envelope(""),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + envelope("<m:GetItem/>").partition(b"?>")[2],
        envelope("<m:GetItem><m:ItemShape/></m:GetItem>\x01"),
    ],
)
def test_what_is_no_soap_is_a_fault(sato: Caller, body: bytes) -> None:
    response = sato.post(body)
    assert response.status_code == 500
    assert b"ErrorSchemaValidation" in response.content


def test_an_entity_is_never_expanded(exchange: ExchangeSandbox, sato: Caller) -> None:
    body = envelope(
        f'<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>&a;'
        f"</t:Subject>{MORNING}</t:CalendarItem></m:Items></m:CreateItem>"
    )
    response = sato.post(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + body.partition(b"?>")[2])
    assert response.status_code == 500
    assert not exchange.items(SATO)


def test_a_version_no_server_has_is_a_fault(sato: Caller) -> None:
    answer = sato.ask("<m:GetFolder/>", header='<t:RequestServerVersion Version="Exchange2099"/>')
    assert (answer.status, answer.code) == (500, "ErrorInvalidServerVersion")


def test_nobody_may_act_as_somebody_else(sato: Caller) -> None:
    header = (
        "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>suzuki@example.com</t:PrimarySmtpAddress>"
        "</t:ConnectingSID></t:ExchangeImpersonation>"
    )
    assert sato.ask("<m:GetFolder/>", header=header).code == "ErrorImpersonateUserDenied"


def test_other_methods_and_kinds_of_content_are_refused(sato: Caller) -> None:
    assert sato.http.get(sato.sandbox.ews_url, auth=(sato.email, sato.password)).status_code == 405
    assert sato.post(b"{}", **{"Content-Type": "application/json"}).status_code == 415
    assert sato.http.get(f"{sato.sandbox.url}/elsewhere").status_code == 404
