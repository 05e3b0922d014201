"""Following a calendar by `calendarView/delta`: rounds, pages, what is told and what is not, and feeds that lie."""

from __future__ import annotations

from datetime import date

import pytest

from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from tests.sandbox.microsoft365.caller import WINDOW, Caller, at, kinds, meeting, ok, refusal, weekly
from tests.sandbox.microsoft365.conftest import SATO


def test_a_first_round_brings_the_window_and_the_next_only_changes(office: Microsoft365Sandbox, sato: Caller) -> None:
    kept = office.user_creates(SATO, meeting())
    office.user_creates(SATO, meeting(day="2026-06-10"))
    items, link = sato.round()
    assert [item["id"] for item in items] == [kept["id"]]
    assert sato.round(link)[0] == []
    office.user_renames(SATO, kept["id"], "新しい件名")
    items, link = sato.round(link)
    assert [item["subject"] for item in items] == ["新しい件名"]
    office.user_deletes(SATO, kept["id"])
    items, _ = sato.round(link)
    assert items == [
        {"@odata.type": "#microsoft.graph.event", "id": kept["id"], "@removed": {"reason": "deleted"}},
    ]


def test_removed_also_means_moved_out_and_never_inside(office: Microsoft365Sandbox, sato: Caller) -> None:
    moved = office.user_creates(SATO, meeting())
    _, link = sato.round()
    outside = office.user_creates(SATO, meeting(day="2026-06-10"))
    office.user_changes(SATO, moved["id"], {"start": at("2026-06-01", 9), "end": at("2026-06-01", 10)})
    items, _ = sato.round(link)
    assert {item["id"]: item["@removed"]["reason"] for item in items} == {
        outside["id"]: "deleted",
        moved["id"]: "deleted",
    }
    assert sato.event(moved["id"])["subject"] == "打ち合わせ"


def test_a_series_comes_as_its_master_and_bare_occurrences(office: Microsoft365Sandbox, sato: Caller) -> None:
    series = office.user_creates(SATO, weekly())
    items, _ = sato.round()
    assert kinds(items) == ["seriesMaster", "occurrence", "occurrence", "occurrence"]
    assert set(items[1]) == {"@odata.type", "@odata.etag", "id", "seriesMasterId", "type", "start", "end"}
    assert {item["seriesMasterId"] for item in items[1:]} == {series["id"]}
    assert sato.event(items[2]["id"])["subject"] == "定例"


def test_a_lost_occurrence_is_only_missing_unless_the_feed_is_made_to_tell(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    series = office.user_creates(SATO, weekly())
    first, link = sato.round()
    lost = first[2]["id"]
    office.user_deletes_occurrence(SATO, series["id"], date(2026, 4, 13))
    items, _ = sato.round(link)
    assert kinds(items) == ["seriesMaster", "occurrence", "occurrence"]
    assert lost not in [item["id"] for item in items]
    office.lies.tells_lost_occurrences = True
    items, _ = sato.round(link)
    assert items[-1] == {"@odata.type": "#microsoft.graph.event", "id": lost, "@removed": {"reason": "deleted"}}


def test_a_deleted_series_is_told_with_all_its_occurrences(office: Microsoft365Sandbox, sato: Caller) -> None:
    series = office.user_creates(SATO, weekly())
    first, link = sato.round()
    office.user_deletes(SATO, series["id"])
    items, _ = sato.round(link)
    assert {item["id"] for item in items} == {item["id"] for item in first}
    assert all("@removed" in item for item in items)


def test_an_exception_is_told_whole_and_keeps_the_id_of_its_occurrence(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    series = office.user_creates(SATO, weekly())
    first, link = sato.round()
    change = {"subject": "変更", "start": at("2026-04-14", 15), "end": at("2026-04-14", 16)}
    office.user_changes_occurrence(SATO, series["id"], date(2026, 4, 13), change)
    items, _ = sato.round(link)
    found = next(item for item in items if item["type"] == "exception")
    assert (found["id"], found["subject"]) == (first[2]["id"], "変更")
    assert found["originalStart"] == "2026-04-13T01:00:00.0000000Z"


def test_pages_have_the_preferred_size_and_links_are_absolute(office: Microsoft365Sandbox, sato: Caller) -> None:
    for hour in range(9, 14):
        office.user_creates(SATO, meeting(hour=hour))
    answer = ok(sato.get("me/calendarView/delta", "odata.maxpagesize=2", **WINDOW))
    assert len(answer["value"]) == 2
    assert answer["@odata.nextLink"].startswith(f"{office.api_endpoint}/me/calendarView/delta?$skiptoken=")
    assert len(sato.round(size=2)[0]) == 5
    office.lies.hostile_paging = True
    assert len(sato.round(size=2)[0]) == 5


def test_each_calendar_is_followed_by_itself(office: Microsoft365Sandbox, sato: Caller) -> None:
    other = office.add_calendar(SATO, "営業")
    made = office.user_creates(SATO, meeting(), other)
    assert sato.round()[0] == []
    items, link = sato.round(calendar_id=other)
    assert [item["id"] for item in items] == [made["id"]]
    office.user_moves(SATO, made["id"], office.calendar_id(SATO))
    assert kinds(sato.round(link)[0]) == ["removed"]
    assert [item["id"] for item in sato.round()[0]] == [made["id"]]


@pytest.mark.parametrize("option", ["$select", "$filter", "$expand", "$orderby", "$search"])
def test_options_that_change_tracking_does_not_know_are_refused(sato: Caller, option: str) -> None:
    answer = sato.get("me/calendarView/delta", **WINDOW, **{option: "subject"})
    assert refusal(answer) == (400, "ErrorInvalidUrlQuery")


def test_a_link_that_has_expired_asks_for_a_new_round(office: Microsoft365Sandbox, sato: Caller) -> None:
    _, link = sato.round()
    office.expire_delta_links()
    assert refusal(sato.get(link)) == (410, "syncStateNotFound")
    _, link = sato.round()
    office.expire_delta_links(resync=True)
    answer = sato.get(link)
    assert refusal(answer) == (410, "resyncRequired")
    assert "$deltatoken=" in answer.headers["Location"]


def test_a_link_cannot_be_made_up_or_used_elsewhere(office: Microsoft365Sandbox, sato: Caller, suzuki: Caller) -> None:
    _, link = sato.round()
    assert refusal(sato.get(f"{link[:-4]}AAAA")) == (400, "SyncStateInvalid")
    assert refusal(suzuki.get(link)) == (400, "SyncStateInvalid")
    other = office.add_calendar(SATO, "営業")
    moved = link.replace("me/calendarView", f"me/calendars/{other}/calendarView")
    assert refusal(sato.get(moved)) == (400, "SyncStateInvalid")


def test_a_link_serves_again_and_says_the_same(office: Microsoft365Sandbox, sato: Caller) -> None:
    _, link = sato.round()
    office.user_creates(SATO, meeting())
    assert sato.round(link)[0] == sato.round(link)[0] != []


def test_a_feed_can_be_made_to_lie(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = [office.user_creates(SATO, meeting(hour=hour)) for hour in range(9, 12)]
    office.lies.answer_empty()
    assert sato.round()[0] == []
    office.lies.answer_truncated(2)
    assert len(sato.round()[0]) == 2
    office.lies.repeat_items()
    assert len(sato.round()[0]) == 6
    office.lies.call_removed(made[0]["id"])
    items, _ = sato.round()
    assert (items[-1]["id"], items[-1]["@removed"]) == (made[0]["id"], {"reason": "deleted"})
    assert sato.event(made[0]["id"])["id"] == made[0]["id"]
    office.lies.gone_while_paging()
    first = ok(sato.get("me/calendarView/delta", "odata.maxpagesize=1", **WINDOW))
    assert refusal(sato.get(first["@odata.nextLink"])) == (410, "syncStateNotFound")


def test_a_feed_can_lag_and_loses_nothing_by_it(office: Microsoft365Sandbox, sato: Caller) -> None:
    _, link = sato.round()
    made = office.user_creates(SATO, meeting())
    office.lies.lag()
    items, link = sato.round(link)
    assert items == []
    assert [item["id"] for item in sato.round(link)[0]] == [made["id"]]


def test_an_event_can_hold_what_it_never_should(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = office.user_creates(SATO, meeting())
    office.overwrites(SATO, made["id"], subject=7)
    assert sato.round()[0][0]["subject"] == 7
