"""Calendars of others: what each role sees and may do."""

from __future__ import annotations

import pytest

from soroe.sandbox.google import AccessRole, GoogleSandbox
from soroe.sandbox.google.scopes import PREFIX
from tests.sandbox.google.caller import Caller, meeting, ok, refusal
from tests.sandbox.google.conftest import SATO, SUZUKI, CallerOf


@pytest.mark.parametrize("role", [AccessRole.reader, AccessRole.writerWithoutPrivateAccess])
def test_a_private_event_of_somebody_else_comes_without_details(
    google: GoogleSandbox, sato: Caller, role: AccessRole
) -> None:
    google.share(SUZUKI, "primary", SATO, role)
    google.user_inserts(SUZUKI, meeting("面接", location="5F", description="x", visibility="private"))
    [item] = sato.listed(SUZUKI)["items"]
    assert item["visibility"] == "private"
    assert item["start"]["dateTime"] == "2026-04-10T10:00:00+09:00"
    assert not {"summary", "description", "location", "attendees", "organizer"} & set(item)


def test_an_ordinary_event_of_somebody_else_comes_whole(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.reader)
    google.user_inserts(SUZUKI, meeting("朝会"))
    [item] = sato.listed(SUZUKI)["items"]
    assert item["summary"] == "朝会"
    # "self" speaks of the calendar the event lies in, not of the person who reads it (discovery document).
    assert item["organizer"] == {"email": SUZUKI, "self": True}


def test_a_writer_sees_private_events_whole(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.writer)
    google.user_inserts(SUZUKI, meeting("面接", visibility="private"))
    assert sato.listed(SUZUKI)["items"][0]["summary"] == "面接"


def test_a_guest_sees_the_private_event_he_is_invited_to(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.reader)
    google.user_inserts(SUZUKI, meeting("面接", visibility="private", attendees=[{"email": SATO}]))
    assert sato.listed(SUZUKI)["items"][0]["summary"] == "面接"


def test_free_busy_access_shows_only_that_time_is_taken(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.freeBusyReader)
    google.user_inserts(SUZUKI, meeting("朝会"))
    answer = sato.listed(SUZUKI)
    assert answer["accessRole"] == "freeBusyReader"
    assert "summary" not in answer["items"][0]


@pytest.mark.parametrize("role", [AccessRole.freeBusyReader, AccessRole.reader])
def test_a_calendar_shared_for_reading_refuses_writes(google: GoogleSandbox, sato: Caller, role: AccessRole) -> None:
    google.share(SUZUKI, "primary", SATO, role)
    made = google.user_inserts(SUZUKI, meeting())
    assert refusal(sato.insert(meeting(), SUZUKI)) == (403, "requiredAccessLevel")
    assert refusal(sato.patch(made["id"], {"summary": "x"}, SUZUKI)) == (403, "requiredAccessLevel")
    assert refusal(sato.delete(made["id"], SUZUKI)) == (403, "requiredAccessLevel")


def test_a_hidden_event_cannot_be_changed(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.writerWithoutPrivateAccess)
    hidden = google.user_inserts(SUZUKI, meeting("面接", visibility="private"))
    assert refusal(sato.patch(hidden["id"], {"summary": "x"}, SUZUKI)) == (403, "forbidden")
    assert ok(sato.insert(meeting(), SUZUKI))["creator"] == {"email": SATO}


def test_a_calendar_no_longer_shared_is_not_found(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.reader)
    sato.listed(SUZUKI)
    google.unshare(SUZUKI, "primary", SATO)
    assert refusal(sato.list_events(SUZUKI)) == (404, "notFound")


def test_where_an_event_came_from_is_seen_by_its_creator_only(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.writer)
    source = {"title": "CRM", "url": "https://crm.example.com/1"}
    made = google.user_inserts(SUZUKI, meeting(source=source))
    assert made["source"] == source
    assert "source" not in ok(sato.get(made["id"], SUZUKI))


def test_reminders_belong_to_each_person(google: GoogleSandbox, sato: Caller) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.writer)
    own = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}
    made = google.user_inserts(SUZUKI, meeting(reminders=own))
    assert ok(sato.get(made["id"], SUZUKI))["reminders"] == {"useDefault": True}
    sato.patch(made["id"], {"reminders": {"useDefault": False}}, SUZUKI)
    assert google.event(SUZUKI, made["id"])["reminders"] == own


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("calendar.events", {"list", "insert"}),
        ("calendar.events.readonly", {"list"}),
        ("calendar.calendarlist.readonly", {"calendars"}),
        ("calendar.settings.readonly", {"settings"}),
        ("calendar.readonly", {"list", "calendars", "settings"}),
        ("calendar", {"list", "insert", "calendars", "settings"}),
    ],
)
def test_every_method_needs_one_of_its_scopes(caller_of: CallerOf, scope: str, allowed: set[str]) -> None:
    caller = caller_of(SATO, (PREFIX + scope,))
    answers = {
        "list": caller.list_events(),
        "insert": caller.insert(meeting()),
        "calendars": caller.send("GET", "users/me/calendarList"),
        "settings": caller.send("GET", "users/me/settings"),
    }
    assert {name for name, answer in answers.items() if answer.is_success} == allowed
    for name in set(answers) - allowed:
        assert refusal(answers[name]) == (403, "insufficientPermissions")
        assert answers[name].json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_the_scope_for_owned_calendars_does_not_reach_others(google: GoogleSandbox, caller_of: CallerOf) -> None:
    google.share(SUZUKI, "primary", SATO, AccessRole.writer)
    caller = caller_of(SATO, (f"{PREFIX}calendar.events.owned",))
    assert caller.list_events().is_success
    assert refusal(caller.list_events(SUZUKI)) == (403, "insufficientPermissions")


def test_settings_name_zone_and_language(sato: Caller, caller_of: CallerOf) -> None:
    reader = caller_of(SATO, (f"{PREFIX}calendar.settings.readonly",))
    values = {item["id"]: item["value"] for item in ok(reader.send("GET", "users/me/settings"))["items"]}
    assert (values["timezone"], values["locale"]) == ("Asia/Tokyo", "ja")
    assert ok(reader.send("GET", "users/me/settings/timezone"))["value"] == "Asia/Tokyo"
