"""Sign-ins beside the window: refused for another account, given up, without a browser, with a password or a key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import quote

import pytest

from soroe.bootstrap import forms
from soroe.bootstrap.connectors import SECRET
from soroe.bootstrap.registrations import permissions_of, registration_of, scopes_of
from soroe.bootstrap.window_accounts import WindowAccounts
from soroe.bootstrap.workers import Workers
from soroe.engine.accounts import health_fact, read_health, write_health
from soroe.engine.forecast import Basis
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import HealthChanged
from soroe.ports.errors import LocalTrouble
from soroe.sandbox.browser import ScriptedBrowser
from soroe.settings.model import AccountName, ExchangeAccount, ExchangeAuth, Microsoft365Account
from soroe.settings.overlay import NO_POLICY, Level, PolicySource, Scope, overlay
from soroe.ui.ports import AccountKind, Refused, SignInEnded, SignInPage, Way
from tests.end_to_end.homes import EMAIL, Installation, World

PATIENCE = 60.0
Install = Callable[..., Installation]


class Desk:
    """The accounts as the window has them, and what it hears of sign-ins."""

    def __init__(self, laptop: Installation, open_browser: Callable[[str], None]) -> None:
        self.workers = Workers(laptop.program)
        self.accounts = WindowAccounts(laptop.program, self.workers, open_browser)
        self.accounts.reads_from(laptop.store.fact)
        self._heard: list[object] = []
        self._news = threading.Condition()
        self.workers.subscribe(self._hear)
        self.accounts.subscribe(self._hear)

    def _hear(self, event: object) -> None:
        with self._news:
            self._heard.append(event)
            self._news.notify_all()

    def hears(self, kind: type, count: int = 1) -> list[object]:
        """The events of a kind, once there are so many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._of(kind)) >= count, PATIENCE), self._heard
            return self._of(kind)

    def ended(self, count: int = 1) -> SignInEnded:
        """How the last of so many sign-ins ended."""
        told = self.hears(SignInEnded, count)[count - 1]
        assert isinstance(told, SignInEnded)
        return told

    def _of(self, kind: type) -> list[object]:
        return [event for event in self._heard if isinstance(event, kind)]

    def shown(self, name: str) -> Health:
        """The health that the window reads now."""
        return next(account.health for account in self.accounts.accounts() if account.name == name)


def nobody(_address: str) -> None:
    """A browser in which nobody does anything."""


def test_another_account_is_refused_with_both_names_and_the_old_sign_in_stays(install: Install, world: World) -> None:
    laptop = install()
    laptop.run()
    world.google.add_account("suzuki@example.com")
    tabs: list[threading.Thread] = []
    other = ScriptedBrowser("suzuki@example.com")

    def use_another_account(address: str) -> None:
        tabs.append(other.open_in_background(address.replace(quote(EMAIL), quote(other.account))))

    desk = Desk(laptop, use_another_account)
    before = laptop.keychain.get("calendar", SECRET)
    desk.accounts.reconnect("calendar")
    assert desk.ended() == SignInEnded("calendar", "other_account", EMAIL, "suzuki@example.com")
    assert laptop.keychain.get("calendar", SECRET) == before
    assert desk.shown("calendar").state is HealthState.CONNECTED
    for tab in tabs:
        tab.join()


def test_a_sign_in_is_given_up_from_the_window(install: Install) -> None:
    desk = Desk(install(), nobody)
    desk.accounts.reconnect("calendar")
    (page,) = desk.hears(SignInPage)
    assert isinstance(page, SignInPage) and page.opened
    desk.accounts.cancel("calendar")
    assert desk.ended() == SignInEnded("calendar", "sign_in_cancelled")


def test_without_a_browser_the_address_is_told_and_the_sign_in_waits_for_it(install: Install) -> None:
    def none_there(_address: str) -> None:
        raise LocalTrouble("no_browser")

    desk = Desk(install(), none_there)
    desk.accounts.reconnect("calendar")
    (page,) = desk.hears(SignInPage)
    assert isinstance(page, SignInPage) and not page.opened
    ScriptedBrowser(EMAIL).open(page.address)
    assert desk.ended() == SignInEnded("calendar")


def test_a_sign_in_foretells_its_end_from_when_it_was(install: Install) -> None:
    tabs: list[threading.Thread] = []
    user = ScriptedBrowser(EMAIL)
    desk = Desk(install(), lambda address: tabs.append(user.open_in_background(address)))
    desk.accounts.reconnect("calendar")
    assert desk.ended().code == ""
    calendar = next(account for account in desk.accounts.accounts() if account.name == "calendar")
    assert calendar.ends is not None and calendar.ends.basis is Basis.UNUSED
    crm = next(account for account in desk.accounts.accounts() if account.name == "crm")
    assert crm.ends is None, "nothing is known of a key's end"
    for tab in tabs:
        tab.join()


def test_a_wrong_key_is_told_and_the_right_one_takes_its_place(install: Install, world: World) -> None:
    laptop = install()
    desk = Desk(laptop, nobody)
    broken = Health(HealthState.SIGN_IN_NEEDED, None, "invalid_api_key")
    laptop.store.set_fact(health_fact("crm"), write_health(broken))
    desk.accounts.sign_in("crm", "", "wrong")
    assert desk.ended().code
    assert laptop.keychain.get("crm", SECRET) != "wrong"
    assert desk.shown("crm").state is HealthState.SIGN_IN_NEEDED
    key = world.crm.api_key_for(world.user)
    desk.accounts.sign_in("crm", "", key)
    assert desk.ended(2) == SignInEnded("crm")
    assert laptop.keychain.get("crm", SECRET) == key
    assert read_health(laptop.store.fact(health_fact("crm"))).state is HealthState.CONNECTED


def test_a_wrong_key_for_an_account_that_works_changes_nothing(install: Install) -> None:
    laptop = install()
    laptop.run()
    desk = Desk(laptop, nobody)
    desk.accounts.sign_in("crm", "", "wrong")
    assert desk.ended().code
    assert desk.hears(HealthChanged)
    assert desk.shown("crm").state is HealthState.CONNECTED


def test_each_account_says_how_it_is_signed_in_to(install: Install) -> None:
    ways = {account.name: account.way for account in Desk(install(), nobody).accounts.accounts()}
    assert ways == {"crm": Way.KEY, "calendar": Way.BROWSER}


# --- forms ---
EXCHANGE = {
    "name": "mail",
    "email": "sato@example.com",
    "username": "EXAMPLE\\sato",
    "password": " p w ",
    "server": "https://mail.example.com/EWS/",
}


def test_exchange_is_asked_for_its_server_user_and_way_of_signing_in() -> None:
    form = forms.form_of(AccountKind.EXCHANGE, NO_POLICY)
    assert {field.name for field in form if field.required} == {"name", "email", "username"}
    (auth,) = [field for field in form if field.name == "auth"]
    assert auth.choices == tuple(way.value for way in ExchangeAuth)
    table = forms.table_of(AccountKind.EXCHANGE, {**EXCHANGE, "auth": "basic", "autodiscover": "false"}, form)
    assert table == {
        "kind": "exchange",
        "email": "sato@example.com",
        "username": "EXAMPLE\\sato",
        "server": "https://mail.example.com/EWS/",
        "auth": "basic",
        "autodiscover": None,
    }


def test_a_server_is_found_by_itself_where_that_is_asked_for() -> None:
    form = forms.form_of(AccountKind.EXCHANGE, NO_POLICY)
    given = {"name": "mail", "username": "sato", "email": "sato@example.com", "server": "", "autodiscover": "true"}
    table = forms.table_of(AccountKind.EXCHANGE, given, form)
    assert (table["autodiscover"], table["server"]) == (True, None)


def test_no_secret_of_a_form_reaches_the_file() -> None:
    for kind in forms.FORMS:
        given = {field.name: "s3cret" if field.name in forms.SECRETS else "x" for field in forms.FORMS[kind]}
        assert "s3cret" not in forms.table_of(kind, given, forms.form_of(kind, NO_POLICY)).values()


@pytest.mark.parametrize(("kind", "field"), [(AccountKind.EXCHANGE, "server"), (AccountKind.REST, "base_url")])
def test_an_address_without_encryption_is_refused_by_name(kind: AccountKind, field: str) -> None:
    given = {**EXCHANGE, field: "http://mail.example.com/"}
    with pytest.raises(Refused) as refused:
        forms.check(kind, given)
    assert (refused.value.field, refused.value.code) == (field, "not_https")


@pytest.mark.parametrize(
    ("kind", "missing"), [(AccountKind.EXCHANGE, "username"), (AccountKind.MICROSOFT365, "client_id")]
)
def test_what_is_missing_is_named(kind: AccountKind, missing: str) -> None:
    with pytest.raises(Refused) as refused:
        forms.check(kind, {"name": "mail", "email": "sato@example.com"})
    assert refused.value.field == missing


def test_what_it_has_set_is_filled_in_locked_and_not_written_again() -> None:
    managed = PolicySource(Level.MANAGED, Scope.MACHINE, "it.json", {"Microsoft365ClientId": "5c1b"})
    advice = PolicySource(Level.RECOMMENDED, Scope.MACHINE, "it.json", {"Microsoft365Tenant": "example.com"})
    form = {field.name: field for field in forms.form_of(AccountKind.MICROSOFT365, overlay([managed, advice]))}
    assert (form["client_id"].value, form["client_id"].locked) == ("5c1b", True)
    assert (form["tenant"].value, form["tenant"].locked) == ("example.com", False)
    given = {"name": "work", "email": "", "client_id": "5c1b", "tenant": "other.com"}
    table = forms.table_of(AccountKind.MICROSOFT365, given, tuple(form.values()))
    assert table == {"kind": "microsoft365", "email": None, "tenant": "other.com"}
    same = forms.table_of(AccountKind.MICROSOFT365, {**given, "tenant": "example.com"}, tuple(form.values()))
    assert "tenant" not in same


# --- what IT knows of an account ---
def test_an_account_tells_it_its_client_id_tenant_and_server() -> None:
    work = Microsoft365Account(AccountName("work"), "sato@example.com", "5c1b", "example.com")
    known = registration_of(work)
    assert (known.client_id, known.tenant, known.server) == ("5c1b", "example.com", "graph.microsoft.com")
    mail = ExchangeAccount(AccountName("mail"), "sato", server="https://mail.example.com/EWS/Exchange.asmx")
    assert registration_of(mail).server == "mail.example.com"
    assert scopes_of(mail) == ()
    missing = Health(HealthState.PERMISSION_MISSING, None, "Calendars.ReadWrite")
    assert {one.name: one.granted for one in permissions_of(work, missing)}["Calendars.ReadWrite"] is False
