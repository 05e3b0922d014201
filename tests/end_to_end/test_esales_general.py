"""eSales Manager and Google, kept in step: the rules for both directions, and appointment slots."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.office import Office

pytestmark = pytest.mark.parametrize("world", ["esales"], indirect=True)
CUSTOMER = "aoki@aoki-trading.example"
LATER = timedelta(seconds=30)


def test_esm_g1_tasks_and_todos_are_never_asked_for(office: Office) -> None:
    office.enters()
    office.makes()
    office.syncs()
    asked = {one.path.partition("?")[0] for one in [*office.google.requests, *office.esales.requests]}
    assert asked and not [path for path in asked if "task" in path.lower() or "todo" in path.lower()]


def test_esm_g2_t6_the_later_change_wins_with_every_field(office: Office) -> None:
    """ESM-G2, T6: eSales was changed first; Google's later change takes all fields, also those eSales alone changed."""
    schedule = office.enters("訪問", detail="first")
    office.syncs()
    office.esales.clock_runs_ahead = -LATER
    office.edits(schedule, detail="changed in eSales", address="大阪")
    office.changes(office.event(), summary="訪問、変更")
    office.syncs()
    fields = office.schedule().fields
    assert (fields.subject, fields.detail, fields.address) == ("訪問、変更", "first", "")
    assert office.event().get("location", "") == ""


def test_esm_g2_t6_and_so_does_esales_when_it_was_changed_last(office: Office) -> None:
    """ESM-G2, T6, the other way round."""
    schedule = office.enters("訪問")
    office.syncs()
    office.changes(office.event(), location="Osaka", description="changed in Google")
    office.esales.clock_runs_ahead = LATER
    office.edits(schedule, subject="訪問、変更")
    office.syncs()
    event = office.event()
    assert (event["summary"], event.get("location", ""), event.get("description", "")) == ("訪問、変更", "", "")
    assert office.schedule().fields.address == ""


def test_esm_g3_t7_the_same_entry_made_on_both_sides_is_one(office: Office) -> None:
    """ESM-G3, T7: same title, start and end."""
    office.enters("朝礼", tomorrow(9))
    office.makes("朝礼", tomorrow(9))
    result = office.syncs()
    assert result.record.created == (0, 0)
    assert len(office.schedules()) == len(office.events()) == 1


def test_esm_g3_an_entry_at_another_time_is_another(office: Office) -> None:
    office.enters("朝礼", tomorrow(9))
    office.makes("朝礼", tomorrow(9), end=tomorrow(9) + timedelta(minutes=30))
    office.syncs()
    assert len(office.schedules()) == len(office.events()) == 2


def test_t8_a_blank_at_the_end_of_a_title_makes_no_double(office: Office) -> None:
    """T8, beyond it: titles are compared as people read them, so a trailing blank links instead of doubling."""
    office.enters("朝礼", tomorrow(9))
    office.makes("朝礼 ", tomorrow(9))
    office.syncs()
    assert len(office.schedules()) == len(office.events()) == 1


def test_esm_g4_another_order_is_no_change(office: Office) -> None:
    suzuki, kimura = (office.esales.add_employee(f"{name}@example.com", name) for name in ("suzuki", "kimura"))
    schedule = office.enters(participants=(office.sato, suzuki, kimura))
    office.enters("Second", tomorrow(8))
    office.syncs()
    before = office.writes()
    office.edits(schedule, participants=(kimura, suzuki, office.sato))
    office.syncs()
    assert office.writes() == before


def test_esm_g5_t9_an_entry_of_an_organiser_outside_goes_one_way_and_says_so(office: Office) -> None:
    """ESM-G5, T9: inbound only, and the user is told."""
    invited = {"summary": "Kick-off", **_times(office)}
    office.google.receives_invitation(EMAIL, CUSTOMER, invited)
    office.syncs()
    office.edits(office.schedule(), subject="キックオフ")
    before = office.writes()
    office.syncs()
    assert office.event()["summary"] == "Kick-off"
    assert office.writes() == before
    assert "ESM-G5" in office.rules()


def test_esm_g5_changes_of_that_organiser_still_come_in(office: Office) -> None:
    invited = office.google.receives_invitation(EMAIL, CUSTOMER, {"summary": "Kick-off", **_times(office)})
    office.syncs()
    office.google.organizer_changes(EMAIL, str(invited["id"]), {"summary": "Kick-off, moved"})
    office.syncs()
    assert office.schedule().fields.subject == "Kick-off, moved"


def _times(office: Office) -> dict[str, object]:
    event = office.makes("away")
    office.google.user_deletes(EMAIL, str(event["id"]))
    return {"start": event["start"], "end": event["end"]}
