"""Reading Pipedrive's changes and deletions, against a Pipedrive-shaped server's real HTTP."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from soroe.adapters.crm.pipedrive.crm import PipedriveCrm
from soroe.core.event import CRM_LIST, AllDay, ItemId, ObservedItem, Ref, ShowAs, Timed, Tombstone, Unreadable
from soroe.ports.errors import CursorExpired, LimitReached, PortError, RetryLater, ServiceFault
from soroe.ports.remote import Cursor
from soroe.sandbox.faults import Answer, DropConnectionBefore, HugeBody, MalformedJson
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.pipedrive.activity import User
from soroe.sandbox.pipedrive.budget import Cost
from tests.adapters.crm.builders import WINDOW, Clock

HOUR = timedelta(hours=1)


def listing(crm: PipedriveCrm, cursor: Cursor | None = None) -> tuple[list[Any], Cursor]:
    pages = list(crm.reader.changes(CRM_LIST, cursor, WINDOW))
    assert all(page.cursor is None for page in pages[:-1])
    assert pages[-1].cursor is not None
    return [one for page in pages for one in page.seen], pages[-1].cursor


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        (datetime(2026, 5, 5, 8, 0), datetime(2026, 5, 4, 23, 0)),
        (datetime(2026, 5, 5, 9, 0), datetime(2026, 5, 5, 0, 0)),
        (datetime(2026, 5, 5, 0, 0), datetime(2026, 5, 4, 15, 0)),
        (datetime(2026, 5, 5, 23, 30), datetime(2026, 5, 5, 14, 30)),
    ],
)
def test_a_time_in_tokyo_is_told_in_utc_with_the_utc_date(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, local: datetime, utc: datetime
) -> None:
    sandbox.user_creates(sato, "Visit", local, HOUR)
    [item], _ = listing(crm)
    assert item.content.when == Timed(utc, utc + HOUR, "Etc/UTC")


def test_a_date_without_a_time_is_one_whole_day_wherever_we_are(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User
) -> None:
    sandbox.user_creates(sato, "Deadline", date(2026, 5, 5))
    [item], _ = listing(crm)
    assert item.content.when == AllDay(date(2026, 5, 5), date(2026, 5, 6))


def test_the_public_description_is_read_and_the_note_never(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User
) -> None:
    sandbox.user_creates(
        sato, "Visit", datetime(2026, 5, 5, 8), HOUR, public_description="Agenda", note="Budget is 5M", busy=True
    )
    [item], _ = listing(crm)
    assert item.content.description == "Agenda"
    assert item.content.show_as is ShowAs.BUSY
    assert "5M" not in repr(item)


def test_when_nothing_changed_one_request_tells_so_though_the_second_is_inclusive(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    for day in range(1, 8):
        sandbox.user_creates(sato, "Visit", datetime(2026, 5, day, 8), HOUR)
    _, cursor = listing(crm)
    for seconds in (0, 1, 29, 60, 60):
        clock.passes(seconds=seconds)
        sandbox.requests.clear()
        seen, cursor = listing(crm, cursor)
        assert seen == [] and len(sandbox.requests) == 1
    assert sandbox.requests.body_bytes() < 300
    assert "." not in sandbox.requests.all()[0].query["updated_since"][0]


def test_a_second_change_within_the_same_second_is_seen(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User
) -> None:
    made = sandbox.user_creates(sato, "Visit", datetime(2026, 5, 5, 8), HOUR)
    _, cursor = listing(crm)
    sandbox.user_changes(made.id, subject="Renamed")
    [item], cursor = listing(crm, cursor)
    sandbox.user_changes(made.id, subject="Renamed again")
    [again], cursor = listing(crm, cursor)
    assert again.content.title == "Renamed again" and again.version != item.version
    assert listing(crm, cursor)[0] == []


def test_a_full_listing_keeps_to_the_window_and_to_ones_own(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User
) -> None:
    sandbox.user_creates(sato, "Long ago", datetime(2025, 5, 5, 8), HOUR)
    sandbox.user_creates(sato, "Soon", datetime(2026, 5, 5, 8), HOUR)
    sandbox.user_creates(sandbox.add_user("ito@example.com", "Ito"), "Theirs", datetime(2026, 5, 5, 8), HOUR)
    seen, _ = listing(crm)
    assert [one.content.title for one in seen] == ["Soon"]


def test_a_long_list_comes_in_pages_of_five_hundred(crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User) -> None:
    for number in range(1_100):
        sandbox.user_creates(sato, f"Visit {number}", datetime(2026, 5, 5, 8), HOUR)
    seen, _ = listing(crm)
    assert len({one.ref for one in seen}) == 1_100
    assert sandbox.requests.count("GET", "/activities$") == 3


def test_a_deletion_is_found_within_the_hour_and_read_before_it_is_told(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    gone = sandbox.user_creates(sato, "Gone", datetime(2026, 5, 5, 8), HOUR)
    back = sandbox.user_creates(sato, "Back", datetime(2026, 5, 6, 8), HOUR)
    _, cursor = listing(crm)
    clock.passes(minutes=1)
    sandbox.user_deletes(gone.id)
    sandbox.user_deletes(back.id)
    seen, cursor = listing(crm, cursor)
    assert seen == []
    sandbox.user_restores(back.id)
    clock.passes(minutes=61)
    sandbox.requests.clear()
    seen, cursor = listing(crm, cursor)
    assert [one for one in seen if isinstance(one, Tombstone)] == [Tombstone(Ref(CRM_LIST, ItemId(str(gone.id))))]
    assert sandbox.requests.count("GET", f"/activities/{gone.id}$") == 1
    sandbox.requests.clear()
    listing(crm, cursor)
    assert len(sandbox.requests) == 1


def test_a_list_that_lies_deletes_nothing(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    sandbox.user_creates(sato, "Visit", datetime(2026, 5, 5, 8), HOUR)
    _, cursor = listing(crm)
    sandbox.list_nothing(3)
    clock.passes(minutes=61)
    assert not [one for one in listing(crm, cursor)[0] if isinstance(one, Tombstone)]


def test_a_colleagues_deletion_is_none_of_ours(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    theirs = sandbox.user_creates(sandbox.add_user("ito@example.com", "Ito"), "X", datetime(2026, 5, 5, 8), HOUR)
    _, cursor = listing(crm)
    sandbox.user_deletes(theirs.id)
    clock.passes(minutes=61)
    assert listing(crm, cursor)[0] == []


def test_everything_is_listed_anew_once_a_day(crm: PipedriveCrm, clock: Clock, sato: User) -> None:
    _, cursor = listing(crm)
    clock.passes(hours=24)
    with pytest.raises(CursorExpired):
        listing(crm, cursor)


def test_an_activity_given_to_a_colleague_is_gone_only_after_a_direct_read(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    made = sandbox.user_creates(sato, "Visit", datetime(2026, 5, 5, 8), HOUR)
    _, cursor = listing(crm)
    sandbox.user_reassigns(made.id, sandbox.add_user("ito@example.com", "Ito"))
    clock.passes(minutes=61)
    assert listing(crm, cursor)[0] == []
    assert listing(crm)[0] == []
    assert isinstance(crm.reader.read(Ref(CRM_LIST, ItemId(str(made.id)))), Tombstone)


def test_a_retired_list_of_recent_changes_leaves_it_to_the_daily_listing(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    _, cursor = listing(crm)
    sandbox.faults.add(Answer.as_json(410, {"success": False, "error": "Gone"}), path="/recents", times=-1)
    clock.passes(minutes=61)
    seen, cursor = listing(crm, cursor)
    clock.passes(minutes=61)
    sandbox.requests.clear()
    seen, _ = listing(crm, cursor)
    assert seen == [] and len(sandbox.requests) == 1


def test_a_day_of_polling_stays_within_a_tenth_of_a_one_seat_budget(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    sandbox.enforce_limits()
    _, cursor = listing(crm)
    clock.now = clock.now.replace(hour=0, minute=0) + timedelta(days=1)
    _, cursor = listing(crm)
    start, polls = clock.now, 0
    while clock.now - start < timedelta(days=1) - timedelta(minutes=10):
        clock.passes(seconds=crm.polling_interval().total_seconds())
        _, cursor = listing(crm, cursor)
        polls += 1
    assert polls > 200
    assert sandbox.tokens_spent <= 3_000
    budget = crm.budget()
    assert budget.told and budget.spent == sandbox.tokens_spent == budget.ours


def test_the_budget_is_counted_by_ourselves_where_pipedrive_does_not_tell(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User
) -> None:
    sandbox.hide_daily_headers()
    listing(crm)
    budget = crm.budget()
    assert not budget.told and budget.limit == 30_000
    assert budget.spent == Cost.LIST.value + Cost.READ_ONE_V1.value == sandbox.tokens_spent


def test_a_spent_day_and_a_block_pause_the_account(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock
) -> None:
    sandbox.enforce_limits()
    sandbox.spend_daily_budget()
    with pytest.raises(LimitReached) as raised:
        crm.reader.identity()
    assert raised.value.until == clock.now + timedelta(hours=1)
    sandbox.block_network()
    with pytest.raises(LimitReached) as raised:
        crm.reader.identity()
    assert raised.value.until == clock.now + timedelta(minutes=15)


BROKEN: list[tuple[Any, type[PortError]]] = [
    (DropConnectionBefore(), RetryLater),
    (MalformedJson(), ServiceFault),
    (HugeBody(40 * 1024 * 1024), ServiceFault),
    (Answer.as_html(200, "<html>Wi-Fi</html>"), RetryLater),
    (Answer.as_json(200, {"success": True, "data": None}), ServiceFault),
    (Answer.as_json(200, {"data": [], "additional_data": {"next_cursor": 5}}), ServiceFault),
]


@pytest.mark.parametrize(("effect", "error"), BROKEN)
def test_a_broken_page_is_a_clear_error(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, effect: Any, error: type[PortError]
) -> None:
    sandbox.faults.add(effect, path="/activities", times=2)
    with pytest.raises(error):
        listing(crm)


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"subject": 5}, "subject"),
    ({"subject": "x" * 200_000}, "subject"),
    ({"due_date": "2026-02-30"}, "due_date"),
    ({"due_date": None}, "due_date"),
    ({"due_date": "0001-01-01"}, "due_date"),
    ({"due_time": "25:00"}, "due_time"),
    ({"due_time": 9}, "due_time"),
    ({"duration": "-1:00"}, "duration"),
    ({"duration": "99999:00"}, "duration"),
    ({"busy": "yes"}, "busy"),
    ({"location": 5}, "location"),
    ({"location": {"value": 5}}, "location.value"),
    ({"attendees": "all"}, "attendees"),
    ({"attendees": [{"email": 5}]}, "email"),
    ({"update_time": "now"}, "update_time"),
    ({"update_time": None}, "update_time"),
    ({"id": "../1"}, ""),
    ({"id": None}, "id"),
    ({"id": ".."}, "id"),
]


@pytest.mark.parametrize(("change", "field"), HOSTILE)
def test_a_malformed_activity_is_named_with_its_field_and_the_rest_go_on(
    crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User, clock: Clock, change: dict[str, Any], field: str
) -> None:
    sandbox.user_creates(sato, "Visit", datetime(2026, 5, 5, 8), HOUR)
    _, cursor = listing(crm)
    clock.passes(minutes=2)
    document = {
        "id": 7,
        "subject": "Call",
        "due_date": "2026-05-05",
        "due_time": "08:00",
        "owner_id": 1,
        "update_time": "2026-05-01T00:01:00Z",
    }
    page = {"data": [{**document, **change}, {**document, "id": 8}], "additional_data": {"next_cursor": None}}
    for start in (None, cursor):
        sandbox.faults.add(Answer.as_json(200, page), path="/activities")
        seen, _ = listing(crm, start)
        if field:
            assert isinstance(seen[0], Unreadable) and seen[0].field == field
        assert isinstance(seen[1], ObservedItem)


@pytest.mark.parametrize("cursor", ["", "{}", "[]", json.dumps({"me": "1", "since": "x"}), "x" * 900])
def test_a_damaged_cursor_asks_for_a_full_listing(crm: PipedriveCrm, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        list(crm.reader.changes(CRM_LIST, Cursor(cursor), WINDOW))


def test_ids_with_path_characters_stay_ids(crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User) -> None:
    for own in ("../users", "1/2?x=y", ".."):
        assert isinstance(crm.reader.read(Ref(CRM_LIST, ItemId(own))), Tombstone)
    assert all(request.path.startswith("/api/v2/activities/") for request in sandbox.requests)


def test_inactive_types_are_not_offered(crm: PipedriveCrm, sandbox: PipedriveSandbox, sato: User) -> None:
    sandbox.add_activity_type("lunch", "Lunch", active=False)
    keys = [kind.key for kind in crm.reader.activity_types()]
    assert "meeting" in keys and "lunch" not in keys
