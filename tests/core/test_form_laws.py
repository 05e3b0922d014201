"""Round trip laws of every dialect (S-8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from soroe.core.dialect import GENERIC, Dialect
from soroe.core.event import AllDay, EventContent, Field, Timed
from soroe.core.link import Fingerprint, canonical
from soroe.core.rules.form import same, to_calendar, to_crm
from soroe.core.rules.text import cut, plain
from tests.core.strategies import CONTENTS, DIALECTS, SINGLES, TEXTS, ZONES


@given(CONTENTS, DIALECTS)
def test_a_form_is_formed_once_and_then_stays(content: EventContent, dialect: Dialect) -> None:
    once = to_crm(content, dialect).content
    twice = to_crm(once, dialect)
    assert twice.content == once
    assert twice.alterations == ()


@given(CONTENTS, DIALECTS)
def test_every_form_keeps_the_limits_of_its_crm(content: EventContent, dialect: Dialect) -> None:
    form = to_crm(content, dialect).content
    for text, limit in (
        (form.title, dialect.title_limit),
        (form.description, dialect.description_limit),
        (form.location, dialect.location_limit),
    ):
        assert limit is None or len(text) <= max(limit, len(dialect.empty_title))
    assert dialect.guest_limit is None or len(form.guests) <= dialect.guest_limit
    assert form.show_as in dialect.show_as
    match form.when:
        case AllDay(start, end):
            assert dialect.all_day_span or end - start == timedelta(days=1)
        case Timed(start, end, zone):
            assert dialect.keeps_zones or zone == "Etc/UTC"
            assert end - start >= timedelta(minutes=dialect.shortest_minutes)
            if dialect.grid_minutes > 1 and dialect.keeps_zones and not dialect.own_grid:
                assert start.minute % dialect.grid_minutes == 0


@given(CONTENTS, DIALECTS, ZONES)
def test_a_title_never_grows_however_often_it_travels(content: EventContent, dialect: Dialect, zone: str) -> None:
    there = content
    lengths = []
    for _ in range(3):
        there = to_calendar(to_crm(there, dialect, zone).content, dialect, zone, content)
        lengths.append(len(there.title))
    assert lengths[0] == lengths[1] == lengths[2] <= max(len(content.title), len(dialect.empty_title))


@given(SINGLES, DIALECTS, ZONES)
def test_there_and_back_and_there_again_is_the_same_form(content: EventContent, dialect: Dialect, zone: str) -> None:
    form = to_crm(content, dialect).content
    back = to_calendar(form, dialect, zone, content)
    assert Fingerprint.of(to_crm(back, dialect).content) == Fingerprint.of(form)


@given(SINGLES, ZONES, ZONES)
def test_telling_a_time_in_another_zone_changes_no_instant(content: EventContent, zone: str, own: str) -> None:
    existing = replace(content, when=content.when.within(own)) if isinstance(content.when, Timed) else None
    assert same(to_calendar(content, GENERIC, zone, existing), content, Field.WHEN)


@given(TEXTS)
def test_plain_text_comes_out_as_it_went_in(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(TEXTS)
def test_a_cut_text_fits_and_is_cut_once(text: str) -> None:
    for limit in range(12):
        assert len(cut(text, limit)) <= limit
        assert cut(cut(text, limit), limit) == cut(text, limit)
        assert cut(text.strip(), limit).strip() == cut(text.strip(), limit)


@given(CONTENTS)
def test_a_fingerprint_tells_exactly_the_fields_that_differ(content: EventContent) -> None:
    other = replace(content, title=content.title + "!", location="elsewhere" + content.location)
    differing = tuple(name for name in Field if canonical(content, name) != canonical(other, name))
    assert Fingerprint.of(content).changed(Fingerprint.of(other)) == differing == (Field.TITLE, Field.LOCATION)
