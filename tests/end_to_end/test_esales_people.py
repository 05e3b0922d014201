"""Guests, privacy, rights and history: what becomes of them between Google Calendar and eSales Manager."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.office import Event, Office

pytestmark = pytest.mark.parametrize("world", ["esales"], indirect=True)
CUSTOMER = "aoki@aoki-trading.example"


def invite(*addresses: str) -> list[dict[str, str]]:
    """Guests in the shape of Google's event resource."""
    return [{"email": address} for address in addresses]


def guests(event: Event) -> list[str]:
    """The addresses of an event's guests."""
    return sorted(str(guest["email"]) for guest in event.get("attendees", []) if not guest.get("self"))


def test_esm_i13_t10_only_employees_with_a_google_account_are_participants(office: Office) -> None:
    """ESM-I13, T10: two employees with an account, one without, one customer; Google keeps all four."""
    suzuki, kimura = (office.esales.add_employee(f"{name}@example.com", name) for name in ("suzuki", "kimura"))
    ito = office.esales.add_employee("ito@example.com", "伊藤", google_account="")
    office.makes(attendees=invite(suzuki.mail, kimura.mail, ito.mail, CUSTOMER))
    office.syncs()
    assert set(office.schedule().fields.participants) == {office.sato.id, suzuki.id, kimura.id}
    assert guests(office.event()) == sorted([suzuki.mail, kimura.mail, ito.mail, CUSTOMER])
    assert "ESM-I13" in office.rules()
    assert office.world.calendar.mails() == 0


def test_esm_i13_whoever_is_no_employee_stays_a_guest_when_esales_changes_the_list(office: Office) -> None:
    suzuki, kimura = (office.esales.add_employee(f"{name}@example.com", name) for name in ("suzuki", "kimura"))
    office.makes(attendees=invite(suzuki.mail, CUSTOMER))
    office.syncs()
    office.edits(office.schedule(), participants=(office.sato, kimura))
    office.syncs()
    assert guests(office.event()) == sorted([kimura.mail, CUSTOMER])


def test_esm_i13_a_participant_without_a_calendar_keeps_his_place(office: Office) -> None:
    suzuki = office.esales.add_employee("suzuki@example.com", "鈴木")
    ito = office.esales.add_employee("ito@example.com", "伊藤", google_account="")
    office.enters(participants=(office.sato, ito))
    office.syncs()
    office.changes(office.event(), attendees=invite(suzuki.mail))
    office.syncs()
    assert set(office.schedule().fields.participants) == {office.sato.id, suzuki.id, ito.id}


def test_esm_i14_a_guest_who_declined_is_no_participant_any_more(office: Office) -> None:
    suzuki, kimura = (office.esales.add_employee(f"{name}@example.com", name) for name in ("suzuki", "kimura"))
    office.google.add_account(suzuki.mail)
    event = office.makes(attendees=invite(suzuki.mail, kimura.mail))
    office.syncs()
    assert suzuki.id in office.schedule().fields.participants
    office.google.user_answers(suzuki.mail, str(event["id"]), "declined")
    office.syncs()
    assert set(office.schedule().fields.participants) == {office.sato.id, kimura.id}
    assert suzuki.mail in guests(office.event())


def test_esm_i15_an_answer_that_becomes_maybe_changes_nothing(office: Office) -> None:
    suzuki = office.esales.add_employee("suzuki@example.com", "鈴木")
    office.google.add_account(suzuki.mail)
    event = office.makes(attendees=invite(suzuki.mail))
    office.google.user_answers(suzuki.mail, str(event["id"]), "accepted")
    office.syncs()
    before = office.writes()
    office.google.user_answers(suzuki.mail, str(event["id"]), "tentative")
    office.syncs()
    assert suzuki.id in office.schedule().fields.participants
    assert office.writes() == before


def test_esm_i17_a_private_event_is_a_private_schedule(office: Office) -> None:
    event = office.makes("歯医者", visibility="private")
    office.syncs()
    assert (office.schedule().fields.subject, office.schedule().fields.private) == ("歯医者", True)
    assert "ESM-I17" in office.rules()
    office.changes(event, visibility="default")
    office.syncs()
    assert office.schedule().fields.private is False


def test_esm_i18_t5_private_and_free_is_not_synced_and_stands_in_the_list(office: Office) -> None:
    """ESM-I18, T5: no schedule, and the user sees that it is left out."""
    office.makes("美容院", visibility="private", transparency="transparent")
    office.syncs()
    assert office.schedules() == []
    assert "ESM-I18" in office.rules()


def test_esm_i18_t5_one_that_became_private_and_free_later_goes_no_further(office: Office) -> None:
    """T5: the reference does not say; the schedule stays as it was, and the user is told."""
    event = office.makes("美容院")
    office.syncs()
    office.changes(event, visibility="private", transparency="transparent", summary="secret")
    office.syncs()
    assert office.schedule().fields.subject == "美容院"
    assert "ESM-I18" in office.rules()


def test_esm_i19_the_right_of_guests_to_change_it_is_copied(office: Office) -> None:
    event = office.makes(guestsCanModify=True)
    office.syncs()
    assert office.schedule().fields.others_may_change is True
    office.changes(event, guestsCanModify=False, guestsCanInviteOthers=False)
    office.syncs()
    assert office.schedule().fields.others_may_change is False


def test_esm_i20_the_creator_is_the_registrant(office: Office) -> None:
    office.makes()
    office.syncs()
    assert office.schedule().registrant == office.sato.id


def test_esm_i25_esm_i26_dates_are_those_of_the_sync_and_the_administrator_is_the_updater(office: Office) -> None:
    """ESM-I25, ESM-I26."""
    event = office.makes()
    before = datetime.now(UTC).replace(microsecond=0)
    office.syncs()
    made = office.schedule()
    assert made.registered >= before and made.updated >= before
    assert made.updater == office.esales.admin.id
    office.changes(event, summary="訪問、変更")
    office.syncs()
    changed = office.schedule()
    assert (changed.registered, changed.updater) == (made.registered, office.esales.admin.id)
    assert changed.updated >= made.updated


def test_esm_i21_esm_i22_deal_and_kind_are_kept_when_google_changes_an_event(office: Office) -> None:
    """ESM-I21, ESM-I22 (with ESM-I23 and ESM-I24 in `test_esm_o7_…`)."""
    office.enters("訪問", customer="青木商事", businessplan="更新", schedule_kind=2)
    office.syncs()
    office.changes(office.event(), location="Osaka")
    office.syncs()
    fields = office.schedule().fields
    assert fields.customer is not None and fields.businessplan is not None
    assert (fields.customer.name, fields.businessplan.name, fields.schedule_kind) == ("青木商事", "更新", 2)


def test_esm_i22_events_born_in_google_get_the_kind_of_the_setting(office: Office) -> None:
    office.choices["incoming_type"] = "会議"
    office.makes()
    office.syncs()
    assert office.schedule().fields.schedule_kind == 3


def test_esm_il2_only_the_events_own_privacy_makes_a_schedule_private(office: Office) -> None:
    """ESM-IL2: an event of usual visibility is open in eSales, whatever the calendar shows to others; that is told."""
    office.makes("面談", visibility="default")
    office.makes("公開", tomorrow(17), visibility="public")
    office.syncs()
    assert [one.fields.private for one in office.schedules()] == [False, False]
    assert "ESM-IL2" in office.rules()


def test_guests_travel_only_where_the_user_wants_them(office: Office) -> None:
    office.choices["guests"] = "none"
    suzuki = office.esales.add_employee("suzuki@example.com", "鈴木")
    office.makes(attendees=invite(suzuki.mail))
    office.enters("社内", tomorrow(9), participants=(office.sato, suzuki))
    office.syncs()
    made = next(one for one in office.schedules() if one.fields.subject == "Visit")
    assert made.fields.participants == (office.sato.id,)
    assert sorted(guests(event) for event in office.events()) == [[], [suzuki.mail]]


def test_an_employee_who_is_nobody_here_is_told_to_it(office: Office) -> None:
    from soroe.engine.accounts import AccountTrouble

    office.world.side.account = office.world.side.account.replace(EMAIL, "nobody@example.com")
    with pytest.raises(AccountTrouble) as caught:
        office.laptop.joint()
    assert str(caught.value.error) == "user_not_found"
