"""Creating, changing, deleting, bringing back: each done once, on the state it was decided on, and told truly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from soroe.core.event import AllDay, EventContent, Field, Guest, ItemId, ObservedItem, Ref, ShowAs, Tombstone, Version
from soroe.ports.errors import ChangedMeanwhile, Gone, PortError, RetryLater
from soroe.ports.remote import Erased, Update, Written

from .stand import Stand, about, at, differing, error, meeting

GUESTS = (Guest("suzuki@example.com", "Suzuki"), Guest("tanaka@example.com", "Tanaka"))
FULL = meeting("Visit", description="Bring the offer", location="Osaka", show_as=ShowAs.FREE, guests=GUESTS)


def test_what_was_created_is_there_as_the_answer_told(stand: Stand) -> None:
    made = stand.creates(FULL)
    assert stand.read(made.ref) == made and stand.titles() == ["Visit"]
    assert differing(made.content, stand.form(FULL)) == []


def test_a_create_that_is_repeated_makes_no_second_item(stand: Stand) -> None:
    first = stand.creates()
    if stand.can.safe_create:
        (again,) = stand.write(stand.creating())
        assert again == Written(first, already=True)
        assert len(stand.titles()) == 1


def test_creates_with_other_seeds_make_other_items(stand: Stand) -> None:
    refs = {stand.creates(seed=seed).ref for seed in ("one", "two", "three")}
    assert len(refs) == 3 and len(stand.titles()) == 3


def test_a_create_whose_answer_was_lost_is_found_again(stand: Stand) -> None:
    stand.creates(meeting("Other", at(15)), seed="other")
    stand.clock.later(minutes=1)
    stand.loses_an_answer()
    trouble = error(stand.write(stand.creating())[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
    (found,) = stand.reader.find(stand.creating())
    assert found == stand.read(found.ref) and found.content.title == "Visit"


def test_a_create_that_was_never_sent_is_not_found(stand: Stand) -> None:
    stand.creates(meeting("Other", at(15)), seed="other")
    assert list(stand.reader.find(stand.creating())) == []


def test_a_stamp_is_kept_where_the_service_can_hide_one(stand: Stand) -> None:
    made = stand.creates(stamp="soroe1|key|partner")
    kept = "soroe1|key|partner" if stand.can.hidden_stamp else None
    assert (made.stamp, stand.read(made.ref).stamp) == (kept, kept)
    assert [one.stamp for one in stand.seen()[0] if isinstance(one, ObservedItem)] == [kept]
    renamed = stand.does(stand.updating(made, title="Later"))
    assert renamed.stamp == kept
    stamped = stand.does(stand.updating(renamed, stamp="soroe1|key|other"))
    assert stamped.stamp == ("soroe1|key|other" if stand.can.hidden_stamp else None)
    assert stamped.content == renamed.content


def test_an_update_changes_the_named_fields_and_nothing_else(stand: Stand) -> None:
    made = stand.creates(FULL)
    stand.user_decorates(made.ref)
    kept = stand.decoration(made.ref)
    made = stand.read(made.ref)
    # Everything about the new content is different; only the place is named.
    other = EventContent("Elsewhere", at(18), "Nothing", "Kyoto", ShowAs.BUSY)
    moved = stand.does(Update(made.ref, made.version, stand.form(other), (Field.LOCATION,)))
    assert moved.content.location == "Kyoto"
    assert differing(moved.content, made.content) == [Field.LOCATION]
    assert stand.decoration(made.ref) == kept is not None
    assert moved == stand.read(made.ref)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "Another title"),
        ("when", at(15, minutes=30)),
        ("when", AllDay(date(2026, 5, 20), date(2026, 5, 21))),
        ("description", "Two\nlines"),
        ("description", ""),
        ("location", "Kyoto"),
        ("location", ""),
        ("show_as", ShowAs.BUSY),
        ("guests", (*GUESTS, Guest("yamada@example.com", "Yamada"))),
        ("guests", ()),
    ],
)
def test_every_field_can_be_changed_and_cleared_by_itself(stand: Stand, name: str, value: object) -> None:
    made = stand.creates(FULL)
    change: dict[str, Any] = {name: value}
    changed = stand.does(stand.updating(made, **change))
    wanted = stand.form(replace(made.content, **change))
    assert differing(changed.content, wanted) == []
    assert differing(stand.read(made.ref).content, wanted) == []


def test_a_timed_meeting_becomes_an_all_day_one_and_back(stand: Stand) -> None:
    made = stand.creates()
    day = AllDay(date(2026, 5, 13), date(2026, 5, 14))
    whole = stand.does(stand.updating(made, when=day))
    assert whole.content.when == day
    again = stand.does(stand.updating(whole, when=at(9, minutes=90)))
    assert differing(again.content, stand.form(meeting(when=at(9, minutes=90)))) == []


def test_a_write_on_a_state_that_has_passed_is_refused(stand: Stand) -> None:
    made = stand.creates()
    stand.clock.later(minutes=1)
    stand.user_renames(made.ref, "Renamed by hand")
    for write in (stand.updating(made, title="Ours"), stand.updating(made, when=at(15)), stand.deleting(made)):
        assert isinstance(error(stand.write(write)[0]), ChangedMeanwhile)
    if stand.form(FULL).guests:
        assert isinstance(error(stand.write(stand.updating(made, guests=GUESTS))[0]), ChangedMeanwhile)
    assert stand.titles() == ["Renamed by hand"]


def test_a_change_that_changes_nothing_goes_through(stand: Stand) -> None:
    made = stand.creates(FULL)
    assert differing(stand.does(stand.updating(made, title="Visit")).content, made.content) == []


def test_changing_what_is_gone_is_told_as_gone(stand: Stand) -> None:
    made = stand.creates()
    stand.user_deletes(made.ref)
    assert isinstance(error(stand.write(stand.updating(made, title="Ours"))[0]), Gone | ChangedMeanwhile)
    unknown = Ref(stand.container, ItemId("987654321"))
    update = Update(unknown, Version("1"), stand.form(meeting()), (Field.TITLE,))
    assert isinstance(error(stand.write(update)[0]), Gone | ChangedMeanwhile)


def test_deleting_twice_counts_as_done_twice(stand: Stand) -> None:
    made = stand.creates()
    assert stand.write(stand.deleting(made)) == [Erased(made.ref)]
    assert stand.write(stand.deleting(made)) == [Erased(made.ref)]
    assert isinstance(stand.reader.read(made.ref), Tombstone) and stand.titles() == []


def test_our_own_deletion_is_told_like_anybodys(stand: Stand) -> None:
    made = stand.creates()
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    stand.write(stand.deleting(made))
    told = about(made.ref, stand.news(cursor))
    assert [type(one) for one in told] == ([Tombstone] if stand.can.tombstones else [])


def test_what_was_deleted_comes_back_as_it_was(stand: Stand) -> None:
    made = stand.creates(FULL, stamp="soroe1|key|partner")
    stand.write(stand.deleting(made))
    back = stand.does(stand.restoring(made, stamp="soroe1|key|partner"))
    assert (back.ref == made.ref) is stand.can.restore
    assert differing(back.content, made.content) == []
    assert stand.titles() == ["Visit"] and back == stand.read(back.ref)
    assert back.stamp == made.stamp


def test_what_is_restored_takes_the_content_it_is_given(stand: Stand) -> None:
    made = stand.creates(FULL)
    stand.write(stand.deleting(made))
    older = ObservedItem(made.ref, None, stand.form(meeting("Older", at(8))), activity_type=made.activity_type)
    back = stand.does(stand.restoring(older))
    assert (back.content.title, stand.titles()) == ("Older", ["Older"])
    assert differing(back.content, older.content) in ([], [Field.GUESTS])


def test_restoring_what_was_never_deleted_makes_no_second_item(stand: Stand) -> None:
    made = stand.creates(FULL)
    back = stand.does(stand.restoring(made))
    assert back.ref == made.ref and stand.titles() == ["Visit"]


def test_restoring_what_the_service_has_forgotten_makes_it_anew(stand: Stand) -> None:
    content = stand.form(meeting())
    kind = stand.creating().activity_type
    lost = ObservedItem(Ref(stand.container, ItemId("987654321")), None, content, activity_type=kind)
    back = stand.does(stand.restoring(lost))
    assert differing(back.content, content) == [] and stand.titles() == ["Visit"]


def test_no_write_mails_a_guest(stand: Stand) -> None:
    made = stand.creates(FULL)
    made = stand.does(stand.updating(made, when=at(16), location="Nara"))
    made = stand.does(stand.updating(made, guests=GUESTS[:1]))
    stand.write(stand.deleting(made))
    stand.does(stand.restoring(made))
    assert stand.can.quiet and stand.mails() == 0


def test_what_we_wrote_ourselves_needs_no_second_look(stand: Stand) -> None:
    made = stand.creates()
    (listed,) = stand.seen()[0]
    assert listed == made
    changed = stand.does(stand.updating(made, title="Later"))
    assert stand.seen()[0] == [changed]


@pytest.mark.parametrize("own", ["", "../x", "a b", "?", "日本", "%2e%2e", "1/2"])
def test_no_id_whatever_makes_a_write_raise_or_succeed(stand: Stand, own: str) -> None:
    ref = Ref(stand.container, ItemId(own))
    kept = stand.creates()
    item = ObservedItem(ref, Version("1"), stand.form(meeting()))
    assert isinstance(error(stand.write(stand.updating(item, title="Ours"))[0]), PortError)
    assert stand.write(stand.deleting(item)) == [Erased(ref)]
    assert stand.read(kept.ref) == kept
