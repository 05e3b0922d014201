"""Writing config.toml back: comments stay, the file is replaced as a whole, nobody else reads it."""

from __future__ import annotations

import stat
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

from soroe.ports.errors import LocalTrouble
from soroe.settings.edit import with_account, with_app, with_sync, without_account, without_sync
from soroe.settings.files import ConfigFile
from soroe.settings.homes import homes
from soroe.settings.model import Settings
from soroe.settings.parse import parse
from soroe.settings.problems import SettingsError
from tests.settings.test_parse import PAIR, SYNC

COMMENTED = """\
# Our accounts. Ask IT before you change them!

[accounts.crm]   # the new one
kind = "rest"
base_url = "https://crm.example.com/api"   # not the old host

[accounts.calendar]
kind = "google"

# My own sync
[syncs.work]
crm = "crm"
calendar = "calendar"
past_days = 14   # two weeks
"""

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")


def test_changing_a_sync_keeps_every_comment_and_all_other_keys() -> None:
    changed = with_sync(COMMENTED, "work", {"privacy": "skip", "past_days": 7})
    assert changed == COMMENTED.replace("past_days = 14", "past_days = 7") + 'privacy = "skip"\n'


def test_adding_and_removing_an_account_gives_the_old_text() -> None:
    added = with_account(COMMENTED, "second", {"kind": "pipedrive", "base_url": "https://x.pipedrive.com"})
    assert "[accounts.second]" in added
    assert without_account(added, "second").strip() == COMMENTED.strip()


def test_everything_can_be_written_from_nothing() -> None:
    text = with_account("", "crm", {"kind": "rest", "base_url": "https://crm.example.com"})
    text = with_account(text, "my calendar", {"kind": "google"})
    text = with_sync(
        text,
        "work",
        {
            "crm": "crm",
            "calendar": "my calendar",
            "calendars": ["primary", "team"],
            "new_items_only": True,
            "backfill_from": date(2026, 4, 1),
            "guard": {"deletes": 3},
        },
    )
    text = with_app(text, {"language": "ja", "start_at_login": True})
    settings = parse(text)
    assert settings.syncs[0].calendars == ("primary", "team")
    assert settings.syncs[0].backfill_from == date(2026, 4, 1)
    assert settings.syncs[0].guard.deletes == 3
    assert settings.app.start_at_login


def test_a_comment_stays_with_the_table_it_speaks_of() -> None:
    added = with_account(COMMENTED, "second", {"kind": "google"})
    assert added.startswith(COMMENTED)
    assert "# My own sync\n[syncs.work]" in without_account(COMMENTED, "calendar")


@pytest.mark.parametrize(
    "text",
    [
        '[accounts]\ncrm = { kind = "google" }\nother = { kind = "google" }\n',
        'accounts.crm.kind = "google"\naccounts.other.kind = "google"\n',
        '[accounts.crm]\nkind = "google"\n[accounts.other]\nkind = """\n[accounts.crm]"""\n',
        '[accounts.other]\nkind = "google"\n[syncs.x]\n[accounts.crm]\nkind = "google"\n[accounts.crm.more]\n',
    ],
)
def test_an_account_is_removed_however_it_was_written(text: str) -> None:
    left = tomllib.loads(without_account(text, "crm"))
    before = tomllib.loads(text)
    del before["accounts"]["crm"]
    assert left == before


@pytest.mark.parametrize("text", ['[accounts]\ncrm = { kind = "google" }\n', 'accounts.crm.kind = "google"\n', PAIR])
def test_an_account_is_changed_however_it_was_written(text: str) -> None:
    changed = with_account(text, "crm", {"email": "sato@example.com"})
    assert tomllib.loads(changed)["accounts"]["crm"]["email"] == "sato@example.com"
    assert "home" in tomllib.loads(with_account(PAIR + SYNC, "home", {"kind": "google"}))["accounts"]


def test_a_key_is_taken_out() -> None:
    assert "past_days" not in with_sync(COMMENTED, "work", {"past_days": None, "privacy": None})


def test_removing_the_last_sync_leaves_a_valid_file(tmp_path: Path) -> None:
    config = ConfigFile(tmp_path / "config.toml")
    config.change(lambda _: PAIR + SYNC)
    assert config.change(lambda text: without_sync(text, "work")).syncs == ()
    assert [account.name for account in config.load().accounts] == ["crm", "calendar"]


def test_removing_what_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        without_sync(COMMENTED, "home")


def test_a_change_that_would_not_be_valid_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    config = ConfigFile(tmp_path / "config.toml")
    config.change(lambda _: COMMENTED)
    with pytest.raises(SettingsError, match="no account named crm"):
        config.change(lambda text: without_account(text, "crm"))
    assert config.text() == COMMENTED


def test_a_file_that_is_not_there_is_an_empty_one(tmp_path: Path) -> None:
    assert ConfigFile(tmp_path / "none" / "config.toml").load() == Settings()


def test_a_file_from_windows_is_read_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[app]\r\nlanguage = 3\r\n")
    with pytest.raises(SettingsError) as caught:
        ConfigFile(path).load()
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [(str(path), 2)]


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"config\.toml"):
        ConfigFile(path).load()


@pytest.mark.parametrize("text", ["a = " + "[" * 5000 + "]" * 5000, f'a = "{"x" * 2_000_000}"'])
def test_a_file_that_is_nobodys_settings_is_refused_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"config\.toml: this is not TOML"):
        ConfigFile(path).load()


def test_a_file_that_cannot_be_read_is_local_trouble(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.mkdir()
    with pytest.raises(LocalTrouble) as caught:
        ConfigFile(path).load()
    assert caught.value.code == f"config_unreadable:{path}"


def test_a_change_that_is_refused_names_no_line_of_a_file_that_does_not_have_it(tmp_path: Path) -> None:
    config = ConfigFile(tmp_path / "config.toml")
    config.change(lambda _: PAIR)
    with pytest.raises(SettingsError) as refused:
        config.change(lambda text: text + "\n[accounts.new]\n")
    assert [(problem.line, problem.key) for problem in refused.value.problems] == [(0, "accounts.new.kind")]
    config.path.write_text("[accounts.old]\n", "utf-8")
    with pytest.raises(SettingsError) as broken:
        config.change(lambda text: text + PAIR)
    assert [(problem.line, problem.key) for problem in broken.value.problems] == [(1, "accounts.old.kind")]


@posix_only
def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    config = ConfigFile(tmp_path / "new" / "config.toml")
    config.change(lambda _: PAIR)
    assert stat.S_IMODE(config.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.path.parent.stat().st_mode) == 0o700
    config.path.chmod(0o644)
    config.change(lambda text: text + "\n")
    assert stat.S_IMODE(config.path.stat().st_mode) == 0o600
    assert list(config.path.parent.iterdir()) == [config.path]


@posix_only
def test_a_linked_file_is_replaced_where_it_really_lies(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(PAIR)
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    ConfigFile(link).change(lambda text: text + SYNC)
    assert link.is_symlink()
    assert SYNC in real.read_text()


def test_one_variable_puts_everything_under_one_folder(tmp_path: Path) -> None:
    found = homes({"SOROE_HOME": str(tmp_path / "portable")})
    found.make()
    assert found.portable == tmp_path / "portable"
    for folder in (found.config, found.data, found.logs, found.cache, found.runtime):
        assert folder.is_relative_to(tmp_path / "portable")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700 or sys.platform == "win32"


def test_the_control_socket_never_lies_in_a_folder_that_others_share(tmp_path: Path) -> None:
    assert homes({"XDG_RUNTIME_DIR": str(tmp_path)}).runtime == tmp_path / "soroe"
    assert homes({}).runtime.is_relative_to(homes({}).cache)


def test_without_it_the_systems_folders_are_used() -> None:
    found = homes({})
    assert found.portable is None
    assert found.config_file.name == "config.toml"
    assert "soroe" in str(found.config).lower()
