"""Single events at Salesforce: what is told, what is written, and what is left as it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from soroe.core.event import AllDay, Field, ObservedItem, ReadOnlyCause, ShowAs, Tombstone, Unreadable, Visibility
from soroe.ports.errors import ItemRejected, LimitReached, ReadOnly
from soroe.ports.remote import Erased, Failed, Restore, Update, Written
from soroe.sandbox.faults import Answer
from tests.contracts.salesforce_stand import SalesforceStand
from tests.contracts.stand import at, error, meeting


def test_sf_1_v9_blanks_at_the_ends_are_trimmed_and_make_no_echo(stand: SalesforceStand) -> None:
    made = stand.creates(meeting("  title  ", description="\n text \n\n", location=" Osaka "))
    assert (made.content.title, made.content.description, made.content.location) == ("title", "text", "Osaka")
    _, cursor = stand.seen()
    stand.user_renames(made.ref, "  title  ")
    assert stand.news(cursor) == []


def test_sf_2_an_all_day_event_ends_on_its_last_day_and_never_moves_into_a_zone(stand: SalesforceStand) -> None:
    three = stand.sandbox.user_creates(stand.sato, "Fair", date(2026, 5, 12), 3)
    (told,) = stand.seen()[0]
    assert isinstance(told, ObservedItem)
    assert told.content.when == AllDay(date(2026, 5, 12), date(2026, 5, 15))
    stand.does(Update(told.ref, None, meeting(when=AllDay(date(2026, 5, 13), date(2026, 5, 15))), (Field.WHEN,)))
    row = stand.sandbox.event(three["Id"])
    assert (row["IsAllDayEvent"], row["StartDateTime"], row["EndDateTime"]) == (
        True,
        datetime(2026, 5, 13, tzinfo=UTC),
        datetime(2026, 5, 14, tzinfo=UTC),
    )


def test_sf_3_privacy_is_told_and_written_for_core_to_decide_on(stand: SalesforceStand) -> None:
    stand.sandbox.user_creates(stand.sato, "Doctor", datetime(2026, 5, 12, 10), timedelta(hours=1), IsPrivate=True)
    (told,) = stand.seen()[0]
    assert isinstance(told, ObservedItem) and told.content.visibility is Visibility.PRIVATE
    assert told.content.title == "Doctor" and not told.details_hidden


@pytest.mark.parametrize(
    ("word", "shown"), [("Busy", ShowAs.BUSY), ("OutOfOffice", ShowAs.OUT_OF_OFFICE), ("Free", ShowAs.FREE)]
)
def test_sf_4_v10_how_the_time_counts_survives_other_changes(stand: SalesforceStand, word: str, shown: ShowAs) -> None:
    made = stand.sandbox.user_creates(stand.sato, "Trip", datetime(2026, 5, 12, 10), timedelta(hours=1), ShowAs=word)
    (told,) = stand.seen()[0]
    assert isinstance(told, ObservedItem) and told.content.show_as is shown
    stand.does(stand.updating(told, title="Trip to Osaka"))
    assert stand.sandbox.event(made["Id"])["ShowAs"] == word


def test_sf_5_related_records_reminders_and_the_companys_fields_stay(stand: SalesforceStand) -> None:
    stand.sandbox.add_custom_field("Region__c")
    account, contact = stand.sandbox.add_account("Aoki Trading"), stand.sandbox.add_contact("Aoki")
    ref = stand.user_creates("Visit", at())
    kept = {"WhatId": account["Id"], "WhoId": contact["Id"], "Region__c": "West", "IsReminderSet": True}
    stand.sandbox.user_changes(ref.id, **kept)
    stand.does(stand.updating(stand.read(ref), title="Later", when=at(15), description="x", location="", guests=()))
    row = stand.sandbox.event(ref.id)
    assert {name: row[name] for name in kept} == kept and row["Location"] is None


def test_sf_6_an_invitation_is_told_once_and_takes_no_changes(stand: SalesforceStand) -> None:
    """V12: of the organiser's event and the invited user's copy, each user is told exactly one."""
    hers = stand.sandbox.add_user("ito@example.com", "Ito")
    event = stand.sandbox.user_creates(hers, "Her round", datetime(2026, 5, 12, 10), timedelta(hours=1))
    stand.sandbox.user_invites(event["Id"], stand.sato.id)
    mine = stand.user_creates("Mine", at(15))
    stand.sandbox.user_invites(mine.id, hers.id)
    told = {one.content.title: one for one in stand.seen()[0] if isinstance(one, ObservedItem)}
    assert sorted(told) == ["Her round", "Mine"]
    assert told["Her round"].read_only is ReadOnlyCause.FOREIGN_ORGANISER
    assert told["Her round"].ref.id != event["Id"] and told["Mine"].ref == mine
    refused = error(stand.write(stand.updating(told["Her round"], title="My title"))[0])
    assert isinstance(refused, ReadOnly) and refused.cause == "foreign_organiser"


def test_sf_7_v1_v2_fourteen_days_are_taken_and_a_minute_more_is_not(stand: SalesforceStand) -> None:
    days = 14 * 24 * 60
    stand.creates(meeting("Just right", at(minutes=days)))
    refused = error(stand.write(stand.creating(meeting("Too long", at(minutes=days + 1)), "long"))[0])
    assert isinstance(refused, ItemRejected) and (refused.code, refused.field) == ("longer_than_14_days", "when")
    assert stand.titles() == ["Just right"]


def test_sf_18_a_rule_of_the_company_is_told_in_its_own_words_with_its_field(stand: SalesforceStand) -> None:
    made = stand.creates()
    stand.sandbox.reject_subjects("secret", "件名に「secret」は使えません。")
    new, changed, fine = stand.write(
        stand.creating(meeting("secret"), "one"),
        stand.updating(made, title="secret too"),
        stand.creating(meeting("Fine"), "two"),
    )
    for refused in (error(new), error(changed)):
        assert isinstance(refused, ItemRejected)
        assert (refused.code, refused.field) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Subject")
        assert refused.service_message == "件名に「secret」は使えません。"
    assert isinstance(fine, Written)


def test_sf_19_what_goes_away_with_its_related_record_is_told(stand: SalesforceStand) -> None:
    account = stand.sandbox.add_account("Aoki Trading")
    ref = stand.user_creates("Visit", at())
    stand.sandbox.user_changes(ref.id, WhatId=account["Id"])
    cursor = stand.cursor()
    stand.clock.later(minutes=5)
    stand.sandbox.user_deletes_related(account)
    assert [one.ref for one in stand.news(cursor) if isinstance(one, Tombstone)] == [ref]


def test_sf_19_what_goes_to_a_colleague_with_its_related_record_is_told(stand: SalesforceStand) -> None:
    colleague = stand.sandbox.add_user("ito@example.com", "Ito")
    account = stand.sandbox.add_account("Aoki Trading", stand.sato)
    ref = stand.user_creates("Visit", at())
    stand.sandbox.user_changes(ref.id, WhatId=account["Id"])
    cursor = stand.cursor()
    stand.clock.later(minutes=5)
    stand.sandbox.user_reassigns_related(account, colleague)
    assert [one.ref for one in stand.news(cursor) if isinstance(one, Tombstone)] == [ref]
    assert isinstance(stand.reader.read(ref), Tombstone)


def test_sf_20_what_comes_back_from_the_recycle_bin_is_told_under_its_old_id(stand: SalesforceStand) -> None:
    ref = stand.user_creates("Visit", at())
    stand.user_deletes(ref)
    cursor = stand.cursor()
    stand.clock.later(minutes=5)
    stand.sandbox.user_restores(ref.id)
    assert [one.ref for one in stand.seen(cursor)[0] if isinstance(one, ObservedItem)] == [ref]


def test_sf_20_bringing_back_keeps_what_hung_on_the_event(stand: SalesforceStand) -> None:
    account = stand.sandbox.add_account("Aoki Trading")
    ref = stand.user_creates("Visit", at())
    stand.sandbox.user_changes(ref.id, WhatId=account["Id"])
    item = stand.read(ref)
    assert stand.write(stand.deleting(item)) == [Erased(ref)]
    back = stand.does(stand.restoring(item))
    assert back.ref == ref and stand.sandbox.event(ref.id)["WhatId"] == account["Id"]


def test_sf_20_what_has_left_the_recycle_bin_is_made_anew(stand: SalesforceStand) -> None:
    made = stand.creates()
    stand.write(stand.deleting(made))
    stand.sandbox.empty_recycle_bin()
    back = stand.does(Restore(made.ref, made.content, "again", None, "Meeting"))
    assert back.ref != made.ref and stand.titles() == ["Visit"]


def test_sf_21_two_hundred_go_in_one_request_and_only_the_refused_one_fails(stand: SalesforceStand) -> None:
    stand.seen()
    stand.sandbox.reject_subjects("bad", "No.")
    writes = [stand.creating(meeting("bad" if n == 77 else f"Visit {n}"), f"seed {n}") for n in range(200)]
    before = stand.arrived()
    results = stand.write(*writes)
    assert stand.arrived() - before == 2
    assert [number for number, one in enumerate(results) if isinstance(one, Failed)] == [77]
    assert len(stand.titles()) == 199


def test_sf_22_an_id_of_an_unknown_shape_is_told_and_the_rest_go_on(stand: SalesforceStand) -> None:
    times = dict.fromkeys(("StartDateTime", "EndDateTime", "LastModifiedDate"), "2026-05-12T01:00:00.000+0000")
    row = {"OwnerId": stand.sato.id, "Subject": "Visit", **times, "SystemModstamp": times["StartDateTime"]}
    odd, fine = {**row, "Id": "../../odd"}, {**row, "Id": "00U000000000001AAA"}
    answer = Answer.as_json(200, {"totalSize": 2, "done": True, "records": [odd, fine]})
    stand.sandbox.faults.add(answer, "GET", "/queryAll")
    told = {type(one): one for one in stand.seen()[0]}
    unreadable = told[Unreadable]
    assert isinstance(unreadable, Unreadable) and unreadable.field == "Id" and ObservedItem in told


def test_a_stamp_that_is_unique_makes_a_repeated_create_find_its_item(stamped: SalesforceStand) -> None:
    first = stamped.creates(stamp="soroe1|key|partner")
    (again,) = stamped.write(stamped.creating(seed="other", stamp="soroe1|key|partner"))
    assert again == Written(first, already=True) and stamped.titles() == ["Visit"]


def test_the_organisations_requests_are_told_and_spared_when_they_run_out(stand: SalesforceStand) -> None:
    stand.sandbox.allow_requests(1_000)
    stand.seen()
    told, usual = stand.crm.budget(), stand.crm.polling_interval()
    assert told is not None and usual is not None and told.limit == 1_000
    stand.sandbox.spend_daily_budget(0.85)
    _, cursor = stand.seen()
    slower = stand.crm.polling_interval()
    assert slower is not None and slower > usual
    stand.sandbox.spend_daily_budget(0.96)
    stand.seen(cursor)
    with pytest.raises(LimitReached):
        stand.seen(cursor)
    stand.sandbox.spend_daily_budget(0.1)
    stand.clock.later(hours=1, minutes=1)
    assert stand.seen(cursor)[0] == []
