"""exchangelib, as it is published, works against the sandbox without knowing it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import exchangelib  # type: ignore[import-untyped]  # it publishes no typing information
import pytest
from exchangelib.errors import (  # type: ignore[import-untyped]  # as above
    ErrorIrresolvableConflict,
    ErrorItemNotFound,
    UnauthorizedError,
)
from exchangelib.properties import AlternateId  # type: ignore[import-untyped]  # as above
from exchangelib.recurrence import Recurrence, WeeklyPattern  # type: ignore[import-untyped]  # as above

from soroe.sandbox.exchange import ExchangeSandbox
from tests.sandbox.exchange.conftest import LibraryAccount

TOKYO = exchangelib.EWSTimeZone("Asia/Tokyo")


def at(day: int, hour: int) -> exchangelib.EWSDateTime:
    return exchangelib.EWSDateTime(2026, 4, day, hour, tzinfo=TOKYO)


def visit(account: exchangelib.Account, **fields: Any) -> exchangelib.CalendarItem:
    usual = {"subject": "訪問 <A & B>", "start": at(6, 10), "end": at(6, 11), **fields}
    return exchangelib.CalendarItem(account=account, folder=account.calendar, **usual)


@pytest.mark.parametrize("auth", ["basic", "NTLM", None])
def test_the_library_signs_in_and_keeps_an_appointment(library: LibraryAccount, auth: str | None) -> None:
    account = library(auth)
    item = visit(account, body="持ち物", location="大阪", sensitivity="Private", categories=["重要"]).save()
    item.refresh()
    assert (item.subject, item.location, item.body, item.text_body) == ("訪問 <A & B>", "大阪", "持ち物", "持ち物")
    assert (item.sensitivity, item.categories, item.type) == ("Private", ["重要"], "Single")
    assert item.start == at(6, 10)
    assert item._start_timezone == TOKYO


def test_the_library_learns_the_version_by_asking(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    account = library(version=None)
    assert account.version.build.major_version == 15
    assert account.version.build.minor_version == exchange.build.minor
    assert account.calendar.name == "予定表"


@pytest.mark.parametrize("auth", ["basic", "NTLM"])
def test_a_wrong_password_is_refused(library: LibraryAccount, auth: str) -> None:
    with pytest.raises(UnauthorizedError):
        _ = library(auth, "wrong").calendar


def test_a_stamped_item_is_found_by_its_stamp(library: LibraryAccount) -> None:
    account = library()
    visit(account, sandbox_stamp="link-1").save()
    visit(account, sandbox_stamp="link-2", subject="Other").save()
    found = list(account.calendar.filter(sandbox_stamp="link-2").only("subject", "sandbox_stamp"))
    assert [(item.subject, item.sandbox_stamp) for item in found] == [("Other", "link-2")]
    assert not list(account.calendar.filter(sandbox_stamp="link-3"))


def test_the_feed_tells_what_is_new_changed_and_gone(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    calendar = library().calendar
    kept = visit(calendar.account).save()
    lost = visit(calendar.account, subject="Lost").save()
    wanted = ["subject", "start", "end", "sandbox_stamp", "last_modified_time"]
    first = list(calendar.sync_items(only_fields=wanted))
    assert [(kind, item.subject) for kind, item in first] == [("create", "Lost"), ("create", "訪問 <A & B>")]
    exchange.user_changes(kept.id, subject="Moved", start=at(7, 10), end=at(7, 12))
    lost_id = lost.id
    lost.move_to_trash()
    again = list(calendar.sync_items(sync_state=calendar.item_sync_state, only_fields=wanted))
    assert [(kind, item.id) for kind, item in again] == [("delete", lost_id), ("update", kept.id)]
    assert again[1][1].start == at(7, 10)
    assert not list(calendar.sync_items(sync_state=calendar.item_sync_state, only_fields=wanted))


def test_the_feed_comes_in_pages(library: LibraryAccount) -> None:
    account = library()
    made = account.bulk_create(account.calendar, [visit(account, subject=f"Visit {n}") for n in range(23)])
    told = list(account.calendar.sync_items(only_fields=["subject"], max_changes_returned=5))
    assert [item.id for _, item in told] == [item.id for item in reversed(made)]


def test_a_write_over_a_change_one_has_not_seen_is_refused(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    item = visit(library()).save()
    exchange.user_changes(item.id, location="名古屋")
    item.subject = "Mine"
    with pytest.raises(ErrorIrresolvableConflict):
        item.save(update_fields=["subject"], conflict_resolution="NeverOverwrite")
    item.refresh()
    item.subject = "Mine"
    item.save(update_fields=["subject"], conflict_resolution="NeverOverwrite")
    assert exchange.item(item.id).subject == "Mine"
    assert exchange.item(item.id).location == "名古屋"


def test_an_all_day_item_keeps_its_days(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    first, last = exchangelib.EWSDate(2026, 4, 6), exchangelib.EWSDate(2026, 4, 7)
    item = visit(library(), is_all_day=True, start=first, end=last).save()
    item.refresh()
    assert (item.start, item.end) == (date(2026, 4, 6), date(2026, 4, 7))
    stored = exchange.item(item.id)
    assert (stored.start, stored.end) == (datetime(2026, 4, 6, tzinfo=TOKYO), datetime(2026, 4, 8, tzinfo=TOKYO))


def test_a_series_is_seen_as_occurrences_and_changed_one_by_one(library: LibraryAccount) -> None:
    account = library()
    weekly = Recurrence(
        pattern=WeeklyPattern(interval=1, weekdays=["Monday"]), start=exchangelib.EWSDate(2026, 4, 6), number=4
    )
    series = visit(account, recurrence=weekly).save()
    seen = list(account.calendar.view(at(1, 0), exchangelib.EWSDateTime(2026, 5, 10, tzinfo=TOKYO)))
    assert [item.start.astimezone(TOKYO).day for item in seen] == [6, 13, 20, 27]
    assert {item.type for item in seen} == {"Occurrence"}
    second = series.occurrence(2)
    second.refresh()
    second.start, second.end = at(14, 15), at(14, 16)
    second.save(update_fields=["start", "end"])
    series.occurrence(3).delete()
    series.refresh()
    assert [one.start for one in series.modified_occurrences] == [at(14, 15)]
    assert [one.original_start for one in series.modified_occurrences] == [at(13, 10)]
    assert [one.start for one in series.deleted_occurrences] == [at(20, 10)]
    exception = account.calendar.get(id=series.modified_occurrences[0].id)
    assert exception.type == "Exception"
    master = exception.recurring_master()
    master.refresh()
    assert master.id == series.id
    assert master.recurrence.boundary.number == 4


def test_a_deleted_item_lies_in_the_bin_under_another_id(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    account = library()
    item = visit(account).save()
    old = item.id
    item.move_to_trash()
    (refusal,) = account.fetch([(old, None)])
    assert isinstance(refusal, ErrorItemNotFound)
    (in_bin,) = account.trash.all()
    assert in_bin.subject == "訪問 <A & B>"
    restored = exchange.user_restores(in_bin.id)
    assert account.calendar.get(id=restored).subject == "訪問 <A & B>"


def test_ids_are_converted(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    account = library()
    item = visit(account).save()
    ids = [AlternateId(id=item.id, format="EwsId", mailbox=account.primary_smtp_address)]
    (entry,) = account.protocol.convert_ids(ids, destination_format="HexEntryId")
    (back,) = account.protocol.convert_ids([entry], destination_format="EwsId")
    assert entry.id != item.id
    assert back.id == item.id


def test_many_items_are_written_in_one_request(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    account = library()
    items = [visit(account, subject=f"Visit {n}") for n in range(3)]
    ids = account.bulk_create(account.calendar, items)
    fetched = list(account.fetch(ids))
    for item in fetched:
        item.location = "京都"
    account.bulk_update([(item, ["location"]) for item in fetched])
    assert {exchange.item(item.id).location for item in fetched} == {"京都"}
    assert account.bulk_delete(ids) == [True, True, True]
    assert len(exchange.operations("CreateItem")) == 1
    assert not exchange.items(account.primary_smtp_address)


def test_the_tree_of_folders_shows_every_calendar(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    email = library().primary_smtp_address
    exchange.add_calendar(email, "営業")
    account = library()
    calendars = [folder.name for folder in account.root.walk() if isinstance(folder, exchangelib.folders.Calendar)]
    assert calendars == ["予定表", "営業"]
    assert account.calendar.effective_rights.modify


def test_a_summer_time_zone_keeps_its_clock(exchange: ExchangeSandbox, library: LibraryAccount) -> None:
    berlin = exchangelib.EWSTimeZone("Europe/Berlin")
    start = exchangelib.EWSDateTime(2026, 3, 23, 9, tzinfo=berlin)
    rule = Recurrence(
        pattern=WeeklyPattern(interval=1, weekdays=["Monday"]), start=exchangelib.EWSDate(2026, 3, 23), number=2
    )
    account = library()
    visit(account, start=start, end=start.replace(hour=10), recurrence=rule).save()
    seen = list(account.calendar.view(start, exchangelib.EWSDateTime(2026, 4, 10, tzinfo=berlin)))
    assert [item.start.astimezone(ZoneInfo("Europe/Berlin")).hour for item in seen] == [9, 9]
    assert [item.start.astimezone(ZoneInfo("UTC")).hour for item in seen] == [8, 7]
