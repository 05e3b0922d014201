"""Meetings, mails to guests, private items and calendars of colleagues."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soroe.sandbox.exchange import ExchangeSandbox, Mail
from tests.sandbox.exchange.caller import (
    MORNING,
    SATO,
    SUZUKI,
    Caller,
    Clock,
    changes,
    item_id,
    set_field,
)

GUEST = "guest@example.net"


def guests(*emails: str) -> str:
    each = (
        f"<t:Attendee><t:Mailbox><t:EmailAddress>{email}</t:EmailAddress></t:Mailbox></t:Attendee>" for email in emails
    )
    return f"<t:RequiredAttendees>{''.join(each)}</t:RequiredAttendees>"


MEETING = f"<t:Subject>Meeting</t:Subject>{MORNING}{guests(GUEST)}"
LOCATION = set_field("calendar:Location", "<t:Location>大阪</t:Location>")


def test_nobody_is_written_to_who_is_not_to_be(exchange: ExchangeSandbox, sato: Caller) -> None:
    identity = sato.created(MEETING)
    updated = sato.update(identity, LOCATION).ids()[0]
    assert sato.delete(updated).code == "NoError"
    assert exchange.mails_sent == ()


def test_every_other_way_of_writing_sends_mail(exchange: ExchangeSandbox, sato: Caller) -> None:
    identity = sato.created(MEETING, send="SendToAllAndSaveCopy")
    updated = sato.update(identity, LOCATION, send="SendOnlyToChanged").ids()[0]
    sato.delete(updated, send="SendOnlyToAll")
    assert exchange.mails_sent == (
        Mail(GUEST, "invitation", identity[0], "SendToAllAndSaveCopy"),
        Mail(GUEST, "update", identity[0], "SendOnlyToChanged"),
        Mail(GUEST, "cancellation", identity[0], "SendOnlyToAll"),
    )


def test_somebody_added_is_invited_and_somebody_removed_is_told(exchange: ExchangeSandbox, sato: Caller) -> None:
    identity = sato.created(MEETING)
    others = set_field("calendar:RequiredAttendees", guests("new@example.net"))
    sato.update(identity, others, send="SendToChangedAndSaveCopy")
    assert [(mail.to, mail.kind) for mail in exchange.mails_sent] == [
        (GUEST, "cancellation"),
        ("new@example.net", "invitation"),
    ]


def test_a_meeting_knows_whether_it_was_sent(exchange: ExchangeSandbox, sato: Caller) -> None:
    silent = sato.created(MEETING)
    sent = sato.created(MEETING, send="SendOnlyToAll")
    answer = sato.get(item_id(silent), item_id(sent))
    assert answer.texts("MeetingRequestWasSent") == ["false", "true"]
    assert answer.texts("IsMeeting") == ["true", "true"]


def test_an_invitation_is_not_ones_own(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    end = clock() + timedelta(hours=1)
    identity = exchange.receives_invitation(SATO, "boss@example.net", "Review", clock(), end)
    more = '<t:AdditionalProperties><t:FieldURI FieldURI="calendar:MyResponseType"/></t:AdditionalProperties>'
    answer = sato.get(item_id(identity), more=more)
    assert answer.texts("MyResponseType") == ["NoResponseReceived"]
    assert answer.texts("LegacyFreeBusyStatus") == ["Tentative"]
    assert "boss@example.net" in answer.texts("EmailAddress")
    exchange.user_answers(identity, "Accept")
    assert sato.get(item_id(identity), more=more).texts("MyResponseType") == ["Accept"]
    exchange.organizer_cancels(identity)
    assert sato.get(item_id(identity)).texts("IsCancelled") == ["true"]
    assert exchange.mails_sent == ()


def test_deleting_an_invitation_with_mail_answers_its_organiser(
    exchange: ExchangeSandbox, sato: Caller, clock: Clock
) -> None:
    identity = exchange.receives_invitation(SATO, "boss@example.net", "Review", clock(), clock())
    sato.delete(sato.get(item_id(identity)).ids()[0], send="SendToAllAndSaveCopy")
    assert [(mail.to, mail.kind) for mail in exchange.mails_sent] == [("boss@example.net", "answer")]


@pytest.fixture
def shared(exchange: ExchangeSandbox) -> str:
    folder = exchange.calendar(SUZUKI).id
    exchange.share(folder, SATO)
    mailbox = f"<t:Mailbox><t:EmailAddress>{SUZUKI}</t:EmailAddress></t:Mailbox>"
    return f'<t:DistinguishedFolderId Id="calendar">{mailbox}</t:DistinguishedFolderId>'


def test_a_shared_calendar_can_be_read_but_not_written(
    exchange: ExchangeSandbox, sato: Caller, clock: Clock, shared: str
) -> None:
    identity = exchange.user_creates(SUZUKI, "Theirs", clock(), clock())
    answer = sato.get(item_id(identity), shape="AllProperties")
    assert answer.texts("Subject") == ["Theirs"]
    assert answer.texts("Modify") == ["false"]
    assert sato.update(answer.ids()[0], LOCATION).code == "ErrorAccessDenied"
    assert sato.delete(answer.ids()[0]).code == "ErrorAccessDenied"
    assert sato.create(MEETING, folder=shared).code == "ErrorCreateItemAccessDenied"
    exchange.share(exchange.calendar(SUZUKI).id, SATO, editor=True)
    assert sato.create(MEETING, folder=shared).code == "NoError"


def test_private_items_of_colleagues_stay_hidden(
    exchange: ExchangeSandbox, sato: Caller, clock: Clock, shared: str
) -> None:
    identity = exchange.user_creates(SUZUKI, "Doctor", clock(), clock(), sensitivity="Private")
    assert sato.get(item_id(identity)).code == "ErrorItemNotFound"
    assert changes(sato.sync(folder=shared)) == []


def test_a_calendar_that_is_not_shared_is_not_there(exchange: ExchangeSandbox, sato: Caller, shared: str) -> None:
    exchange.unshare(exchange.calendar(SUZUKI).id, SATO)
    ask = f"<m:GetFolder><m:FolderIds>{shared}</m:FolderIds></m:GetFolder>"
    assert sato.ask(ask).code == "ErrorFolderNotFound"
    assert sato.ask(ask.replace(SUZUKI, "nobody@example.com")).code == "ErrorNonExistentMailbox"


def test_the_person_works_in_outlook(exchange: ExchangeSandbox, sato: Caller, clock: Clock) -> None:
    there = exchange.add_calendar(SATO, "営業")
    identity = exchange.user_creates(SATO, "Visit", clock(), clock(), required=(GUEST,))
    moved = exchange.user_moves(identity, there)
    assert list(exchange.items(SATO, there)) == [moved]
    exchange.user_deletes(moved)
    (in_bin,) = exchange.deleted_items(SATO)
    restored = exchange.user_restores(in_bin)
    assert list(exchange.items(SATO)) == [restored]
    exchange.user_deletes(next(iter(exchange.items(SATO))))
    exchange.user_empties_deleted_items(SATO)
    assert not exchange.deleted_items(SATO)
    assert exchange.mails_sent == ()
    with pytest.raises(LookupError):
        exchange.item(identity)
    with pytest.raises(ValueError, match="already has an account"):
        exchange.add_account(SATO, "x")
