"""What becomes of an event of Google Calendar in eSales Manager: titles, times, places, texts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soroe.sandbox.esales import Kind
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.office import Office, at, day, event_times, times

pytestmark = pytest.mark.parametrize("world", ["esales"], indirect=True)
MINUTE = timedelta(minutes=1)
ADDRESS = "東京都千代田区丸の内1-1"


# --- titles ---
def test_esm_i1_the_title_is_the_subject(office: Office) -> None:
    office.makes("打ち合わせ (3F)")
    office.syncs()
    assert office.schedule().fields.subject == "打ち合わせ (3F)"


def test_esm_i1_what_stands_behind_the_subject_is_kept_apart_when_somebody_edits_it(office: Office) -> None:
    """ESM-I1, the reference's own round trip, beyond it: the customer and the deal of eSales stay, nothing doubles."""
    office.enters("ミーティング", customer="株式会社○○", businessplan="一般対応")
    office.syncs()
    office.changes(office.event(), summary="ミーティング（株式会社△△/一般対応）")
    office.syncs()
    fields = office.schedule().fields
    assert fields.customer is not None and fields.businessplan is not None
    assert (fields.customer.name, fields.businessplan.name) == ("株式会社○○", "一般対応")
    assert fields.subject == "ミーティング（株式会社△△/一般対応）"
    settled = office.event()["summary"]
    office.syncs()
    assert office.event()["summary"] == settled
    assert settled.count("○○") <= 1


def test_esm_i2_an_event_without_a_title_gets_the_usual_subject(office: Office) -> None:
    office.makes("")
    office.syncs()
    assert office.schedule().fields.subject == "—"
    assert office.event().get("summary", "") == ""


def test_esm_i2_the_usual_subject_is_a_setting(office: Office) -> None:
    office.choices["empty_title"] = "Googleの予定"
    office.makes("")
    office.syncs()
    assert office.schedule().fields.subject == "Googleの予定"
    assert office.event().get("summary", "") == ""


# --- times ---
def test_esm_i3_timed_and_one_day_events_are_copied(office: Office) -> None:
    office.makes("訪問", tomorrow(9))
    office.google.user_inserts(EMAIL, {"summary": "研修", "start": at(day(2)), "end": at(day(3))})
    office.syncs()
    assert {one.fields.subject: times(one) for one in office.schedules()} == {
        "訪問": (Kind.NORMAL, "1 09:00", "1 10:00"),
        "研修": (Kind.ALL_DAY, "2", "2"),
    }


def test_esm_i4_t3_several_whole_days_are_a_time_over_these_days(office: Office) -> None:
    """ESM-I4, T3: from the first midnight to the end of the last day; in Google it stays an all-day event."""
    office.google.user_inserts(EMAIL, {"summary": "休暇", "start": at(day(2)), "end": at(day(5))})
    office.syncs()
    assert times(office.schedule()) == (Kind.NORMAL, "2 00:00", "4 23:55")
    assert "ESM-I4" in office.rules()
    office.edits(office.schedule(), subject="夏季休暇")
    office.syncs()
    assert office.event()["summary"] == "夏季休暇"
    assert event_times(office.event()) == ("2", "5")


def test_esm_i9_t2_minutes_are_copied_and_rounding_in_esales_is_no_persons_change(office: Office) -> None:
    """ESM-I9, T2: 09:58 to 10:59 is copied; edited in eSales it is 09:55 to 10:55 there, rounded down."""
    office.makes("電話", tomorrow(9) + 58 * MINUTE, end=tomorrow(10) + 59 * MINUTE)
    office.syncs()
    assert times(office.schedule()) == (Kind.NORMAL, "1 09:58", "1 10:59")
    office.edits(office.schedule(), detail="折り返し")
    office.syncs()
    assert times(office.schedule()) == (Kind.NORMAL, "1 09:55", "1 10:55")
    assert office.event()["description"] == "折り返し"
    assert "ESM-I9" in office.rules()


def test_esm_i9_a_time_that_a_person_moves_in_esales_travels(office: Office) -> None:
    office.makes("電話", tomorrow(9) + 58 * MINUTE, end=tomorrow(10) + 59 * MINUTE)
    office.syncs()
    office.edits(office.schedule(), start=tomorrow(14), end=tomorrow(15))
    office.syncs()
    assert event_times(office.event()) == ("1 14:00", "1 15:00")


def test_esm_i10_t1_an_event_of_no_length_takes_five_minutes(office: Office) -> None:
    """ESM-I10, T1: 10:03 to 10:03 is 10:03 to 10:08; after any edit in eSales 10:00 to 10:05."""
    office.makes("合図", tomorrow(10) + 3 * MINUTE, end=tomorrow(10) + 3 * MINUTE)
    office.syncs()
    assert times(office.schedule()) == (Kind.NORMAL, "1 10:03", "1 10:08")
    assert "ESM-I10" in office.rules()
    office.edits(office.schedule(), detail="済")
    office.syncs()
    assert times(office.schedule()) == (Kind.NORMAL, "1 10:00", "1 10:05")


# --- places ---
def test_esm_i11_t11_the_building_stays_while_the_place_ends_with_it(office: Office) -> None:
    """ESM-I11, T11: the building is found at the end of the place."""
    office.enters("訪問", address=ADDRESS, building="丸ビル", postal_code="100-0005")
    office.syncs()
    office.changes(office.event(), location=f"{ADDRESS} 丸ビル", description="changed")
    office.syncs()
    fields = office.schedule().fields
    assert (fields.address, fields.building, fields.postal_code) == (ADDRESS, "丸ビル", "100-0005")
    assert fields.detail == "changed"


def test_esm_i11_another_address_of_the_same_building_keeps_the_building(office: Office) -> None:
    """ESM-I11, ESM-I12: the address is another, so the postal code is emptied."""
    office.enters("訪問", address=ADDRESS, building="丸ビル", postal_code="100-0005")
    office.syncs()
    office.changes(office.event(), location="東京都千代田区丸の内2-4-1 丸ビル")
    office.syncs()
    fields = office.schedule().fields
    assert (fields.address, fields.building, fields.postal_code) == ("東京都千代田区丸の内2-4-1", "丸ビル", "")


def test_esm_i11_esm_i12_t12_another_place_empties_building_and_postal_code(office: Office) -> None:
    """ESM-I11, ESM-I12, T12: the whole text is the address."""
    office.enters("訪問", address=ADDRESS, building="丸ビル", postal_code="100-0005")
    office.syncs()
    place = f"{ADDRESS} 新丸ビル 5F"
    office.changes(office.event(), location=place)
    office.syncs()
    fields = office.schedule().fields
    assert (fields.address, fields.building, fields.postal_code) == (place, "", "")
    assert office.event()["location"] == place


def test_esm_i11_an_empty_place_empties_all_three(office: Office) -> None:
    office.enters("訪問", address=ADDRESS, building="丸ビル", postal_code="100-0005")
    office.syncs()
    office.changes(office.event(), location="")
    office.syncs()
    fields = office.schedule().fields
    assert (fields.address, fields.building, fields.postal_code) == ("", "", "")


def test_esm_i12_a_change_elsewhere_leaves_the_postal_code(office: Office) -> None:
    office.enters("訪問", address=ADDRESS, postal_code="100-0005")
    office.syncs()
    office.changes(office.event(), summary="訪問、変更")
    office.syncs()
    assert office.schedule().fields.postal_code == "100-0005"


# --- texts ---
def test_esm_i16_the_description_is_the_details(office: Office) -> None:
    office.makes(description="一行目\n二行目 & 三")
    office.syncs()
    assert office.schedule().fields.detail == "一行目\n二行目 & 三"


def test_esm_il3_formatted_notes_arrive_as_plain_text_and_stay_formatted_in_google(office: Office) -> None:
    """ESM-IL3, beyond it: no tags are shown, the user is told, and the formatting in Google is not lost."""
    notes = "<p>資料: <b>最終版</b></p>"
    office.makes(description=notes)
    office.syncs()
    assert office.schedule().fields.detail == "資料: 最終版"
    assert office.event()["description"] == notes
    assert "ESM-IL3" in office.rules()


def test_esm_il1_long_texts_are_cut_and_told_never_silently(office: Office) -> None:
    """ESM-IL1, beyond it: what is too much is cut visibly, the user is told, and Google keeps the whole."""
    title = "長い件名" * 40
    office.makes(title)
    office.syncs()
    subject = office.schedule().fields.subject
    assert len(subject) == 100 and subject.endswith("…") and title.startswith(subject[:-1])
    assert office.event()["summary"] == title
    assert "ESM-IL1" in office.rules()


def test_esm_il1_what_esales_cuts_by_itself_comes_back_to_nobody(office: Office) -> None:
    """ESM-IL1: an edition with shorter texts than the profile says cuts them, and Google still keeps the whole."""
    office.esales.limit_texts(subject=20)
    title = "長い件名" * 10
    office.makes(title)
    office.syncs()
    office.syncs()
    assert office.schedule().fields.subject == title[:20]
    assert office.event()["summary"] == title


def test_esm_il1_what_esales_refuses_is_told_in_its_own_words(office: Office) -> None:
    office.esales.limit_texts(refuse=True, subject=20)
    office.makes("長い件名" * 10)
    office.makes("短い件名", tomorrow(17))
    office.laptop.run()
    office.laptop.run()
    assert [one.fields.subject for one in office.schedules()] == ["短い件名"]
    (refused,) = [finding for finding in office.findings() if finding.kind.value == "rejected"]
    assert "20 characters" in refused.service_message
