"""Many writes at once: each is told of by itself, in order, and trouble of the account stops what comes after."""

from __future__ import annotations

from soroe.core.event import Field, ItemId, ObservedItem, Ref
from soroe.ports.errors import ACCOUNT_TROUBLE, ChangedMeanwhile, SignInRequired
from soroe.ports.remote import Delete, Erased, Failed, Unsent, Update, Written

from .stand import Stand, error, meeting


def test_nothing_to_write_sends_nothing(stand: Stand) -> None:
    before = stand.reader.requests_sent
    assert stand.write() == [] and stand.reader.requests_sent == before


def test_results_come_in_the_order_of_the_writes(stand: Stand) -> None:
    old, gone = stand.creates(meeting("Old"), "old"), stand.creates(meeting("Gone"), "gone")
    new, renamed, erased, last = stand.write(
        stand.creating(meeting("New"), "new"),
        stand.updating(old, title="Renamed"),
        stand.deleting(gone),
        stand.creating(meeting("Last"), "last"),
    )
    titles = [one.item.content.title for one in (new, renamed, last) if isinstance(one, Written)]
    assert titles == ["New", "Renamed", "Last"] and erased == Erased(gone.ref)
    assert stand.titles() == ["Last", "New", "Renamed"]


def test_one_write_that_fails_holds_up_no_other(stand: Stand) -> None:
    stale, fine = stand.creates(meeting("Stale"), "stale"), stand.creates(meeting("Fine"), "fine")
    stand.clock.later(minutes=1)
    stand.user_renames(stale.ref, "By hand")
    first, second, third = stand.write(
        stand.updating(stale, title="Ours"), stand.updating(fine, title="Done"), stand.creating(meeting("New"), "new")
    )
    assert isinstance(error(first), ChangedMeanwhile)
    assert isinstance(second, Written) and isinstance(third, Written)
    assert stand.titles() == ["By hand", "Done", "New"]


def test_two_writes_to_one_item_are_carried_out_one_after_the_other(stand: Stand) -> None:
    made = stand.creates()
    first = Update(made.ref, None, stand.form(meeting("First")), (Field.TITLE,))
    second = Update(made.ref, None, stand.form(meeting("Second")), (Field.TITLE,))
    results = stand.write(first, second, Delete(made.ref, None))
    assert [type(one) for one in results] == [Written, Written, Erased] and stand.titles() == []


def test_a_large_batch_is_sent_whole(stand: Stand) -> None:
    most = stand.can.batch + 3
    results = stand.write(*(stand.creating(meeting(f"Visit {n:03}"), f"seed {n}") for n in range(most)))
    assert [one.item.content.title for one in results if isinstance(one, Written)] == [
        f"Visit {n:03}" for n in range(most)
    ]
    assert len(stand.titles()) == most


def test_batches_spare_requests_where_the_service_takes_them(stand: Stand) -> None:
    stand.seen()
    before = stand.arrived()
    stand.write(*(stand.creating(meeting(f"Visit {n}"), f"seed {n}") for n in range(10)))
    if stand.can.batch > 1:
        assert stand.arrived() - before <= 2 or stand.arrived() == stand.reader.requests_sent == before + 10


def test_trouble_of_the_account_in_the_middle_leaves_the_rest_unsent(stand: Stand) -> None:
    through = stand.can.batch
    writes = [stand.creating(meeting(f"Visit {n}"), f"seed {n}") for n in range(through + 3)]
    stand.refuses_after(1)
    results = stand.write(*writes)
    assert [type(one) for one in results] == [Written] * through + [Failed, Unsent, Unsent]
    assert isinstance(error(results[through]), ACCOUNT_TROUBLE)
    assert len(stand.titles()) == through


def test_a_lost_sign_in_fails_the_first_write_and_sends_no_other(stand: Stand) -> None:
    stand.signs_out()
    writes = [stand.creating(meeting(f"Visit {n}"), f"seed {n}") for n in range(3)]
    first, *rest = stand.write(*writes)
    assert isinstance(error(first), SignInRequired) and rest == [Unsent(), Unsent()]


def test_a_write_never_raises(stand: Stand) -> None:
    nobody = ObservedItem(Ref(stand.container, ItemId("no such id")), None, stand.form(meeting()))
    impossible = Update(nobody.ref, None, stand.form(meeting("x" * 100_000)), (Field.TITLE,))
    for write in (stand.deleting(nobody), impossible):
        (result,) = stand.write(write)
        assert isinstance(result, Erased | Failed)
