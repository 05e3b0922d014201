"""Deleting, restoring, and the setting of the company (OD-6, OD-7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from soroe.adapters.crm.oracle.mirror import EVENTS_LIST
from soroe.core.event import CRM_LIST, ItemId, Ref, Side
from soroe.core.finding import FindingAction, FindingKind
from soroe.core.plan import Verb, Why
from soroe.engine.resolve import resolve
from soroe.engine.undo import restore, undo
from soroe.ports.store import SyncStore
from soroe.sandbox.oracle.records import Access

from .laptop import CALENDAR_SYNC, MIRROR_SYNC, Laptop, Office

EITHER = pytest.mark.parametrize("office", [False, True], indirect=True, ids=["our mirror", "the company's own"])


def of_work(laptop: Laptop) -> SyncStore:
    return laptop.store.sync(CALENDAR_SYNC)


def test_od_6_with_the_setting_off_no_new_mirrors_are_made(office: Office, install: Callable[..., Laptop]) -> None:
    laptop = install(show_events=False)
    event = office.event()
    office.appointment("Congress", 13)
    laptop.settles()
    assert office.subjects() == ["Congress"] and office.names() == ["Symposium"]
    mirror = laptop.store.sync(MIRROR_SYNC)
    assert mirror.why(Side.CALENDAR, Ref(EVENTS_LIST, ItemId(event.id))) is Why.NO_NEW_PAIRS


def test_od_6_with_the_setting_off_pairs_stay_in_step_and_new_ones_are_in_no_calendar(
    office: Office, install: Callable[..., Laptop]
) -> None:
    office.box.show_events(True)
    event = office.event()
    office.box.show_events(False)
    laptop = install(show_events=False)
    office.box.user_changes(office.sato, event.id, Location="Hilton")
    laptop.settles()
    assert office.twin().values["Location"] == "Hilton"
    assert laptop.titles() == []
    assert of_work(laptop).why(Side.CRM, Ref(CRM_LIST, ItemId(office.twin().id))) is Why.HIDDEN_IN_CRM


def test_od_6_what_is_in_the_calendar_already_stays_there_in_step_and_says_why(
    office: Office, install: Callable[..., Laptop]
) -> None:
    before = install()
    event = office.event()
    before.settles()
    before.crm.close()
    after = install(show_events=False, calendar=before.calendar)
    after.store = before.store
    office.box.user_changes(office.sato, event.id, Location="Hilton")
    after.settles()
    assert after.titles() == ["Symposium (Hilton)"]
    (finding,) = [finding for finding in of_work(after).findings() if finding.rule == "OD-6"]
    assert finding.cause == Why.HIDDEN_IN_CRM and finding.crm is not None and finding.calendar is not None


@EITHER
def test_od_7_a_meeting_deleted_in_the_calendar_takes_the_event_along_only_when_somebody_says_so(
    office: Office, laptop: Laptop
) -> None:
    office.event()
    laptop.settles()
    (ref,) = laptop.calendar.items
    laptop.calendar.user_deletes(ref)
    laptop.settles()
    assert office.names() == office.subjects() == ["Symposium"]
    (finding,) = [finding for finding in of_work(laptop).findings() if finding.kind is FindingKind.HELD]
    assert finding.rule == "OD-7" and FindingAction.TAKE_CALENDAR in finding.actions
    resolve(laptop.work(), finding.id, FindingAction.TAKE_CALENDAR)
    laptop.settles()
    assert (office.names(), office.subjects(), laptop.titles()) == ([], [], [])


def test_od_7_the_meeting_comes_back_when_the_event_is_to_stay(office: Office, laptop: Laptop) -> None:
    office.event()
    laptop.settles()
    (ref,) = laptop.calendar.items
    laptop.calendar.user_deletes(ref)
    laptop.settles()
    (finding,) = [finding for finding in of_work(laptop).findings() if finding.kind is FindingKind.HELD]
    resolve(laptop.work(), finding.id, FindingAction.TAKE_CRM)
    laptop.settles()
    assert laptop.titles() == ["Symposium (Marriott)"] and office.names() == ["Symposium"]


def test_od_7_a_sync_that_may_delete_events_does_so_unasked(office: Office, laptop: Laptop) -> None:
    office.event()
    laptop.settles()
    laptop.deletes_events = True
    (ref,) = laptop.calendar.items
    laptop.calendar.user_deletes(ref)
    laptop.settles()
    assert (office.names(), office.subjects()) == ([], [])


@EITHER
@pytest.mark.parametrize("side", ["event", "appointment"])
def test_od_7_restoring_either_one_restores_both(office: Office, laptop: Laptop, side: str) -> None:
    event = office.event()
    laptop.settles()
    ids = {"event": event.id, "appointment": office.twin().id}
    office.box.user_deletes(office.sato, ids[side])
    laptop.settles()
    assert office.names() == office.subjects() == []
    office.box.user_restores(office.sato, ids[side])
    laptop.settles()
    assert office.names() == office.subjects() == ["Symposium"] and laptop.titles() == ["Symposium (Marriott)"]


def test_od_7_what_our_mirror_deleted_is_brought_back_with_its_children(office: Office, laptop: Laptop) -> None:
    event = office.event()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    book = office.box.add_book("East", {suzuki: Access.READ_ONLY})
    office.box.user_adds_user(event.id, suzuki)
    office.box.user_puts_in_book(event.id, book)
    laptop.settles()
    office.box.user_deletes(office.sato, event.id)
    laptop.settles()
    mirror = laptop.mirror()
    (deleted,) = [
        change
        for record in mirror.store.runs(50)
        for change in mirror.store.changes(record.id)
        if change.verb is Verb.DELETE
    ]
    assert restore(mirror, deleted.id).trouble is None
    laptop.settles()
    assert office.names() == office.subjects() == ["Symposium"]
    (again,) = office.box.events()
    for record in (again, office.twin()):
        assert (office.team(record), office.books(record)) == ({suzuki.id}, {book.id})


def test_od_7_a_run_of_the_mirror_is_taken_back(office: Office, laptop: Laptop) -> None:
    office.event()
    laptop.clock.later(minutes=5)
    done = laptop.mirrors()
    assert office.subjects() == ["Symposium"]
    assert undo(laptop.mirror(), done.record.id).trouble is None
    laptop.settles()
    assert office.subjects() == [] and office.names() == ["Symposium"]
