"""Two laptops of one person, a lost database, and two events that look alike: nothing doubles (S-2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .laptop import Laptop, Office

EITHER = pytest.mark.parametrize("office", [False, True], indirect=True, ids=["our mirror", "the company's own"])


@EITHER
def test_od_2_two_laptops_make_one_twin(office: Office, install: Callable[..., Laptop]) -> None:
    one, other = install(), install()
    office.event()
    office.clock.later(minutes=5)
    for laptop in (one, other, one, other):
        assert laptop.mirrors().trouble is None
        assert office.subjects() == office.names() == ["Symposium"]
    assert one.mirrors().converged and other.mirrors().converged


@EITHER
def test_od_2_a_laptop_that_lost_its_database_finds_every_pair_again(
    office: Office, install: Callable[..., Laptop]
) -> None:
    one = install()
    for number in range(4):
        office.event(f"Event {number}", 9 + number)
    one.settles()
    other = install()
    other.clock.later(minutes=5)
    result = other.mirrors()
    assert (result.record.created, result.record.updated) == ((0, 0), (0, 0))
    assert office.subjects() == office.names() == [f"Event {number}" for number in range(4)]
    office.box.user_changes(office.sato, office.twin("Event 2").id, Subject="Event two")
    other.settles()
    assert office.subjects() == office.names() == ["Event 0", "Event 1", "Event 3", "Event two"]


@EITHER
def test_od_2_a_pair_of_which_one_was_renamed_is_known_by_what_the_event_hides(
    office: Office, install: Callable[..., Laptop]
) -> None:
    one = install()
    event = office.event()
    one.settles()
    assert office.box.record(event.id).values["ExternalSystemId"]
    office.box.user_changes(office.sato, office.twin().id, Subject="Congress")
    other = install()
    other.settles()
    assert office.subjects() == office.names() == ["Congress"]


def test_od_2_a_key_of_the_companys_own_is_left_alone(office: Office, laptop: Laptop) -> None:
    event = office.event()
    office.box.user_changes(office.sato, event.id, ExternalSystemId="ERP-1")
    laptop.settles()
    laptop.settles()
    assert office.box.record(event.id).values["ExternalSystemId"] == "ERP-1"
    assert office.subjects() == ["Symposium"]


def test_od_2_a_company_without_that_field_is_mirrored_all_the_same(office: Office, laptop: Laptop) -> None:
    office.box.hide_field("Events", "ExternalSystemId")
    office.event()
    laptop.settles()
    assert office.subjects() == office.names() == ["Symposium"]


def test_od_1_two_events_that_look_alike_have_an_appointment_each_or_are_asked_about(
    office: Office, laptop: Laptop
) -> None:
    for _ in range(2):
        office.event()
    laptop.clock.later(minutes=5)
    for _ in range(3):
        assert laptop.mirrors().trouble is None
    assert len(office.subjects()) <= 2 and office.names() == ["Symposium"] * 2
    findings = laptop.store.sync(laptop.mirror().route.name).findings()
    assert len(office.subjects()) == 2 or any(finding.kind == "duplicate" for finding in findings)


def test_an_idle_look_at_both_sides_takes_little_more_than_half_of_a_minutes_requests(
    office: Office, laptop: Laptop
) -> None:
    for number in range(8):
        office.event(f"Event {number}", 9 + number)
    laptop.settles()
    laptop.clock.later(minutes=2)
    laptop.mirrors()
    laptop.clock.later(minutes=1)
    before = len(office.box.requests)
    assert laptop.mirrors().converged
    assert len(office.box.requests) - before <= 14
