"""Every core value comes back from the database exactly as it went in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.adapters.database import content_codec as codec
from soroe.adapters.database import small_values as values
from soroe.adapters.database.item_columns import start_seconds
from soroe.core.event import (
    AllDay,
    ContainerId,
    EventContent,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Particulars,
    ReadOnlyCause,
    Recurrence,
    Ref,
    Response,
    ShowAs,
    Timed,
    Tombstone,
    Unreadable,
    Version,
    Visibility,
)

ANY_TEXT = st.text(st.characters(), max_size=30)  # lone surrogates and NUL included
WALLS = st.one_of(
    st.datetimes(),
    st.datetimes().map(lambda at: at.replace(second=0, microsecond=0)),
).flatmap(lambda at: st.sampled_from([at, at.replace(fold=1)]))
INSTANTS = st.none() | st.one_of(
    st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))
)
MOMENTS = st.one_of(WALLS, st.dates())
WHENS = st.builds(AllDay, st.dates(), st.dates()) | st.builds(Timed, WALLS, WALLS, ANY_TEXT)
RECURRENCES = st.builds(
    Recurrence, st.lists(ANY_TEXT).map(tuple), st.lists(MOMENTS).map(tuple), st.lists(MOMENTS).map(tuple)
)
CONTENTS = st.builds(
    EventContent,
    ANY_TEXT,
    WHENS,
    ANY_TEXT,
    ANY_TEXT,
    st.sampled_from(ShowAs),
    st.sampled_from(Visibility),
    st.lists(st.builds(Guest, ANY_TEXT, ANY_TEXT, st.sampled_from(Response)), max_size=3).map(tuple),
    st.none() | RECURRENCES,
    st.none() | st.booleans(),
)
REFS = st.builds(Ref, ANY_TEXT.map(ContainerId), ANY_TEXT.map(ItemId))
OCCURRENCES = st.none() | st.builds(Occurrence, ANY_TEXT.map(ItemId), MOMENTS)
VERSIONS = st.none() | ANY_TEXT.map(Version)
ITEMS = st.builds(
    ObservedItem,
    REFS,
    VERSIONS,
    CONTENTS,
    INSTANTS,
    INSTANTS,
    st.none() | ANY_TEXT | st.just("soroe1|key|.partner|own") | st.just("||"),
    st.none() | st.sampled_from(ReadOnlyCause),
    OCCURRENCES,
    st.none() | ANY_TEXT,
    ANY_TEXT | st.just("default"),
    st.booleans(),
    st.booleans(),
    st.none() | st.builds(Particulars, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT),
)
SEEN = (
    ITEMS
    | st.builds(Tombstone, REFS, INSTANTS, OCCURRENCES)
    | st.builds(Unreadable, REFS, ANY_TEXT, ANY_TEXT, VERSIONS)
)


class FewTexts:
    """Numbers for the first three texts only, so that both ways of writing are taken."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def number_if_few(self, text: str) -> int | None:
        """See `content_codec.Texts`."""
        if text not in self._texts and len(self._texts) < 3:
            self._texts.append(text)
        return self._texts.index(text) if text in self._texts else None

    def text(self, number: int) -> str:
        """See `content_codec.Texts`."""
        return self._texts[number]


def folds(content: EventContent) -> list[int]:
    """The folds of all times, which equality does not compare."""
    recurrence = content.recurrence
    moments = [*recurrence.added, *recurrence.removed] if recurrence else []
    times = [content.when.start, content.when.end, *moments]
    return [at.fold for at in times if isinstance(at, datetime)]


@given(CONTENTS)
def test_a_content_comes_back_exactly(content: EventContent) -> None:
    back = codec.from_content(codec.to_content(content))
    assert back == content
    assert folds(back) == folds(content)


@given(SEEN)
def test_whatever_a_feed_told_comes_back_exactly(seen: ObservedItem | Tombstone | Unreadable) -> None:
    texts = FewTexts()
    assert codec.from_seen(codec.to_seen(seen, texts), texts) == seen


@given(ITEMS)
def test_a_glance_tells_what_the_whole_item_tells(item: ObservedItem) -> None:
    texts = FewTexts()
    when, private = codec.from_item_glance(codec.to_item_body(item, texts), texts)
    assert when == item.content.when
    assert private == (item.details_hidden or item.content.visibility is Visibility.PRIVATE)


@given(ANY_TEXT)
def test_text_for_a_column_comes_back_exactly(text: str) -> None:
    assert values.from_text(values.to_text(text)) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_keeps_its_microseconds(at: datetime) -> None:
    assert values.from_micros(values.to_micros(at)) == at


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, tzinfo=UTC), None])
def test_the_first_instant_is_not_taken_for_none(at: datetime | None) -> None:
    assert values.from_instant(values.to_instant(at)) == at


def test_times_that_count_as_equal_are_each_kept_as_they_are() -> None:
    first = datetime(2026, 10, 25, 2, 30)  # Berlin's clocks are turned back that night: it comes twice
    second = first.replace(fold=1)
    assert first == second
    whens = [Timed(start, end, "Europe/Berlin") for start in (first, second) for end in (first, second)]
    kept = [codec.from_when(codec.to_when(when)) for when in whens * 2]
    assert [(when.start, when.start.fold, when.end, when.end.fold) for when in kept if isinstance(when, Timed)] == [
        (when.start, when.start.fold, when.end, when.end.fold) for when in whens * 2
    ]
    assert [start_seconds(when) for when in whens] == [1_792_888_200] * 2 + [1_792_891_800] * 2


def test_defaults_take_no_room() -> None:
    day = date(2026, 5, 12)
    assert codec.to_content(EventContent("Visit", AllDay(day, day + timedelta(1)))) == b'["Visit",[739748,1]]'


@given(
    st.binary(max_size=60)
    | st.sampled_from([b"[]", b"[1]", b'["x",[1]]', b'["x",[1,2,3,4]]', b'{"a":1}', b"0", b"[[9]]"])
)
def test_bytes_we_did_not_write_are_an_error_and_never_a_made_up_value(blob: bytes) -> None:
    try:
        content = codec.from_content(blob)
    except values.BROKEN:
        return
    assert codec.from_content(codec.to_content(content)) == content
