"""What IT sets: stronger than the user's choice, locked, traceable to its source, and never a way in for others."""

from __future__ import annotations

import os
import plistlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from soroe.core.route import Direction, PrivacyPolicy
from soroe.settings.model import RestAccount, Settings
from soroe.settings.overlay import Level, Overlay, PolicySource, Scope, overlay
from soroe.settings.parse import parse
from soroe.settings.policies import POLICIES
from soroe.settings.policy_sources import (
    MACOS_FILE,
    MACOS_MANAGED,
    MACOS_RECOMMENDED,
    WINDOWS_KEY,
    file_source,
    linux_sources,
    macos_sources,
    trusted,
    windows_sources,
)
from soroe.settings.problems import SettingsError
from tests.settings.test_parse import PAIR, SYNC


def source(
    level: Level = Level.MANAGED, scope: Scope = Scope.MACHINE, where: str = "it.json", **values: object
) -> PolicySource:
    return PolicySource(level, scope, where, values)


def read(text: str, *sources: PolicySource) -> Settings:
    return parse(text, policy=overlay(sources))


def test_a_managed_value_wins_over_the_users_and_is_locked() -> None:
    policy = overlay([source(Privacy="skip")])
    assert parse(PAIR + SYNC + 'privacy = "full"\n', policy=policy).syncs[0].privacy is PrivacyPolicy.SKIP
    merged = policy.over({"syncs": {"work": {"privacy": "full"}}})
    assert list(merged.locks) == [("syncs", "work", "privacy")]
    lock = merged.locks["syncs", "work", "privacy"]
    assert (lock.where, lock.level) == ("it.json", Level.MANAGED)


def test_a_recommended_value_replaces_the_default_only() -> None:
    advice = source(Level.RECOMMENDED, Direction="crm-to-calendar")
    assert read(PAIR + SYNC, advice).syncs[0].direction is Direction.CRM_TO_CALENDAR
    chosen = PAIR + SYNC + 'direction = "calendar-to-crm"\n'
    assert read(chosen, advice).syncs[0].direction is Direction.CALENDAR_TO_CRM
    assert not overlay([advice]).over({"syncs": {"work": {}}}).locks


def test_the_order_is_machine_managed_user_managed_user_recommended() -> None:
    levels = [
        source(Level.RECOMMENDED, Scope.USER, PastDays=1),
        source(Level.RECOMMENDED, Scope.MACHINE, PastDays=2),
        source(Level.MANAGED, Scope.USER, PastDays=3),
        source(Level.MANAGED, Scope.MACHINE, PastDays=4),
    ]
    seen = [read(PAIR + SYNC, *levels[:count]).syncs[0].past_days for count in range(5)]
    assert seen == [7, 1, 2, 3, 4]


def test_of_two_files_the_later_name_wins() -> None:
    assert read(PAIR + SYNC, source(PastDays=1), source(PastDays=2)).syncs[0].past_days == 2


def test_an_account_takes_the_address_that_it_sets() -> None:
    crm = read('[accounts.crm]\nkind = "rest"\n', source(CrmBaseUrl="https://crm.example.com/")).account("crm")
    assert isinstance(crm, RestAccount)
    assert crm.base_url == "https://crm.example.com/"


def test_a_broken_managed_value_locks_its_setting_at_the_safe_value() -> None:
    policy = overlay([source(Privacy="everything")])
    assert parse(PAIR + SYNC + 'privacy = "full"\n', policy=policy).syncs[0].privacy is PrivacyPolicy.BLOCK
    assert ("syncs", "work", "privacy") in policy.over({"syncs": {"work": {}}}).locks
    assert [(fault.name, fault.code) for fault in policy.faults] == [("Privacy", "not_choice")]


def test_a_broken_managed_value_is_not_replaced_by_a_weaker_one() -> None:
    policy = overlay([source(PastDays="many"), source(Level.RECOMMENDED, PastDays=30)])
    assert parse(PAIR + SYNC + "past_days = 90\n", policy=policy).syncs[0].past_days == 7


def test_a_broken_address_that_is_needed_is_blamed_on_the_policy_not_on_the_user() -> None:
    with pytest.raises(SettingsError) as caught:
        read(
            '[accounts.crm]\nkind = "rest"\nbase_url = "https://mine.example"\n', source(CrmBaseUrl="http://it.example")
        )
    assert [(problem.file, problem.key) for problem in caught.value.problems] == [("it.json", "accounts.crm.base_url")]


def test_a_broken_recommended_value_is_reported_and_passed_over() -> None:
    policy = overlay([source(Level.RECOMMENDED, PastDays="many")])
    assert not policy.values
    assert [fault.code for fault in policy.faults] == ["not_number"]


def test_an_unknown_policy_is_reported() -> None:
    assert [(fault.name, fault.code) for fault in overlay([source(Privcy="skip")]).faults] == [
        ("Privcy", "unknown_policy")
    ]


def test_the_registrys_numbers_are_true_and_false() -> None:
    assert read("", source(StartAtLogin=1, Notifications=0)).app.start_at_login
    assert not read("", source(StartAtLogin=1, Notifications=0)).app.notifications


def test_the_fingerprint_changes_with_the_policies_and_tells_no_value() -> None:
    one, two = overlay([source(GoogleClientId="canary")]), overlay([source(GoogleClientId="other")])
    assert one.fingerprint != two.fingerprint
    assert one.fingerprint == overlay([source(where="elsewhere", GoogleClientId="canary")]).fingerprint
    assert "canary" not in one.fingerprint


def test_every_policy_sets_a_key_that_the_parser_knows() -> None:
    values: dict[str, object] = {}
    for policy in POLICIES:
        samples: dict[str, object] = {"address": "https://a.example", "flag": True, "number": 30, "texts": ["call"]}
        values[policy.name] = policy.choices[0] if policy.choices else samples.get(policy.form.value, "text")
    kinds = (
        "google",
        "exchange",
        "microsoft365",
        "rest",
        "esales",
        "pipedrive",
        "salesforce",
        "oracle",
        "zoom",
        "teams",
    )
    needed = {"exchange": 'username = "x"\n', "oracle": 'username = "x"\n', "esales": 'email = "x"\n'}
    text = "".join(f'[accounts.{kind}]\nkind = "{kind}"\n{needed.get(kind, "")}' for kind in kinds)
    text += '[syncs.work]\ncrm = "rest"\ncalendar = "google"\n'
    settings = parse(
        text, policy=overlay([PolicySource(Level.MANAGED, Scope.MACHINE, "it.json", values)]), available=kinds
    )
    assert settings.syncs[0].past_days == 30


# ------------------------------------------------------------------------------------------------- Linux


def owned(uids: Mapping[Path, int], modes: Mapping[Path, int]) -> Callable[[Path], os.stat_result]:
    """What the disk says, as if root owned everything, but for the exceptions."""

    def look(path: Path) -> os.stat_result:
        real = path.lstat()
        mode = modes.get(path, real.st_mode & ~0o022)
        return os.stat_result((mode, *real[1:4], uids.get(path, 0), *real[5:]))

    return look


def policy_file(folder: Path, text: str, level: str = "managed", name: str = "10-it.json") -> Path:
    path = folder / level / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_linux_reads_files_in_name_order_and_both_levels(tmp_path: Path) -> None:
    policy_file(tmp_path, '{"PastDays": 2}', name="20.json")
    policy_file(tmp_path, '{"PastDays": 1}', name="10.json")
    policy_file(tmp_path, '{"FutureDays": 9}', level="recommended")
    sync = read(PAIR + SYNC, *linux_sources(tmp_path, owned({}, {}))).syncs[0]
    assert (sync.past_days, sync.future_days) == (2, 9)


def test_a_machine_without_policies_has_none(tmp_path: Path) -> None:
    assert linux_sources(tmp_path / "none") == ()


def test_a_file_that_others_may_write_is_named_and_not_used(tmp_path: Path) -> None:
    path = policy_file(tmp_path, '{"PastDays": 1}')
    for look in (owned({path: 1000}, {}), owned({}, {path: 0o100666}), owned({}, {path.parent: 0o40777}),
                 owned({tmp_path: 1000}, {})):  # fmt: skip # short values, several a line
        policy = overlay(linux_sources(tmp_path, look))
        assert not policy.managed
        assert [(fault.where, fault.code) for fault in policy.faults] == [(str(path), "untrusted")]


def test_a_link_to_a_file_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    theirs = tmp_path / "home" / "evil.json"
    theirs.parent.mkdir()
    theirs.write_text("{}")
    link = tmp_path / "managed" / "a.json"
    link.parent.mkdir()
    link.symlink_to(theirs)
    assert trusted(link, owned({}, {}))
    assert not trusted(link, owned({theirs: 1000}, {}))
    assert not trusted(link, owned({theirs.parent: 1000}, {}))


@pytest.mark.parametrize(
    ("text", "code"), [("{", "not_json"), ("[]", "not_json"), ("\xff", "not_json"), ("[" * 100_000, "not_json")]
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "managed" / "a.json"
    path.parent.mkdir()
    path.write_bytes(text.encode("latin-1"))
    assert [fault.code for fault in overlay(linux_sources(tmp_path, owned({}, {}))).faults] == [code]


def test_a_draft_is_checked_whoever_owns_it(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    draft.write_text('{"Privacy": "skip", "PastDays": "x"}')
    policy = overlay([file_source(draft)])
    assert [(value.policy.name, value.value, value.fault) for value in policy.values] == [
        ("Privacy", "skip", ""),
        ("PastDays", None, "not_number"),
    ]
    assert overlay([file_source(tmp_path / "missing.json")]).faults[0].code == "unreadable"


# ------------------------------------------------------------------------------------------ Windows, macOS


def test_windows_reads_both_hives_and_the_recommended_key() -> None:
    registry: dict[tuple[str, str], dict[str, object]] = {
        ("HKLM", WINDOWS_KEY): {"PastDays": 4, "ActivityTypes": ["call"]},
        ("HKCU", WINDOWS_KEY): {"PastDays": 3, "FutureDays": 30},
        ("HKLM", WINDOWS_KEY + r"\Recommended"): {"PollSeconds": 120},
    }
    sync = read(PAIR + SYNC, *windows_sources(lambda hive, key: registry.get((hive, key)))).syncs[0]
    assert (sync.past_days, sync.future_days, sync.poll_seconds, sync.activity_types) == (4, 30, 120, ("call",))


def test_a_registry_that_cannot_be_read_is_named() -> None:
    def refuse(hive: str, key: str) -> Mapping[str, object] | None:
        raise PermissionError(hive, key)

    assert {fault.code for fault in overlay(windows_sources(refuse)).faults} == {"unreadable"}


def test_macos_reads_managed_and_recommended_preferences() -> None:
    files = {
        MACOS_MANAGED / MACOS_FILE: plistlib.dumps({"PastDays": 4}),
        MACOS_MANAGED / "sato" / MACOS_FILE: plistlib.dumps({"PastDays": 3, "FutureDays": 30}),
        MACOS_RECOMMENDED / MACOS_FILE: b"no plist",
    }
    sources = macos_sources(files.get, "sato")
    sync = read(PAIR + SYNC, *sources).syncs[0]
    assert (sync.past_days, sync.future_days) == (4, 30)
    assert [fault.code for fault in overlay(sources).faults] == ["not_plist"]


def test_without_policies_nothing_is_managed() -> None:
    assert Overlay().value("Privacy") is None
    assert not Overlay().managed


# ------------------------------------------------------------------------------------------ named twice


def test_a_policy_named_twice_is_told_and_neither_value_is_taken(tmp_path: Path) -> None:
    path = policy_file(tmp_path, '{"Privacy": "skip", "PastDays": 3, "Privacy": "full"}')
    policy = overlay(linux_sources(tmp_path, owned({}, {})))
    sync = parse(PAIR + SYNC + 'privacy = "full"\n', policy=policy).syncs[0]
    assert (sync.privacy, sync.past_days) == (PrivacyPolicy.BLOCK, 3)
    assert [(fault.where, fault.name, fault.code) for fault in policy.faults] == [(str(path), "Privacy", "named_twice")]


def test_a_policy_named_twice_with_one_value_is_told_and_in_force(tmp_path: Path) -> None:
    policy_file(tmp_path, '{"PastDays": 3, "PastDays": 3}')
    policy = overlay(linux_sources(tmp_path, owned({}, {})))
    assert parse(PAIR + SYNC, policy=policy).syncs[0].past_days == 3
    assert [(fault.name, fault.code) for fault in policy.faults] == [("PastDays", "named_again")]


def test_a_recommended_policy_named_twice_is_passed_over(tmp_path: Path) -> None:
    policy_file(tmp_path, '{"PastDays": 3, "PastDays": 4}', level="recommended")
    policy = overlay(linux_sources(tmp_path, owned({}, {})))
    assert not policy.values
    assert [(fault.name, fault.code) for fault in policy.faults] == [("PastDays", "named_twice")]


def test_a_policy_named_twice_is_told_where_a_stronger_file_hides_it(tmp_path: Path) -> None:
    hidden = policy_file(tmp_path, '{"PastDays": 3, "PastDays": 4}', name="10.json")
    policy_file(tmp_path, '{"PastDays": 5}', name="20.json")
    policy = overlay(linux_sources(tmp_path, owned({}, {})))
    assert parse(PAIR + SYNC, policy=policy).syncs[0].past_days == 5
    assert [(fault.where, fault.code) for fault in policy.faults] == [(str(hidden), "named_twice")]


def test_a_policy_named_twice_in_a_property_list_is_told() -> None:
    written = plistlib.dumps({"PastDays": 4}).replace(
        b"<key>PastDays</key>", b"<key>PastDays</key><integer>9</integer><key>PastDays</key>"
    )
    policy = overlay(macos_sources({MACOS_MANAGED / MACOS_FILE: written}.get, "sato"))
    assert [(fault.name, fault.code) for fault in policy.faults] == [("PastDays", "named_twice")]
    assert parse(PAIR + SYNC + "past_days = 90\n", policy=policy).syncs[0].past_days == 7
