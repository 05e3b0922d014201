"""What the tray, the banner and the pages show for a state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from soroe.core.event import Side
from soroe.core.finding import FindingAction, Severity
from soroe.core.plan import Verb
from soroe.engine.forecast import Basis, Forecast
from soroe.engine.health import Health, HealthState, Mend
from soroe.engine.messages import (
    BudgetChanged,
    HealthChanged,
    RunProgress,
    RunStarted,
    Start,
    SyncChanged,
    SyncNow,
    TakeBack,
    Undo,
)
from soroe.engine.phase import Phase
from soroe.ports.reading import BothSides, DayCount
from soroe.ports.store import ChangeState, RunId, RunKind, SyncState, SyncStatus
from soroe.ui.ports import Permission
from soroe.ui.state import AppState, SignInStarted, Tick, TrayFound, advance
from soroe.ui.texts import Texts, finding_words
from soroe.ui.view import connections, findings, history, meetings
from soroe.ui.view.banner import Page, banner_view, page_counts
from soroe.ui.view.connections import Tab
from soroe.ui.view.notices import Notice, Withdrawn, notices
from soroe.ui.view.pauses import pause_until
from soroe.ui.view.taking_back import reversals
from soroe.ui.view.today import Tone, chart_view, today_view
from soroe.ui.view.told import Told
from soroe.ui.view.tray import TrayIcon, tray_view
from soroe.ui.widgets.chart import scale_top
from tests.builders import item, meeting
from tests.fakes.desk import NOW, ZONE
from tests.fakes.fortnight import fortnight
from tests.ui.test_state import RUNNING, WORK, account, loaded

BROKEN = Health(HealthState.SIGN_IN_NEEDED, NOW, "invalid_grant")


def broken() -> AppState:
    return advance(loaded(findings=2), HealthChanged("Google", BROKEN))


def with_status(status: SyncStatus, **more: object) -> AppState:
    return loaded(state=replace(SyncState(status, NOW), **more))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("state", "icon"),
    [
        (loaded(), TrayIcon.FINE),
        (loaded(findings=2), TrayIcon.WARNING),
        (advance(loaded(), RunStarted(WORK, NOW)), TrayIcon.SYNCING),
        (with_status(SyncStatus.PAUSED), TrayIcon.PAUSED),
        (with_status(SyncStatus.HELD), TrayIcon.WARNING),
        (broken(), TrayIcon.ERROR),
        (advance(broken(), RunStarted(WORK, NOW)), TrayIcon.ERROR),
        (AppState(NOW), TrayIcon.PAUSED),
    ],
)
def test_the_icon_shows_what_matters_most(told: Told, state: AppState, icon: TrayIcon) -> None:
    assert tray_view(state, told).icon is icon


def test_the_tray_says_what_happened_last_and_when(told: Told) -> None:
    assert tray_view(loaded(), told).happened == "Last sync today 10:42: nothing to change"
    assert tray_view(loaded(state=SyncState(SyncStatus.RUNNING)), told).happened == "No sync has run yet"
    busy = advance(loaded(), RunProgress(WORK, Phase.APPLY, 1200, 5000))
    assert tray_view(busy, told).happened == "Writing changes: 1,200 of 5,000"


def test_the_tray_offers_one_reconnect_for_each_failing_connection(told: Told) -> None:
    assert tray_view(broken(), told).mends == ((Mend.RECONNECT, "Google", "Reconnect Google …"),)
    assert tray_view(loaded(), told).mends == ()


def test_only_what_can_be_done_is_offered(told: Told) -> None:
    view = tray_view(with_status(SyncStatus.PAUSED), told)
    assert (view.can_sync, view.can_pause, view.can_resume) == (False, False, True)


def test_bk_5_the_banner_leads_to_connections_while_one_is_in_error(told: Told) -> None:
    shown = banner_view(broken(), told)
    assert shown is not None
    assert (shown.button, shown.page, shown.tone) == ("Check", Page.CONNECTIONS, Tone.BAD)
    assert "Google" in shown.message
    two = advance(broken(), HealthChanged("Sales CRM", BROKEN))
    assert banner_view(two, told) != shown
    assert banner_view(loaded(), told) is None


def test_a_held_sync_says_why_and_leads_to_findings(told: Told) -> None:
    shown = banner_view(with_status(SyncStatus.HELD, held_for="mass_delete:14:ab12cd"), told)
    assert shown is not None
    assert shown.page is Page.FINDINGS
    assert "would delete more meetings than usual" in shown.message


def test_without_a_tray_the_window_says_so(told: Told) -> None:
    shown = banner_view(advance(loaded(), TrayFound(False)), told)
    assert shown is not None
    assert "no tray" in shown.message


def test_the_navigation_counts_findings_and_errors() -> None:
    assert page_counts(broken()) == {Page.FINDINGS: 3, Page.CONNECTIONS: 1}, "the error is listed there too"


def test_today_tells_each_sync_and_what_its_button_does(told: Told) -> None:
    card = today_view(loaded(findings=2), told).cards[0]
    assert (card.tone, card.command) == (Tone.GOOD, SyncNow(WORK))
    assert dict(card.facts) == {
        "Last sync": "today 10:42 · nothing to change",
        "Next sync": "within a minute",
        "Findings": "2",
    }
    assert today_view(with_status(SyncStatus.STOPPED), told).cards[0].command == Start(WORK)


def test_a_sync_whose_connection_fails_waits_and_offers_to_check(told: Told) -> None:
    card = today_view(broken(), told).cards[0]
    assert (card.tone, card.status, card.command) == (Tone.BAD, "Waits for Google", None)
    assert dict(card.facts)["Next sync"] == "when the connection is mended"


def test_a_pause_tells_its_end(told: Told) -> None:
    paused = with_status(SyncStatus.PAUSED, paused_until=NOW + timedelta(hours=1))
    assert today_view(paused, told).cards[0].status == "Paused until today 11:42"


def test_a_budget_that_is_nearly_spent_stands_out(told: Told) -> None:
    state = advance(loaded(), BudgetChanged("Google", 5, 100, None))
    state = advance(state, BudgetChanged("Sales CRM", 950, 1000, NOW))
    assert [(line.words, line.tone) for line in today_view(state, told).budgets] == [
        ("5 of 100", Tone.GOOD),
        ("950 of 1,000", Tone.WARN),
    ]


def test_the_chart_tells_every_day_in_words(told: Told) -> None:
    bars = chart_view([DayCount("2026-05-12", 12, 1, 0)], told)
    assert bars[0].label == "12 May"
    assert bars[0].words == "Tue 12 May: 12 synced, 1 failed, 0 held"


@pytest.mark.parametrize(("most", "top"), [(0, 4), (4, 4), (5, 10), (31, 40), (101, 200), (2600, 4000)])
def test_the_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert scale_top(most) == top


def test_bk_6_a_connection_in_error_stands_under_all_and_connected(told: Told) -> None:
    accounts = (account("A"), account("B", HealthState.SIGN_IN_NEEDED, "x"), account("C", HealthState.NOT_CONNECTED))
    names = {tab: [line.name for line in connections.lines(accounts, tab, told)] for tab in Tab}
    assert names == {Tab.ALL: ["B", "A", "C"], Tab.CONNECTED: ["B", "A"], Tab.NOT_CONNECTED: ["C"]}
    error = connections.lines(accounts, Tab.CONNECTED, told)[0]
    assert (error.state, error.tone) == ("Connection error", Tone.BAD)


def test_the_details_of_a_connection_say_what_it_means_and_what_mends_it(told: Told) -> None:
    state = advance(broken(), SignInStarted("Google"))
    failing = state.account("Google")
    assert failing is not None
    shown = connections.details(state, failing, told)
    assert "sign-in has expired" in shown.what
    assert "stay as they are" in shown.means
    assert (shown.mend, shown.button) == (Mend.RECONNECT, "Check and sign in")
    assert shown.signing_in
    assert [use.name for use in shown.uses] == [WORK]
    assert shown.for_it == ""


def test_pd_11_what_it_blocks_is_ready_to_copy_for_them(told: Told) -> None:
    blocked = replace(
        account("Google", HealthState.BLOCKED_BY_IT, "AADSTS90094"), permissions=(Permission("calendar.events", False),)
    )
    shown = connections.details(loaded(blocked), blocked, told)
    assert "AADSTS90094" in shown.for_it
    assert "calendar.events" in shown.for_it


def test_one_notification_for_each_account_and_kind_of_trouble(told: Told) -> None:
    before, after = loaded(), broken()
    (notice,) = notices(before, after, told)
    assert isinstance(notice, Notice)
    assert (notice.key, notice.account, notice.title) == ("account:Google", "Google", "Google: sign in again")
    assert notices(after, after, told) == ()
    again = advance(after, HealthChanged("Google", replace(BROKEN, failures=2, since=NOW + timedelta(hours=1))))
    assert notices(after, again, told) == ()


def test_a_trouble_of_another_kind_is_notified_anew(told: Told) -> None:
    missing = advance(broken(), HealthChanged("Google", Health(HealthState.PERMISSION_MISSING, NOW, "calendar")))
    (notice,) = notices(broken(), missing, told)
    assert isinstance(notice, Notice)
    assert "calendar" in notice.body


def test_a_mended_connection_takes_its_notification_back_and_says_nothing(told: Told) -> None:
    mended = advance(broken(), HealthChanged("Google", Health(HealthState.CONNECTED, NOW)))
    assert notices(broken(), mended, told) == (Withdrawn("account:Google"),)


def test_a_locked_keychain_is_notified_once_for_all_accounts(told: Told) -> None:
    waits = Health(HealthState.WAITING_FOR_KEYCHAIN, NOW, "keychain_locked")
    both = loaded(account("Google"), account("CRM"))
    first = advance(both, HealthChanged("Google", waits))
    (notice,) = notices(both, first, told)
    assert isinstance(notice, Notice)
    assert (notice.key, notice.account, notice.title) == ("keychain", None, "The keychain is locked")
    second = advance(first, HealthChanged("CRM", waits))
    assert notices(first, second, told) == ()
    one = advance(second, HealthChanged("Google", Health(HealthState.CONNECTED, NOW)))
    assert notices(second, one, told) == ()
    none = advance(one, HealthChanged("CRM", Health(HealthState.CONNECTED, NOW)))
    assert notices(one, none, told) == (Withdrawn("keychain"),)


def test_ordinary_success_is_silent(told: Told) -> None:
    assert notices(loaded(), advance(loaded(), RunStarted(WORK, NOW)), told) == ()


def test_a_held_sync_is_notified_once_and_taken_back(told: Told) -> None:
    held = advance(loaded(), SyncChanged(WORK, SyncState(SyncStatus.HELD, NOW)))
    (notice,) = notices(loaded(), held, told)
    assert isinstance(notice, Notice)
    assert notices(held, held, told) == ()
    assert notices(held, advance(held, SyncChanged(WORK, RUNNING)), told) == (Withdrawn(f"sync:{WORK}"),)


def test_a_finding_tells_both_sides(told: Told) -> None:
    desk = fortnight()
    sync, conflict = desk.reading.found[0]
    shown = findings.details(sync, conflict, desk.reading.both_sides, told)
    assert shown.line.title == "Contract signing, Nishi Works"
    assert {pair.name for pair in shown.fields if pair.differs} == {"Time", "Place"}
    assert [name for _, name in shown.actions] == ["Take CRM", "Take calendar"]


def test_a_group_of_duplicates_names_its_other_members(told: Told) -> None:
    desk = fortnight()
    sync, double = desk.reading.found[1]
    others = findings.details(sync, double, desk.reading.both_sides, told).others
    assert [side for side, _, _ in others] == ["Calendar", "Calendar"]
    assert all(title == "Site inspection, Osaka plant" for _, title, _ in others)


def test_several_findings_offer_what_they_have_in_common(english: Texts) -> None:
    found = [finding for _, finding in fortnight().reading.found]
    private = [finding for finding in found if finding.kind.value == "private"]
    assert [action for action, _ in findings.common_actions(private, english)] == [FindingAction.DISMISS]
    assert findings.common_actions([found[0], found[1]], english) == ()


def test_a_change_shows_before_and_after(told: Told) -> None:
    desk = fortnight()
    run = desk.reading.records[0]
    card = history.change_card(desk.reading.changes(run.id)[0], told)
    assert card.what == "Changed in Calendar"
    assert [(pair.name, pair.left) for pair in card.fields] == [
        ("Time", "Mon 11 May 10:00 – 11:00"),
        ("Place", "Chiyoda 1-3, 5F"),
    ]


def test_a_run_that_was_taken_back_cannot_be_taken_back_again(told: Told) -> None:
    run = fortnight().reading.records[0]
    assert history.run_line(run, told).can_undo
    assert not history.run_line(replace(run, undone=True), told).can_undo
    assert not history.run_line(replace(run, updated=(0, 0)), told).can_undo


def test_a_pause_until_tomorrow_ends_at_midnight_here(english: Texts) -> None:
    told = Told(english, datetime(2026, 5, 12, 1, 42, tzinfo=UTC), ZONE)
    assert pause_until("tomorrow", told) == datetime(2026, 5, 12, 15, 0, tzinfo=UTC)
    assert pause_until("hour", told) == datetime(2026, 5, 12, 2, 42, tzinfo=UTC)
    assert pause_until("resumed", told) is None


def test_only_a_run_of_the_choice_itself_is_undone_with_it() -> None:
    desk = fortnight()
    chosen = [desk.reading.found[0]]
    take, since = FindingAction.TAKE_CRM, NOW - timedelta(hours=1)
    assert reversals(take, chosen, since, desk.reading) == ()
    own = replace(desk.reading.journal[RunId(40)][0], target=chosen[0][1].calendar)
    desk.reading.journal[RunId(40)] = [own]
    assert reversals(take, chosen, since, desk.reading) == (Undo(WORK, RunId(40)),)
    desk.reading.journal[RunId(40)] = [own, desk.reading.journal[RunId(39)][1]]
    assert reversals(take, chosen, since, desk.reading) == ()
    assert reversals(FindingAction.ALLOW, chosen, since, desk.reading) == (Undo(WORK, RunId(40)),)


def test_a_merge_is_taken_back_by_its_own_run() -> None:
    desk = fortnight()
    chosen = [desk.reading.found[1]]
    own = replace(desk.reading.records[0], id=RunId(60), kind=RunKind.RESOLVE, started=NOW)
    desk.reading.records.append(own)
    merge = FindingAction.MERGE
    assert reversals(merge, chosen, NOW - timedelta(hours=1), desk.reading) == (Undo(WORK, RunId(60)),)
    desk.reading.records[-1] = replace(own, undone=True)
    assert reversals(merge, chosen, NOW - timedelta(hours=1), desk.reading) == ()


def test_marks_of_ours_are_no_changes_that_history_shows(told: Told) -> None:
    desk = fortnight()
    (change, *_) = desk.reading.changes(desk.reading.records[0].id)
    mark = replace(change, verb=Verb.UPDATE, fields=())
    refused = replace(mark, state=ChangeState.FAILED)
    renamed = replace(change, verb=Verb.UPDATE, fields=("title",))
    assert [one.is_mark for one in (mark, refused, renamed)] == [True, False, False]


def test_an_event_that_shows_only_its_time_is_called_private(told: Told) -> None:
    taken = item(Side.CALENDAR, content=meeting(""), details_hidden=True)
    assert meetings.details(BothSides(None, taken, None, None), told).title == "Private"
    nameless = item(Side.CALENDAR, content=meeting(""))
    assert meetings.details(BothSides(None, nameless, None, None), told).title == "(no title)"


def test_findings_list_what_the_connections_need_beside_what_the_database_knows(told: Told) -> None:
    ((sync, finding),) = findings.about_connections(broken(), told)
    words = finding_words(told.texts, finding)
    assert (sync, finding.account) == (WORK, "Google")
    assert words.what == "Google: The sign-in has expired or was taken back."
    assert "Sign in again" in words.why
    near = replace(account("Google"), ends=Forecast(NOW + timedelta(hours=20), Basis.TOLD))
    ((_, ending),) = findings.about_connections(loaded(near, account("Sales CRM")), told)
    assert ending.severity is Severity.INFO
    assert finding_words(told.texts, ending).what == "Google: The sign-in is about to end."


def test_a_sign_in_that_is_about_to_end_is_told_once_a_day_before_and_taken_back_when_renewed(told: Told) -> None:
    far = replace(account("Google"), ends=Forecast(NOW + timedelta(hours=25), Basis.TOLD))
    before = loaded(far, account("Sales CRM"))
    after = advance(before, Tick(NOW + timedelta(hours=2)))
    (notice,) = notices(before, after, told)
    assert isinstance(notice, Notice)
    assert (notice.key, notice.account, notice.mend) == ("ending:Google", "Google", Mend.RECONNECT)
    assert notices(after, advance(after, Tick(NOW + timedelta(hours=3))), told) == ()
    renewed = loaded(replace(far, ends=Forecast(NOW + timedelta(days=7), Basis.TOLD)), account("Sales CRM"))
    assert notices(after, renewed, told) == (Withdrawn("ending:Google"),)
    late = Told(told.texts, NOW + timedelta(hours=2), ZONE)
    shown = banner_view(after, late)
    assert shown is not None and (shown.tone, shown.reconnect) == (Tone.WARN, "Google")


def test_not_a_duplicate_is_taken_back_by_forgetting_it_once_its_copies_are_gone() -> None:
    desk = fortnight()
    chosen = [desk.reading.found[1]]
    (forgotten,) = reversals(FindingAction.NOT_A_DUPLICATE, chosen, NOW - timedelta(hours=1), desk.reading)
    assert isinstance(forgotten, TakeBack)
    assert set(forgotten.items) == set(chosen[0][1].group())
    copy = replace(desk.reading.journal[RunId(40)][0], target=chosen[0][1].crm, side=Side.CRM)
    desk.reading.journal[RunId(40)] = [copy]
    undone, again = reversals(FindingAction.NOT_A_DUPLICATE, chosen, NOW - timedelta(hours=1), desk.reading)
    assert (undone, again) == (Undo(WORK, RunId(40)), forgotten)
