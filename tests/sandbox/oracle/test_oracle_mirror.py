"""Events and their appointments on the Oracle-shaped server, rule by rule of Oracle's help."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from soroe.sandbox.oracle import Access, OracleSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.oracle.caller import APPOINTMENTS, CONGRESS, EVENTS, Caller
from tests.sandbox.oracle.conftest import SignIn

START, END = datetime(2026, 7, 20, 9), datetime(2026, 7, 20, 17)


def twin(call: Caller, event: str) -> dict[str, Any]:
    """The appointment of an event, as the service shows it."""
    (found,) = [row for row in call.list() if row["MEEventId"] == event]
    return found


def user_ids(call: Caller, path: str) -> dict[str, str]:
    return {row["UserId"]: row["AccessCode"] for row in call.list(f"{path}/child/Users")}


def books(call: Caller, path: str) -> list[str]:
    return [row["BookName"] for row in call.list(f"{path}/child/Books")]


def test_od_1_ocd_2_an_event_has_an_appointment_with_its_name_times_place_owner_and_the_type_event(
    call: Caller, sato: User
) -> None:
    mirrored = twin(call, call.create_event())
    assert mirrored["Subject"] == CONGRESS["Name"]
    assert (mirrored["StartTime"], mirrored["EndTime"]) == (CONGRESS["StartDate"], CONGRESS["EndDate"])
    assert (mirrored["Location"], mirrored["OwnerId"]) == ("Marriott", sato.id)
    assert (mirrored["Type"], mirrored["MEEventName"]) == ("Event", "Congress")


def test_od_2_ocd_1_changing_either_changes_the_other(call: Caller, clock: Clock, sato: User) -> None:
    event = call.create_event()
    appointment = twin(call, event)["Id"]
    clock.moves_on(minutes=1)
    call.write("PATCH", f"{EVENTS}/{event}", "Events", Name="Symposium", StartDate="2026-07-20T10:00:00Z")
    mirrored = twin(call, event)
    assert (mirrored["Subject"], mirrored["StartTime"]) == ("Symposium", "2026-07-20T10:00:00Z")
    assert (mirrored["ModifiedDate"], mirrored["ModifiedById"]) == ("2026-05-01T12:01:00Z", sato.id)
    clock.moves_on(minutes=1)
    call.change(appointment, Subject="Seminar", Location=None, EndTime="2026-07-20T18:00:00Z")
    read = call.get(f"{EVENTS}/{event}")
    assert (read["Name"], read["Location"], read["EndDate"]) == ("Seminar", None, "2026-07-20T18:00:00Z")
    assert read["ModifiedDate"] == twin(call, event)["ModifiedDate"] == "2026-05-01T12:02:00Z"


def test_od_2_what_is_not_mirrored_stays_on_its_side(call: Caller, clock: Clock) -> None:
    event = call.create_event(Description="For doctors")
    mirrored = twin(call, event)
    assert mirrored["Description"] is None
    clock.moves_on(minutes=1)
    call.change(mirrored["Id"], Description="Bring slides")
    read = call.get(f"{EVENTS}/{event}")
    assert (read["Description"], read["ModifiedDate"]) == ("For doctors", "2026-05-01T12:00:00Z")


def test_od_2_an_appointment_of_the_type_event_makes_no_event(call: Caller) -> None:
    call.create(Type="Event")
    assert call.list(EVENTS) == []


@pytest.mark.parametrize("deleted", ["event", "appointment"])
@pytest.mark.parametrize("restored", ["event", "appointment"])
def test_od_7_ocd_7_deleting_either_deletes_both_and_restoring_either_restores_both(
    oracle: OracleSandbox, call: Caller, sato: User, suzuki: User, clock: Clock, deleted: str, restored: str
) -> None:
    west = oracle.add_book("West", {})
    event = call.create_event()
    appointment = twin(call, event)["Id"]
    oracle.user_adds_user(event, suzuki)
    oracle.user_puts_in_book(event, west)
    ids = {"event": event, "appointment": appointment}
    paths = {"event": f"{EVENTS}/{event}", "appointment": f"{APPOINTMENTS}/{appointment}"}
    assert call("DELETE", paths[deleted]).status_code == 204
    assert {call("GET", path).status_code for path in paths.values()} == {404}
    clock.moves_on(days=29)
    oracle.user_restores(sato, ids[restored])
    call.sign_in()
    for path in paths.values():
        assert call("GET", path).status_code == 200
        assert user_ids(call, path).keys() == {sato.id, suzuki.id}
        assert books(call, path) == ["West"]


def test_od_7_after_thirty_days_nothing_is_restored(
    oracle: OracleSandbox, call: Caller, sato: User, clock: Clock
) -> None:
    event = call.create_event()
    call("DELETE", f"{EVENTS}/{event}")
    clock.moves_on(days=30, seconds=1)
    with pytest.raises(Exception, match="Resource not found"):
        oracle.user_restores(sato, event)


def test_od_3_ocd_3_users_and_books_follow_both_ways(
    oracle: OracleSandbox, call: Caller, sato: User, suzuki: User
) -> None:
    west, east = oracle.add_book("West", {}), oracle.add_book("East", {}, external_id="E-1")
    event = call.create_event()
    at_event, at_twin = f"{EVENTS}/{event}", f"{APPOINTMENTS}/{twin(call, event)['Id']}"
    call.add(f"{at_event}/child/Users", "Users", UserId=suzuki.id, AccessCode="Full")
    call.add(f"{at_twin}/child/Books", "Books", BookId=west.id)
    call.add(f"{at_event}/child/Books", "Books", BookExternalSystemId=east.external_id)
    assert user_ids(call, at_event) == {sato.id: "Full", suzuki.id: "Full"}
    assert user_ids(call, at_twin) == {sato.id: "Full", suzuki.id: "Read-Only"}
    assert books(call, at_event) == books(call, at_twin) == ["West", "East"]


def test_od_3_taking_a_user_or_a_book_away_takes_it_from_both(
    oracle: OracleSandbox, call: Caller, sato: User, suzuki: User
) -> None:
    event = call.create_event()
    at_event, at_twin = f"{EVENTS}/{event}", f"{APPOINTMENTS}/{twin(call, event)['Id']}"
    for path in (at_event, at_twin):
        oracle.user_adds_user(event, suzuki)
        oracle.user_puts_in_book(event, oracle.add_book("West", {}))
        for child in ("Users", "Books"):
            last = call.list(f"{path}/child/{child}")[-1]["Id"]
            assert call("DELETE", f"{path}/child/{child}/{last}").status_code == 204
        assert user_ids(call, at_event) == user_ids(call, at_twin) == {sato.id: "Full"}
        assert books(call, at_event) == books(call, at_twin) == []


def test_od_3_children_that_the_event_has_when_it_gets_its_appointment_come_along(
    oracle: OracleSandbox, call: Caller, sato: User, suzuki: User
) -> None:
    oracle.show_events(False)
    event = call.create_event()
    oracle.user_adds_user(event, suzuki, Access.FULL)
    oracle.user_puts_in_book(event, oracle.add_book("West", {}))
    oracle.show_events()
    call.write("PATCH", f"{EVENTS}/{event}", "Events", Status="Planned")
    at_twin = f"{APPOINTMENTS}/{twin(call, event)['Id']}"
    assert user_ids(call, at_twin) == {sato.id: "Full", suzuki.id: "Read-Only"}
    assert books(call, at_twin) == ["West"]


def test_od_4_ocd_4_the_web_calendar_shows_the_place_in_parentheses_and_the_subject_stays(
    oracle: OracleSandbox, call: Caller, sato: User
) -> None:
    event = call.create_event()
    call.create_event(Name="Online", Location=None)
    call.create(Subject="Visit", Location="Osaka")
    assert [entry.title for entry in oracle.web_calendar(sato)] == ["Congress (Marriott)", "Online", "Visit"]
    assert twin(call, event)["Subject"] == "Congress"


def test_od_5_ocd_5_an_old_event_gets_its_appointment_at_its_next_change_and_not_with_a_child(
    oracle: OracleSandbox, call: Caller, suzuki: User
) -> None:
    oracle.show_events(False)
    event = call.create_event()
    oracle.show_events()
    assert call.list() == []
    call.add(f"{EVENTS}/{event}/child/Users", "Users", UserId=suzuki.id)
    row = call.list(f"{EVENTS}/{event}/child/Users")[-1]["Id"]
    call("DELETE", f"{EVENTS}/{event}/child/Users/{row}")
    assert call.list() == []
    call.write("PATCH", f"{EVENTS}/{event}", "Events", Location="Hilton")
    assert twin(call, event)["Location"] == "Hilton"


def test_od_5_adding_a_child_does_not_touch_the_date_of_the_record(call: Caller, clock: Clock, suzuki: User) -> None:
    event = call.create_event()
    before = call.get(f"{EVENTS}/{event}")["ModifiedDate"]
    clock.moves_on(minutes=1)
    call.add(f"{EVENTS}/{event}/child/Users", "Users", UserId=suzuki.id)
    assert call.get(f"{EVENTS}/{event}")["ModifiedDate"] == twin(call, event)["ModifiedDate"] == before


def test_od_6_ocd_6_with_the_setting_off_pairs_stay_in_step_and_leave_the_web_calendar(
    oracle: OracleSandbox, call: Caller, sato: User
) -> None:
    event = call.create_event()
    oracle.show_events(False)
    call.create_event(Name="Later")
    assert [row["Subject"] for row in call.list()] == ["Congress"]
    call.write("PATCH", f"{EVENTS}/{event}", "Events", Name="Symposium")
    assert twin(call, event)["Subject"] == "Symposium"
    assert oracle.web_calendar(sato) == []
    oracle.show_events()
    assert [entry.title for entry in oracle.web_calendar(sato)] == ["Symposium (Marriott)"]


@pytest.mark.parametrize("side", ["event", "appointment"])
def test_od_8_ocd_8_whoever_is_added_on_one_side_may_only_read_the_other(
    oracle: OracleSandbox, call: Caller, suzuki: User, signed_in: SignIn, side: str
) -> None:
    event = call.create_event()
    appointment = twin(call, event)["Id"]
    oracle.user_adds_user(event if side == "event" else appointment, suzuki, Access.FULL)
    hers = signed_in(suzuki)
    at_event = hers.write("PATCH", f"{EVENTS}/{event}", "Events", Name="Hers")
    at_twin = hers.change(appointment, Subject="Hers")
    statuses = (at_event.status_code, at_twin.status_code)
    assert statuses == ((200, 403) if side == "event" else (403, 200))
    assert hers.get(f"{EVENTS}/{event}")["Name"] == "Hers"  # readable, and changed through the side that she may write


def test_od_8_a_profile_of_the_role_can_give_more_than_the_team(
    oracle: OracleSandbox, call: Caller, signed_in: SignIn
) -> None:
    chief = oracle.add_user("chief@example.com", "Ken Mori", profile=Access.FULL)
    appointment = twin(call, call.create_event())["Id"]
    oracle.user_adds_user(appointment, chief, Access.READ_ONLY)
    assert signed_in(chief).change(appointment, Subject="Moved").status_code == 200


def test_od_8_members_of_a_user_group_do_not_join_the_team_of_the_event(
    oracle: OracleSandbox, call: Caller, sato: User, suzuki: User
) -> None:
    event = call.create_event()
    appointment = twin(call, event)["Id"]
    group = oracle.add_group("Osaka", sato, suzuki)
    oracle.user_adds_group(appointment, group)
    added = call.list(f"{APPOINTMENTS}/{appointment}/child/Users")[-1]
    assert (added["UserId"], added["UserGroupId"]) == (suzuki.id, group.id)
    assert user_ids(call, f"{EVENTS}/{event}").keys() == {sato.id}


def test_od_9_ocd_9_a_book_gives_the_same_access_to_both_and_no_place_in_the_web_calendar(
    oracle: OracleSandbox, call: Caller, suzuki: User, signed_in: SignIn
) -> None:
    west = oracle.add_book("West", {suzuki: Access.EDIT})
    event = call.create_event()
    appointment = twin(call, event)["Id"]
    hers = signed_in(suzuki)
    assert hers.list() == hers.list(EVENTS) == []
    oracle.user_puts_in_book(appointment, west)
    assert [row["Id"] for row in hers.list()] == [appointment]
    assert oracle.web_calendar(suzuki) == []
    assert hers.change(appointment, Subject="Ours").status_code == 200
    assert hers.write("PATCH", f"{EVENTS}/{event}", "Events", Location="Hilton").status_code == 200
    assert hers("DELETE", f"{APPOINTMENTS}/{appointment}").status_code == 403


@pytest.mark.parametrize("resource", ["Events", "Appointments"])
def test_od_9_ocd_10_a_book_that_a_workflow_assigns_goes_to_both(
    oracle: OracleSandbox, call: Caller, resource: str
) -> None:
    oracle.workflow_puts_in_book(resource, oracle.add_book("West", {}))
    event = call.create_event()
    at_twin = f"{APPOINTMENTS}/{twin(call, event)['Id']}"
    call.change(at_twin.rpartition("/")[2], Subject="Worked on")
    assert books(call, f"{EVENTS}/{event}") == books(call, at_twin) == ["West"]
    assert call.list(f"{at_twin}/child/Books")[0]["SystemAssociateFlag"] is True


def test_a_new_owner_owns_both(oracle: OracleSandbox, call: Caller, sato: User, suzuki: User) -> None:
    event = call.create_event()
    appointment = twin(call, event)["Id"]
    call.change(appointment, OwnerId=suzuki.id)
    assert [record.owner_id for record in (oracle.record(event), oracle.record(appointment))] == [suzuki.id] * 2
    assert user_ids(call, f"{EVENTS}/{event}") == {sato.id: "Full", suzuki.id: "Full"}


def test_the_user_in_the_web_page_works_on_the_same_records(oracle: OracleSandbox, call: Caller, sato: User) -> None:
    event = oracle.user_creates_event(sato, "学会", START, END, Location="大阪")
    oracle.user_changes(sato, event.id, Name="学会 2 日目")
    assert twin(call, event.id)["Subject"] == "学会 2 日目"
    oracle.user_deletes(sato, oracle.appointments(sato)[0].id)
    assert (oracle.events(), oracle.appointments()) == ([], [])
