"""Secrets in the system's keychain: kept whole, split where an item is limited, never half replaced."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError
from secretstorage.exceptions import PromptDismissedException, SecretServiceNotAvailableException

from soroe.adapters.keychain.choice import Backend, best
from soroe.adapters.keychain.database_key import database_key, forget_database_key
from soroe.adapters.keychain.errors import WINDOWS_ITEM_LIMIT
from soroe.adapters.keychain.system import SystemKeychain, item_limit, service_name
from soroe.ports.errors import LocalTrouble
from soroe.ports.keychain import (
    Keychain,
    KeychainDenied,
    KeychainItemDamaged,
    KeychainItemTooLarge,
    KeychainLocked,
    KeychainMissing,
)
from soroe.sandbox.keychain import MemoryKeychain


class PowerCut(BaseException):
    """The program ends here."""


class WindowsRefusal(Exception):
    """What pywin32 raises: no relative of KeyringError, with the system's number in it."""

    def __init__(self, winerror: int) -> None:
        super().__init__(winerror, "CredWrite", "refused")
        self.winerror = winerror


class Vault:
    """A keyring backend in memory that can be limited, can fail, and can lose power after so many writes."""

    def __init__(self, limit: int | None = None) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.limit = limit
        self.fails: Exception | None = None
        self.writes_left: int | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.fails:
            raise self.fails
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.fails:
            raise self.fails
        if self.limit is not None and len(password.encode("utf-16-le")) > 2 * self.limit:
            raise WindowsRefusal(1783)
        self._spend()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.fails:
            raise self.fails
        if (service, username) not in self.entries:
            raise PasswordDeleteError
        self._spend()
        del self.entries[service, username]

    def _spend(self) -> None:
        if self.writes_left == 0:
            raise PowerCut
        if self.writes_left is not None:
            self.writes_left -= 1


def keychain_over(vault: Backend, limit: int | None = WINDOWS_ITEM_LIMIT) -> SystemKeychain:
    return SystemKeychain("Soroe", limit, lambda: vault)


@pytest.mark.parametrize("size", [0, 1, 1278, 1279, 1280, 1281, 2560, 2561, 20_000])
def test_a_secret_of_any_length_comes_back_whole_where_items_are_limited(size: int) -> None:
    vault = Vault(WINDOWS_ITEM_LIMIT)
    secret = "".join(chr(33 + n % 90) for n in range(size))
    keychain_over(vault).set("work", "token", secret)
    assert keychain_over(vault).get("work", "token") == secret


def test_characters_that_windows_counts_twice_are_not_cut_in_two() -> None:
    vault = Vault(WINDOWS_ITEM_LIMIT)
    secret = "x" + "\U0001f511" * 2_000
    keychain_over(vault).set("work", "token", secret)
    assert keychain_over(vault).get("work", "token") == secret


def test_a_long_secret_is_one_item_where_items_are_not_limited() -> None:
    vault = Vault()
    keychain_over(vault, limit=None).set("work", "token", "x" * 20_000)
    assert len(vault.entries) == 1


def test_only_windows_splits() -> None:
    assert [item_limit(name) for name in ("win32", "linux", "darwin")] == [1280, None, None]


SECRETS = ["short", "b" * 3_000, "c" * 1_500, "d" * 9_000]


@pytest.mark.parametrize("old", SECRETS)
@pytest.mark.parametrize("new", SECRETS)
def test_a_crash_at_any_point_of_a_replacement_leaves_the_old_or_the_new_secret(old: str, new: str) -> None:
    for writes in range(40):
        vault = Vault(WINDOWS_ITEM_LIMIT)
        keychain_over(vault).set("work", "token", old)
        vault.writes_left = writes
        try:
            keychain_over(vault).set("work", "token", new)
        except PowerCut:
            vault.writes_left = None
            assert keychain_over(vault).get("work", "token") in {old, new}
            keychain_over(vault).set("work", "token", new)
            assert keychain_over(vault).get("work", "token") == new
            continue
        return
    pytest.fail("the replacement never came to an end")


def test_deleting_leaves_nothing_behind_even_after_a_crash() -> None:
    for writes in range(1, 30):
        vault = Vault(WINDOWS_ITEM_LIMIT)
        keychain = keychain_over(vault)
        keychain.set("work", "token", "a" * 5_000)
        vault.writes_left = writes
        with suppress(PowerCut):
            keychain.set("work", "token", "b" * 9_000)
        vault.writes_left = None
        keychain.delete("work", "token")
        assert vault.entries == {}


def test_replacing_a_long_secret_by_a_short_one_leaves_no_pieces() -> None:
    vault = Vault(WINDOWS_ITEM_LIMIT)
    keychain = keychain_over(vault)
    keychain.set("work", "token", "a" * 9_000)
    keychain.set("work", "token", "b")
    assert len(vault.entries) == 1


def test_deleting_what_is_not_there_is_no_error() -> None:
    keychain_over(Vault()).delete("work", "token")


def test_accounts_and_items_never_share_an_entry() -> None:
    keychain = keychain_over(Vault(WINDOWS_ITEM_LIMIT))
    keychain.set("a/b", "c", "first")
    keychain.set("a", "b/c", "second")
    keychain.set("a", "c#a0", "third")
    assert (keychain.get("a/b", "c"), keychain.get("a", "b/c"), keychain.get("a", "c#a0")) == (
        "first",
        "second",
        "third",
    )


def test_a_secret_beyond_every_limit_is_refused_before_the_old_one_is_touched() -> None:
    keychain = keychain_over(Vault(WINDOWS_ITEM_LIMIT))
    keychain.set("work", "token", "old")
    with pytest.raises(KeychainItemTooLarge) as caught:
        keychain.set("work", "token", "x" * 100_000)
    assert caught.value.code == "keychain_item_too_large"
    assert keychain.get("work", "token") == "old"


def test_an_entry_that_lost_a_piece_is_reported_as_damaged() -> None:
    vault = Vault(WINDOWS_ITEM_LIMIT)
    keychain_over(vault).set("work", "token", "x" * 3_000)
    vault.entries["Soroe", "work/token#a1"] = "y"
    with pytest.raises(KeychainItemDamaged):
        keychain_over(vault).get("work", "token")


def test_an_entry_of_somebody_else_is_reported_as_damaged() -> None:
    vault = Vault()
    vault.entries["Soroe", "work/token"] = "not ours"
    with pytest.raises(KeychainItemDamaged):
        keychain_over(vault).get("work", "token")


class KeychainDeniedByMac(Exception):
    """Stands in for keyring's macOS errors, which cannot be imported elsewhere."""


KeychainDeniedByMac.__name__ = "KeychainDenied"


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("raised", "expected", "code"),
    [
        (KeyringLocked(), KeychainLocked, "keychain_locked"),
        (chained(InitError(), PromptDismissedException()), KeychainLocked, "keychain_locked"),
        (chained(InitError(), SecretServiceNotAvailableException()), KeychainMissing, "keychain_missing"),
        (NoKeyringError(), KeychainMissing, "keychain_missing"),
        (ConnectionResetError(), KeychainMissing, "keychain_missing"),
        (chained(KeyringLocked(), KeychainDeniedByMac(-128)), KeychainDenied, "keychain_denied"),
        (WindowsRefusal(1783), KeychainItemTooLarge, "keychain_item_too_large"),
        (WindowsRefusal(5), KeychainDenied, "keychain_denied"),
        (WindowsRefusal(1312), KeychainMissing, "keychain_missing"),
        (InitError(), KeychainDenied, "keychain_denied"),
    ],
)
def test_each_state_of_the_keychain_is_told_apart(raised: Exception, expected: type[LocalTrouble], code: str) -> None:
    vault = Vault()
    vault.fails = raised
    keychain = keychain_over(vault)
    with pytest.raises(expected) as get:
        keychain.get("work", "token")
    with pytest.raises(expected):
        keychain.set("work", "token", "secret")
    with pytest.raises(expected):
        keychain.delete("work", "token")
    assert isinstance(get.value, LocalTrouble)
    assert get.value.code == code


def test_the_keychain_is_used_again_once_the_trouble_is_over() -> None:
    vault = Vault()
    keychain = keychain_over(vault)
    keychain.set("work", "token", "secret")
    vault.fails = KeyringLocked()
    with pytest.raises(KeychainLocked):
        keychain.get("work", "token")
    vault.fails = None
    assert keychain.get("work", "token") == "secret"


class PlaintextKeyring(Vault):
    """Named like the file backends of keyrings.alt."""


def test_a_keychain_that_does_not_encrypt_is_refused_by_name() -> None:
    with pytest.raises(KeychainMissing) as caught:
        best([PlaintextKeyring])
    assert caught.value.refused.endswith("PlaintextKeyring")


@pytest.mark.parametrize(
    "name",
    ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "keyring.backends.chainer.ChainerBackend"],
)
def test_an_unsafe_keychain_that_was_configured_is_refused_and_not_passed_over(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from soroe.adapters.keychain.choice import system_keychain

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    with pytest.raises(KeychainMissing) as caught:
        system_keychain()
    assert caught.value.refused == name


def test_a_home_whose_name_is_no_unicode_has_secrets_of_its_own_too(tmp_path: Path) -> None:
    assert service_name(tmp_path / os.fsdecode(b"\xa5\xdb")) != service_name(tmp_path / "a")


def test_a_home_of_its_own_has_secrets_of_its_own(tmp_path: Path) -> None:
    names = {service_name(None), service_name(tmp_path / "a"), service_name(tmp_path / "b")}
    assert len(names) == 3
    assert "Soroe" in names
    assert service_name(tmp_path / "a") == service_name(tmp_path / "x" / ".." / "a")


def memory_and_vault() -> list[Keychain]:
    return [MemoryKeychain(), keychain_over(Vault(WINDOWS_ITEM_LIMIT))]


@pytest.mark.parametrize("keychain", memory_and_vault(), ids=["memory", "system"])
def test_the_database_key_is_made_once(keychain: Keychain) -> None:
    key = database_key(keychain)
    assert len(key) == 32
    assert database_key(keychain) == key
    forget_database_key(keychain)
    assert database_key(keychain) != key


def test_a_locked_keychain_never_leads_to_a_new_database_key() -> None:
    keychain = MemoryKeychain()
    key = database_key(keychain)
    keychain.trouble = KeychainLocked()
    with pytest.raises(KeychainLocked):
        database_key(keychain)
    keychain.trouble = None
    assert database_key(keychain) == key


@pytest.mark.parametrize("text", ["", "abcd", "no key at all", "zz" * 32])
def test_a_damaged_database_key_is_reported_and_kept(text: str) -> None:
    keychain = MemoryKeychain()
    keychain.set("local", "database-key", text)
    with pytest.raises(KeychainItemDamaged):
        database_key(keychain)
    assert keychain.get("local", "database-key") == text


class ForgetfulKeychain(MemoryKeychain):
    """Takes secrets and keeps none."""

    def set(self, account: str, item: str, value: str) -> None:
        return None


def test_a_key_that_the_keychain_did_not_keep_is_not_used() -> None:
    with pytest.raises(KeychainDenied):
        database_key(ForgetfulKeychain())
