"""Guests: their copies, their answers, what they may change, and the mails a write causes."""

from __future__ import annotations

import pytest

from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.google.caller import Caller, meeting, ok, refusal, weekly
from tests.sandbox.google.conftest import SATO, SUZUKI

OUTSIDE = "buyer@customer.example"


def test_an_invited_colleague_gets_a_copy_that_follows_the_organizer(google: GoogleSandbox, sato: Caller) -> None:
    made = google.user_inserts(SUZUKI, meeting("商談", attendees=[{"email": SATO}]))
    [copy] = sato.listed()["items"]
    assert (copy["id"], copy["iCalUID"]) == (made["id"], made["iCalUID"])
    assert copy["organizer"] == {"email": SUZUKI}
    assert [(guest["email"], guest.get("self", False)) for guest in copy["attendees"]] == [(SATO, True)]
    google.user_patches(SUZUKI, made["id"], {"summary": "商談 2"})
    assert ok(sato.get(made["id"]))["summary"] == "商談 2"
    google.user_deletes(SUZUKI, made["id"])
    assert ok(sato.get(made["id"]))["status"] == "cancelled"


def test_what_belongs_to_a_copy_stays_with_it(google: GoogleSandbox, sato: Caller) -> None:
    made = google.user_inserts(
        SUZUKI,
        meeting(attendees=[{"email": SATO}], extendedProperties={"private": {"mine": "1"}, "shared": {"s": "1"}}),
    )
    assert ok(sato.get(made["id"]))["extendedProperties"] == {"shared": {"s": "1"}}
    own = {"colorId": "5", "transparency": "transparent", "extendedProperties": {"private": {"crm": "42"}}}
    ok(sato.patch(made["id"], own, sendUpdates="none"))
    google.user_patches(SUZUKI, made["id"], {"summary": "別の題"})
    copy = ok(sato.get(made["id"]))
    assert (copy["summary"], copy["colorId"], copy["transparency"]) == ("別の題", "5", "transparent")
    assert copy["extendedProperties"]["private"] == {"crm": "42"}
    assert google.event(SUZUKI, made["id"])["extendedProperties"]["private"] == {"mine": "1"}


def test_an_answer_travels_to_the_organizer(google: GoogleSandbox, sato: Caller) -> None:
    made = google.user_inserts(SUZUKI, meeting(attendees=[{"email": SATO}]))
    answered = [{"email": SATO, "responseStatus": "accepted"}]
    ok(sato.patch(made["id"], {"attendees": answered}, sendUpdates="none"))
    assert google.event(SUZUKI, made["id"])["attendees"][0]["responseStatus"] == "accepted"


def test_a_guest_may_send_only_his_own_answer(google: GoogleSandbox, sato: Caller) -> None:
    made = google.user_inserts(SUZUKI, meeting(attendees=[{"email": SATO}, {"email": OUTSIDE}]))
    change = {"attendeesOmitted": True, "attendees": [{"email": SATO, "responseStatus": "tentative"}]}
    changed = ok(sato.patch(made["id"], change, sendUpdates="none"))
    assert [guest["responseStatus"] for guest in changed["attendees"]] == ["tentative", "needsAction"]


def test_deleting_a_copy_declines_the_invitation(google: GoogleSandbox, sato: Caller) -> None:
    made = google.user_inserts(SUZUKI, meeting(attendees=[{"email": SATO}]))
    sato.delete(made["id"], sendUpdates="none")
    original = google.event(SUZUKI, made["id"])
    assert (original["status"], original["attendees"][0]["responseStatus"]) == ("confirmed", "declined")


def test_a_guests_change_of_the_title_stays_in_his_copy_until_the_organizer_writes(
    google: GoogleSandbox, sato: Caller
) -> None:
    made = google.user_inserts(SUZUKI, meeting("商談", attendees=[{"email": SATO}]))
    ok(sato.patch(made["id"], {"summary": "私の題"}, sendUpdates="none"))
    assert google.event(SUZUKI, made["id"])["summary"] == "商談"
    google.user_patches(SUZUKI, made["id"], {"location": "本社"})
    assert ok(sato.get(made["id"]))["summary"] == "商談"


def test_a_guest_who_may_modify_changes_the_event_for_everybody(google: GoogleSandbox, sato: Caller) -> None:
    google.add_account("ito@example.com")
    guests = [{"email": SATO}, {"email": "ito@example.com"}]
    made = google.user_inserts(SUZUKI, meeting("商談", attendees=guests, guestsCanModify=True))
    ok(sato.patch(made["id"], {"summary": "皆の題"}, sendUpdates="none"))
    assert google.event(SUZUKI, made["id"])["summary"] == "皆の題"
    assert google.event("ito@example.com", made["id"])["summary"] == "皆の題"


@pytest.mark.parametrize(
    "change",
    [
        {"guestsCanModify": True},
        {"extendedProperties": {"shared": {"a": "b"}}},
        {"attendees": [{"email": SATO}]},
    ],
)
def test_what_only_the_organizer_may_change_is_refused(
    google: GoogleSandbox, sato: Caller, change: dict[str, object]
) -> None:
    made = google.user_inserts(SUZUKI, meeting(attendees=[{"email": SATO}, {"email": OUTSIDE}]))
    assert refusal(sato.patch(made["id"], change, sendUpdates="none")) == (403, "forbiddenForNonOrganizer")


def test_an_invitation_from_outside_is_somebody_elses_event(google: GoogleSandbox, sato: Caller) -> None:
    made = google.receives_invitation(SATO, OUTSIDE, meeting("ご提案"))
    shown = ok(sato.get(made["id"]))
    assert shown["organizer"] == {"email": OUTSIDE}
    assert [guest["email"] for guest in shown["attendees"]] == [OUTSIDE, SATO]
    google.organizer_changes(SATO, made["id"], {"summary": "ご提案 2"})
    assert ok(sato.get(made["id"]))["summary"] == "ご提案 2"
    assert ok(sato.get(made["id"]))["organizer"] == {"email": OUTSIDE}


def test_a_locked_event_keeps_its_main_fields(google: GoogleSandbox, sato: Caller) -> None:
    made = sato.inserted(meeting())
    google.locks(SATO, made["id"])
    assert refusal(sato.patch(made["id"], {"summary": "別の題"})) == (403, "forbidden")
    assert ok(sato.patch(made["id"], {"colorId": "5"}))["locked"] is True


def test_one_instance_called_off_is_called_off_for_the_guest_too(google: GoogleSandbox, sato: Caller) -> None:
    series = google.user_inserts(SUZUKI, weekly(attendees=[{"email": SATO}]))["id"]
    google.user_deletes(SUZUKI, f"{series}_20260413T010000Z")
    assert len(sato.listed(singleEvents=True)["items"]) == 3


def test_no_mail_leaves_when_none_is_asked_for(google: GoogleSandbox, sato: Caller) -> None:
    made = sato.inserted(meeting(attendees=[{"email": OUTSIDE}]), sendUpdates="none")
    sato.patch(made["id"], {"summary": "別の題"}, sendUpdates="none")
    sato.update(made["id"], meeting(attendees=[{"email": OUTSIDE}]), sendUpdates="none")
    sato.delete(made["id"], sendUpdates="none")
    assert google.mails_sent == ()


def test_a_request_that_says_nothing_about_mail_is_counted_as_mail(google: GoogleSandbox, sato: Caller) -> None:
    made = sato.inserted(meeting(attendees=[{"email": OUTSIDE}, {"email": SATO}]))
    sato.patch(made["id"], {"summary": "別の題"})
    sato.delete(made["id"])
    assert [(mail.to, mail.kind, mail.asked) for mail in google.mails_sent] == [
        (OUTSIDE, "invitation", ""),
        (OUTSIDE, "update", ""),
        (OUTSIDE, "cancellation", ""),
    ]


def test_external_only_writes_to_those_without_an_account_here(google: GoogleSandbox, sato: Caller) -> None:
    sato.inserted(meeting(attendees=[{"email": OUTSIDE}, {"email": SUZUKI}]), sendUpdates="externalOnly")
    assert [mail.to for mail in google.mails_sent] == [OUTSIDE]
    assert refusal(sato.insert(meeting(), sendUpdates="maybe")) == (400, "invalid")


def test_a_guests_answer_writes_to_the_organizer(google: GoogleSandbox, sato: Caller) -> None:
    made = google.receives_invitation(SATO, OUTSIDE, meeting())
    before = google.mails_sent
    sato.delete(made["id"], sendUpdates="all")
    assert before == ()
    assert [(mail.to, mail.kind) for mail in google.mails_sent] == [(OUTSIDE, "answer")]


def test_an_event_without_guests_causes_no_mail(google: GoogleSandbox, sato: Caller) -> None:
    sato.delete(sato.inserted(meeting(), sendUpdates="all")["id"], sendUpdates="all")
    assert google.mails_sent == ()


def test_a_copied_event_carries_the_stamp_along(google: GoogleSandbox) -> None:
    made = google.user_inserts(SATO, meeting(extendedProperties={"private": {"crm": "42"}}))
    copy = google.user_duplicates(SATO, made["id"])
    assert copy["id"] != made["id"]
    assert copy["extendedProperties"] == made["extendedProperties"]
