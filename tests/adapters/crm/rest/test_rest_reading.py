"""Reading a CRM through the generic contract, against the sandbox's real HTTP."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from soroe.adapters.crm.rest.crm import RestCrm
from soroe.core.event import (
    CRM_LIST,
    AllDay,
    ItemId,
    ObservedItem,
    ReadOnlyCause,
    Ref,
    Timed,
    Tombstone,
    Unreadable,
    Visibility,
)
from soroe.ports.errors import CursorExpired, PortError, RetryLater, ServiceFault, SignInRequired
from soroe.ports.remote import Cursor, Page
from soroe.sandbox.crm import CrmSandbox, User
from soroe.sandbox.faults import Answer, DropConnectionBefore, HugeBody, MalformedJson, TruncateBody
from tests.adapters.crm.builders import TOKYO, WINDOW, Clock


def listing(crm: RestCrm, cursor: Cursor | None = None) -> tuple[list[Any], Cursor]:
    pages: list[Page] = list(crm.reader.changes(CRM_LIST, cursor, WINDOW))
    assert all(page.cursor is None for page in pages[:-1])
    assert pages[-1].cursor is not None
    return [one for page in pages for one in page.seen], pages[-1].cursor


def test_a_meeting_is_read_with_its_wall_clock_time_and_zone(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    sandbox.user_creates(sato, "Visit", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11), private=True)
    [item], _ = listing(crm)
    assert item.content.when == Timed(datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11), TOKYO)
    assert item.content.visibility is Visibility.PRIVATE
    assert item.activity_type == "meeting"


def test_an_all_day_entry_is_a_range_of_dates(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    sandbox.user_creates(sato, "Fair", date(2026, 5, 4), date(2026, 5, 6))
    [item], _ = listing(crm)
    assert item.content.when == AllDay(date(2026, 5, 4), date(2026, 5, 6))


def test_when_nothing_changed_one_small_request_tells_so(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    for day in range(1, 20):
        sandbox.user_creates(sato, "Visit", datetime(2026, 5, day, 10), datetime(2026, 5, day, 11))
    _, cursor = listing(crm)
    sandbox.requests.clear()
    before = crm.reader.requests_sent
    seen, _ = listing(crm, cursor)
    assert seen == []
    assert crm.reader.requests_sent - before == 1 == len(sandbox.requests)
    assert sandbox.requests.body_bytes() < 1_000


def test_a_full_listing_keeps_to_the_window(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    sandbox.user_creates(sato, "Long ago", datetime(2025, 5, 4, 10), datetime(2025, 5, 4, 11))
    sandbox.user_creates(sato, "Soon", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11))
    rule = ("RRULE:FREQ=WEEKLY",)
    sandbox.user_creates(sato, "Weekly", datetime(2025, 5, 4, 9), datetime(2025, 5, 4, 10), recurrence=rule)
    ended = ("RRULE:FREQ=WEEKLY;UNTIL=20250801T000000Z",)
    sandbox.user_creates(sato, "Ended", datetime(2025, 5, 4, 9), datetime(2025, 5, 4, 10), recurrence=ended)
    seen, _ = listing(crm)
    assert [one.content.title for one in seen] == ["Soon", "Weekly"]


def test_a_deleted_activity_comes_as_a_tombstone_and_reads_as_one(
    crm: RestCrm, sandbox: CrmSandbox, sato: User
) -> None:
    made = sandbox.user_creates(sato, "Visit", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11))
    _, cursor = listing(crm)
    sandbox.user_deletes(made.id)
    [gone], _ = listing(crm, cursor)
    assert isinstance(gone, Tombstone) and gone.ref.id == made.id and gone.at is not None
    assert isinstance(crm.reader.read(gone.ref), Tombstone)


def test_an_activity_given_to_a_colleague_reads_as_gone_from_ours(
    crm: RestCrm, sandbox: CrmSandbox, sato: User
) -> None:
    made = sandbox.user_creates(sato, "Visit", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11))
    sandbox.user_reassigns(made.id, sandbox.add_user("ito@example.com", "Ito"))
    assert isinstance(crm.reader.read(Ref(CRM_LIST, ItemId(made.id))), Tombstone)


def test_an_exception_goes_by_its_series_and_keeps_that_name_when_it_is_deleted(
    crm: RestCrm, sandbox: CrmSandbox, sato: User
) -> None:
    start, end = datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11)
    series = sandbox.user_creates(sato, "Weekly", start, end, recurrence=("RRULE:FREQ=WEEKLY",))
    moved = sandbox.user_creates(
        sato,
        "Weekly, moved",
        datetime(2026, 5, 12, 15),
        datetime(2026, 5, 12, 16),
        series_id=series.id,
        original_start=datetime(2026, 5, 11, 10),
    )
    seen, cursor = listing(crm)
    name = f"{series.id}#20260511T010000Z"
    exception = next(one for one in seen if one.occurrence is not None)
    assert exception.ref.id == name
    assert exception.occurrence.original_start == datetime(2026, 5, 11, 1)
    assert isinstance(crm.reader.read(exception.ref), ObservedItem)
    sandbox.user_deletes(moved.id)
    told, _ = listing(crm, cursor)
    (gone,) = [one for one in told if isinstance(one, Tombstone)]
    assert gone == Tombstone(exception.ref, gone.at)
    (whole,) = [one for one in told if isinstance(one, ObservedItem)]
    assert whole.ref.id == series.id
    assert whole.content.recurrence is not None
    assert whole.content.recurrence.removed == (datetime(2026, 5, 11, 10),), "and it is cancelled in its series"


def test_an_exception_is_found_again_by_its_name_after_a_restart(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    start, end = datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11)
    series = sandbox.user_creates(sato, "Weekly", start, end, recurrence=("RRULE:FREQ=WEEKLY",))
    later = {"series_id": series.id, "original_start": datetime(2026, 5, 11, 10)}
    sandbox.user_creates(sato, "Moved", datetime(2026, 5, 12, 15), datetime(2026, 5, 12, 16), **later)
    found = crm.reader.read(Ref(CRM_LIST, ItemId(f"{series.id}#20260511T010000Z")))
    assert isinstance(found, ObservedItem) and found.content.title == "Moved"


def test_a_locked_activity_is_read_only_with_its_cause(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    made = sandbox.user_creates(sato, "Visit", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11))
    sandbox.locks(made.id)
    [item], _ = listing(crm)
    assert item.read_only is ReadOnlyCause.LOCKED


@pytest.mark.parametrize("cursor", ["", "{}", "null", '{"c":1}', "x" * 900])
def test_a_damaged_cursor_asks_for_a_full_listing(crm: RestCrm, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        list(crm.reader.changes(CRM_LIST, Cursor(cursor), WINDOW))


def test_a_cursor_the_crm_no_longer_knows_asks_for_a_full_listing(
    crm: RestCrm, sandbox: CrmSandbox, clock: Clock
) -> None:
    _, cursor = listing(crm)
    sandbox.expire_cursors()
    with pytest.raises(CursorExpired):
        listing(crm, cursor)


def test_a_revoked_key_asks_the_user_to_sign_in(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    sandbox.revoke_access(sato)
    with pytest.raises(SignInRequired):
        crm.reader.identity()


BROKEN: list[tuple[Any, type[PortError]]] = [
    (DropConnectionBefore(), RetryLater),
    (TruncateBody(10), RetryLater),
    (MalformedJson(), ServiceFault),
    (HugeBody(40 * 1024 * 1024), ServiceFault),
    (Answer.as_html(200, "<html>Sign in to the hotel's Wi-Fi</html>"), RetryLater),
    (Answer.as_json(200, {"items": "none"}), ServiceFault),
    (Answer.as_json(200, {"items": [], "tombstones": [], "next_cursor": 5, "has_more": False}), ServiceFault),
    (Answer.as_json(200, {"items": [], "tombstones": [], "next_cursor": "c", "has_more": "yes"}), ServiceFault),
    (Answer.as_json(200, {"items": [], "tombstones": [], "has_more": False}), ServiceFault),
    (Answer(200, b"[" * 100_000), ServiceFault),
    (Answer(302, b"", headers={"Location": "https://elsewhere.example.com/"}), RetryLater),
]


@pytest.mark.parametrize(("effect", "error"), BROKEN)
def test_a_broken_page_is_a_clear_error(crm: RestCrm, sandbox: CrmSandbox, effect: Any, error: type[PortError]) -> None:
    sandbox.faults.add(effect, path="/activities", times=2)
    with pytest.raises(error):
        listing(crm)


def test_a_feed_that_never_ends_is_noticed(crm: RestCrm, sandbox: CrmSandbox) -> None:
    page = {"items": [], "tombstones": [], "next_cursor": "again", "has_more": True}
    sandbox.faults.add(Answer.as_json(200, page), path="/activities", times=-1)
    with pytest.raises(ServiceFault, match="paging_does_not_advance"):
        listing(crm)


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"subject": 5}, "subject"),
    ({"subject": "x" * 200_000}, "subject"),
    ({"subject": "\ud800"}, "subject"),
    ({"start": {"date_time": "2026-02-30T10:00:00", "time_zone": TOKYO}}, "start.date_time"),
    ({"start": {"date_time": "0001-01-01T10:00:00", "time_zone": TOKYO}}, "start.date_time"),
    ({"start": {"date_time": "2026-05-04T10:00:00", "time_zone": "Mars/Base"}}, "start.time_zone"),
    ({"start": {"date_time": "2026-05-04T10:00:00", "time_zone": "../../etc/passwd"}}, "start.time_zone"),
    ({"start": None}, "start.time_zone"),
    ({"end": {"date_time": "2026-05-03T10:00:00", "time_zone": TOKYO}}, "end.date_time"),
    ({"recurrence": ["RRULE:FREQ=SECONDLY"]}, "recurrence"),
    ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=99999999999"]}, "recurrence"),
    ({"recurrence": ["RRULE:FREQ=DAILY;INTERVAL=0"]}, "recurrence"),
    ({"recurrence": ["EXDATE:" + ",".join(["20260504T100000"] * 300)]}, "recurrence"),
    ({"recurrence": [5]}, "recurrence"),
    ({"recurrence": ["X" * 50] * 500}, "recurrence"),
    ({"guests": [{"email": "nobody"}]}, "guests.email"),
    ({"guests": "all"}, "guests"),
    ({"show_as": "asleep"}, "show_as"),
    ({"private": "yes"}, "private"),
    ({"read_only": 1}, "read_only"),
    ({"updated_at": "yesterday"}, "updated_at"),
    ({"id": ".."}, "id"),
    ({"id": None}, "id"),
    ({"id": "x" * 5_000}, "id"),
    ({"series_id": "s", "original_start": {"date_time": "soon", "time_zone": TOKYO}}, "original_start.date_time"),
]


@pytest.mark.parametrize(("change", "field"), HOSTILE)
def test_a_malformed_activity_is_named_with_its_field_and_the_rest_go_on(
    crm: RestCrm, sandbox: CrmSandbox, sato: User, change: dict[str, Any], field: str
) -> None:
    made = sandbox.user_creates(sato, "Visit", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11))
    document = json.loads(json.dumps(_document(crm, made.id)))
    page = {"items": [{**document, **change}, document], "tombstones": [], "next_cursor": "c", "has_more": False}
    sandbox.faults.add(Answer.as_json(200, page), path="/activities")
    seen, _ = listing(crm)
    assert isinstance(seen[0], Unreadable) and seen[0].field == field
    assert isinstance(seen[1], ObservedItem)


def test_ids_with_path_characters_stay_ids(crm: RestCrm, sandbox: CrmSandbox) -> None:
    for own in ("../me", "a/b?c=d#e", "..", "%2e%2e", "日本"):
        assert isinstance(crm.reader.read(Ref(CRM_LIST, ItemId(own))), Tombstone)
    paths = [request.path for request in sandbox.requests]
    assert all(path.startswith("/api/activities/") and path.count("/") == 3 for path in paths), paths


def test_a_version_may_be_as_long_as_the_contract_allows(crm: RestCrm, sandbox: CrmSandbox, sato: User) -> None:
    made = sandbox.user_creates(sato, "Visit", datetime(2026, 5, 4, 10), datetime(2026, 5, 4, 11))
    longest = '"' + "%/&#<>'+" * 31 + '12345"'
    assert len(longest) == 255
    page = {
        "items": [{**_document(crm, made.id), "etag": longest}],
        "tombstones": [],
        "next_cursor": "c",
        "has_more": False,
    }
    sandbox.faults.add(Answer.as_json(200, page), path="/activities")
    [item], _ = listing(crm)
    assert isinstance(item, ObservedItem) and item.version == longest


def _document(crm: RestCrm, own: str) -> Any:
    document, _ = crm.contract.get(own)
    return document
