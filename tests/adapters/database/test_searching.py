"""A text that is looked for in Activities: what is found, in every order and on every page, and how often it is looked
for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from soroe.adapters.database import DatabaseReading, DatabaseStore, open_reading, open_store
from soroe.adapters.database.item_columns import fold
from soroe.core.event import Removed, Side, Timed, Witness
from soroe.ports.reading import Filters, MeetingPage, MeetingRow, SortKey
from soroe.ports.store import SyncStore

from .meetings import KEY, WORK, content, crm, entry, item

MANY = 600
DAYS = 20
"""Some thirty meetings begin at the same time, so that a page ends among them."""
STEP = 100
TYPES = ("call", "meeting", None)


@pytest.fixture
def database(path: Path) -> Iterator[DatabaseStore]:
    """The writer."""
    opened = open_store(path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def store(database: DatabaseStore) -> SyncStore:
    """Meetings of which some texts find none, a few, some hundreds and all."""
    kept = database.sync(WORK)
    put(kept, range(MANY))
    return kept


@pytest.fixture
def reading(store: SyncStore, path: Path) -> Iterator[DatabaseReading]:
    """The reader beside it."""
    assert store.link_count() == 0
    opened = open_reading(path, KEY)
    yield opened
    opened.close()


def title_of(number: int) -> str:
    """A title of its own."""
    return f"{('訪問:アオキ', 'ｱｵｷ商事', 'Visit Aoki')[number % 3]} {number * 7919 % MANY:04d}"


def put(store: SyncStore, numbers: Sequence[int], title: str = "", year: int = 2026) -> None:
    """Keep meetings of these numbers."""
    start = datetime(year, 5, 1, 9)
    items = []
    for number in numbers:
        begin = start + timedelta(days=number % DAYS)
        of = content(title or title_of(number), when=Timed(begin, begin + timedelta(hours=1), "Etc/UTC"))
        items.append(entry(item(crm(str(number)), of, activity_type=TYPES[number % 7 % 3])))
    store.put(Side.CRM, items)


def page(
    reading: DatabaseReading,
    filters: Filters,
    sort: SortKey = SortKey.START,
    *,
    descending: bool = False,
    offset: int = 0,
    limit: int = 10,
) -> MeetingPage:
    """A page, by default the first in the order of the start."""
    return reading.meetings(filters, sort, descending=descending, offset=offset, limit=limit)


def titles(rows: Sequence[MeetingRow]) -> list[str]:
    """The titles in order."""
    return [row.title for row in rows]


def steps(
    reading: DatabaseReading,
    filters: Filters,
    sort: SortKey = SortKey.START,
    offset: int = 0,
    *,
    descending: bool = False,
) -> int:
    """What a page costs, in hundreds of SQLite's own steps: the same on every machine."""
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    connection = reading._database._connection
    connection.set_progress_handler(count, STEP)
    page(reading, filters, sort, descending=descending, offset=offset)
    connection.set_progress_handler(None)
    return taken


@pytest.mark.parametrize("types", [frozenset[str](), frozenset({"call"})])
@pytest.mark.parametrize("text", ["", "アオキ", "ｱｵｷ商", "VISIT", "1", "007", "0077x"])
def test_every_text_finds_the_same_meetings_in_all_orders_and_on_all_pages(
    reading: DatabaseReading, text: str, types: frozenset[str]
) -> None:
    everything = page(reading, Filters(), limit=MANY).rows
    filters = Filters(text=text, types=types)
    expected = [
        row for row in everything if fold(text) in fold(row.title) and (row.activity_type in types or not types)
    ]
    for sort in SortKey:
        parts = {
            (descending, offset): page(reading, filters, sort, descending=descending, offset=offset)
            for descending in (False, True)
            for offset in (0, 10, 90, 100, 110, 390)
        }
        whole = page(reading, filters, sort, limit=MANY).rows
        assert (len(whole), set(whole)) == (len(expected), set(expected))
        for (descending, offset), part in parts.items():
            in_order = whole[::-1] if descending else whole
            assert part.rows == in_order[offset : offset + 10], (sort, descending, offset)
            assert (part.total, part.hidden) == (len(expected), MANY - len(expected))


@pytest.mark.parametrize("text", ["", "アオキ", "visit", "007"])
def test_a_page_is_the_same_whether_it_is_read_first_or_after_others(
    reading: DatabaseReading, path: Path, text: str
) -> None:
    for sort in SortKey:
        for descending, offset in ((False, 10), (True, 0), (True, 100), (False, 390)):
            fresh = open_reading(path, KEY)
            first = page(fresh, Filters(text=text), sort, descending=descending, offset=offset)
            fresh.close()
            assert first == page(reading, Filters(text=text), sort, descending=descending, offset=offset)


def test_pages_of_very_many_meetings_are_parts_of_the_whole_order_whichever_was_read_before(
    store: SyncStore, reading: DatabaseReading, path: Path
) -> None:
    put(store, range(MANY, 2 * MANY), year=2027)
    other = open_reading(path, KEY)
    both = (Filters(), Filters(text="a"))
    orders = [(of, sort, descending) for descending in (False, True) for sort in SortKey for of in both]
    whole = {each: page(other, *each[:2], descending=each[2], limit=2 * MANY).rows for each in orders}
    other.close()
    parts = [(0, 10), (40, 10), (50, 10), (40, 30)]
    asked = [(each, part) for each in orders for part in parts] + [(each, part) for part in parts for each in orders]
    asked += [(each, parts[0]) for each in sorted(orders, key=lambda each: (each[1], each[0].text))]
    for each, (offset, limit) in asked:
        found = page(reading, *each[:2], descending=each[2], offset=offset, limit=limit)
        assert found.rows == whole[each][offset : offset + limit], (each, offset)


def test_a_page_that_was_read_before_has_what_came_since(store: SyncStore, reading: DatabaseReading) -> None:
    put(store, range(MANY, 2 * MANY), year=2027)
    for number, sort in enumerate((SortKey.START, SortKey.TITLE)):
        page(reading, Filters(), sort, descending=True)
        put(store, [number], f"龍 {number}", year=2028 + number)
        assert page(reading, Filters(), sort, descending=True).rows[0].title == f"龍 {number}"


def test_p_9_a_text_is_looked_for_once_whatever_it_finds(store: SyncStore, reading: DatabaseReading) -> None:
    put(store, range(MANY, MANY + 110), "Nightly", year=2027)
    page(reading, Filters())
    none = steps(reading, Filters(text="nobody"))
    assert none > MANY * 4 // STEP
    assert steps(reading, Filters(text="007")) < 1.3 * none
    assert steps(reading, Filters(text="nightly")) < 1.8 * none
    assert page(reading, Filters(text="nightly")).total == 110


def test_p_9_what_was_found_is_not_looked_for_again_for_other_orders_and_pages(reading: DatabaseReading) -> None:
    found = Filters(text="007")
    once = steps(reading, found)
    assert 10 < page(reading, found).total < 100
    assert all(steps(reading, found, sort) < once / 4 for sort in SortKey)
    assert steps(reading, found, offset=10) < once / 4


@pytest.mark.parametrize("text", ["", "アオキ"])
@pytest.mark.parametrize("descending", [False, True])
def test_p_9_a_page_that_is_asked_for_again_is_not_looked_for_again_nor_is_the_next(
    reading: DatabaseReading, text: str, descending: bool
) -> None:
    found = Filters(text=text)
    whole = steps(reading, Filters(text="nobody"))
    for sort in SortKey:
        first = page(reading, found, sort, descending=descending)
        for offset in (0, 10):
            assert steps(reading, found, sort, offset, descending=descending) < whole / 4, (sort, offset)
        assert page(reading, found, sort, descending=descending) == first


def test_p_9_a_longer_text_is_looked_for_among_what_the_shorter_one_found(reading: DatabaseReading) -> None:
    once = steps(reading, Filters(text="007"))
    assert steps(reading, Filters(text="0077")) < once / 4
    assert steps(reading, Filters(text="0077x")) < once / 4
    assert steps(reading, Filters(text="0077xy")) < once / 4


def test_a_longer_text_finds_what_came_after_the_shorter_one_was_looked_for(
    store: SyncStore, reading: DatabaseReading
) -> None:
    (known,) = page(reading, Filters(text="0077")).rows
    put(store, [MANY], "New 0077 Aoki")
    assert titles(page(reading, Filters(text="0077 a")).rows) == ["New 0077 Aoki"]
    put(store, [MANY], "New 0078 Aoki")
    assert page(reading, Filters(text="0077 a")).total == 0
    assert page(reading, Filters(text="0077")).rows == (known,)
    assert known.crm is not None
    store.mark_removed(Side.CRM, [Removed(known.crm, Witness.TOMBSTONE)])
    assert page(reading, Filters(text="0077")).rows == ()


def test_a_letter_that_another_one_changes_is_looked_for_anew(store: SyncStore, reading: DatabaseReading) -> None:
    put(store, [MANY], "ｶﾞｽ")
    put(store, [MANY + 1], "カキ")
    assert titles(page(reading, Filters(text="ｶ")).rows) == ["カキ"]
    assert titles(page(reading, Filters(text="ｶﾞ")).rows) == ["ｶﾞｽ"]


def test_another_text_or_filter_is_looked_for_among_all(reading: DatabaseReading) -> None:
    calls, meetings = frozenset({"call"}), frozenset({"meeting"})
    whole = page(reading, Filters(text="007"), limit=MANY).rows
    for types in (calls, meetings):
        of_type = tuple(row for row in whole if row.activity_type in types)
        assert 0 < len(of_type) < len(whole)
        assert page(reading, Filters(text="007", types=types), limit=MANY).rows == of_type
        assert page(reading, Filters(text="0070", types=types), limit=MANY).total < len(of_type)
    assert page(reading, Filters(text="0077")).total == 1
    assert page(reading, Filters(text="007"), limit=MANY).rows == whole
    assert page(reading, Filters(text="0"), limit=MANY).total > len(whole)


def test_few_that_were_found_do_not_take_the_place_of_the_order_of_all(reading: DatabaseReading) -> None:
    far = Filters(), SortKey.START, MANY - 10
    first = steps(reading, *far)
    page(reading, Filters(text="0077"))
    assert steps(reading, *far) < first / 4
