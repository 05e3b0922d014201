"""One installation of the program: its folders, its settings, its keychain, its database."""

from __future__ import annotations

import locale
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from soroe.adapters.database import open_store, set_aside
from soroe.adapters.database.reading import DatabaseReading, open_reading
from soroe.adapters.desktop.log import FileLog
from soroe.adapters.desktop.run_lock import RunLocks
from soroe.adapters.keychain.database_key import database_key, forget_database_key
from soroe.core.route import SyncName
from soroe.ports.errors import LocalTrouble
from soroe.ports.keychain import Keychain, KeychainItemDamaged
from soroe.ports.log import Code
from soroe.ports.store import Store
from soroe.settings.files import ConfigFile, replace_file
from soroe.settings.homes import Homes, homes
from soroe.settings.model import Language as LanguageChoice
from soroe.settings.model import Settings
from soroe.settings.overlay import NO_POLICY, Overlay, overlay
from soroe.settings.policy_sources import system_sources
from soroe.settings.problems import SettingsError
from soroe.ui.texts import Language, Texts, language_of, load

from .connectors import Connectors, now_utc
from .resources import resources_folder

RENEWING = 90.0
"""Seconds that a renewal of a sign-in waits for another process that renews the same one."""
CHANGING = 10.0
"""Seconds that a change of the settings waits for another process that changes them. No sync bears a name with "/"."""
_UNUSABLE = frozenset({"database_key_wrong", "database_damaged"})


@dataclass
class Program:
    """Everything that belongs to one home. Cheap to make; nothing is opened before it is needed."""

    homes: Homes
    keychain: Keychain
    environment: Mapping[str, str]
    policy: Overlay = NO_POLICY
    resources: Path = field(default_factory=resources_folder)
    stopped: threading.Event = field(default_factory=threading.Event)
    patience: float = 30.0
    """Seconds that a command waits for a run of another process."""

    def __post_init__(self) -> None:
        self.config = ConfigFile(self.homes.config_file, self.policy, alone=self._changing_settings)
        self.connectors = Connectors(self.keychain, self.resources, self.stopped, self._renewing, self.zone)
        self._key: bytes | None = None
        self._lock = threading.Lock()

    def settings(self) -> Settings:
        """The settings as they are on disk now; raises `SettingsError` naming file, line and key."""
        return self.config.load()

    @cached_property
    def _locks(self) -> RunLocks:
        return RunLocks(self.homes.data, self.stopped.wait)

    def turn(self, sync: SyncName, patience: float | None) -> AbstractContextManager[None]:
        """The right to run a sync, among all processes of this home (see `RunLocks.turn`)."""
        return self._locks.turn(sync, patience)

    def _renewing(self, account: str) -> AbstractContextManager[None]:
        """The right to renew the sign-in of an account, among all processes of this home."""
        return self._locks.turn(f"sign-in {account}", RENEWING)

    def _changing_settings(self) -> AbstractContextManager[None]:
        """The right to change the settings, among all processes of this home: two changes at once would lose one."""
        return self._locks.turn("config.toml/", CHANGING)

    @cached_property
    def log(self) -> FileLog:
        """The log of this home; the salt of its marks is made once and stays with it.

        Where the disk takes neither, the log counts the lines it loses: it keeps no command from telling what is wrong.
        """
        file = self.homes.data / "log.salt"
        try:
            self.homes.make()
            salt = file.read_bytes() if file.exists() else b""
            if not salt:
                salt = _new_salt()
                replace_file(file, salt)
        except (LocalTrouble, OSError):
            salt = _new_salt()
        return FileLog(self.homes.logs, now_utc, salt)

    def log_policies(self) -> None:
        """Log what is wrong with the policies: of each its code, the policy and the name of the file it stands in."""
        for fault in self.policy.faults:
            file = Code(Path(fault.where).name)
            self.log.warning("policy_fault", code=Code(fault.code), policy=Code(fault.name or "none"), file=file)

    # --- the database ---
    def open_store(self) -> Store:
        """A store for the thread that asks.

        A file that is damaged, or whose key was lost, is set aside and made anew: it is rebuilt from both sides (S-2).
        """
        self.homes.make()
        with self._lock:
            key = self._database_key()
            try:
                return open_store(self.homes.database, key)
            except LocalTrouble as trouble:
                if trouble.code not in _UNUSABLE:
                    raise
            set_aside(self.homes.database)
            return open_store(self.homes.database, key)

    def open_reading(self) -> DatabaseReading:
        """The database for display."""
        self.open_store().close()
        return open_reading(self.homes.database, self._database_key())

    def _database_key(self) -> bytes:
        if self._key is None:
            try:
                self._key = database_key(self.keychain)
            except KeychainItemDamaged:
                forget_database_key(self.keychain)
                self._key = database_key(self.keychain)
        return self._key

    def installation(self, store: Store) -> str:
        """The name of this installation, made once; it says nothing about the machine."""
        known = store.fact("installation")
        if known is None:
            import secrets

            known = secrets.token_hex(6)
            store.set_fact("installation", known)
        return known

    # --- language and zone ---
    def language(self) -> Language:
        """The language that was chosen, or the system's."""
        try:
            choice = self.settings().app.language
        except (SettingsError, LocalTrouble):
            choice = LanguageChoice.SYSTEM  # broken settings are told elsewhere, and in a language people read
        if choice is not LanguageChoice.SYSTEM:
            return Language(choice.value)
        names = [self.environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
        return language_of([name for name in [*names, locale.getlocale()[0] or ""] if name])

    def texts(self) -> Texts:
        """Every word of the program in that language."""
        return load(self.resources / "translations", self.language())

    def zone(self) -> str:
        """The computer's own zone as an IANA name; UTC where the system does not tell."""
        named = self.environment.get("TZ", "").removeprefix(":")
        for name in (named, _zone_file(Path("/etc/timezone")), _zone_link(Path("/etc/localtime"))):
            if name and _is_zone(name):
                return name
        return "Etc/UTC"


def _new_salt() -> bytes:
    import secrets

    return secrets.token_bytes(16)


def _zone_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _zone_link(path: Path) -> str:
    try:
        return str(path.resolve()).partition("zoneinfo/")[2]
    except OSError:
        return ""


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def usual(environment: Mapping[str, str]) -> Program:
    """The program of this user, as the environment and IT's policies say."""
    import getpass

    from soroe.adapters.keychain.system import SystemKeychain, item_limit, service_name

    folders = homes(environment)
    keychain = SystemKeychain(service_name(folders.portable), item_limit())
    return Program(folders, keychain, environment, overlay(system_sources(getpass.getuser())))
