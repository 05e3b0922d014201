"""What stands behind a subject in the calendar: it never grows, and is taken off when it comes back (ESM-O4, OD-4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.core.dialect import ESALES, GENERIC, ORACLE, Dialect
from soroe.core.event import Field, Particulars, Side
from soroe.core.link import Fingerprint
from soroe.core.rules.form import shown, told
from soroe.core.rules.grid import rounded, rounded_to
from soroe.core.rules.title import split_tail, tail_of, with_tail, without_tail
from tests.builders import at, item, meeting
from tests.core.pairs import at_rest, fields_to
from tests.core.strategies import NAMES, TEXTS

DEAL = Particulars("株式会社○○", "一般対応")
OTHER_DEAL = Particulars("株式会社○○", "見積")
SHOWN, EDITED = "ミーティング（株式会社○○/一般対応）", "ミーティング（株式会社△△/一般対応）"


def test_esm_o4_a_deal_stands_behind_the_subject_in_the_calendar() -> None:
    assert at_rest(ESALES, meeting("ミーティング"), particulars=DEAL).event.content.title == SHOWN


@pytest.mark.parametrize(
    ("particulars", "title"),
    [
        (Particulars("株式会社○○", ""), "ミーティング"),
        (Particulars("", "一般対応"), "ミーティング（一般対応）"),
        (None, "ミーティング"),
    ],
    ids=["no-deal", "no-customer", "nothing"],
)
def test_esm_o4_without_a_deal_the_subject_stays_bare(particulars: Particulars | None, title: str) -> None:
    assert shown(item(content=meeting("ミーティング"), particulars=particulars), ESALES).title == title


def test_esm_o4_a_dialect_without_such_a_form_shows_the_very_content() -> None:
    activity = item(content=meeting("ミーティング"), particulars=DEAL)
    assert shown(activity, GENERIC) is activity.content


def test_esm_i1_a_subject_edited_in_the_calendar_comes_back_without_the_deal() -> None:
    pair = at_rest(ESALES, meeting("ミーティング"), particulars=DEAL)
    after = pair.event_changes(title="打合せ（株式会社○○/一般対応）").synced()
    assert after.crm.content.title == "打合せ"
    assert after.event.content.title == "打合せ（株式会社○○/一般対応）"


def test_esm_i1_half_width_brackets_are_taken_for_the_same() -> None:
    pair = at_rest(ESALES, meeting("ミーティング"), particulars=DEAL)
    assert pair.event_changes(title="打合せ(株式会社○○/一般対応)").synced().crm.content.title == "打合せ"


def test_esm_o4_an_edited_deal_becomes_the_subject_and_then_settles_for_good() -> None:
    pair = at_rest(ESALES, meeting("ミーティング"), particulars=DEAL).event_changes(title=EDITED).synced()
    assert pair.crm.content.title == EDITED
    assert pair.crm.particulars == DEAL
    for _ in range(4):
        pair = pair.synced().forgotten()
        assert (pair.crm.content.title, pair.event.content.title) == (EDITED, EDITED)


def test_esm_o4_after_that_another_deal_shows_once_and_never_twice() -> None:
    pair = at_rest(ESALES, meeting("ミーティング"), particulars=DEAL).event_changes(title=EDITED).synced()
    pair = pair.activity_changes(particulars=OTHER_DEAL).synced().forgotten().synced()
    assert pair.event.content.title == EDITED + "（株式会社○○/見積）"
    assert pair.crm.content.title == EDITED


def test_esm_o4_another_deal_reaches_the_calendar_and_no_subject() -> None:
    pair = at_rest(ESALES, meeting("ミーティング"), particulars=DEAL)
    after = pair.activity_changes(particulars=OTHER_DEAL)
    assert fields_to(after.decide(), Side.CRM) == set()
    assert after.synced().event.content.title == "ミーティング（株式会社○○/見積）"


def test_esm_o4_another_deal_and_another_subject_at_once_are_told_apart() -> None:
    pair = at_rest(ESALES, meeting("ミーティング"), particulars=DEAL)
    pair = pair.event_changes(title="打合せ（株式会社○○/一般対応）").activity_changes(particulars=OTHER_DEAL)
    newer = replace(pair, event=replace(pair.event, changed_at=pair.crm.changed_at))
    for both in (pair, newer):
        after = both.synced()
        assert "一般対応" not in after.crm.content.title
        assert after.crm.content.title in {"ミーティング", "打合せ"}


def test_esm_o4_another_deal_leaves_the_calendars_longer_title_whole() -> None:
    long = "x" * 300
    pair = at_rest(ESALES, meeting("x" * 99 + "…"), meeting(f"{long}（株式会社○○/一般対応）"), DEAL)
    after = pair.activity_changes(particulars=OTHER_DEAL).forgotten().synced()
    assert after.event.content.title == f"{long}（株式会社○○/見積）"
    assert len(after.crm.content.title) == 100


def test_esm_o4_a_deal_that_changed_while_the_database_was_lost_is_taken_from_the_crm() -> None:
    pair = at_rest(ESALES, meeting("ミーティング"), particulars=DEAL).activity_changes(particulars=OTHER_DEAL)
    after = pair.forgotten()
    assert (after.crm.content.title, after.event.content.title) == ("ミーティング", "ミーティング（株式会社○○/見積）")


def test_od_4_the_calendar_shows_subject_and_location_of_an_event() -> None:
    content = meeting("心臓病学者の会議", location="マリオットホテル")
    assert at_rest(ORACLE, content, activity_type="Event").event.content.title == "心臓病学者の会議 (マリオットホテル)"
    assert at_rest(ORACLE, content, activity_type="Call").event.content.title == "心臓病学者の会議"


def test_od_4_a_place_changed_in_the_calendar_changes_the_title_there_and_no_subject() -> None:
    pair = at_rest(ORACLE, meeting("Congress", location="Marriott"), activity_type="Event")
    after = pair.event_changes(location="Hilton").synced()
    assert (after.crm.content.title, after.crm.content.location) == ("Congress", "Hilton")
    assert after.event.content.title == "Congress (Hilton)"
    assert after.forgotten().event.content.title == "Congress (Hilton)"


def test_od_4_place_and_title_changed_together_are_told_apart() -> None:
    pair = at_rest(ORACLE, meeting("Congress", location="Marriott"), activity_type="Event")
    for title in ("Summit (Marriott)", "Summit (Hilton)"):
        after = pair.event_changes(title=title, location="Hilton").synced()
        assert (after.crm.content.title, after.crm.content.location) == ("Summit", "Hilton")
        assert after.event.content.title == "Summit (Hilton)"


def test_od_4_a_place_changed_in_the_crm_shows_behind_the_title() -> None:
    pair = at_rest(ORACLE, meeting("Congress", location="Marriott"), activity_type="Event")
    after = pair.activity_changes(location="Hilton").synced()
    assert (after.event.content.title, after.event.content.location) == ("Congress (Hilton)", "Hilton")


SUBJECTS = TEXTS.map(str.strip)


@given(SUBJECTS, NAMES, NAMES, st.sampled_from((ESALES, ORACLE)))
def test_what_is_put_behind_a_subject_is_taken_off_again(
    subject: str, customer: str, deal: str, dialect: Dialect
) -> None:
    content = meeting(subject, location=customer)
    activity = item(content=content, particulars=Particulars(customer, deal), activity_type="Event")
    tail = tail_of(activity, dialect)
    title = with_tail(subject, tail)
    assert without_tail(title, tail, subject) == subject
    assert with_tail(title, tail) == title, "a title that was composed once does not grow"
    assert with_tail(without_tail(title, tail, "another"), tail) == title


@given(SUBJECTS, NAMES, NAMES, st.sampled_from((ESALES, ORACLE)))
def test_whatever_a_title_holds_syncing_makes_it_no_longer(
    subject: str, customer: str, deal: str, dialect: Dialect
) -> None:
    content = meeting(subject or "x", location=customer)
    pair = at_rest(dialect, content, particulars=Particulars(customer, deal), activity_type="Event")
    pair = pair.event_changes(title=pair.event.content.title + "!").synced()
    longest = max(len(pair.event.content.title), len(pair.crm.content.title))
    for _ in range(3):
        pair = pair.forgotten().event_changes(description="again").synced()
        assert max(len(pair.event.content.title), len(pair.crm.content.title)) <= longest


def test_a_title_is_parted_only_at_what_looks_like_our_own_tail() -> None:
    assert split_tail("ミーティング（株式会社○○/一般対応）", "", ESALES)[0] == "ミーティング"
    assert split_tail("ミーティング（仮）", "", ESALES)[0] == "ミーティング（仮）"
    assert split_tail("Congress (Marriott)", "Marriott", ORACLE)[0] == "Congress"
    assert split_tail("Congress (draft)", "Marriott", ORACLE)[0] == "Congress (draft)"
    assert Field.TITLE not in fields_to(at_rest(ESALES, meeting("会議（仮）")).decide(), Side.CRM)


def test_a_subject_is_told_apart_from_what_stands_behind_it() -> None:
    before = told(item(content=meeting("ミーティング"), particulars=DEAL), ESALES)
    other_deal = told(item(content=meeting("ミーティング"), particulars=OTHER_DEAL), ESALES)
    other_name = told(item(content=meeting("訪問"), particulars=DEAL), ESALES)
    assert before.changed(other_deal) == before.changed(other_name) == (Field.TITLE,)
    assert before.has_subject("ミーティング")
    assert other_deal.has_subject("ミーティング")
    assert not other_name.has_subject("ミーティング")


def test_a_title_that_an_older_program_told_as_a_whole_has_not_changed() -> None:
    activity = item(content=meeting("ミーティング"), particulars=DEAL)
    older = Fingerprint.of(shown(activity, ESALES))
    assert not older.changed(told(activity, ESALES, older))
    renamed = replace(activity, content=replace(activity.content, title="訪問"))
    assert older.changed(told(renamed, ESALES, older)) == (Field.TITLE,)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(1, 200))
def test_esm_i9_a_time_is_among_those_that_are_rounded_to_what_it_is_rounded_to(
    hour: int, minute: int, minutes: int
) -> None:
    when = at(hour, minute, minutes=minutes)
    before = list(rounded_to(rounded(when, ESALES), ESALES))
    assert when in before or minutes < ESALES.shortest_minutes
    assert {rounded(one, ESALES) for one in before} == {rounded(when, ESALES)}
