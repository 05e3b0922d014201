"""An event and its appointment are made, changed and deleted together (OD-1 to OD-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from soroe.core.finding import FindingKind
from soroe.core.mirror import EVENT_TYPE
from soroe.sandbox.oracle.records import Access

from .laptop import Laptop, Office, hours

EITHER = pytest.mark.parametrize("office", [False, True], indirect=True, ids=["our mirror", "the company's own"])


@EITHER
def test_od_1_an_event_has_an_appointment_with_its_name_times_place_and_owner(office: Office, laptop: Laptop) -> None:
    event = office.event("Symposium", 9, "Marriott")
    laptop.settles()
    values = office.twin().values
    assert (values["Subject"], values["Location"], values["Type"]) == ("Symposium", "Marriott", EVENT_TYPE)
    assert (values["StartTime"], values["EndTime"]) == (event.values["StartDate"], event.values["EndDate"])
    assert values["OwnerId"] == office.sato.id


@EITHER
def test_od_1_a_new_owner_of_the_event_owns_the_appointment_too(office: Office, laptop: Laptop) -> None:
    event = office.event()
    laptop.settles()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    office.box.user_changes(office.sato, event.id, OwnerId=suzuki.id)
    laptop.settles()
    assert office.twin().owner_id == suzuki.id and office.subjects() == office.names() == ["Symposium"]


@EITHER
def test_od_2_a_change_of_either_one_is_made_in_the_other(office: Office, laptop: Laptop) -> None:
    event = office.event()
    laptop.settles()
    office.box.user_changes(office.sato, event.id, Name="Congress")
    laptop.settles()
    assert office.subjects() == ["Congress"]
    later = datetime(2026, 5, 21, 15), datetime(2026, 5, 21, 16)
    office.box.user_changes(office.sato, office.twin("Congress").id, StartTime=later[0], EndTime=later[1])
    laptop.settles()
    assert office.box.record(event.id).values["StartDate"] == datetime(2026, 5, 21, 6, tzinfo=UTC)
    assert office.names() == office.subjects() == ["Congress"] and laptop.titles() == ["Congress (Marriott)"]


def test_od_2_an_appointment_of_the_type_event_gets_its_event(office: Office, laptop: Laptop) -> None:
    office.appointment("Congress", 13)
    office.appointment("Visit", 16, kind="Meeting")
    laptop.settles()
    assert office.names() == ["Congress"] and office.subjects() == ["Congress", "Visit"]
    (event,) = office.box.events()
    assert event.values["Objective"] == "Congress", "a new event must have an objective"


@pytest.mark.parametrize("office", [True], indirect=True)
def test_od_2_where_the_company_mirrors_events_an_appointment_made_by_hand_is_reported_and_not_doubled(
    office: Office, laptop: Laptop
) -> None:
    office.appointment("Congress", 13)
    laptop.clock.later(minutes=5)
    assert laptop.mirrors().trouble is None
    assert office.subjects() == ["Congress"] and office.names() == []
    (finding,) = laptop.store.sync(laptop.mirror().route.name).findings()
    assert (finding.kind, finding.service_message) == (FindingKind.REJECTED, "company_keeps_the_mirror")


@EITHER
@pytest.mark.parametrize("side", ["event", "appointment"])
def test_od_2_deleting_either_one_deletes_the_other(office: Office, laptop: Laptop, side: str) -> None:
    event = office.event()
    laptop.settles()
    office.box.user_deletes(office.sato, event.id if side == "event" else office.twin().id)
    laptop.settles()
    assert (office.names(), office.subjects(), laptop.titles()) == ([], [], [])


@EITHER
def test_od_3_team_and_books_follow_from_the_event(office: Office, laptop: Laptop) -> None:
    event = office.event()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    book = office.box.add_book("East", {suzuki: Access.READ_ONLY})
    office.box.user_adds_user(event.id, suzuki)
    office.box.user_puts_in_book(event.id, book)
    laptop.settles()
    assert (office.team(office.twin()), office.books(office.twin())) == ({suzuki.id}, {book.id})
    office.box.user_removes_user(event.id, suzuki)
    laptop.settles()
    assert office.team(office.twin()) == set()


@EITHER
def test_od_3_team_and_books_follow_from_the_appointment(office: Office, laptop: Laptop) -> None:
    event = office.event()
    laptop.settles()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    book = office.box.add_book("East", {suzuki: Access.READ_ONLY})
    office.box.user_adds_user(office.twin().id, suzuki)
    office.box.user_puts_in_book(office.twin().id, book)
    laptop.settles()
    assert (office.team(event), office.books(event)) == ({suzuki.id}, {book.id})


def test_od_4_in_the_calendar_the_place_stands_behind_the_subject(office: Office, laptop: Laptop) -> None:
    office.event("Symposium", place="Marriott")
    laptop.settles()
    assert laptop.titles() == ["Symposium (Marriott)"]
    assert office.subjects() == ["Symposium"] and laptop.content().location == "Marriott"
    assert laptop.content().when == hours(9, 11)


def test_od_5_an_event_that_was_there_before_gets_its_appointment_at_its_next_change(
    office: Office, install: Callable[..., Laptop]
) -> None:
    old = office.event()
    office.clock.later(minutes=10)
    laptop = install()
    laptop.settles()
    assert office.subjects() == []
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    office.box.user_adds_user(old.id, suzuki)
    laptop.settles()
    laptop.settles(hours=25)
    assert office.subjects() == [], "a new member of the team is no change of the event"
    office.box.user_changes(office.sato, old.id, Location="Hilton")
    laptop.settles()
    assert office.subjects() == ["Symposium"] and office.team(office.twin()) == {suzuki.id}
