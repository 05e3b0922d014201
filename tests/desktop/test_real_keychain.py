"""The keychain adapter against a real gnome-keyring on a bus of its own."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from soroe.adapters.keychain.database_key import database_key
from soroe.adapters.keychain.system import SystemKeychain
from soroe.ports.keychain import KeychainLocked, KeychainMissing
from tests.desktop.desktop_session import Session, missing

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(bool(missing("gnome-keyring-daemon")), reason="gnome-keyring is not installed"),
    # keyring leaves its bus connection to the garbage collector when the keychain stays locked
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _left_connections_are_closed_here() -> Iterator[None]:
    """Not in the middle of somebody else's test."""
    yield
    gc.collect()


def keychain() -> SystemKeychain:
    return SystemKeychain("Soroe", None)


def test_a_secret_survives_the_program_and_the_daemon(session: Session) -> None:
    daemon = session.start_keyring("open sesame")
    keychain().set("work", "token", "s3cret" * 1_000)
    session.stop(daemon)
    session.start_keyring("open sesame")
    assert keychain().get("work", "token") == "s3cret" * 1_000


def test_a_secret_is_replaced_and_forgotten(session: Session) -> None:
    session.start_keyring("open sesame")
    kept = keychain()
    assert kept.get("work", "token") is None
    kept.set("work", "token", "old")
    kept.set("work", "token", "new")
    kept.set("home", "token", "other")
    assert kept.get("work", "token") == "new"
    kept.delete("work", "token")
    kept.delete("work", "token")
    assert kept.get("work", "token") is None
    assert kept.get("home", "token") == "other"


def test_secrets_are_not_readable_on_disk(session: Session) -> None:
    session.start_keyring("open sesame")
    keychain().set("work", "token", "canary-of-a-secret")
    files = [path for path in (session.folder / "data" / "keyrings").iterdir() if path.is_file()]
    assert files
    assert not any(b"canary-of-a-secret" in path.read_bytes() for path in files)


def test_a_locked_keychain_says_locked_and_never_that_nothing_is_there(session: Session) -> None:
    daemon = session.start_keyring("open sesame")
    keychain().set("work", "token", "secret")
    session.stop(daemon)
    session.start_keyring(None)
    with pytest.raises(KeychainLocked):
        keychain().get("work", "token")
    with pytest.raises(KeychainLocked):
        keychain().set("work", "token", "new")
    with pytest.raises(KeychainLocked):
        database_key(keychain())


def test_a_session_without_a_keychain_says_what_to_install(session: Session) -> None:
    with pytest.raises(KeychainMissing) as caught:
        keychain().get("work", "token")
    assert caught.value.what_to_install == "gnome-keyring"


def test_a_keychain_that_is_started_later_is_found_by_the_same_program(session: Session) -> None:
    waiting = keychain()
    with pytest.raises(KeychainMissing):
        waiting.get("work", "token")
    session.start_keyring("open sesame")
    waiting.set("work", "token", "secret")
    assert waiting.get("work", "token") == "secret"


def test_without_a_bus_the_keychain_is_missing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={session.runtime / 'no-such-bus'}")
    with pytest.raises(KeychainMissing):
        keychain().get("work", "token")


def test_a_keychain_that_dies_and_comes_back_goes_on_where_it_was(session: Session) -> None:
    daemon = session.start_keyring("open sesame")
    kept = keychain()
    kept.set("work", "token", "secret")
    session.stop(daemon)
    with pytest.raises(KeychainMissing):
        kept.get("work", "token")
    locked = session.start_keyring(None)
    with pytest.raises(KeychainLocked):
        kept.get("work", "token")
    session.stop(locked)
    session.start_keyring("open sesame")
    assert kept.get("work", "token") == "secret"


def test_the_database_key_is_the_same_after_a_restart(session: Session) -> None:
    daemon = session.start_keyring("open sesame")
    key = database_key(keychain())
    session.stop(daemon)
    session.start_keyring("open sesame")
    assert database_key(keychain()) == key
