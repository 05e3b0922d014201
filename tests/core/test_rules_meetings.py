"""Privacy, show-as, conflicts, matching and foreign organisers, as the CRMs' own documents tell them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from soroe.core.dialect import DIALECTS, ESALES, GENERIC, ORACLE, SALESFORCE, Dialect
from soroe.core.event import Field, Guest, ReadOnlyCause, ShowAs, Side, Visibility
from soroe.core.finding import FindingKind
from soroe.core.matching import match_key
from soroe.core.plan import Nothing, Why
from soroe.core.reconcile import reconcile
from soroe.core.route import ConflictPolicy, PrivacyPolicy
from soroe.core.rules.form import to_crm
from tests.builders import at, item, meeting, route
from tests.core.pairs import Linked, at_rest, fields_to, made_in_crm

EARLY, LATE = datetime(2026, 5, 11, 10, 0, 0, tzinfo=UTC), datetime(2026, 5, 11, 10, 0, 1, tzinfo=UTC)
BLANKS = "\u3000 \t"


# --- trims and texts ---
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_sf_1_white_space_at_the_ends_is_trimmed_and_never_sent_back(dialect: Dialect) -> None:
    told = meeting(f"{BLANKS}Visit{BLANKS}", location=f" {BLANKS}Kobe\n", description=f"\n\n Agenda {BLANKS}\r\n")
    form = to_crm(told, dialect).content
    assert (form.title, form.location, form.description) == ("Visit", "Kobe", "Agenda")
    pair = made_in_crm(told, dialect)
    assert (pair.decide().actions, pair.findings) == ((), [])
    assert pair.forgotten().event.content == told


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_esm_il1_a_text_beyond_the_limit_is_cut_told_and_whole_in_the_calendar(dialect: Dialect) -> None:
    long = meeting("t" * 40_000, location="p" * 40_000, description="n" * 40_000)
    pair = made_in_crm(long, dialect)
    limits = (dialect.title_limit, dialect.location_limit, dialect.description_limit)
    texts = (pair.crm.content.title, pair.crm.content.location, pair.crm.content.description)
    assert [len(text) for text in texts] == [40_000 if limit is None else limit for limit in limits]
    cut = [finding for finding in pair.findings if finding.cause == "cut"]
    named = [name for finding in cut for name in finding.fields]
    assert sorted(named) == sorted(
        field for field, limit in zip(("title", "location", "description"), limits, strict=True) if limit is not None
    )
    assert len({finding.id for finding in cut}) == len(cut)  # none takes another's place
    assert {finding.rule for finding in cut} <= {"ESM-IL1", "S-8"}
    assert pair.activity_changes(show_as=ShowAs.BUSY).synced().event.content == long


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_esm_il3_formatted_notes_become_plain_text_and_stay_formatted_in_the_calendar(dialect: Dialect) -> None:
    notes = "<p>Agenda</p><ul><li>1 &amp; 2</li></ul>"
    pair = made_in_crm(meeting(description=notes), dialect)
    assert pair.crm.content.description == "Agenda\n- 1 & 2"
    (finding,) = pair.findings
    assert (finding.cause, finding.rule) == ("plain_text", dialect.rule("plain_text", "ESM-IL3"))
    assert pair.event_changes(location="Kobe").synced().event.content.description == notes


def test_esm_i2_a_meeting_without_a_title_gets_the_sync_s_own_subject_and_keeps_none_in_the_calendar() -> None:
    pair = made_in_crm(meeting(""), replace(ESALES, empty_title="(件名なし)"))
    assert pair.crm.content.title == "(件名なし)"
    assert pair.activity_changes(description="edited").synced().forgotten().event.content.title == ""


# --- privacy ---
PRIVATE = meeting(visibility=Visibility.PRIVATE, description="secret")


@pytest.mark.parametrize(("dialect", "rule"), [(SALESFORCE, "SF-3"), (ESALES, "ESM-I17")], ids=["SF-3", "ESM-I17"])
def test_sf_3_esm_i17_a_private_event_is_synced_with_the_private_flag(dialect: Dialect, rule: str) -> None:
    pair = made_in_crm(PRIVATE, dialect)
    assert pair.crm.content == to_crm(PRIVATE, dialect).content
    assert pair.crm.content.visibility is Visibility.PRIVATE
    (finding,) = pair.findings
    assert (finding.kind, finding.rule, finding.cause) == (FindingKind.PRIVATE, rule, Why.PRIVATE_KEPT)


def test_sf_3_the_privacy_policy_may_be_chosen_instead() -> None:
    blocked = route(privacy=PrivacyPolicy.BLOCK)
    (action,) = reconcile(None, None, item(Side.CALENDAR, content=PRIVATE), blocked, SALESFORCE).actions
    assert action.content is not None
    assert (action.content.title, action.content.description) == (blocked.private_title, "")


def test_pd_7_oracle_shows_a_private_event_as_a_block_unless_told_otherwise() -> None:
    assert ORACLE.privacy is PrivacyPolicy.BLOCK
    assert made_in_crm(PRIVATE, ORACLE).crm.content.description == ""


def test_esm_o11_a_private_activity_is_private_in_the_calendar_also_when_it_becomes_so_later() -> None:
    assert at_rest(ESALES, PRIVATE).event.content.visibility is Visibility.PRIVATE
    after = at_rest(ESALES, meeting()).activity_changes(visibility=Visibility.PRIVATE).synced()
    assert after.event.content.visibility is Visibility.PRIVATE


FREE = replace(PRIVATE, show_as=ShowAs.FREE)


def test_esm_i18_t5_what_is_private_and_free_is_not_synced_and_listed() -> None:
    decision = reconcile(None, None, item(Side.CALENDAR, content=FREE), route(privacy=PrivacyPolicy.FULL), ESALES)
    assert decision.outcome == Nothing(Why.PRIVATE_FREE)
    assert [(finding.kind, finding.rule) for finding in decision.findings] == [(FindingKind.PRIVATE, "ESM-I18")]
    assert reconcile(None, None, item(Side.CALENDAR, content=FREE), route(), GENERIC).actions


def test_esm_i18_t5_what_was_synced_before_is_left_alone_on_both_sides_and_listed() -> None:
    pair = made_in_crm(meeting(), ESALES).event_changes(
        visibility=Visibility.PRIVATE, show_as=ShowAs.FREE, title="Hospital"
    )
    after = pair.activity_changes(description="edited").synced()
    assert (after.crm.content.title, after.event.content.title) == (meeting().title, "Hospital")
    assert after.event.content.description == ""
    assert [finding.rule for finding in after.findings] == ["ESM-I18"]


# --- show-as ---
def test_sf_4_out_of_office_shows_as_busy_and_survives_the_round_trip() -> None:
    away = meeting(show_as=ShowAs.OUT_OF_OFFICE)
    pair = at_rest(SALESFORCE, away, replace(away, show_as=ShowAs.BUSY))
    for after in (pair.forgotten(), pair.event_changes(title="Visit").synced()):
        assert after.crm.content.show_as is ShowAs.OUT_OF_OFFICE
        assert after.event.content.show_as is ShowAs.BUSY


@pytest.mark.parametrize("show_as", [ShowAs.BUSY, ShowAs.FREE])
def test_sf_4_busy_and_free_are_the_same_on_both_sides(show_as: ShowAs) -> None:
    assert made_in_crm(meeting(show_as=show_as), SALESFORCE).crm.content.show_as is show_as
    assert at_rest(SALESFORCE, meeting(show_as=show_as)).event.content.show_as is show_as


def test_a_time_shown_as_free_stays_so_where_the_crm_knows_no_such_thing() -> None:
    pair = made_in_crm(meeting(show_as=ShowAs.FREE), ORACLE)
    assert pair.activity_changes(title="Visit").synced().forgotten().event.content.show_as is ShowAs.FREE


# --- conflicts ---
def both_changed(dialect: Dialect) -> Linked:
    """The CRM's place and notes were changed at ten o'clock, the calendar's title and notes a second later."""
    pair = at_rest(dialect, meeting(description="old"))
    pair = pair.activity_changes(location="CRM place").event_changes(title="Calendar title")
    return replace(pair, crm=replace(pair.crm, changed_at=EARLY), event=replace(pair.event, changed_at=LATE))


def test_esm_g2_t6_the_later_side_wins_all_fields_those_that_only_the_other_changed_included() -> None:
    assert ESALES.conflicts is ConflictPolicy.NEWEST_ITEM
    after = both_changed(ESALES).synced()
    for content in (after.crm.content, after.event.content):
        assert (content.title, content.location) == ("Calendar title", "")


def test_esm_g2_by_default_changes_of_different_fields_are_joined() -> None:
    after = both_changed(GENERIC).synced()
    for content in (after.crm.content, after.event.content):
        assert (content.title, content.location) == ("Calendar title", "CRM place")


# --- matching ---
def alike(activity: str, event: str, dialect: Dialect, **about: str) -> bool:
    one, other = meeting(activity, **about), meeting(event, **about)
    return match_key(one, Side.CRM, dialect) == match_key(other, Side.CALENDAR, dialect)


def test_esm_g3_t7_t8_the_same_subject_start_and_end_is_one_meeting_white_space_aside() -> None:
    assert alike("ミーティング", "ミーティング", ESALES)
    assert alike("ミーティング", "ミーティング ", ESALES)
    assert not alike("ミーティング", "打合せ", ESALES)


def test_esm_g3_what_stands_behind_a_subject_is_no_part_of_it() -> None:
    assert alike("ミーティング", "ミーティング（株式会社○○/一般対応）", ESALES)
    assert alike("Congress", "Congress (Kobe)", ORACLE, location="Kobe")
    assert not alike("Congress", "Congress (draft)", ORACLE, location="Kobe")


def test_esm_g3_a_time_that_the_crm_rounded_is_the_same_time() -> None:
    exact, coarse = at(9, 58, minutes=61), at(9, 55, minutes=60)
    keys = [match_key(meeting(when=when), side, ESALES) for when, side in ((exact, Side.CALENDAR), (coarse, Side.CRM))]
    assert keys[0] == keys[1]


# --- foreign organisers ---
def test_esm_g5_t9_what_somebody_else_organises_is_not_written_back_and_told() -> None:
    pair = at_rest(ESALES, meeting())
    pair = replace(pair, event=replace(pair.event, read_only=ReadOnlyCause.FOREIGN_ORGANISER))
    after = pair.activity_changes(title="Edited in the CRM")
    assert after.decide().actions == ()
    assert [(finding.kind, finding.rule) for finding in after.findings] == [(FindingKind.ONE_WAY, "ESM-G5")]
    assert fields_to(pair.event_changes(title="Edited there").decide(), Side.CRM) == {Field.TITLE}


# --- who may change it ---
def test_esm_o12_esm_i19_that_guests_may_change_it_is_copied_both_ways() -> None:
    pair = at_rest(ESALES, meeting(guests_may_change=False))
    assert pair.activity_changes(guests_may_change=True).synced().event.content.guests_may_change is True
    assert pair.event_changes(guests_may_change=True).synced().crm.content.guests_may_change is True


def test_esm_o12_a_service_that_cannot_say_so_is_never_asked_to() -> None:
    pair = at_rest(ESALES, meeting(guests_may_change=True), meeting())
    assert pair.decide().actions == ()
    assert pair.forgotten().event.content.guests_may_change is None


# --- deletions ---
def test_esm_g4_the_order_of_guests_is_never_a_change() -> None:
    pair = at_rest(GENERIC, meeting(guests=(Guest("a@example.com"), Guest("b@example.com"))), guests_to_crm=True)
    pair = at_rest(GENERIC, pair.crm.content, pair.crm.content, guests_to_crm=True)
    assert pair.event_changes(guests=tuple(reversed(pair.event.content.guests))).decide().actions == ()
