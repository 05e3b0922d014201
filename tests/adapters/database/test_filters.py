"""All filters of Activities together: whatever was asked before, a page is what the plain way finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soroe.adapters.database import DatabaseReading, DatabaseStore, open_reading, open_store
from soroe.adapters.database.item_columns import fold
from soroe.core.event import ContainerId, ItemId, Ref, Side, Timed
from soroe.core.plan import Why
from soroe.core.route import SyncName
from soroe.ports.reading import Filters, MeetingRow, SortKey, Where, Whose
from soroe.ports.store import SyncStore

from .meetings import CALENDAR, KEY, WORK, content, crm, entry, item, link

MANY = 180
HERS = ContainerId("suzuki@example.com")
TITLES = ("訪問:アオキ", "ｱｵｷ商事", "Visit AOKI", "100% done", "a_b 100", "Straße", "ＶＩＳＩＴ ガス")
TEXTS = (
    "",
    "a",
    "アオキ",
    "ｱｵｷ商",
    "visit",
    "VISIT ao",
    "%",
    "_",
    "00",
    "1",
    "17",
    "170",
    "strasse",
    "ガス",
    "nobody",
    "'",
)
TYPES, WHYS = ("call", "meeting"), (Why.TOO_LONG, Why.DECLINED)
WHERE = {Where.BOTH: "1", Where.CRM: "2", Where.CALENDAR: "3"}


@dataclass(frozen=True)
class Question:
    """A page of the meetings."""

    filters: Filters
    sort: SortKey
    descending: bool
    offset: int
    limit: int


def subsets(of: Sequence[object]) -> st.SearchStrategy[frozenset[object]]:
    return st.frozensets(st.sampled_from(of), max_size=2)


FILTERS = st.builds(
    Filters,
    sync=st.sampled_from([None, None, WORK, SyncName("none")]),
    types=subsets(TYPES),
    text=st.sampled_from(TEXTS),
    where=st.sampled_from([None, None, *Where]),
    whys=subsets(WHYS),
    whose=st.sampled_from([None, Whose(frozenset({HERS}), inside=True), Whose(frozenset({HERS}), inside=False)]),
)
OFFSETS, LIMITS = st.sampled_from([0, 0, 10, 40, 50, 90, 150]), st.sampled_from([10, 10, 60])
QUESTIONS = st.builds(Question, FILTERS, st.sampled_from(SortKey), st.booleans(), OFFSETS, LIMITS)


def with_text(asked: Question, text: str) -> Question:
    return replace(asked, filters=replace(asked.filters, text=text))


NEXT: dict[str, Callable[[Question], Question]] = {
    "again": lambda asked: asked,
    "the other way round": lambda asked: replace(asked, descending=not asked.descending),
    "the next page": lambda asked: replace(asked, offset=asked.offset + asked.limit),
    "by the start": lambda asked: replace(asked, sort=SortKey.START),
    "by the title": lambda asked: replace(asked, sort=SortKey.TITLE),
    "a longer text": lambda asked: with_text(asked, asked.filters.text + "1"),
    "a shorter text": lambda asked: with_text(asked, asked.filters.text[:-1]),
    "the text alone": lambda asked: replace(asked, filters=Filters(text=asked.filters.text)),
    "no filter": lambda asked: replace(asked, filters=Filters()),
}
STEPS = st.lists(st.sampled_from(sorted(NEXT)) | st.integers(0, MANY - 1), min_size=1, max_size=10)
"""What is asked one after another; a number is a meeting that gets another title meanwhile."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all examples: each of them opens it anew."""
    return tmp_path_factory.mktemp("filters") / "soroe.db"


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[SyncStore]:
    """Meetings of every kind: on both sides or one, of three types, in two calendars, with three reasons."""
    opened: DatabaseStore = open_store(path, KEY)
    kept = opened.sync(WORK)
    for number in range(MANY):
        put(kept, number, TITLES[number % len(TITLES)])
        if number % 3 == 0:
            kept.save_link(replace(link(str(number)), calendar=event(number)))
        if number % 5 < len(WHYS) and number % 4:
            kept.settle([(Side.CRM, crm(str(number)), WHYS[number % 5])])
    yield kept
    opened.close()


def event(number: int) -> Ref:
    return Ref(HERS if number % 2 else CALENDAR, ItemId(f"e{number}"))


def put(store: SyncStore, number: int, title: str) -> None:
    """A meeting; every fourth only in the calendar, every third on both sides."""
    begin = datetime(2026, 5, 1, 9) + timedelta(days=number * 7 % 20)
    of = content(f"{title} {number:03d}", when=Timed(begin, begin + timedelta(hours=1), "Etc/UTC"))
    kind = (None, *TYPES)[number * 5 % 7 % 3]
    if number % 4 or number % 3 == 0:
        store.put(Side.CRM, [entry(item(crm(str(number)), of, activity_type=kind))])
    if number % 4 == 0 or number % 3 == 0:
        store.put(Side.CALENDAR, [entry(item(event(number), of))])


def passes(row: MeetingRow, filters: Filters) -> bool:
    """Whether the filters let a row through, told the plain way."""
    is_hers = row.calendar is not None and row.calendar.container == HERS
    return (
        filters.sync in {None, row.sync}
        and (not filters.types or row.activity_type in filters.types)
        and fold(filters.text) in fold(row.title)
        and filters.where in {None, row.where}
        and (not filters.whys or row.why in filters.whys)
        and (filters.whose is None or is_hers == filters.whose.inside)
    )


def key(row: MeetingRow, sort: SortKey) -> str:
    """What a column is sorted by; rows that are equal in it stay as they stand in the order of their start."""
    match sort:
        case SortKey.START:
            return row.start.isoformat()
        case SortKey.TITLE:
            return fold(row.title)
        case SortKey.TYPE:
            return row.activity_type or ""
        case SortKey.WHERE:
            return WHERE[row.where]


def everything(path: Path) -> Sequence[MeetingRow]:
    opened = open_reading(path, KEY)
    try:
        return opened.meetings(Filters(), SortKey.START, descending=False, offset=0, limit=MANY).rows
    finally:
        opened.close()


def check(reading: DatabaseReading, rows: Sequence[MeetingRow], asked: Question) -> None:
    found = sorted((row for row in rows if passes(row, asked.filters)), key=lambda row: key(row, asked.sort))
    if asked.descending:
        found.reverse()
    page = reading.meetings(
        asked.filters, asked.sort, descending=asked.descending, offset=asked.offset, limit=asked.limit
    )
    assert list(page.rows) == found[asked.offset : asked.offset + asked.limit]
    assert (page.total, page.hidden) == (len(found), len(rows) - len(found))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(asked=QUESTIONS, then=STEPS)
def test_a_page_is_what_the_plain_way_finds_whatever_was_asked_and_changed_before(
    store: SyncStore, path: Path, asked: Question, then: list[str | int]
) -> None:
    reading = open_reading(path, KEY)
    rows = everything(path)
    check(reading, rows, asked)
    for step in then:
        if isinstance(step, int):
            put(store, step, TITLES[step * len(rows[0].title) % len(TITLES)])
            rows = everything(path)
        else:
            asked = NEXT[step](asked)
        check(reading, rows, asked)
    reading.close()


@settings(max_examples=8, deadline=None, derandomize=True)
@given(asked=QUESTIONS, text=st.sampled_from([title.lower() for title in TITLES]), change=st.integers(0, MANY - 1))
def test_a_text_that_comes_letter_by_letter_finds_the_same_also_when_a_title_changes_meanwhile(
    store: SyncStore, path: Path, asked: Question, text: str, change: int
) -> None:
    reading = open_reading(path, KEY)
    rows = everything(path)
    for end in range(1, len(text) + 1):
        check(reading, rows, with_text(asked, text[:end]))
        if end == len(text) // 2:
            put(store, change, text)
            rows = everything(path)
    reading.close()
