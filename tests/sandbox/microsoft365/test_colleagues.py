"""Meetings with other people: mails, copies, answers; and calendars that are shared."""

from __future__ import annotations

from datetime import date

import pytest

from soroe.sandbox.microsoft365 import Mail, Microsoft365Sandbox
from tests.sandbox.microsoft365.caller import Caller, at, guest, meeting, ok, refusal, weekly
from tests.sandbox.microsoft365.conftest import SATO, SUZUKI, CallerOf

OUTSIDE = "customer@client.example"


def told(mails: tuple[Mail, ...]) -> list[tuple[str, str]]:
    return [(mail.kind, mail.to) for mail in mails]


def test_every_write_to_a_meeting_mails_its_guests(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = sato.created(meeting(attendees=[guest(OUTSIDE)]))
    ok(sato.patch(made["id"], {"start": at("2026-04-10", 9)}))
    ok(sato.patch(made["id"], {"attendees": [guest(OUTSIDE), guest(SUZUKI)]}))
    ok(sato.patch(made["id"], {"attendees": [guest(SUZUKI)]}))
    assert sato.delete(made["id"]).status_code == 204
    assert told(office.mails_sent) == [
        ("invitation", OUTSIDE),
        ("update", OUTSIDE),
        ("invitation", SUZUKI),
        ("cancellation", OUTSIDE),
        ("cancellation", SUZUKI),
    ]


def test_a_changed_series_mails_once_more_for_each_modified_occurrence(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    series = office.user_creates(SATO, weekly(attendees=[guest(OUTSIDE)]))
    office.user_changes_occurrence(SATO, series["id"], date(2026, 4, 13), {"subject": "今回だけ"})
    ok(sato.patch(series["id"], {"location": {"displayName": "会議室"}}))
    assert told(office.mails_sent) == [("update", OUTSIDE), ("update", OUTSIDE)]


def test_what_concerns_only_oneself_mails_nobody(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = office.user_creates(SATO, meeting(attendees=[guest(OUTSIDE)]))
    ok(sato.patch(made["id"], {"categories": ["赤"], "isReminderOn": False, "showAs": "free"}))
    sato.created(meeting())
    assert office.mails_sent == ()


def test_an_invited_colleague_sees_a_copy_that_follows(office: Microsoft365Sandbox, suzuki: Caller) -> None:
    made = office.user_creates(SATO, weekly(attendees=[guest(SUZUKI)]))
    copy = ok(suzuki.get("me/events"))["value"][0]
    assert (copy["isOrganizer"], copy["organizer"]["emailAddress"]["address"]) == (False, SATO)
    assert (copy["iCalUId"], copy["responseStatus"]["response"]) == (made["iCalUId"], "notResponded")
    office.user_renames(SATO, made["id"], "変更")
    office.user_deletes_occurrence(SATO, made["id"], date(2026, 4, 13))
    office.user_changes_occurrence(SATO, made["id"], date(2026, 4, 20), {"subject": "最終回"})
    seen = office.occurrences(SUZUKI, "2026-04-01", "2026-05-01")
    assert [one["subject"] for one in seen] == ["変更", "最終回"]
    office.user_deletes(SATO, made["id"])
    called_off = suzuki.event(copy["id"])
    assert (called_off["isCancelled"], called_off["subject"]) == (True, "Canceled: 変更")


def test_copies_lose_the_exceptions_that_the_series_loses(office: Microsoft365Sandbox) -> None:
    series = office.user_creates(SATO, weekly(attendees=[guest(SUZUKI)]))
    office.user_changes_occurrence(SATO, series["id"], date(2026, 4, 13), {"subject": "今回だけ"})
    assert len(office.events(SUZUKI)) == 2
    office.user_changes(SATO, series["id"], {"start": at("2026-04-06", 9), "end": at("2026-04-06", 10)})
    assert [one["type"] for one in office.events(SUZUKI)] == ["seriesMaster"]
    office.user_changes_occurrence(SATO, series["id"], date(2026, 4, 13), {"subject": "今回だけ"})
    office.user_deletes(SATO, series["id"])
    assert [one["isCancelled"] for one in office.events(SUZUKI)] == [True, True]


def test_an_answer_reaches_the_organizer(office: Microsoft365Sandbox, suzuki: Caller) -> None:
    copy = office.receives_invitation(SUZUKI, SATO, meeting())
    assert suzuki.post(f"me/events/{copy['id']}/accept", {"sendResponse": True}).status_code == 202
    original = office.events(SATO)[0]
    assert original["attendees"][0]["status"]["response"] == "accepted"
    assert told(office.mails_sent) == [("answer", SATO)]
    assert suzuki.event(copy["id"])["showAs"] == "busy"
    assert suzuki.post(f"me/events/{copy['id']}/decline", {"sendResponse": False}).status_code == 202
    assert refusal(suzuki.get(f"me/events/{copy['id']}")) == (404, "ErrorItemNotFound")
    assert office.events(SATO)[0]["attendees"][0]["status"]["response"] == "declined"
    assert len(office.mails_sent) == 1


def test_organizer_and_attendee_have_different_rights(
    office: Microsoft365Sandbox, sato: Caller, suzuki: Caller
) -> None:
    copy = office.receives_invitation(SUZUKI, SATO, meeting())
    original = office.events(SATO)[0]
    assert refusal(sato.post(f"me/events/{original['id']}/accept")) == (400, "ErrorInvalidRequest")
    assert refusal(suzuki.post(f"me/events/{copy['id']}/cancel")) == (400, "ErrorInvalidRequest")
    assert sato.post(f"me/events/{original['id']}/cancel", {"comment": "延期"}).status_code == 202
    assert told(office.mails_sent) == [("cancellation", SUZUKI)]


def test_an_invitation_from_outside_can_be_called_off(office: Microsoft365Sandbox, sato: Caller) -> None:
    copy = office.receives_invitation(SATO, OUTSIDE, meeting())
    assert (copy["isOrganizer"], copy["showAs"]) == (False, "tentative")
    office.organizer_cancels(SATO, copy["id"])
    assert sato.event(copy["id"])["isCancelled"] is True
    assert sato.delete(copy["id"]).status_code == 204
    assert office.mails_sent == ()


def test_a_calendar_shared_to_read_refuses_writes(office: Microsoft365Sandbox, suzuki: Caller) -> None:
    home = office.calendar_id(SATO)
    made = office.user_creates(SATO, meeting())
    private = office.user_creates(SATO, meeting("面接", hour=12, sensitivity="private"))
    path = f"me/calendars/{home}/events"
    assert refusal(suzuki.get(path)) == (404, "ErrorItemNotFound")
    office.share(SATO, home, SUZUKI)
    entry = ok(suzuki.get(f"me/calendars/{home}"))
    assert (entry["canEdit"], entry["owner"]["address"]) == (False, SATO)
    seen = {one["id"]: one["subject"] for one in ok(suzuki.get(path))["value"]}
    assert seen == {made["id"]: "打ち合わせ", private["id"]: "Private Appointment"}
    assert refusal(suzuki.post(path, meeting())) == (403, "ErrorAccessDenied")
    assert refusal(suzuki.patch(made["id"], {"subject": "x"})) == (403, "ErrorAccessDenied")
    assert refusal(suzuki.delete(made["id"])) == (403, "ErrorAccessDenied")
    office.share(SATO, home, SUZUKI, may_edit=True)
    assert ok(suzuki.post(path, meeting("代理")))["organizer"]["emailAddress"]["address"] == SATO
    office.unshare(SATO, home, SUZUKI)
    assert refusal(suzuki.get(path)) == (404, "ErrorItemNotFound")


def test_a_permission_without_shared_calendars_does_not_see_them(
    office: Microsoft365Sandbox, caller_of: CallerOf
) -> None:
    office.share(SATO, office.calendar_id(SATO), SUZUKI)
    narrow = caller_of(SUZUKI, ("User.Read", "Calendars.ReadWrite"))
    assert len(ok(narrow.get("me/calendars"))["value"]) == 1
    assert refusal(narrow.get(f"me/calendars/{office.calendar_id(SATO)}")) == (403, "ErrorAccessDenied")


def test_a_permission_to_read_does_not_write(caller_of: CallerOf) -> None:
    reader = caller_of(SATO, ("User.Read", "Calendars.Read"))
    assert ok(reader.get("me/events"))["value"] == []
    assert refusal(reader.post("me/events", meeting())) == (403, "ErrorAccessDenied")
    assert refusal(reader.get("me/mailboxSettings")) == (403, "ErrorAccessDenied")


def test_a_person_without_a_mailbox_is_told_so(office: Microsoft365Sandbox, caller_of: CallerOf) -> None:
    office.add_account("frontline@example.com", mailbox=False)
    caller = caller_of("frontline@example.com")
    assert ok(caller.get("me"))["mail"] is None
    assert refusal(caller.get("me/calendars")) == (404, "MailboxNotEnabledForRESTAPI")


def test_other_peoples_mailboxes_are_closed(sato: Caller) -> None:
    assert ok(sato.get(f"users/{SATO}/calendars"))["value"]
    assert refusal(sato.get(f"users/{SUZUKI}/calendars")) == (403, "ErrorAccessDenied")


def test_a_deleted_event_comes_back_only_by_the_persons_own_hand(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = office.user_creates(SATO, meeting())
    _, link = sato.round()
    office.user_deletes(SATO, made["id"])
    with pytest.raises(ValueError, match="no deleted event"):
        office.user_restores(SATO, "AAkALgAAunknown")
    office.user_restores(SATO, made["id"])
    items, _ = sato.round(link)
    assert [item["id"] for item in items] == [made["id"]]
