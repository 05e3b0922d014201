"""Taking runs back and bringing deleted items back, on both sides (S-7)."""

from __future__ import annotations

import pytest

from soroe.core.dialect import ESALES, PIPEDRIVE
from soroe.core.event import Particulars, Ref, Side
from soroe.core.plan import Verb, Why
from soroe.engine.undo import UndoResult, restore, undo
from soroe.ports.errors import ItemRejected, PortError, RetryLater
from soroe.ports.remote import Capabilities, Update, Write
from soroe.ports.store import ChangeId, JournalEntry, RunKind
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import PIPEDRIVE_LIKE, REST_LIKE, FakeService


def take_back(laptop: Laptop) -> UndoResult:
    """Undo the newest run."""
    store = laptop.joint().store
    return undo(laptop.joint(), store.runs(1)[0].id)


def linked(laptop: Laptop) -> tuple[Ref, Ref]:
    """A meeting that is in step."""
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    return activity, event


def newest(laptop: Laptop, verb: Verb) -> JournalEntry:
    store = laptop.joint().store
    changes = [change for run in store.runs(10) for change in store.changes(run.id)]
    return next(change for change in changes if change.verb is verb)


def test_what_a_run_made_is_deleted_and_not_made_again() -> None:
    laptop = Laptop()
    activity, event = linked(laptop)
    result = take_back(laptop)
    assert (result.record.deleted, result.skipped, result.trouble) == ((0, 1), (), None)
    assert event not in laptop.calendar.items
    laptop.until_quiet()
    assert laptop.calendar.items == {}
    assert laptop.joint().store.why(Side.CRM, activity) is Why.UNDONE


def test_what_came_back_by_itself_and_cannot_be_read_is_not_brought_back_beside_it() -> None:
    clock = Clock()
    laptop = Laptop(FakeService(PIPEDRIVE_LIKE, clock), clock=clock, dialect=PIPEDRIVE)
    activity, event = linked(laptop)
    kept = laptop.crm.items[activity]
    laptop.calendar.user_deletes(event)
    laptop.until_quiet()
    laptop.crm.items[activity] = kept
    laptop.crm.unreadable[activity] = "subject"
    result = take_back(laptop)
    assert len(result.skipped) == 1
    assert list(laptop.crm.items) == [activity]


def test_an_item_whose_twin_was_taken_back_is_synced_again_once_somebody_changes_it() -> None:
    laptop = Laptop()
    activity, _ = linked(laptop)
    take_back(laptop)
    laptop.until_quiet()
    laptop.crm.user_changes(activity, title="Visit after all")
    laptop.until_quiet()
    assert [content.title for content in laptop.calendar.contents()] == ["Visit after all"]


@pytest.mark.parametrize("crm", [REST_LIKE, PIPEDRIVE_LIKE], ids=["restores", "makes-anew"])
def test_esm_i11_an_address_that_is_taken_back_has_its_building_and_postal_code_again(crm: Capabilities) -> None:
    clock = Clock()
    laptop = Laptop(FakeService(crm, clock), clock=clock, dialect=ESALES)
    held = Particulars("Aoki", "Deal", "丸ビル", "100-0005")
    activity = laptop.crm.user_creates(meeting("Visit", location="丸の内1-1"), particulars=held)
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.calendar.user_changes(event, location="新丸ビル 5F")
    laptop.until_quiet()
    assert laptop.crm.items[activity].particulars == Particulars("Aoki", "Deal")
    take_back(laptop)
    assert laptop.crm.items[activity].particulars == held
    assert laptop.crm.items[activity].content.location == "丸の内1-1"
    laptop.until_quiet()
    laptop.calendar.user_deletes(event)
    laptop.until_quiet()
    assert laptop.crm.items == {}
    take_back(laptop)
    (back,) = laptop.crm.items.values()
    assert (back.particulars, back.content.location) == (held, "丸の内1-1")


def test_what_a_run_rewrote_gets_its_former_values_and_keeps_them() -> None:
    laptop = Laptop()
    activity, event = linked(laptop)
    laptop.crm.user_changes(activity, title="Visit, moved", location="Osaka")
    laptop.run()
    assert take_back(laptop).skipped == ()
    assert (laptop.calendar.items[event].content.title, laptop.calendar.items[event].content.location) == ("Visit", "")
    laptop.until_quiet()
    assert laptop.calendar.items[event].content.title == "Visit"
    assert laptop.crm.items[activity].content.title == "Visit, moved"
    laptop.crm.user_changes(activity, description="agenda")
    laptop.until_quiet()
    assert laptop.calendar.items[event].content.description == "agenda"
    assert laptop.calendar.items[event].content.title == "Visit"


@pytest.mark.parametrize("pipedrive", [False, True], ids=["any-crm", "pipedrive"])
def test_what_a_run_deleted_comes_back_on_both_sides(pipedrive: bool) -> None:
    laptop = Laptop()
    if pipedrive:
        laptop = Laptop(FakeService(PIPEDRIVE_LIKE, laptop.clock), clock=laptop.clock, dialect=PIPEDRIVE)
    _, event = linked(laptop)
    laptop.calendar.user_deletes(event)
    laptop.run()
    assert laptop.crm.items == {}
    assert take_back(laptop).record.created == (1, 0)
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Visit"]
    assert [content.title for content in laptop.calendar.contents()] == ["Visit"]


def test_one_deleted_item_can_be_restored_by_itself() -> None:
    laptop = Laptop()
    _, event = linked(laptop)
    laptop.calendar.user_deletes(event)
    laptop.run()
    restore(laptop.joint(), newest(laptop, Verb.DELETE).id)
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 1
    with pytest.raises(LookupError):
        restore(laptop.joint(), newest(laptop, Verb.CREATE).id)
    with pytest.raises(LookupError):
        restore(laptop.joint(), ChangeId(10_000))


def test_an_item_changed_since_is_skipped_and_listed() -> None:
    laptop = Laptop()
    activity, event = linked(laptop)
    laptop.crm.user_changes(activity, title="Visit, moved")
    laptop.run()
    laptop.calendar.user_changes(event, title="Visit, by hand")
    result = take_back(laptop)
    assert [change.target for change in result.skipped] == [event]
    assert laptop.calendar.items[event].content.title == "Visit, by hand"


def test_an_item_that_guests_may_change_since_then_is_skipped_and_listed() -> None:
    laptop = Laptop()
    _, event = linked(laptop)
    laptop.calendar.user_changes(event, guests_may_change=True)
    assert [change.target for change in take_back(laptop).skipped] == [event]
    assert event in laptop.calendar.items


def test_an_item_that_guests_may_still_not_change_is_taken_back() -> None:
    laptop = Laptop()
    _, event = linked(laptop)
    laptop.calendar.user_changes(event, guests_may_change=False)
    assert take_back(laptop).skipped == ()
    assert event not in laptop.calendar.items


def test_a_change_of_another_field_does_not_stand_in_the_way() -> None:
    laptop = Laptop()
    activity, event = linked(laptop)
    laptop.crm.user_changes(activity, title="Visit, moved")
    laptop.run()
    laptop.calendar.user_changes(event, location="Osaka")
    assert take_back(laptop).skipped == ()
    assert (laptop.calendar.items[event].content.title, laptop.calendar.items[event].content.location) == (
        "Visit", "Osaka",
    )  # fmt: skip # short values, several a line


def test_what_was_changed_since_beside_what_is_taken_back_is_carried_over() -> None:
    laptop = Laptop()
    activity, event = linked(laptop)
    laptop.crm.user_changes(activity, title="Visit, long")
    laptop.run()
    laptop.calendar.user_changes(event, description="bring the samples")
    laptop.crm.user_changes(activity, location="Osaka")
    take_back(laptop)
    laptop.until_quiet()
    (crm,), (calendar,) = laptop.crm.contents(), laptop.calendar.contents()
    assert (crm.title, crm.description, crm.location) == ("Visit, long", "bring the samples", "Osaka")
    assert (calendar.title, calendar.description, calendar.location) == ("Visit", "bring the samples", "Osaka")


@pytest.mark.parametrize("is_refused", [False, True], ids=["changed-meanwhile", "refused"])
@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.UPDATE])
def test_what_could_not_be_taken_back_is_listed_and_synced_as_always(verb: Verb, is_refused: bool) -> None:
    laptop = Laptop()
    activity, event = linked(laptop)
    if verb is Verb.UPDATE:
        laptop.crm.user_changes(activity, title="Visit, long")
        laptop.run()

    def just_then(_write: Write) -> PortError | None:
        laptop.calendar.before_write = None
        if is_refused:
            return ItemRejected("not_today", "title")
        laptop.calendar.user_changes(event, description="bring the samples")
        return None

    laptop.calendar.before_write = just_then
    assert [change.verb for change in take_back(laptop).skipped] == [verb]
    laptop.crm.user_changes(activity, location="Osaka")
    laptop.until_quiet()
    (crm,), (calendar,) = laptop.crm.contents(), laptop.calendar.contents()
    assert crm.title == calendar.title == ("Visit, long" if verb is Verb.UPDATE else "Visit")
    assert crm.description == calendar.description == ("" if is_refused else "bring the samples")
    assert crm.location == calendar.location == "Osaka"


def test_an_undo_stands_in_history_and_marks_its_run() -> None:
    laptop = Laptop()
    linked(laptop)
    store = laptop.joint().store
    (first, *_) = store.runs(1)
    undo(laptop.joint(), first.id)
    newest_run, old = store.runs(2)
    assert newest_run.kind is RunKind.UNDO
    assert old.undone


def test_an_undo_that_meets_trouble_can_be_repeated() -> None:
    laptop = Laptop()
    linked(laptop)
    laptop.crm.user_creates(meeting("Lunch", at(12)), activity_type="meeting")
    laptop.run()
    (run, *_) = laptop.joint().store.runs(1)
    laptop.calendar.before_write = lambda _write: RetryLater("unreachable")
    assert undo(laptop.joint(), run.id).trouble is not None
    laptop.calendar.before_write = None
    assert undo(laptop.joint(), run.id).trouble is None
    assert [content.title for content in laptop.calendar.contents()] == ["Visit"]


def test_stamps_and_claims_are_nothing_that_an_undo_skips() -> None:
    laptop = Laptop()
    laptop = Laptop(FakeService(PIPEDRIVE_LIKE, laptop.clock), clock=laptop.clock, dialect=PIPEDRIVE)
    laptop.calendar.user_creates(meeting("Dentist"))
    laptop.run()
    result = take_back(laptop)
    assert (result.skipped, result.record.deleted) == ((), (1, 0))


@pytest.mark.parametrize("is_heard_of", [True, False], ids=["heard-of", "not-heard-of"])
def test_what_was_brought_back_is_not_made_a_second_time_when_the_rest_is_taken_back_again(is_heard_of: bool) -> None:
    clock = Clock()
    laptop = Laptop(FakeService(PIPEDRIVE_LIKE, clock), clock=clock, dialect=PIPEDRIVE)
    for title, hour in (("Visit", 10), ("Call", 14)):
        laptop.crm.user_creates(meeting(title, at(hour)), activity_type="meeting")
    laptop.until_quiet()
    for event in list(laptop.calendar.items):
        laptop.calendar.user_deletes(event)
    deletions = laptop.run().record.id
    assert laptop.crm.items == {}
    written: list[Write] = []

    def stop(write: Write) -> PortError | None:
        written.append(write)
        return RetryLater("timeout", outcome_unknown=True) if len(written) == (2 if is_heard_of else 1) else None

    laptop.crm.before_write, laptop.crm.after_write = (stop, None) if is_heard_of else (None, stop)
    assert undo(laptop.joint(), deletions).trouble is not None
    laptop.crm.before_write = laptop.crm.after_write = None
    undo(laptop.joint(), deletions)
    assert sorted(content.title for content in laptop.crm.contents()) == ["Call", "Visit"]


def test_what_restore_brought_back_is_not_made_a_second_time_by_undo() -> None:
    clock = Clock()
    laptop = Laptop(FakeService(PIPEDRIVE_LIKE, clock), clock=clock, dialect=PIPEDRIVE)
    _, event = linked(laptop)
    laptop.calendar.user_deletes(event)
    deletion = laptop.run().record.id
    restore(laptop.joint(), newest(laptop, Verb.DELETE).id)
    assert len(undo(laptop.joint(), deletion).skipped) == 1
    assert len(laptop.crm.items) == 1


def undone_without_hearing(laptop: Laptop, service: FakeService) -> None:
    """Undo the newest run, and never hear that its first write to a service was done."""

    def lose(write: Write) -> PortError | None:
        is_mark = isinstance(write, Update) and not write.fields
        return None if is_mark else RetryLater("timeout", outcome_unknown=True)

    service.after_write = lose
    assert take_back(laptop).trouble is not None
    service.after_write = None


@pytest.mark.parametrize("origin", list(Side))
@pytest.mark.parametrize("pipedrive", [False, True], ids=["any-crm", "pipedrive"])
def test_the_original_stays_though_nobody_heard_that_its_twin_was_taken_back(origin: Side, pipedrive: bool) -> None:
    laptop = Laptop()
    if pipedrive:
        laptop = Laptop(FakeService(PIPEDRIVE_LIKE, laptop.clock), clock=laptop.clock, dialect=PIPEDRIVE)
    here, across = (laptop.crm, laptop.calendar) if origin is Side.CRM else (laptop.calendar, laptop.crm)
    here.user_creates(meeting("Visit"), **({"activity_type": "meeting"} if origin is Side.CRM else {}))
    laptop.run()
    undone_without_hearing(laptop, across)
    laptop.until_quiet()
    laptop.clock.later(minutes=15)
    laptop.until_quiet()
    assert (len(here.items), len(across.items)) == (1, 0)


def test_what_somebody_changed_stays_though_nobody_heard_that_its_echo_was_taken_back() -> None:
    laptop = Laptop()
    activity, event = linked(laptop)
    laptop.crm.user_changes(activity, title="Visit, moved")
    laptop.run()
    undone_without_hearing(laptop, laptop.calendar)
    laptop.until_quiet()
    assert laptop.calendar.items[event].content.title == "Visit"
    assert laptop.crm.items[activity].content.title == "Visit, moved"
