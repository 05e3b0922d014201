"""Who joins whom, and who sees what only through a book (OD-8, OD-9)."""

from __future__ import annotations

import pytest

from soroe.sandbox.oracle.records import Access

from .laptop import Laptop, Office

EITHER = pytest.mark.parametrize("office", [False, True], indirect=True, ids=["our mirror", "the company's own"])


@EITHER
@pytest.mark.parametrize("side", ["event", "appointment"])
def test_od_8_a_user_added_on_one_side_may_read_the_other(office: Office, laptop: Laptop, side: str) -> None:
    event = office.event()
    laptop.settles()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    one, other = (event, office.twin()) if side == "event" else (office.twin(), event)
    office.box.user_adds_user(one.id, suzuki, Access.EDIT)
    laptop.settles()
    joined = office.box.record(other.id).member(suzuki.id)
    assert joined is not None and joined.access is Access.READ_ONLY
    kept = office.box.record(one.id).member(suzuki.id)
    assert kept is not None and kept.access is Access.EDIT, "who was there keeps what he had"


@EITHER
def test_od_8_members_of_a_user_group_do_not_join_the_events_team(office: Office, laptop: Laptop) -> None:
    event = office.event()
    laptop.settles()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    office.box.user_adds_group(office.twin().id, office.box.add_group("East", suzuki))
    laptop.settles()
    assert office.team(event) == set() and office.team(office.twin()) == {suzuki.id}


@EITHER
def test_od_8_a_guest_of_the_team_sees_the_meeting_in_his_calendar_and_cannot_change_it(
    office: Office, laptop: Laptop
) -> None:
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    hers = office.box.user_creates(suzuki, "Hers", laptop.clock(), laptop.clock(), Type="Meeting")
    office.box.user_adds_user(hers.id, office.sato)
    laptop.settles()
    assert laptop.titles() == ["Hers"]
    (ref,) = laptop.calendar.items
    laptop.calendar.user_changes(ref, title="Ours")
    laptop.settles()
    assert office.box.record(hers.id).title == "Hers"


def test_od_8_who_takes_no_part_any_more_does_not_see_the_meeting(office: Office, laptop: Laptop) -> None:
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    hers = office.box.user_creates(suzuki, "Hers", laptop.clock(), laptop.clock(), Type="Meeting")
    office.box.user_adds_user(hers.id, office.sato)
    laptop.settles()
    assert laptop.titles() == ["Hers"]
    office.box.user_removes_user(hers.id, office.sato)
    laptop.settles()
    assert laptop.titles() == []


@EITHER
def test_od_9_a_book_on_either_side_goes_to_both_also_one_of_a_workflow(office: Office, laptop: Laptop) -> None:
    book = office.box.add_book("Workflow", {})
    office.box.workflow_puts_in_book("Events", book)
    event = office.event()
    laptop.settles()
    other = office.box.add_book("East", {})
    office.box.user_puts_in_book(office.twin().id, other)
    laptop.settles()
    assert office.books(event) == office.books(office.twin()) == {book.id, other.id}


def test_od_9_what_is_seen_only_through_a_book_is_not_carried_to_the_calendar(office: Office, laptop: Laptop) -> None:
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    hers = office.box.user_creates(suzuki, "Hers", laptop.clock(), laptop.clock(), Type="Meeting")
    office.box.user_puts_in_book(hers.id, office.box.add_book("East", {office.sato: Access.FULL}))
    office.appointment("Mine", 13, kind="Meeting")
    laptop.settles()
    assert laptop.titles() == ["Mine"]
    office.box.user_changes(suzuki, hers.id, Subject="Hers too")
    laptop.settles()
    assert laptop.titles() == ["Mine"]
    office.box.user_adds_user(hers.id, office.sato)
    office.box.user_changes(suzuki, hers.id, Subject="Everybody's")
    laptop.settles()
    assert laptop.titles() == ["Everybody's", "Mine"]


def test_a_company_that_tells_neither_access_nor_groups_is_mirrored_all_the_same(
    office: Office, laptop: Laptop
) -> None:
    office.box.hide_field("Users", "AccessCode")
    office.box.hide_field("Users", "UserGroupId")
    event = office.event()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    office.box.user_adds_user(event.id, suzuki)
    laptop.settles()
    assert office.team(office.twin()) == {suzuki.id}
