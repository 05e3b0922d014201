"""What every `SyncStore` does; a test class of an implementation inherits this and gives a `store`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soroe.core.event import (
    CRM_LIST,
    ItemId,
    Occurrence,
    Particulars,
    Ref,
    Removed,
    Side,
    Tombstone,
    Unreadable,
    Version,
    Witness,
)
from soroe.core.finding import FindingAction
from soroe.core.plan import Verb, Why
from soroe.ports.remote import Cursor
from soroe.ports.store import (
    ChangeState,
    Choice,
    Known,
    RunKind,
    RunRecord,
    SyncState,
    SyncStatus,
    SyncStore,
)

from .meetings import CALENDAR, NOW, SYNC_KEY, WORK, calendar, change, content, crm, entry, finding, item, link

START = NOW.replace(tzinfo=None, second=0, microsecond=0)


class SyncStoreContract:
    """The promises of `ports.store.SyncStore`."""

    # --- state and cursors ---
    def test_a_sync_never_saved_has_the_default_state(self, store: SyncStore) -> None:
        assert store.state() == SyncState()

    def test_a_saved_state_comes_back_whole(self, store: SyncStore) -> None:
        state = SyncState(SyncStatus.HELD, NOW, None, NOW, NOW + timedelta(1), "q", "a", "2026-05-11", "s")
        store.save_state(state)
        assert store.state() == state

    def test_a_cursor_is_kept_for_its_side_and_container_until_it_is_dropped(self, store: SyncStore) -> None:
        store.set_cursor(Side.CALENDAR, CALENDAR, Cursor("c1"))
        assert store.cursor(Side.CALENDAR, CALENDAR) == "c1"
        assert store.cursor(Side.CRM, CRM_LIST) is None
        store.set_cursor(Side.CALENDAR, CALENDAR, None)
        assert store.cursor(Side.CALENDAR, CALENDAR) is None

    def test_a_failed_transaction_leaves_nothing_and_an_inner_one_only_loses_itself(self, store: SyncStore) -> None:
        with pytest.raises(LookupError), store.transaction():
            store.put(Side.CRM, [entry(item())])
            raise LookupError
        assert store.item(Side.CRM, crm()) is None
        with store.transaction():
            store.put(Side.CRM, [entry(item(crm("2")))])
            with pytest.raises(LookupError), store.transaction():
                store.put(Side.CRM, [entry(item(crm("3")))])
                raise LookupError
        assert list(store.refs(Side.CRM, CRM_LIST)) == ["2"]

    # --- the observed trees ---
    def test_an_item_is_there_then_gone_and_its_content_stays_until_it_is_forgotten(self, store: SyncStore) -> None:
        seen = item(of=content("Visit"))
        store.put(Side.CRM, [entry(seen)])
        assert store.item(Side.CRM, crm()) == seen
        gone = Removed(crm(), Witness.ABSENT, NOW)
        store.mark_removed(Side.CRM, [gone])
        assert store.item(Side.CRM, crm()) == gone
        assert store.last_content(Side.CRM, crm()) == seen.content
        assert store.dirty(10) == [(Side.CRM, crm())]
        store.forget(Side.CRM, [crm()])
        assert store.item(Side.CRM, crm()) is None
        assert store.last_content(Side.CRM, crm()) is None

    def test_removing_what_was_never_seen_does_nothing(self, store: SyncStore) -> None:
        store.mark_removed(Side.CRM, [Removed(crm("unseen"), Witness.TOMBSTONE)])
        assert store.item(Side.CRM, crm("unseen")) is None
        assert store.dirty(10) == []

    def test_an_item_that_comes_back_is_there_again(self, store: SyncStore) -> None:
        store.put(Side.CRM, [entry(item())])
        store.mark_removed(Side.CRM, [Removed(crm(), Witness.TOMBSTONE)])
        store.put(Side.CRM, [entry(item(of=content("Again")))])
        assert store.item(Side.CRM, crm()) == item(of=content("Again"))

    def test_the_two_sides_are_apart(self, store: SyncStore) -> None:
        store.put(Side.CRM, [entry(item(Ref(CALENDAR, ItemId("same"))))])
        assert store.item(Side.CALENDAR, Ref(CALENDAR, ItemId("same"))) is None

    def test_versions_and_keys_are_known_without_content_also_of_removed_items(self, store: SyncStore) -> None:
        versions = (None, Version(""), Version("v2"))
        keys = (b"one", None, b"two")
        seen = [item(crm(str(number)), version=version) for number, version in enumerate(versions)]
        store.put(Side.CRM, [entry(one, key) for one, key in zip(seen, keys, strict=True)])
        store.mark_removed(Side.CRM, [Removed(crm("2"), Witness.TOMBSTONE)])
        store.mark_dirty(Side.CRM, [crm("3")])
        assert store.known(Side.CRM, [crm("0"), crm("1"), crm("2"), crm("3"), crm("4"), calendar()]) == {
            crm("0"): Known(None, present=True, match_key=b"one"),
            crm("1"): Known(Version(""), present=True),
            crm("2"): Known(Version("v2"), present=False, match_key=b"two"),
        }

    def test_refs_lists_what_is_there(self, store: SyncStore) -> None:
        store.put(Side.CRM, [entry(item(crm("1"))), entry(item(crm("2")))])
        store.mark_removed(Side.CRM, [Removed(crm("2"), Witness.ABSENT)])
        assert list(store.refs(Side.CRM, CRM_LIST)) == ["1"]
        assert list(store.refs(Side.CALENDAR, CALENDAR)) == []

    def test_lookalikes_are_found_on_both_sides_in_order_with_their_links(self, store: SyncStore) -> None:
        store.put(Side.CRM, [entry(item(crm("2"))), entry(item(crm("1"))), entry(item(crm("3")), b"other")])
        store.put(Side.CALENDAR, [entry(item(calendar())), entry(item(calendar("e2")), None)])
        store.mark_removed(Side.CRM, [Removed(crm("2"), Witness.ABSENT)])
        store.save_link(link())
        found = [(each.side, each.item.ref, each.linked) for each in store.same_key(b"key")]
        assert found == [(Side.CRM, crm("1"), True), (Side.CALENDAR, calendar(), True)]

    def test_stamped_items_are_found_by_the_beginning_of_their_stamp(self, store: SyncStore) -> None:
        full = f"soroe1|{SYNC_KEY}|.17|own"
        for number, stamp in enumerate(
            [full, f"soroe1|{SYNC_KEY}|.171|own", "soroe1|", None, f"soroe1|{SYNC_KEY}|.17|"]
        ):
            store.put(Side.CALENDAR, [entry(item(calendar(str(number)), stamp=stamp))])

        def found(prefix: str) -> list[str]:
            return [each.ref.id for each in store.stamped(Side.CALENDAR, prefix)]

        assert found(f"soroe1|{SYNC_KEY}|.17|") == ["0", "4"]
        assert found(full) == ["0"]
        assert found(f"soroe1|{SYNC_KEY}|.17") == ["0", "1", "4"]
        assert found("soroe1|") == ["0", "1", "2", "4"]
        assert store.stamped(Side.CRM, "soroe1|") == []

    # --- series ---
    def test_the_parts_of_a_series_are_kept_replaced_and_dropped_together(self, store: SyncStore) -> None:
        master, series = item(calendar("s")), calendar("s")
        moved = item(calendar("s#1"), content("Moved"), occurrence=Occurrence(ItemId("s"), START))
        cancelled = Tombstone(calendar("s#2"), NOW, Occurrence(ItemId("s"), START + timedelta(7)))
        broken = Unreadable(calendar("s#0"), "start", "no time", Version("x"))
        for part in (cancelled, moved, broken, master):
            store.put_series_part(Side.CALENDAR, series, part)
        assert store.series_parts(Side.CALENDAR, series) == [master, broken, moved, cancelled]
        uncancelled = item(calendar("s#2"), occurrence=cancelled.occurrence)
        store.put_series_part(Side.CALENDAR, series, uncancelled)
        assert store.series_parts(Side.CALENDAR, series)[-1] == uncancelled
        assert store.all_series(Side.CALENDAR) == [series]
        assert store.all_series(Side.CRM) == []
        store.put_series_part(Side.CALENDAR, series, Tombstone(series))
        assert store.series_parts(Side.CALENDAR, series) == []
        assert store.all_series(Side.CALENDAR) == []

    def test_the_members_of_a_series_are_those_in_the_tree_also_removed_ones(self, store: SyncStore) -> None:
        first = item(calendar("s#1"), occurrence=Occurrence(ItemId("s"), START))
        second = item(calendar("s#2"), occurrence=Occurrence(ItemId("s"), START))
        store.put(Side.CALENDAR, [entry(item(calendar("s"))), entry(first), entry(second)])
        store.mark_removed(Side.CALENDAR, [Removed(calendar("s#2"), Witness.TOMBSTONE)])
        assert store.series_members(Side.CALENDAR, calendar("s")) == {"s#1", "s#2"}

    # --- what needs reconciling ---
    def test_dirty_items_come_in_the_order_of_their_refs_until_settled(self, store: SyncStore) -> None:
        store.put(Side.CALENDAR, [entry(item(calendar("b")), dirty=True), entry(item(calendar("a")), dirty=True)])
        store.put(Side.CRM, [entry(item(crm("2")), dirty=True), entry(item(crm("1")))])
        everything = [(Side.CRM, crm("2")), (Side.CALENDAR, calendar("a")), (Side.CALENDAR, calendar("b"))]
        assert store.dirty(10) == everything
        assert store.dirty(2) == everything[:2]
        store.settle([(Side.CRM, crm("2"), Why.IN_STEP), (Side.CALENDAR, calendar("a"), Why.DECLINED)])
        assert store.dirty(10) == everything[2:]
        assert store.why(Side.CALENDAR, calendar("a")) is Why.DECLINED
        store.mark_all_dirty()
        assert len(store.dirty(10)) == 4

    def test_of_the_items_that_wait_those_that_are_gone_are_told_side_by_side(self, store: SyncStore) -> None:
        store.put(Side.CALENDAR, [entry(item(calendar(one))) for one in ("b", "a", "c", "d")])
        store.put(Side.CRM, [entry(item(), dirty=True)])
        removed = [Removed(calendar("b"), Witness.TOMBSTONE), Removed(calendar("a"), Witness.ABSENT)]
        store.mark_removed(Side.CALENDAR, [*removed, Removed(calendar("d"), Witness.ABSENT)])
        store.settle([(Side.CALENDAR, calendar("d"), Why.IN_STEP)])
        assert store.dirty_and_gone(Side.CALENDAR) == [calendar("a"), calendar("b")]
        assert store.dirty_and_gone(Side.CRM) == []

    def test_keeping_an_item_clean_does_not_settle_it(self, store: SyncStore) -> None:
        store.put(Side.CRM, [entry(item(), dirty=True)])
        store.put(Side.CRM, [entry(item(of=content("Newer")), dirty=False)])
        assert store.dirty(10) == [(Side.CRM, crm())]

    def test_an_unreadable_item_has_a_reason_and_one_gone_on_both_sides_leaves_no_trace(self, store: SyncStore) -> None:
        store.settle([(Side.CRM, crm("1"), Why.UNREADABLE)])
        assert store.why(Side.CRM, crm("1")) is Why.UNREADABLE
        assert store.item(Side.CRM, crm("1")) is None
        store.mark_dirty(Side.CRM, [crm("2")])
        assert store.dirty(10) == [(Side.CRM, crm("2"))]
        store.settle([(Side.CRM, crm("2"), Why.BOTH_GONE)])
        assert store.dirty(10) == []
        assert store.why(Side.CRM, crm("2")) is None

    # --- links ---
    def test_a_link_is_found_from_both_ends_and_replaced_by_a_newer_one_of_either(self, store: SyncStore) -> None:
        store.save_link(link("1", "e1"))
        store.save_link(link("2", "e2", "Visit", "Visit, long"))
        assert store.link(Side.CRM, crm("2")) == link("2", "e2", "Visit", "Visit, long")
        assert store.link(Side.CALENDAR, calendar("e1")) == link("1", "e1")
        store.save_link(link("1", "e2", "New"))
        assert list(store.links()) == [link("1", "e2", "New")]
        assert store.link_count() == 1
        store.save_link(link("1", "e2", "Newer"))
        assert store.link(Side.CALENDAR, calendar("e2")) == link("1", "e2", "Newer")
        store.drop_link(link("1", "e2"))
        assert store.link(Side.CRM, crm("1")) is None
        assert store.link_count() == 0

    def test_links_come_in_the_order_of_their_crm_refs(self, store: SyncStore) -> None:
        with store.transaction():
            for number in range(1_500):
                store.save_link(link(f"{number * 7 % 1_500:04d}", f"e{number}"))
        ids = [each.crm.id for each in store.links()]
        assert ids == sorted(ids)
        assert len(ids) == store.link_count() == 1_500

    def test_a_link_outlives_its_forgotten_items(self, store: SyncStore) -> None:
        store.put(Side.CRM, [entry(item(), dirty=True)])
        store.save_link(link())
        store.forget(Side.CRM, [crm()])
        assert store.link(Side.CRM, crm()) == link()
        assert store.item(Side.CRM, crm()) is None
        assert list(store.refs(Side.CRM, CRM_LIST)) == []
        assert store.dirty(10) == []

    # --- journal and history ---
    def test_a_change_is_open_until_concluded(self, store: SyncStore) -> None:
        run = store.begin_run(RunKind.SYNC, NOW)
        made = change(run, verb=Verb.CREATE, target=None, before=None, seed="seed", stamp="s", origin=Side.CRM)
        moved = change(
            run,
            fields=("when",),
            activity_type="",
            before_version=Version(""),
            occurrence=Occurrence(ItemId("s"), START),
            particulars=Particulars("Aoki", "", "丸ビル"),
        )
        first, second = store.intend([made, moved])
        opened = store.open_changes()
        assert [each.id for each in opened] == [first, second]
        assert [(each.seed, each.stamp, each.origin, each.target) for each in opened[:1]] == [
            ("seed", "s", Side.CRM, None)
        ]
        assert (opened[1].fields, opened[1].activity_type, opened[1].before_version) == (("when",), "", "")
        assert (opened[1].occurrence, opened[1].particulars) == (moved.occurrence, moved.particulars)
        store.conclude(first, ChangeState.DONE, target=calendar("new"), after=content("Seen"))
        store.conclude(second, ChangeState.FAILED, error="rejected")
        assert store.open_changes() == []
        done, failed = store.changes(run)
        assert (done.state, done.target, done.after) == (ChangeState.DONE, calendar("new"), content("Seen"))
        assert (failed.state, failed.target, failed.after, failed.error) == (
            ChangeState.FAILED, calendar(), content("After"), "rejected",
        )  # fmt: skip # short values, several a line
        assert failed.at == NOW

    def test_a_run_that_did_nothing_is_dropped_and_any_other_stays(self, store: SyncStore) -> None:
        idle = store.begin_run(RunKind.SYNC, NOW)
        store.finish_run(RunRecord(idle, WORK, RunKind.SYNC, NOW, NOW, requests=2, seconds=0.2))
        assert store.run(idle) is None
        told = RunRecord(store.begin_run(RunKind.SYNC, NOW), WORK, RunKind.SYNC, NOW, NOW, trouble="offline")
        busy = RunRecord(
            store.begin_run(RunKind.UNDO, NOW), WORK, RunKind.UNDO, NOW, NOW + timedelta(seconds=3), (1, 2), (3, 4),
            (5, 6), 7, 8, 9, 10, 11, 1.5,
        )  # fmt: skip # short values, several a line
        tried = store.begin_run(RunKind.RECOVERY, NOW)
        store.intend([change(tried)])
        for record in (told, busy, RunRecord(tried, WORK, RunKind.RECOVERY, NOW, NOW)):
            store.finish_run(record)
        assert [each.id for each in store.runs(10)] == [tried, busy.id, told.id]
        assert store.run(busy.id) == busy
        assert len(store.runs(1)) == 1
        store.mark_undone(busy.id)
        undone = store.run(busy.id)
        assert undone is not None
        assert undone.undone

    def test_the_last_change_of_an_item_is_one_that_was_made(self, store: SyncStore) -> None:
        run = store.begin_run(RunKind.SYNC, NOW)
        verbs = (Verb.CREATE, Verb.UPDATE, Verb.DELETE)
        created, updated, deleted = store.intend([change(run, verb=verb) for verb in verbs])
        assert store.last_change_of(Side.CALENDAR, calendar()) is None
        store.conclude(created, ChangeState.DONE)
        store.conclude(updated, ChangeState.DONE)
        store.conclude(deleted, ChangeState.FAILED, error="gone")
        newest = store.last_change_of(Side.CALENDAR, calendar())
        first = store.last_change_of(Side.CALENDAR, calendar(), Verb.CREATE)
        assert newest is not None
        assert first is not None
        assert (newest.id, first.id) == (updated, created)
        assert store.last_change_of(Side.CRM, crm()) is None

    def test_rewrites_counts_our_updates_since_then(self, store: SyncStore) -> None:
        run = store.begin_run(RunKind.SYNC, NOW)
        minutes = (0, 5, 9)
        for number in store.intend([change(run, at=NOW + timedelta(minutes=minute)) for minute in minutes]):
            store.conclude(number, ChangeState.DONE)
        assert store.rewrites(Side.CALENDAR, [calendar("other"), calendar()], NOW + timedelta(minutes=5)) == [0, 2]
        assert store.rewrites(Side.CALENDAR, [], NOW) == []

    def test_pruning_drops_old_runs_but_no_open_change(self, store: SyncStore) -> None:
        old, open_still, new = (store.begin_run(RunKind.SYNC, NOW) for _ in range(3))
        (done,) = store.intend([change(old)])
        store.conclude(done, ChangeState.DONE)
        store.intend([change(open_still)])
        for run, finished in ((old, NOW), (open_still, NOW), (new, NOW + timedelta(2))):
            store.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, finished, linked=1))
        store.prune(NOW + timedelta(1))
        assert [each.id for each in store.runs(10)] == [new, open_still]
        assert store.changes(old) == []
        assert len(store.open_changes()) == 1

    # --- findings and what people decided ---
    def test_findings_about_an_item_are_replaced_and_others_stay(self, store: SyncStore) -> None:
        about_crm = finding("a", crm=crm("1"))
        about_calendar = finding("b", calendar=calendar("e1"), numbers=(("limit", 255),), service_message="no")
        about_pair = finding("c", crm=crm("1"), calendar=calendar("e2"), others=((Side.CRM, crm("9")),))
        about_sync = finding("d", account="crm", actions=(FindingAction.RECONNECT,))
        store.set_findings(
            [(Side.CRM, crm("1")), (Side.CALENDAR, calendar("e1"))], [about_crm, about_calendar, about_pair]
        )
        store.set_sync_findings([about_sync])
        assert sorted(store.findings(), key=lambda each: each.cause) == [
            about_crm,
            about_calendar,
            about_pair,
            about_sync,
        ]
        assert [each.id for each in store.findings()] == sorted(each.id for each in store.findings())
        store.set_findings([(Side.CALENDAR, calendar("e2")), (Side.CRM, crm("9"))], [])
        assert {each.cause for each in store.findings()} == {"a", "b", "d"}
        store.set_findings([(Side.CRM, crm("1"))], [])
        assert {each.cause for each in store.findings()} == {"b", "d"}
        store.set_sync_findings([])
        assert {each.cause for each in store.findings()} == {"b"}

    def test_a_dismissal_hides_a_finding_in_later_runs_until_taken_back(self, store: SyncStore) -> None:
        found = finding(crm=crm())
        store.set_findings([(Side.CRM, crm())], [found])
        assert store.finding_count() == 1
        store.dismiss(found.id, NOW)
        store.set_findings([(Side.CRM, crm())], [found])
        assert (store.findings(), store.finding_count()) == ([], 0)
        store.undismiss(found.id)
        assert (store.findings(), store.finding_count()) == ([found], 1)

    def test_a_choice_is_kept_replaced_and_dropped(self, store: SyncStore) -> None:
        assert not store.has_choices()
        store.choose(Side.CRM, crm(), Choice(FindingAction.TAKE_CRM, NOW))
        store.choose(Side.CRM, crm(), Choice(FindingAction.DROP, NOW))
        assert store.choice(Side.CRM, crm()) == Choice(FindingAction.DROP, NOW)
        assert store.choice(Side.CALENDAR, calendar()) is None
        assert store.has_choices()
        store.choose(Side.CRM, crm(), None)
        assert store.choice(Side.CRM, crm()) is None
        assert not store.has_choices()

    def test_it_knows_whether_any_item_has_a_finding(self, store: SyncStore) -> None:
        store.put(Side.CRM, [entry(item(), dirty=True)])
        assert not store.has_item_findings()
        store.set_findings([(Side.CRM, crm())], [finding(crm=crm())])
        assert store.has_item_findings()
        store.set_findings([(Side.CRM, crm())], [])
        assert not store.has_item_findings()

    def test_wiping_keeps_choices_dismissals_and_history(self, store: SyncStore) -> None:
        found = finding(crm=crm())
        store.put(Side.CRM, [entry(item(), dirty=True)])
        store.put_series_part(Side.CRM, crm("s"), item(crm("s")))
        store.save_link(link())
        store.set_cursor(Side.CRM, CRM_LIST, Cursor("c"))
        store.choose(Side.CRM, crm(), Choice(FindingAction.DROP, NOW))
        store.set_findings([(Side.CRM, crm())], [found])
        store.dismiss(found.id, NOW)
        run = store.begin_run(RunKind.SYNC, NOW)
        (done,) = store.intend([change(run)])
        store.conclude(done, ChangeState.DONE)
        store.wipe()
        assert (store.item(Side.CRM, crm()), store.link(Side.CRM, crm()), store.cursor(Side.CRM, CRM_LIST)) == (
            None, None, None,
        )  # fmt: skip # short values, several a line
        assert (store.dirty(10), store.link_count(), store.all_series(Side.CRM)) == ([], 0, [])
        store.set_findings([], [found])
        assert store.findings() == []
        assert store.choice(Side.CRM, crm()) == Choice(FindingAction.DROP, NOW)
        assert store.last_change_of(Side.CALENDAR, calendar()) is not None
