"""Accounts as the window handles them: signed in, given up, begun again, removed; and what opening one brings along."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from soroe.bootstrap.connectors import SECRET, Connection
from soroe.bootstrap.sign_ins import Cancelled, SignIns
from soroe.bootstrap.window_accounts import WindowAccounts
from soroe.bootstrap.workers import Workers
from soroe.engine.health import HealthState
from soroe.engine.messages import BudgetChanged, CommandDone, HealthChanged, RunFinished, Start
from soroe.sandbox.browser import ScriptedBrowser
from soroe.settings.model import Account, AccountName
from tests.end_to_end.homes import EMAIL, SYNC, Installation, World

PATIENCE = 60.0
Install = Callable[..., Installation]


class Window:
    """The accounts as the window has them, and what it hears."""

    def __init__(self, laptop: Installation, open_browser: Callable[[str], None]) -> None:
        self.workers = Workers(laptop.program)
        self.accounts = WindowAccounts(laptop.program, self.workers, open_browser)
        self.heard: list[object] = []
        self._news = threading.Condition()
        self.workers.subscribe(self._hear)

    def _hear(self, event: object) -> None:
        with self._news:
            self.heard.append(event)
            self._news.notify_all()

    def hears(self, kind: type, count: int = 1) -> list[object]:
        """The events of a kind, once there are so many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._of(kind)) >= count, PATIENCE), self.heard
            return self._of(kind)

    def _of(self, kind: type) -> list[object]:
        return [event for event in self.heard if isinstance(event, kind)]


class Browser:
    """A browser whose tab the user looks at but does nothing in, until told."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.opened = threading.Event()

    def __call__(self, address: str) -> None:
        self.asked.append(address)
        self.opened.set()


def test_a_sign_in_can_be_given_up_and_that_is_no_trouble(install: Install) -> None:
    laptop, browser = install(), Browser()
    signs = SignIns(laptop.program, laptop.store, browser)
    account = laptop.program.settings().account(AccountName("calendar"))
    assert account is not None

    def give_up() -> None:
        assert browser.opened.wait(PATIENCE)
        signs.cancel()

    giving_up = threading.Thread(target=give_up)
    giving_up.start()
    before = laptop.keychain.get("calendar", SECRET)
    with pytest.raises(Cancelled):
        signs.with_browser(account)
    giving_up.join()
    assert laptop.keychain.get("calendar", SECRET) == before


def test_pressing_cancel_on_googles_page_changes_nothing(install: Install) -> None:
    laptop = install()
    tabs: list[threading.Thread] = []
    user = ScriptedBrowser(EMAIL, allow=False)
    window = Window(laptop, lambda address: tabs.append(user.open_in_background(address)))
    laptop.run()
    window.accounts.reconnect("calendar")
    (told,) = window.hears(HealthChanged)
    assert isinstance(told, HealthChanged) and told.health.state is HealthState.CONNECTED
    for tab in tabs:
        tab.join()


def test_reconnect_pressed_again_begins_anew_after_the_tab_was_closed(install: Install) -> None:
    laptop, browser = install(), Browser()
    window = Window(laptop, browser)
    window.accounts.reconnect("calendar")
    assert browser.opened.wait(PATIENCE)
    browser.opened.clear()
    window.accounts.reconnect("calendar")
    assert browser.opened.wait(PATIENCE)
    ScriptedBrowser(EMAIL).open(browser.asked[1])
    told = window.hears(HealthChanged)[-1]
    assert isinstance(told, HealthChanged) and told.health.state is HealthState.CONNECTED
    assert len(browser.asked) == 2


def test_quitting_gives_up_what_waits_in_the_browser(install: Install) -> None:
    laptop, browser = install(), Browser()
    window = Window(laptop, browser)
    window.accounts.reconnect("calendar")
    assert browser.opened.wait(PATIENCE)
    window.accounts.close()
    window.hears(HealthChanged)


def test_removing_an_account_forgets_its_sign_in_and_gives_googles_permission_back(
    install: Install, world: World
) -> None:
    laptop = install()
    laptop.run()
    laptop.program.connectors.sign_out(_account(laptop, "calendar"))
    assert laptop.keychain.get("calendar", SECRET) is None
    assert world.google.refresh_tokens(EMAIL) == []


def test_an_account_is_forgotten_here_also_while_google_is_out_of_reach(install: Install, world: World) -> None:
    laptop = install()
    window = Window(laptop, lambda _address: None)
    world.google.vanish()
    try:
        window.accounts.remove("calendar")
        (told,) = window.hears(CommandDone)
        assert isinstance(told, CommandDone) and told.code == "not_given_back:RetryLater"
        assert laptop.keychain.get("calendar", SECRET) is None
    finally:
        world.google.start()


def test_what_uses_the_same_account_shares_its_quota(install: Install) -> None:
    connectors = install().program.connectors
    assert connectors._pacer("crm", 20, 2.0) is connectors._pacer("crm", 20, 2.0)
    assert connectors._pacer("crm", 20, 2.0) is not connectors._pacer("calendar", 600)


@pytest.mark.parametrize("world", ["pipedrive"], indirect=True)
def test_pipedrives_budget_is_told_and_sets_the_pace(install: Install) -> None:
    laptop = install()
    with closing(_opened(laptop, "crm")) as crm:
        before = crm.upkeep.budget()
        crm.reader.identity()
        after = crm.upkeep.budget()
        pace = crm.upkeep.poll_every()
    assert before is not None and after is not None and after.spent > before.spent and after.limit >= 30_000
    assert pace is not None and 60 < pace.total_seconds() < 3_600


@pytest.mark.parametrize("world", ["pipedrive"], indirect=True)
def test_the_window_hears_of_pipedrives_budget_after_a_run(install: Install) -> None:
    laptop = install()
    window = Window(laptop, lambda _address: None)
    window.workers.start()
    window.workers.send(Start(SYNC))
    told = window.hears(BudgetChanged)[0]
    finished = window.hears(RunFinished)[0]
    assert window.workers.stop()
    assert isinstance(told, BudgetChanged) and told.account == "crm" and 0 < told.spent < told.limit
    assert isinstance(finished, RunFinished) and finished.next_run is not None and finished.record.finished is not None
    assert (finished.next_run - finished.record.finished).total_seconds() > 120


def _account(laptop: Installation, name: str) -> Account:
    account = laptop.program.settings().account(AccountName(name))
    assert account is not None
    return account


def _opened(laptop: Installation, name: str) -> Connection:
    return laptop.program.connectors.open(_account(laptop, name))
