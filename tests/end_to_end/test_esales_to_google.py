"""What becomes of a schedule of eSales Manager in Google Calendar, rule by rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soroe.core.event import Side
from soroe.sandbox.esales import Kind
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.office import Office, day, event_times, times

pytestmark = pytest.mark.parametrize("world", ["esales"], indirect=True)


def test_esm_o1_the_subject_is_the_title(office: Office) -> None:
    office.enters("ミーティング（社内）")
    office.syncs()
    assert office.event()["summary"] == "ミーティング（社内）"


def test_esm_o2_the_kind_of_a_schedule_stays_in_esales(office: Office) -> None:
    schedule = office.enters("訪問", schedule_kind=2)
    office.syncs()
    assert "来社" not in str(office.event())
    office.changes(office.event(), summary="訪問、変更")
    office.syncs()
    changed = office.schedule()
    assert (changed.id, changed.fields.subject, changed.fields.schedule_kind) == (schedule.id, "訪問、変更", 2)


def test_esm_o3_an_all_day_schedule_is_an_all_day_event(office: Office) -> None:
    office.enters("研修", day(2))
    office.syncs()
    assert event_times(office.event()) == ("2", "3")


def test_esm_o3_a_regular_schedule_is_an_ordinary_event_and_stays_regular(office: Office) -> None:
    office.enters("部内定例", tomorrow(9), type=Kind.PERIODIC)
    office.syncs()
    event = office.event()
    assert "recurrence" not in event
    later = tomorrow(11)
    office.changes(
        event, start={"dateTime": later.isoformat()}, end={"dateTime": (later + timedelta(hours=1)).isoformat()}
    )
    office.syncs()
    assert times(office.schedule()) == (Kind.PERIODIC, "1 11:00", "1 12:00")


def test_esm_o4_the_customer_and_the_deal_stand_behind_the_subject(office: Office) -> None:
    office.enters("ミーティング", customer="株式会社○○", businessplan="一般対応")
    office.syncs()
    assert office.event()["summary"] == "ミーティング（株式会社○○/一般対応）"
    assert office.schedule().fields.subject == "ミーティング"


def test_esm_o4_without_a_deal_the_customer_is_not_told(office: Office) -> None:
    office.enters("ミーティング", customer="株式会社○○")
    office.syncs()
    assert office.event()["summary"] == "ミーティング"


def test_esm_o4_esm_i1_a_title_never_grows_however_often_it_travels(office: Office) -> None:
    """ESM-O4, ESM-I1: what stands behind the subject is known when it comes back; nothing is ever added twice."""
    schedule = office.enters("ミーティング", customer="株式会社○○", businessplan="一般対応")
    office.syncs()
    for number in range(3):
        office.changes(office.event(), summary=f"ミーティング{number}（株式会社○○/一般対応）")
        office.syncs()
        office.edits(schedule, detail=f"{number}")
        office.syncs()
    assert office.schedule().fields.subject == "ミーティング2"
    assert office.event()["summary"] == "ミーティング2（株式会社○○/一般対応）"


def test_esm_o4_a_new_deal_changes_the_title(office: Office) -> None:
    schedule = office.enters("ミーティング")
    office.syncs()
    office.edits(schedule, customer="株式会社○○", businessplan="更新")
    office.syncs()
    assert office.event()["summary"] == "ミーティング（株式会社○○/更新）"
    office.edits(schedule, customer="株式会社○○", businessplan="新規")
    office.syncs()
    assert office.event()["summary"] == "ミーティング（株式会社○○/新規）"


def test_esm_o5_start_and_end_are_the_same(office: Office) -> None:
    office.enters("訪問", tomorrow(10), end=tomorrow(12) + timedelta(minutes=35))
    office.syncs()
    assert event_times(office.event()) == ("1 10:00", "1 12:35")


def test_esm_o5_a_schedule_over_several_days_is_an_event_over_several_days(office: Office) -> None:
    office.enters("出張", tomorrow(9, 2), end=tomorrow(18, 4))
    office.syncs()
    assert event_times(office.event()) == ("2 09:00", "4 18:00")


def test_esm_o6_the_building_stands_behind_the_address(office: Office) -> None:
    office.enters("訪問", address="東京都千代田区丸の内1-1", building="丸ビル", postal_code="100-0005")
    office.syncs()
    location = office.event()["location"]
    assert location.startswith("東京都千代田区丸の内1-1") and location.endswith("丸ビル")
    assert "100-0005" not in location


def test_esm_o7_esm_o9_people_met_and_facilities_stay_in_esales(office: Office) -> None:
    """ESM-O7, ESM-O9, ESM-I23, ESM-I24: they are not told, and no change from Google touches them."""
    office.enters("訪問", people_met=("田中様",), facilities=("会議室 A",))
    office.syncs()
    event = office.event()
    assert "田中様" not in str(event) and "会議室 A" not in str(event)
    office.changes(event, summary="訪問、変更", location="Osaka")
    office.syncs()
    fields = office.schedule().fields
    assert (fields.subject, fields.people_met, fields.facilities) == ("訪問、変更", ("田中様",), ("会議室 A",))


def test_esm_o8_participants_with_a_calendar_are_guests(office: Office) -> None:
    suzuki = office.esales.add_employee("suzuki@example.com", "鈴木")
    nobody = office.esales.add_employee("ito@example.com", "伊藤", google_account="")
    office.enters("訪問", participants=(office.sato, suzuki, nobody))
    office.syncs()
    assert [guest["email"] for guest in office.event().get("attendees", []) if not guest.get("self")] == [
        "suzuki@example.com"
    ]
    assert office.world.calendar.mails() == 0


def test_esm_o10_the_details_are_the_description(office: Office) -> None:
    office.enters("訪問", detail="1. 見積もり\n2. 契約書 <案>")
    office.syncs()
    assert office.event()["description"] == "1. 見積もり\n2. 契約書 <案>"


def test_esm_o11_a_private_schedule_is_a_private_event_made_or_changed(office: Office) -> None:
    office.enters("健康診断", private=True)
    schedule = office.enters("面談", tomorrow(13))
    office.syncs()
    assert _visibility(office) == {"健康診断": "private", "面談": "default"}
    office.edits(schedule, private=True)
    office.syncs()
    assert _visibility(office) == {"健康診断": "private", "面談": "private"}
    office.edits(schedule, private=False)
    office.syncs()
    assert _visibility(office) == {"健康診断": "private", "面談": "default"}


def _visibility(office: Office) -> dict[str, str]:
    return {event["summary"]: event.get("visibility", "default") for event in office.events()}


def test_esm_o12_whether_others_may_change_it_is_copied_and_no_other_right(office: Office) -> None:
    schedule = office.enters("訪問", others_may_change=True)
    office.syncs()
    event = office.event()
    assert event["guestsCanModify"] is True
    assert event.get("guestsCanInviteOthers", True) and event.get("guestsCanSeeOtherGuests", True)
    office.edits(schedule, others_may_change=False)
    office.syncs()
    assert office.event().get("guestsCanModify", False) is False


def test_esm_o13_esm_o15_an_event_is_as_old_as_the_sync_that_made_it(office: Office) -> None:
    """ESM-O13, ESM-O15: made, and changed, at the time of the sync."""
    office.esales.clock_runs_ahead = -timedelta(hours=5)
    schedule = office.enters("訪問")
    before = datetime.now(UTC)
    office.syncs()
    event = office.event()
    assert datetime.fromisoformat(event["created"]) >= before.replace(microsecond=0) > schedule.registered
    between = datetime.now(UTC)
    office.edits(schedule, subject="訪問、変更")
    office.syncs()
    assert datetime.fromisoformat(office.event()["updated"]) >= between.replace(microsecond=0)
    assert office.event()["created"] == event["created"]


def test_esm_o14_esm_o16_neither_registrant_nor_updater_are_carried(office: Office) -> None:
    """ESM-O14, ESM-O16: the event's creator is the account of the sync, whoever entered the schedule."""
    suzuki = office.esales.add_employee("suzuki@example.com", "鈴木")
    office.esales.user_creates(suzuki, "同行", tomorrow(10), participants=(office.sato,))
    office.syncs()
    event = office.event()
    assert event["creator"]["email"] == EMAIL
    assert "suzuki" not in str(event) and office.schedule().updater == suzuki.id


def test_esm_ol1_what_is_deleted_in_google_is_deleted_in_esales_whoever_may_see_it_there(office: Office) -> None:
    """ESM-OL1: rights in eSales do not travel."""
    office.enters("訪問")
    office.syncs()
    office.google.user_deletes(EMAIL, str(office.event()["id"]))
    result = office.syncs()
    assert office.schedules() == []
    assert result.converged


def test_esm_ol2_an_event_that_was_opened_and_saved_unchanged_writes_nothing(office: Office) -> None:
    office.enters("訪問", address="大阪")
    office.syncs()
    before = office.writes()
    event = office.event()
    office.changes(event, summary=event["summary"], location=event["location"])
    office.syncs()
    assert office.writes() == before


def test_only_what_is_sato_s_is_taken(office: Office) -> None:
    suzuki = office.esales.add_employee("suzuki@example.com", "鈴木")
    office.esales.user_creates(suzuki, "Hers", tomorrow(10))
    result = office.syncs()
    assert office.events() == [] and result.record.created == (0, 0)
    assert Side.CRM.other is Side.CALENDAR
