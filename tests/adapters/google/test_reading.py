"""What the adapter reads from a calendar, against a running sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest

from soroe.adapters.google.access import Renewal
from soroe.adapters.google.calendar import GoogleCalendar
from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret
from soroe.adapters.net.pacer import Pacer
from soroe.core.event import (
    AllDay,
    ContainerId,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Ref,
    Response,
    ShowAs,
    Timed,
    Tombstone,
    Unreadable,
    Visibility,
)
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    CursorExpired,
    LocalTrouble,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)
from soroe.ports.remote import Cursor
from soroe.sandbox.faults import Answer, DropConnectionBefore, HugeBody, MalformedJson, TruncateBody
from soroe.sandbox.google import AccessRole, GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, USUAL_SCOPES
from tests.adapters.google.conftest import HERS, SATO, SUZUKI, WINDOW, Clock, Desk, DeskFor, body, ref, settings_for


def test_an_event_is_read_with_its_zone_and_content(desk: Desk, google: GoogleSandbox) -> None:
    made = google.user_inserts(SATO, body("訪問", description="<b>bring</b>", location="Osaka", visibility="private"))
    item = desk.items()["訪問"]
    assert item.ref == ref(made["id"])
    assert item.version == made["etag"]
    assert item.content.when == Timed(datetime(2026, 4, 10, 10), datetime(2026, 4, 10, 11), "Asia/Tokyo")
    assert item.content.description == "<b>bring</b>"
    assert item.content.location == "Osaka"
    assert item.content.visibility is Visibility.PRIVATE
    assert item.content.show_as is ShowAs.BUSY
    assert item.read_only is None
    assert item.changed_at is not None


def test_an_end_in_another_zone_is_told_in_the_zone_of_the_start(desk: Desk, google: GoogleSandbox) -> None:
    end = {"dateTime": "2026-04-10T05:00:00+02:00", "timeZone": "Europe/Berlin"}
    google.user_inserts(SATO, body("Flight") | {"end": end})
    assert desk.items()["Flight"].content.when == Timed(
        datetime(2026, 4, 10, 10), datetime(2026, 4, 10, 12), "Asia/Tokyo"
    )


def test_an_all_day_event_is_a_range_of_dates_whose_end_is_the_day_after(desk: Desk, google: GoogleSandbox) -> None:
    google.user_inserts(SATO, {"summary": "Fair", "start": {"date": "2026-04-10"}, "end": {"date": "2026-04-12"}})
    assert desk.items()["Fair"].content.when == AllDay(date(2026, 4, 10), date(2026, 4, 12))


def test_nothing_changed_costs_one_small_request(desk: Desk, google: GoogleSandbox) -> None:
    for number in range(30):
        google.user_inserts(SATO, body(f"Visit {number}"))
    _, cursor = desk.changes()
    google.requests.clear()
    seen, _ = desk.changes(cursor)
    assert seen == []
    assert len(google.requests) == 1
    assert google.requests.body_bytes() < 300


def test_only_what_changed_comes_after_a_cursor(desk: Desk, google: GoogleSandbox) -> None:
    kept = google.user_inserts(SATO, body("Kept"))
    gone = google.user_inserts(SATO, body("Gone"))
    _, cursor = desk.changes()
    google.user_patches(SATO, kept["id"], {"location": "Kobe"})
    google.user_deletes(SATO, gone["id"])
    seen, _ = desk.changes(cursor)
    assert {one.ref.id: type(one) for one in seen} == {kept["id"]: ObservedItem, gone["id"]: Tombstone}


def test_long_calendars_come_in_pages_and_only_the_last_has_a_cursor(desk: Desk, google: GoogleSandbox) -> None:
    for number in range(12):
        google.user_inserts(SATO, body(f"Visit {number}"))
    google.lies.hostile_paging = True
    pages = list(desk.calendar.changes(HERS, None, WINDOW))
    assert len(pages) > 1
    assert [page.cursor is not None for page in pages] == [False] * (len(pages) - 1) + [True]
    assert len({one.ref for page in pages for one in page.seen}) == 12


def test_an_expired_cursor_asks_for_a_full_listing(desk: Desk, google: GoogleSandbox) -> None:
    _, cursor = desk.changes()
    google.expire_sync_tokens()
    with pytest.raises(CursorExpired):
        desk.changes(cursor)


@pytest.mark.parametrize("text", ["", "garbage", "other.calendar.token"])
def test_a_cursor_of_other_parameters_is_not_sent(desk: Desk, google: GoogleSandbox, text: str) -> None:
    google.requests.clear()
    with pytest.raises(CursorExpired):
        desk.changes(Cursor(text))
    assert len(google.requests) == 0


def test_a_moved_and_a_cancelled_occurrence_are_known_by_their_original_starts(
    desk: Desk, google: GoogleSandbox
) -> None:
    series = google.user_inserts(SATO, body("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"]))["id"]
    later = {key: body(day=18)[key] for key in ("start", "end")}
    google.user_patches(SATO, f"{series}_20260417T010000Z", later)
    google.user_deletes(SATO, f"{series}_20260424T010000Z")
    seen = {str(one.ref.id): one for one in desk.changes()[0]}
    master, moved, cancelled = seen[series], seen[f"{series}#20260417T010000Z"], seen[f"{series}#20260424T010000Z"]
    assert isinstance(master, ObservedItem)
    assert master.content.recurrence is not None
    assert master.content.recurrence.rules == ("FREQ=WEEKLY;COUNT=5",)
    assert isinstance(moved, ObservedItem)
    assert moved.occurrence == Occurrence(ItemId(series), datetime(2026, 4, 17, 1))
    assert moved.content.recurrence is None
    assert isinstance(cancelled, Tombstone)
    assert cancelled.occurrence == Occurrence(ItemId(series), datetime(2026, 4, 24, 1))


def test_an_untouched_occurrence_can_be_read_by_its_own_id(desk: Desk, google: GoogleSandbox) -> None:
    series = google.user_inserts(SATO, body("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"]))["id"]
    found = desk.calendar.read(ref(f"{series}#20260417T010000Z"))
    assert isinstance(found, ObservedItem)
    assert found.ref == ref(f"{series}#20260417T010000Z")
    assert found.content.when == Timed(datetime(2026, 4, 17, 10), datetime(2026, 4, 17, 11), "Asia/Tokyo")
    assert isinstance(desk.calendar.read(ref(f"{series}#20260418T010000Z")), Tombstone)


def test_an_invitation_from_somebody_else_takes_no_changes_and_tells_who_is_invited(
    desk: Desk, google: GoogleSandbox
) -> None:
    guests = [
        {"email": "boss@example.net", "displayName": "Boss", "responseStatus": "accepted"},
        {"email": "room@example.net", "resource": True},
        {"email": SATO, "responseStatus": "declined"},
    ]
    google.receives_invitation(SATO, "boss@example.net", body("Review", attendees=guests))
    item = desk.items()["Review"]
    assert item.read_only is ReadOnlyCause.FOREIGN_ORGANISER
    assert item.declined
    assert item.content.guests == (Guest("boss@example.net", "Boss", Response.ACCEPTED),)


def test_a_locked_event_and_a_special_kind_take_no_changes(desk: Desk, google: GoogleSandbox) -> None:
    locked = google.user_inserts(SATO, body("Locked"))
    google.locks(SATO, locked["id"])
    google.user_inserts(SATO, body("Away", day=12, eventType="outOfOffice"))
    items = desk.items()
    assert items["Locked"].read_only is ReadOnlyCause.LOCKED
    assert items["Away"].read_only is ReadOnlyCause.SPECIAL_KIND
    assert items["Away"].content.show_as is ShowAs.OUT_OF_OFFICE
    assert items["Away"].kind == "outOfOffice"


def test_a_calendar_shared_for_reading_hides_private_details_and_takes_no_changes(
    desk_for: DeskFor, google: GoogleSandbox
) -> None:
    google.user_inserts(SUZUKI, body("Open"))
    google.user_inserts(SUZUKI, body("Secret", visibility="private"))
    google.share(SUZUKI, SUZUKI, SATO, AccessRole.reader)
    seen, _ = desk_for().changes(None, ContainerId(SUZUKI))
    items = [one for one in seen if isinstance(one, ObservedItem)]
    assert {(one.content.title, one.details_hidden) for one in items} == {("Open", False), ("", True)}
    assert {one.read_only for one in items} == {ReadOnlyCause.READ_ONLY_CONTAINER}


def test_a_calendar_shared_as_busy_times_hides_all_details(desk_for: DeskFor, google: GoogleSandbox) -> None:
    google.user_inserts(SUZUKI, body("Open"))
    google.share(SUZUKI, SUZUKI, SATO, AccessRole.freeBusyReader)
    (one,) = desk_for().changes(None, ContainerId(SUZUKI))[0]
    assert isinstance(one, ObservedItem)
    assert one.details_hidden
    assert one.content.title == ""


def test_calendars_are_listed_with_their_roles(desk: Desk, google: GoogleSandbox) -> None:
    team = google.add_calendar(SATO, "Team")
    google.share(SUZUKI, SUZUKI, SATO, AccessRole.reader)
    entries = {entry.id: entry for entry in desk.calendar.containers()}
    assert entries[HERS].primary
    assert entries[HERS].zone == "Asia/Tokyo"
    assert entries[ContainerId(team)].name == "Team"
    assert entries[ContainerId(team)].read_only is None
    assert entries[ContainerId(SUZUKI)].read_only is ReadOnlyCause.READ_ONLY_CONTAINER
    assert not entries[ContainerId(SUZUKI)].own


def test_the_account_says_who_it_is(desk: Desk) -> None:
    assert desk.calendar.identity().name == SATO
    assert desk.calendar.identity().key == SATO


def test_reading_what_is_deleted_or_unknown_gives_a_tombstone(desk: Desk, google: GoogleSandbox) -> None:
    gone = google.user_inserts(SATO, body("Gone"))["id"]
    google.user_deletes(SATO, gone)
    assert isinstance(desk.calendar.read(ref(gone)), Tombstone)
    assert desk.calendar.read(ref("neverwas")) == Tombstone(ref("neverwas"))


def test_a_malformed_event_is_named_and_the_rest_go_on(desk: Desk, google: GoogleSandbox) -> None:
    bad = body("Bad", id="bad") | {"start": {"dateTime": "2026-02-31T10:00:00Z", "timeZone": "Asia/Tokyo"}}
    items = [bad, body("Good", id="good", status="confirmed"), 7]
    listing = {"timeZone": "Asia/Tokyo", "accessRole": "owner", "items": items, "nextSyncToken": "x"}
    google.faults.add(Answer(200, json.dumps(listing).encode()), path="/events")
    seen = desk.changes()[0]
    named = [(one.ref.id, one.field) for one in seen if isinstance(one, Unreadable)]
    assert named[0] == ("bad", "start.dateTime")
    assert named[1][1] == "items"
    assert [one.content.title for one in seen if isinstance(one, ObservedItem)] == ["Good"]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (DropConnectionBefore(), RetryLater),
        (TruncateBody(30), RetryLater),
        (MalformedJson(), RetryLater),
        (HugeBody(40 * 1024 * 1024), ServiceFault),
        (Answer(503, b"", "text/plain"), RetryLater),
        (Answer(200, b"<html>Welcome to the hotel</html>", "text/html"), RetryLater),
        (Answer(302, b"", "text/html", {"Location": "http://portal.example/"}), RetryLater),
        (Answer(407, b"", "text/plain"), AdminRequired),
        (Answer(200, b'{"items": 7}', "application/json"), ServiceFault),
        (Answer(200, b'{"items": []}', "application/json"), RetryLater),
        (Answer(200, b"[" * 100_000, "application/json"), RetryLater),
        (Answer(403, b'{"error": "no"}', "application/json"), ServiceFault),
    ],
)
def test_an_answer_that_is_none_is_told_as_trouble(
    desk: Desk, google: GoogleSandbox, effect: object, expected: type[PortError]
) -> None:
    google.faults.add(effect, path="/events", times=3)  # type: ignore[arg-type]  # one of the effects above
    with pytest.raises(expected):
        desk.changes()


def test_a_captive_portal_that_stays_is_a_matter_for_it(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(Answer(200, b"<html></html>", "text/html"), path="/events", times=5)
    for _ in range(4):
        with pytest.raises(RetryLater):
            desk.changes()
    with pytest.raises(AdminRequired):
        desk.changes()
    desk.changes()


def test_an_access_token_that_died_is_renewed_without_a_word(desk: Desk, google: GoogleSandbox) -> None:
    _, cursor = desk.changes()
    google.expire_access_tokens()
    assert desk.changes(cursor)[0] == []


def test_a_withdrawn_sign_in_asks_for_a_new_one(desk: Desk, google: GoogleSandbox) -> None:
    desk.changes()
    google.user_removes_app(SATO)
    with pytest.raises(SignInRequired) as trouble:
        desk.changes()
    assert trouble.value.code == "invalid_grant"


def test_a_wrong_clock_is_named_before_a_new_sign_in_is_asked_for(
    desk: Desk, google: GoogleSandbox, clock: Clock
) -> None:
    google.server.clock = lambda: clock.now.replace(year=2027)
    google.user_removes_app(SATO)
    with pytest.raises(LocalTrouble) as trouble:
        desk.changes()
    assert trouble.value.code == "clock_wrong"


def test_a_permission_that_was_not_given_is_named(desk_for: DeskFor) -> None:
    without = desk_for(SATO, tuple(scope for scope in USUAL_SCOPES if not scope.endswith("calendarlist.readonly")))
    with pytest.raises(ConsentMissing) as trouble:
        without.calendar.containers()
    assert trouble.value.permission.endswith("calendar.calendarlist.readonly")


def test_a_calendar_that_was_unshared_is_a_matter_for_its_owner(desk: Desk) -> None:
    with pytest.raises(AdminRequired) as trouble:
        desk.changes(None, ContainerId("gone@group.calendar.google.com"))
    assert trouble.value.code == "calendar_not_found"
    with pytest.raises(AdminRequired):
        desk.calendar.read(Ref(ContainerId("gone@group.calendar.google.com"), ItemId("x")))


def test_requests_are_counted(desk: Desk) -> None:
    desk.changes()
    assert desk.calendar.requests_sent == 2  # the access token and the listing


def test_a_token_endpoint_that_is_down_means_trying_later(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(Answer(503, b'{"error": "temporarily_unavailable"}'), path="/token", times=-1)
    with pytest.raises(RetryLater) as trouble:
        desk.changes()
    assert not trouble.value.outcome_unknown


def test_a_refresh_token_that_takes_anothers_place_is_kept_before_it_is_used(
    google: GoogleSandbox, clock: Clock
) -> None:
    permission, successor = google.give_permission(SATO), google.give_permission(SATO)
    kept = [GoogleSecret(permission.refresh_token, CLIENT_ID, SATO, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE)).text()]
    told = {"access_token": permission.access_token, "expires_in": 3600, "refresh_token": successor.refresh_token}
    google.faults.add(Answer.as_json(200, told), path="/token")
    asked_alone: list[int] = []

    @contextmanager
    def alone() -> Iterator[None]:
        asked_alone.append(len(kept))
        yield

    calendar = GoogleCalendar(
        settings_for(google),
        lambda: kept[-1],
        Pacer(600, clock=clock.seconds, wait=clock.wait),
        now=clock,
        renewal=Renewal(kept.append, alone),
    )
    calendar.containers()
    assert [GoogleSecret.parse(one).refresh_token for one in kept[1:]] == [successor.refresh_token]
    clock.now += timedelta(hours=2)
    calendar.containers()  # with the new one; Google itself gives no other
    assert (asked_alone, len(kept)) == ([1, 2], 2)
    calendar.close()


def test_a_secret_of_another_application_asks_for_a_new_sign_in(google: GoogleSandbox, clock: Clock) -> None:
    google.add_client("other", "x")
    secret = GoogleSecret("token", CLIENT_ID, SATO).text
    calendar = GoogleCalendar(
        settings_for(google, "other"), secret, Pacer(600, clock=clock.seconds, wait=clock.wait), now=clock
    )
    with pytest.raises(SignInRequired):
        calendar.containers()


def test_a_keychain_that_is_locked_is_told_as_it_is(google: GoogleSandbox, clock: Clock) -> None:
    def locked() -> str:
        raise LocalTrouble("keychain_locked")

    pacer = Pacer(600, clock=clock.seconds, wait=clock.wait)
    calendar = GoogleCalendar(settings_for(google), locked, pacer, now=clock)
    with pytest.raises(LocalTrouble):
        calendar.containers()


def test_nothing_of_googles_libraries_is_loaded_before_an_account_is_used() -> None:
    program = (
        "import sys; import soroe.adapters.google.calendar, soroe.adapters.google.sign_in; "
        "print([name for name in ('google', 'googleapiclient', 'httplib2', 'httpx', 'truststore', 'requests')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_threads_may_read_at_the_same_time(desk: Desk, google: GoogleSandbox) -> None:
    for number in range(5):
        google.user_inserts(SATO, body(f"Visit {number}"))
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(len(desk.items()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [5] * 4
    assert google.requests.count("POST", "/token") == 1
