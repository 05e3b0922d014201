"""Signing in with a password: tried once, kept only once the server took it, and never for another mailbox."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from soroe.bootstrap.connectors import SECRET, Connectors
from soroe.bootstrap.sign_ins import OtherAccount, SignIns
from soroe.ports.errors import LocalTrouble, PortError, SignInRequired
from soroe.ports.keychain import Keychain
from soroe.ports.remote import Identity
from soroe.ports.sign_in import SignedIn
from soroe.settings.model import Account, AccountName, ExchangeAccount, ExchangeAuth, GoogleAccount, OracleAccount
from soroe.settings.ways import Way
from tests.end_to_end.homes import Installation

Install = Callable[..., Installation]
MAIL = ExchangeAccount(AccountName("mail"), "EXAMPLE\\sato", server="https://mail.example.com/EWS/Exchange.asmx")
ORACLE = OracleAccount(AccountName("mail"), "https://crm.example.com/", "example/sato")
EVERY = pytest.mark.parametrize("account", [MAIL, ORACLE])


class MailServer(Connectors):
    """The connectors with a mail server behind them that takes one password, and counts what it is asked."""

    def __init__(self, keychain: Keychain, program: Installation) -> None:
        super().__init__(keychain, program.program.resources, threading.Event())
        self.password = " right "
        self.mailbox = "sato@example.com"
        self.tried: list[str] = []

    def identity(self, account: Account) -> Identity:
        """Who signs in with the password that is kept."""
        return self._try(self.secret(account.name))

    def exchange_sign_in(self, account: ExchangeAccount, password: str) -> SignedIn:
        """Who signs in with a password."""
        return SignedIn(password, self._try(password))

    def _try(self, password: str) -> Identity:
        self.tried.append(password)
        if password != self.password:
            raise SignInRequired("wrong_password")
        return Identity(self.mailbox, self.mailbox)


@pytest.fixture
def laptop(install: Install) -> Installation:
    made = install()
    made.program.connectors = MailServer(made.keychain, made)
    return made


@pytest.fixture
def server(laptop: Installation) -> MailServer:
    connectors = laptop.program.connectors
    assert isinstance(connectors, MailServer)
    return connectors


def signs(laptop: Installation) -> SignIns:
    def no_browser(_address: str) -> None:
        raise AssertionError("no browser opens for a password")

    return SignIns(laptop.program, laptop.store, no_browser)


@EVERY
def test_a_password_is_tried_as_it_was_typed_once_and_kept(
    laptop: Installation, server: MailServer, account: Account
) -> None:
    assert signs(laptop).with_password(account, " right ") == Identity("sato@example.com", "sato@example.com")
    assert server.tried == [" right "]
    assert laptop.keychain.get("mail", SECRET) == " right "


@EVERY
def test_a_wrong_password_is_tried_once_and_the_old_one_stays(
    laptop: Installation, server: MailServer, account: Account
) -> None:
    signs(laptop).with_password(account, " right ")
    with pytest.raises(SignInRequired) as refused:
        signs(laptop).with_password(account, "wrong")
    assert refused.value.code == "wrong_password"
    assert server.tried == [" right ", "wrong"]
    assert laptop.keychain.get("mail", SECRET) == " right "


@EVERY
def test_the_password_of_another_mailbox_is_refused_with_both_names(
    laptop: Installation, server: MailServer, account: Account
) -> None:
    signs(laptop).with_password(account, " right ")
    server.mailbox = "suzuki@example.com"
    with pytest.raises(OtherAccount) as other:
        signs(laptop).with_password(account, " right ")
    assert (other.value.expected, other.value.found) == ("sato@example.com", "suzuki@example.com")
    assert laptop.keychain.get("mail", SECRET) == " right "


@pytest.mark.parametrize(
    ("auth", "way"),
    [
        (ExchangeAuth.NTLM, Way.PASSWORD),
        (ExchangeAuth.BASIC, Way.PASSWORD),
        (ExchangeAuth.KERBEROS, Way.SYSTEM),
        (ExchangeAuth.OAUTH2, Way.BROWSER),
    ],
)
def test_exchange_asks_for_what_its_way_of_signing_in_needs(laptop: Installation, auth: ExchangeAuth, way: Way) -> None:
    account = ExchangeAccount(AccountName("mail"), "sato", auth=auth)
    asked = signs(laptop)
    assert asked.way(account) is way
    assert asked.needs_secret(account) == (way is Way.PASSWORD)
    assert asked.takes_password(account) == (way in {Way.PASSWORD, Way.SYSTEM})


def test_what_signs_in_in_the_browser_takes_no_password(laptop: Installation, server: MailServer) -> None:
    with pytest.raises(PortError) as refused:
        signs(laptop).with_password(GoogleAccount(AccountName("calendar")), "x")
    assert isinstance(refused.value, LocalTrouble) and refused.value.code == "signs_in_in_the_browser"
    assert server.tried == []
