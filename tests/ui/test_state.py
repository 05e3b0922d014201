"""How an event changes what the window and the tray know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from soroe.core.finding import FindingKind
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import (
    BudgetChanged,
    CommandDone,
    HealthChanged,
    RunFinished,
    RunProgress,
    RunStarted,
    SyncChanged,
    TestSync,
)
from soroe.engine.phase import Phase
from soroe.ports.store import RunId, RunKind, RunRecord, SyncState, SyncStatus
from soroe.ui.ports import Account, AccountKind, SignInEnded, SignInPage, SyncSetup
from soroe.ui.state import AppState, Loaded, SignInStarted, TestStarted, Tick, advance
from tests.fakes.desk import NOW, sync_name

WORK = sync_name()
RUNNING = SyncState(SyncStatus.RUNNING, NOW, last_run=NOW)


def account(name: str = "Google", state: HealthState = HealthState.CONNECTED, code: str = "") -> Account:
    return Account(name, AccountKind.GOOGLE, "sato@example.com", Health(state, NOW, code))


def loaded(*accounts: Account, state: SyncState = RUNNING, findings: int = 0) -> AppState:
    event = Loaded(
        accounts or (account(), account("Sales CRM")),
        (SyncSetup(WORK, "Sales CRM", "Google"),),
        ((WORK, state),),
        (),
        ((WORK, FindingKind.PRIVATE, findings),) if findings else (),
    )
    return advance(AppState(NOW), event)


def finished(**more: object) -> RunFinished:
    record = replace(RunRecord(RunId(1), WORK, RunKind.SYNC, NOW, NOW), **more)  # type: ignore[arg-type]  # by name
    return RunFinished(WORK, record, RUNNING, 3, NOW + timedelta(minutes=1))


def test_a_run_is_seen_from_its_start_to_its_end() -> None:
    state = advance(loaded(), RunStarted(WORK, NOW))
    state = advance(state, RunProgress(WORK, Phase.APPLY, 40, 120))
    sync = state.syncs[0]
    assert sync.running
    assert sync.progress is not None
    assert sync.progress.done == 40
    sync = advance(state, finished()).syncs[0]
    assert not sync.running
    assert sync.progress is None
    assert sync.findings == 3
    assert sync.next_run == NOW + timedelta(minutes=1)


def test_an_event_of_a_sync_that_is_gone_changes_nothing() -> None:
    state = loaded()
    assert advance(state, SyncChanged(sync_name("Other"), RUNNING)) == state


def test_a_sync_that_was_paused_is_paused_here() -> None:
    paused = SyncState(SyncStatus.PAUSED, NOW, NOW + timedelta(hours=1))
    assert advance(loaded(), SyncChanged(WORK, paused)).syncs[0].state == paused


def test_a_connection_in_error_is_found_and_mends() -> None:
    broken = advance(loaded(), HealthChanged("Google", Health(HealthState.SIGN_IN_NEEDED, NOW, "invalid_grant")))
    assert [one.name for one in broken.in_error] == ["Google"]
    assert advance(broken, HealthChanged("Google", Health(HealthState.CONNECTED, NOW))).in_error == ()


def test_a_sign_in_under_way_ends_with_the_news_about_it() -> None:
    state = advance(loaded(), SignInStarted("Google"))
    assert state.signing_in == {"Google"}
    assert advance(state, SignInEnded("Google")).signing_in == frozenset()
    broken = advance(state, HealthChanged("Google", Health(HealthState.SIGN_IN_NEEDED, NOW, "invalid_grant")))
    assert broken.signing_in == {"Google"}, "what a run meets meanwhile does not end it"
    assert advance(broken, HealthChanged("Google", Health(HealthState.CONNECTED, NOW))).signing_in == frozenset()


def test_a_sign_in_tells_where_it_waits_and_why_it_was_refused_until_the_next_one() -> None:
    page = SignInPage("Google", "https://example.com/sign-in", opened=False)
    state = advance(advance(loaded(), SignInStarted("Google")), page)
    assert state.page("Google") == page
    refused = advance(state, SignInEnded("Google", "other_account", "sato", "suzuki"))
    assert (refused.page("Google"), refused.signing_in) == (None, frozenset())
    assert refused.refusal("Google") == SignInEnded("Google", "other_account", "sato", "suzuki")
    assert advance(refused, SignInStarted("Google")).refusal("Google") is None
    assert advance(state, SignInEnded("Google", "sign_in_cancelled")).refusal("Google") is None


def test_reading_again_keeps_the_run_under_way() -> None:
    state = advance(loaded(), RunStarted(WORK, NOW))
    again = advance(state, Loaded((), (SyncSetup(WORK, "Sales CRM", "Google"),), ((WORK, RUNNING),), (), ()))
    assert again.syncs[0].running


def test_the_newest_run_of_each_sync_is_the_last_one() -> None:
    runs = tuple(RunRecord(RunId(n), WORK, RunKind.SYNC, NOW - timedelta(hours=n)) for n in (1, 2))
    event = Loaded((), (SyncSetup(WORK, "a", "b"),), (), runs, ())
    last = advance(AppState(NOW), event).syncs[0].last
    assert last is not None
    assert last.id == RunId(1)


def test_a_look_that_met_nothing_counts_as_the_last_one() -> None:
    old = finished(finished=NOW - timedelta(hours=1))
    sync = advance(loaded(), old).syncs[0]
    assert sync.looked == NOW
    assert sync.report is None


def test_findings_are_counted_by_kind_and_by_sync() -> None:
    event = Loaded(
        (), (SyncSetup(WORK, "a", "b"),), (), (), ((WORK, FindingKind.PRIVATE, 2), (WORK, FindingKind.DUPLICATE, 1))
    )
    state = advance(AppState(NOW), event)
    assert dict(state.counts) == {FindingKind.PRIVATE: 2, FindingKind.DUPLICATE: 1}
    assert state.findings == 3
    assert state.syncs[0].findings == 3


def test_a_test_sync_replaces_the_result_of_the_one_before() -> None:
    state = loaded()
    for code in ("busy", ""):
        state = advance(state, TestStarted(WORK))
        assert state.testing == {WORK}
        state = advance(state, CommandDone(TestSync(WORK), code))
    assert state.testing == frozenset()
    assert [test.code for test in state.tests] == [""]


def test_a_budget_replaces_the_one_before() -> None:
    state = advance(advance(loaded(), BudgetChanged("b", 1, 10, None)), BudgetChanged("a", 1, 10, None))
    state = advance(state, BudgetChanged("b", 2, 10, None))
    assert [(budget.account, budget.spent) for budget in state.budgets] == [("a", 1), ("b", 2)]


def test_time_passes() -> None:
    assert advance(loaded(), Tick(NOW + timedelta(minutes=1))).now == NOW + timedelta(minutes=1)
