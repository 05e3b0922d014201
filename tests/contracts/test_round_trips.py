"""What is written comes back as it was: times through midnight, daylight saving and zones, and every kind of text."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from soroe.core.event import AllDay, Field, Guest, Response, ShowAs, Timed, Visibility

from .stand import Stand, at, differing, meeting

TIMES = {
    "usual": at(),
    "no length": at(minutes=0),
    "through midnight": at(23, 30, minutes=90),
    "ends at midnight": at(22, minutes=120),
    "three days": at(9, minutes=3 * 24 * 60 + 30),
    "the day before in UTC": at(8),
    "the day before in UTC, at the end of a month": at(8, day=1),
    "new year": Timed(datetime(2026, 12, 31, 23, 30), datetime(2027, 1, 1, 0, 30), "Asia/Tokyo"),
    "the night the clocks go back": Timed(
        datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 3, 30), "Europe/Berlin"
    ),
    "after the clocks went back": Timed(datetime(2026, 10, 25, 4), datetime(2026, 10, 25, 5), "Europe/Berlin"),
    "the night the clocks go forward": Timed(datetime(2026, 3, 8, 1), datetime(2026, 3, 8, 4), "America/New_York"),
    "a quarter of an hour off": at(zone="Asia/Kathmandu"),
    "half way round": at(zone="Pacific/Auckland"),
    "utc": at(zone="Etc/UTC"),
    "leap day": Timed(datetime(2028, 2, 29, 10), datetime(2028, 2, 29, 11), "Asia/Tokyo"),
    "one day": AllDay(date(2026, 5, 12), date(2026, 5, 13)),
    "the last day of the year": AllDay(date(2026, 12, 31), date(2027, 1, 1)),
    "a leap day": AllDay(date(2028, 2, 29), date(2028, 3, 1)),
    "a week": AllDay(date(2026, 5, 12), date(2026, 5, 19)),
    "days through the change of clocks": AllDay(date(2026, 10, 24), date(2026, 10, 27)),
}
TEXTS = {
    "plain": "Visit to Aoki Trading",
    "japanese": "青木商事 訪問（初回）",
    "emoji": "Lunch 🍣 👩‍💻 🇯🇵",
    "combining": "Cafe\u0301 re\u0301sume\u0301",
    "right to left": "פגישה عرض",
    "quotes": "A \"quoted\" \\ back\\slash & <b>bold</b> 'single'",
    "looks like code": '{"title": null} ${x} %s %41 \'; DROP TABLE',
    "looks like a header": "a: b; c=d, e",
    "zero width": "a\u200bb\u200dc\ufeffd",
    "beyond the basic plane": "𠮷野家 𝔘𝔫𝔦",
}
CONTROLS = "a\x00b\x07c\x1bd\x7fe\x0bf"


@pytest.mark.parametrize("when", TIMES.values(), ids=list(TIMES))
def test_a_time_comes_back(stand: Stand, when: Timed | AllDay) -> None:
    wanted = stand.form(meeting(when=when))
    made = stand.creates(meeting(when=when))
    assert differing(made.content, wanted) == []
    assert differing(stand.read(made.ref).content, wanted) == []


@pytest.mark.parametrize("when", TIMES.values(), ids=list(TIMES))
def test_a_meeting_moves_to_a_time(stand: Stand, when: Timed | AllDay) -> None:
    moved = stand.does(stand.updating(stand.creates(), when=when))
    assert differing(moved.content, stand.form(meeting(when=when))) == []
    assert stand.read(moved.ref) == moved


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_a_text_comes_back_in_every_field_that_holds_texts(stand: Stand, text: str) -> None:
    wanted = stand.form(meeting(text, description=text, location=text))
    made = stand.creates(meeting(text, description=text, location=text))
    assert stand.read(made.ref).content == made.content
    assert (made.content.title, made.content.location) == (wanted.title, wanted.location)
    assert made.content.description == wanted.description


def test_a_description_keeps_its_lines(stand: Stand) -> None:
    text = "First line\n\n  indented\n\ttab\nlast"
    assert (
        stand.creates(meeting(description=text)).content.description
        == stand.form(meeting(description=text)).description
    )


def test_a_description_as_long_as_the_calendar_holds_comes_back_whole(stand: Stand) -> None:
    text = stand.form(meeting(description="長い説明。 " * 1_300)).description
    assert len(text) > 7_000 and stand.creates(meeting(description=text)).content.description == text


def test_an_empty_title_comes_back_as_it_is_understood(stand: Stand) -> None:
    made = stand.creates(meeting(""))
    assert stand.read(made.ref) == made
    again = stand.does(stand.updating(made, title=made.content.title))
    assert again.content.title == made.content.title


def test_control_characters_do_no_harm_and_an_echo_is_no_change(stand: Stand) -> None:
    made = stand.creates(meeting(CONTROLS, description=CONTROLS, location=CONTROLS))
    content = made.content
    for text in (content.title, content.description, content.location):
        assert [letter for letter in text if letter.isalpha()] == list("abcdef")
    echoed = stand.does(stand.updating(made, title=content.title, description=content.description))
    assert differing(echoed.content, content) == []


@pytest.mark.parametrize("show_as", ShowAs)
@pytest.mark.parametrize("visibility", Visibility)
def test_how_time_counts_and_who_may_see_it_come_back(stand: Stand, show_as: ShowAs, visibility: Visibility) -> None:
    wanted = meeting(show_as=show_as, visibility=visibility)
    made = stand.creates(wanted)
    # A calendar knows busy and free; the finer words are what the other side alone may hold.
    allowed = [[], [Field.SHOW_AS]] if show_as in {ShowAs.TENTATIVE, ShowAs.OUT_OF_OFFICE} else [[]]
    assert differing(made.content, stand.form(wanted)) in allowed
    assert stand.read(made.ref) == made


def test_guests_come_back_with_names(stand: Stand) -> None:
    guests = (Guest("suzuki@example.com", "鈴木 一郎"), Guest("o'neil+x@example.co.jp", "O'Neil"))
    made = stand.creates(meeting(guests=guests))
    assert {(one.email, one.name) for one in made.content.guests} == {
        (one.email, one.name) for one in stand.form(meeting(guests=guests)).guests
    }
    assert {one.response for one in made.content.guests} <= {Response.NONE}
