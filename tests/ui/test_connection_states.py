"""Every state of a connection in every place: list, details, tabs, tray, banner, notification, Today (BK-5 to BK-8)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from soroe.engine.health import CALLS_FOR_USER, ERRORS, Health, HealthState, Mend, mend_of
from soroe.engine.messages import HealthChanged
from soroe.ui.ports import AccountKind, Registration
from soroe.ui.state import AppState, advance
from soroe.ui.texts import Texts
from soroe.ui.view import connections
from soroe.ui.view.banner import Page, banner_view, page_counts
from soroe.ui.view.connections import Tab
from soroe.ui.view.notices import Notice, Withdrawn, notices
from soroe.ui.view.today import Tone, today_view
from soroe.ui.view.told import Told
from soroe.ui.view.tray import TrayIcon, tray_view
from tests.fakes.desk import NOW, ZONE
from tests.ui.test_state import account, loaded

S, T = HealthState, Tone


@dataclass(frozen=True)
class Place:
    """What one state looks like everywhere."""

    tone: Tone
    mend: Mend
    tray: TrayIcon
    banner: Tone | None
    today: Tone


PLACES = {
    S.CONNECTED: Place(T.GOOD, Mend.NOTHING, TrayIcon.FINE, None, T.GOOD),
    S.RETRYING: Place(T.BUSY, Mend.NOTHING, TrayIcon.FINE, None, T.GOOD),
    S.DELAYED: Place(T.WARN, Mend.NOTHING, TrayIcon.WARNING, T.WARN, T.WARN),
    S.WAITING_FOR_KEYCHAIN: Place(T.WARN, Mend.UNLOCK_KEYCHAIN, TrayIcon.WARNING, T.WARN, T.WARN),
    S.SIGN_IN_NEEDED: Place(T.BAD, Mend.RECONNECT, TrayIcon.ERROR, T.BAD, T.BAD),
    S.PERMISSION_MISSING: Place(T.BAD, Mend.RECONNECT, TrayIcon.ERROR, T.BAD, T.BAD),
    S.BLOCKED_BY_IT: Place(T.BAD, Mend.COPY_FOR_IT, TrayIcon.ERROR, T.BAD, T.BAD),
    S.PAUSED_BY_LIMIT: Place(T.WARN, Mend.NOTHING, TrayIcon.PAUSED, None, T.WARN),
    S.LOCAL_TROUBLE: Place(T.BAD, Mend.NOTHING, TrayIcon.ERROR, T.BAD, T.BAD),
    S.NOT_CONNECTED: Place(T.CALM, Mend.RECONNECT, TrayIcon.FINE, None, T.GOOD),
}
EVERY = pytest.mark.parametrize("state", HealthState)


def standing(state: HealthState, code: str = "") -> AppState:
    """One account of a running sync in a state; another one that is fine."""
    return advance(loaded(), HealthChanged("Google", Health(state, NOW, code, NOW)))


@pytest.fixture
def told(texts: Texts) -> Told:
    """Told in each language in turn."""
    return Told(texts, NOW, ZONE)


def test_every_state_has_its_place() -> None:
    assert set(PLACES) == set(HealthState)


@EVERY
def test_the_list_and_the_tabs_show_the_state(state: HealthState, told: Told) -> None:
    accounts = standing(state).accounts
    (line,) = [one for one in connections.lines(accounts, Tab.ALL, told) if one.name == "Google"]
    assert line.tone is PLACES[state].tone
    assert line.state == told.texts(f"health.{state.value}")
    under = {tab for tab in Tab if any(one.name == "Google" for one in connections.lines(accounts, tab, told))}
    assert under == {Tab.ALL, Tab.NOT_CONNECTED if state is S.NOT_CONNECTED else Tab.CONNECTED}


@EVERY
def test_bk_6_only_errors_are_called_a_connection_error(state: HealthState, told: Told) -> None:
    (line,) = [one for one in connections.lines(standing(state).accounts, Tab.ALL, told) if one.name == "Google"]
    is_error = line.state == told.texts("health.sign_in_needed")
    assert is_error == (state in ERRORS) == (line.tone is T.BAD)


@EVERY
def test_the_details_say_what_happened_what_it_means_and_offer_one_button(state: HealthState, told: Told) -> None:
    app = standing(state, "http_503" if state is S.RETRYING else "")
    failing = app.account("Google")
    assert failing is not None
    shown = connections.details(app, failing, told)
    assert shown.what and shown.means
    assert bool(shown.do) == (state is not S.CONNECTED)
    assert shown.mend is PLACES[state].mend
    assert bool(shown.button) == (shown.mend is not Mend.NOTHING)
    assert "{" not in f"{shown.what}{shown.means}{shown.do}{shown.button}"
    assert bool(shown.for_it) == (state is S.BLOCKED_BY_IT)


@EVERY
def test_the_tray_shows_the_state_and_offers_what_mends_it(state: HealthState, told: Told) -> None:
    view = tray_view(standing(state), told)
    assert view.icon is PLACES[state].tray
    assert [mend for mend, _, _ in view.mends] == [mend for mend in (PLACES[state].mend,) if mend is not Mend.NOTHING]
    assert all(text for _, _, text in view.mends)


@EVERY
def test_bk_5_the_banner_stands_while_the_user_is_needed(state: HealthState, told: Told) -> None:
    shown = banner_view(standing(state), told)
    assert (shown.tone if shown else None) is PLACES[state].banner
    if state in ERRORS:
        assert shown is not None and (shown.button, shown.page) == (told.texts("banner.check"), Page.CONNECTIONS)
        assert shown.reconnect == ("Google" if PLACES[state].mend is Mend.RECONNECT else "")
    assert (shown is not None and shown.unlocks) == (state is S.WAITING_FOR_KEYCHAIN)
    assert page_counts(standing(state)).get(Page.CONNECTIONS, 0) == int(state in ERRORS)


@EVERY
def test_one_notification_with_the_button_that_mends_it_and_none_for_what_passes(
    state: HealthState, told: Told
) -> None:
    found = notices(loaded(), standing(state), told)
    assert bool(found) == (state in CALLS_FOR_USER)
    for notice in found:
        assert isinstance(notice, Notice)
        assert notice.mend is PLACES[state].mend
        assert notice.title and notice.body
    healed = notices(standing(state), loaded(), told)
    assert [type(one) for one in healed] == [Withdrawn for _ in found], "it is taken back at once (BK-8)"


@EVERY
def test_today_shows_it_on_the_card_and_never_says_that_nothing_needs_you_in_error(
    state: HealthState, told: Told
) -> None:
    view = today_view(standing(state), told)
    assert view.cards[0].tone is PLACES[state].today
    assert [name for name, _, _ in view.failing] == (["Google"] if state in CALLS_FOR_USER else [])


@EVERY
def test_bk_8_a_mended_connection_leaves_nothing_behind(state: HealthState, told: Told) -> None:
    mended = advance(standing(state), HealthChanged("Google", Health(S.CONNECTED, NOW)))
    assert (tray_view(mended, told).icon, banner_view(mended, told)) == (TrayIcon.FINE, None)
    assert today_view(mended, told).failing == ()


@pytest.mark.parametrize("kind", AccountKind)
def test_bk_7_google_and_microsoft_are_checked_at_the_account_and_the_rest_is_reconnected(
    kind: AccountKind, english: Texts
) -> None:
    told = Told(english, NOW, ZONE)
    failing = replace(account("X", S.SIGN_IN_NEEDED, "invalid_grant"), kind=kind)
    checked = kind in {AccountKind.GOOGLE, AccountKind.MICROSOFT365}
    assert connections.mend_button(failing, told) == ("Check and sign in" if checked else "Reconnect")
    new = replace(failing, health=Health())
    assert connections.mend_button(new, told) == "Connect"


def test_a_mailbox_that_has_moved_is_led_to_microsoft_365(told: Told) -> None:
    for state in (S.SIGN_IN_NEEDED, S.BLOCKED_BY_IT):
        app = standing(state, "exchange_online")
        moved = app.account("Google")
        assert moved is not None
        assert mend_of(moved.health) is Mend.MOVE_TO_MICROSOFT365
        assert connections.details(app, moved, told).button == told.texts("mend.move_to_microsoft365")
        assert [mend for mend, _, _ in tray_view(app, told).mends] == [Mend.MOVE_TO_MICROSOFT365]


def test_pd_11_the_message_for_it_holds_all_that_they_ask_for(told: Told) -> None:
    known = Registration("5c1b0f5e", "example.com", "graph.microsoft.com")
    blocked = replace(
        account("Work"),
        kind=AccountKind.MICROSOFT365,
        identity="sato@example.com",
        health=Health(S.BLOCKED_BY_IT, NOW, "AADSTS53003", reference="7f2c-11"),
        registration=known,
    )
    text = connections.for_it(blocked, told, "1.0")
    for part in ("5c1b0f5e", "example.com", "graph.microsoft.com", "sato@example.com", "AADSTS53003", "7f2c-11"):
        assert part in text
    assert text.splitlines()[0] == told.texts("for_it.subject", account="sato@example.com", kind="Microsoft 365")
    assert told.texts("diagnosis.conditional_access.it") in text
    assert "{" not in text
