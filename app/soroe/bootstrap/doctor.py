"""Looks at everything that the program depends on, and says what is in the way (`soroe doctor`)."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from soroe.cli.ports import Check
from soroe.cli.troubles import code_of
from soroe.engine.accounts import health_fact, read_health
from soroe.engine.health import Health, after_error
from soroe.ports.errors import AdminRequired, ConsentMissing, LocalTrouble, PortError, SignInRequired
from soroe.ports.keychain import KeychainMissing, KeychainTrouble
from soroe.settings.model import Account, ExchangeAccount, GoogleAccount, Settings
from soroe.settings.overlay import NAMED_AGAIN, NAMED_TWICE, PolicyFault
from soroe.settings.problems import SettingsError
from soroe.ui.texts import code_words, problems_words

from .connectors import now_utc
from .doctor_desktop import desktop_checks
from .doctor_network import network_checks
from .program import Program

LEAST_ROOM = 200 * 1024 * 1024
"""Bytes that should be free on the disk of the database."""
PROBE = "doctor"
"""The keychain item that is written, read and taken away again."""


def examine(program: Program) -> Sequence[Check]:
    """Every check, in the order in which one thing builds on another; of ours, only the rights of folders are
    changed."""
    settings, checks = _settings(program)
    keychain = list(_keychain(program))
    works = all(check.state == "ok" for check in keychain)
    checks += [*_folders(program), *_room(program), *keychain, *_database(program, works=works), *_zone(program)]
    checks += desktop_checks(program.environment)
    accounts = settings.accounts if settings is not None else ()
    checks += network_checks(accounts)
    for account in accounts:
        checks += _account(program, account) if works else [Check("sign_in", "skipped", "needs_keychain", account.name)]
    return checks


def _settings(program: Program) -> tuple[Settings | None, list[Check]]:
    faults = [_policy(fault) for fault in program.policy.faults]
    try:
        settings = program.settings()
    except SettingsError as error:
        words = problems_words(program.texts(), error.problems)
        return None, [Check("settings", "error", "problems", "", words), *faults]
    except LocalTrouble as trouble:
        code, _, file = trouble.code.partition(":")
        return None, [Check("settings", "error", code, "", file), *faults]
    return settings, [Check("settings", "ok", "ok"), *faults]


def _policy(fault: PolicyFault) -> Check:
    if fault.code == NAMED_AGAIN:
        return Check("policy", "warning", NAMED_AGAIN, fault.where, fault.name)
    code = NAMED_TWICE if fault.code == NAMED_TWICE else "fault"
    return Check("policy", "error", code, fault.where, fault.name or fault.code)


# --- this computer ---
def _folders(program: Program) -> Iterator[Check]:
    """Whether there is a place for our files, closed to everybody else: 0700, and 0600 for the database."""
    homes = program.homes
    closed = [(path, 0o077) for path in (homes.config, homes.data, homes.logs, homes.database)]
    try:
        open_ones = [str(path) for path, mask in closed if path.exists() and stat.S_IMODE(path.stat().st_mode) & mask]
        homes.make()
    except LocalTrouble as trouble:
        code, _, folder = trouble.code.partition(":")
        yield Check("folders", "error", code, "", folder)
        return
    except OSError as error:
        yield Check("folders", "error", "home_unusable", "", str(error.filename))
        return
    if os.name != "posix":
        yield Check("folders", "ok", "ok")
        return
    if open_ones:
        yield Check("folders", "error", "open", "", ", ".join(open_ones))
    else:
        yield Check("folders", "ok", "ok")


def _room(program: Program) -> Iterator[Check]:
    folder = program.homes.data
    try:
        folder = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(folder).free
    except OSError:
        yield Check("disk", "error", "unreadable", "", str(folder))
        return
    state = "ok" if free >= LEAST_ROOM else "warning"
    yield Check("disk", state, "ok" if state == "ok" else "low", "", f"{free // (1024 * 1024)} MB")


def _keychain(program: Program) -> Iterator[Check]:
    """Writes, reads and takes away one item of our own, because a keychain may give and yet refuse to take."""
    try:
        program.keychain.set(PROBE, PROBE, "ok")
        kept = program.keychain.get(PROBE, PROBE)
        program.keychain.delete(PROBE, PROBE)
    except KeychainMissing as missing:
        yield Check("keychain", "error", missing.code, "", missing.what_to_install)
        return
    except KeychainTrouble as trouble:
        yield Check("keychain", "error", trouble.code)
        return
    yield Check("keychain", "ok", "ok") if kept == "ok" else Check("keychain", "error", "forgets")


def _database(program: Program, *, works: bool) -> Iterator[Check]:
    if not works:
        yield Check("database", "skipped", "needs_keychain")
        return
    try:
        with closing(program.open_store()):
            yield Check("database", "ok", "ok")
    except LocalTrouble as trouble:
        code, _, folder = trouble.code.partition(":")
        yield Check("database", "error", code, "", folder)


def _zone(program: Program) -> Iterator[Check]:
    zone = program.zone()
    unknown = zone == "Etc/UTC" and sys.platform == "linux" and not Path("/etc/localtime").exists()
    yield Check("zone", "warning", "unknown") if unknown else Check("zone", "ok", "ok", "", zone)


# --- accounts ---
def _account(program: Program, account: Account) -> Iterator[Check]:
    """Whether the service accepts the sign-in, and whether what is needed was granted (PD-11)."""
    try:
        secret = program.connectors.known_secret(account.name)
        if secret is None:
            yield Check("sign_in", "error", "not_signed_in", account.name)
            return
        _spare_password(program, account)
        program.connectors.identity(account)
    except PortError as error:
        yield _trouble(error, account.name, partial(code_words, program.texts()))
        return
    yield Check("sign_in", "ok", "ok", account.name)
    if isinstance(account, GoogleAccount):
        yield _granted(account.name, secret)


def _spare_password(program: Program, account: Account) -> None:
    """Raises what a password was refused with: sent once more it might lock the account."""
    if not isinstance(account, ExchangeAccount):
        return
    with closing(program.open_store()) as store:
        health = read_health(store.fact(health_fact(account.name)))
    if health.password_refused:
        raise SignInRequired(health.code, health.reference)


def _trouble(error: PortError, account: str, words: Callable[[str], str]) -> Check:
    match error:
        case SignInRequired(code=code):
            trouble = after_error(Health(), error, now_utc())
            return Check("sign_in", "error", "needed", account, code, trouble)
        case ConsentMissing(permission=permission):
            return Check("permissions", "error", "missing", account, permission)
        case AdminRequired(code=code):
            trouble = after_error(Health(), error, now_utc())
            return Check("sign_in", "error", "blocked_by_it", account, code, trouble)
        case LocalTrouble(code=code):
            return Check("sign_in", "error", code, account)
        case _:
            return Check("sign_in", "warning", "not_asked", account, words(code_of(error)))


def _granted(account: str, secret: str) -> Check:
    from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret

    try:
        granted = GoogleSecret.parse(secret).scopes
    except SignInRequired as error:
        return Check("permissions", "error", error.code, account)
    missing = [scope for scope in (EVENTS_SCOPE, CALENDAR_LIST_SCOPE) if scope not in granted]
    if missing and granted:
        return Check("permissions", "warning", "broader", account, ", ".join(missing))
    return Check("permissions", "ok", "ok", account)
