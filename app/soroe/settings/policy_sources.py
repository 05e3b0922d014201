"""Where each system keeps what IT has set, and whom we believe."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .overlay import Level, PolicySource, Scope

LINUX_FOLDER = Path("/etc/soroe/policies")
WINDOWS_KEY = r"Software\Policies\Soroe"
MACOS_MANAGED = Path("/Library/Managed Preferences")
MACOS_RECOMMENDED = Path("/Library/Preferences")
MACOS_FILE = "org.soroe.Soroe.plist"
LARGEST_FILE = 1_000_000

Stat = Callable[[Path], os.stat_result]
RegistryReader = Callable[[str, str], Mapping[str, object] | None]
"""Hive ("HKLM", "HKCU") and key to the values in it, or None if there is no such key."""
FileReader = Callable[[Path], bytes | None]
"""The bytes of a file, or None if there is none."""


class _Named(dict[str, object]):
    """A table of a file with every value that was given to a name, for readers that keep but the last."""

    def __init__(self, pairs: Iterable[tuple[str, object]] = ()) -> None:
        super().__init__()
        self.given: dict[str, list[object]] = {}
        for name, value in pairs:
            self[name] = value

    def __setitem__(self, name: str, value: object) -> None:
        self.given.setdefault(name, []).append(value)
        super().__setitem__(name, value)

    def repeated(self) -> dict[str, bool]:
        """The names that stand there more than once, and whether they bear one and the same value each time.

        Compared as written: `true` and `1` are not the same.
        """
        return {name: len({repr(value) for value in values}) == 1 for name, values in self.given.items() if values[1:]}


def system_sources(user: str) -> tuple[PolicySource, ...]:
    """What IT has set on this computer. `user` is the login name, for macOS's managed preferences of one user."""
    if sys.platform == "win32":
        return windows_sources(read_registry)
    if sys.platform == "darwin":
        return macos_sources(read_file, user)
    return linux_sources()


def linux_sources(folder: Path = LINUX_FOLDER, look: Stat = os.lstat) -> tuple[PolicySource, ...]:
    """The policy files of a Linux machine, in name order.

    A file counts only if nobody but root can have written it: it and all folders above it belong to root and take no
    writes from others. Otherwise it is named with the fault `untrusted` and not used.
    """
    sources: list[PolicySource] = []
    for level in Level:
        try:
            paths = sorted((folder / level.value).glob("*.json"))
        except OSError:
            sources.append(PolicySource(level, Scope.MACHINE, str(folder / level.value), {}, "unreadable"))
            continue
        sources += [_json_source(path, level, look) for path in paths]
    return tuple(sources)


def file_source(path: Path) -> PolicySource:
    """A draft of a policy file as if it were in force, whoever owns it (`soroe policy check FILE`)."""
    return _read_json(path, Level.MANAGED)


def _json_source(path: Path, level: Level, look: Stat) -> PolicySource:
    if not trusted(path, look):
        return PolicySource(level, Scope.MACHINE, str(path), {}, "untrusted")
    return _read_json(path, level)


def _read_json(path: Path, level: Level) -> PolicySource:
    try:
        if path.stat().st_size > LARGEST_FILE or not path.is_file():
            return PolicySource(level, Scope.MACHINE, str(path), {}, "unreadable")
        values = json.loads(path.read_text("utf-8-sig"), object_pairs_hook=_Named)
    except OSError:
        return PolicySource(level, Scope.MACHINE, str(path), {}, "unreadable")
    except (ValueError, RecursionError):
        return PolicySource(level, Scope.MACHINE, str(path), {}, "not_json")
    if not isinstance(values, _Named):
        return PolicySource(level, Scope.MACHINE, str(path), {}, "not_json")
    return PolicySource(level, Scope.MACHINE, str(path), values, repeated=values.repeated())


def trusted(path: Path, look: Stat = os.lstat) -> bool:
    """Whether only root can have written a file: itself, every folder above it, and where its links lead."""
    try:
        chains = {path.absolute(), path.resolve(strict=True)}
        return all(_roots_own(look(link)) for chain in chains for link in (chain, *chain.parents))
    except OSError:
        return False


def _roots_own(status: os.stat_result) -> bool:
    others_write = stat.S_IWGRP | stat.S_IWOTH
    return status.st_uid == 0 and (stat.S_ISLNK(status.st_mode) or not status.st_mode & others_write)


def windows_sources(read: RegistryReader) -> tuple[PolicySource, ...]:
    """The policies in the registry: the machine's, then the user's; recommended ones in a key below."""
    sources: list[PolicySource] = []
    for level in Level:
        key = WINDOWS_KEY if level is Level.MANAGED else rf"{WINDOWS_KEY}\Recommended"
        for hive, scope in (("HKLM", Scope.MACHINE), ("HKCU", Scope.USER)):
            try:
                values = read(hive, key)
            except OSError:
                sources.append(PolicySource(level, scope, rf"{hive}\{key}", {}, "unreadable"))
                continue
            if values:
                sources.append(PolicySource(level, scope, rf"{hive}\{key}", values))
    return tuple(sources)


def read_registry(hive: str, key: str) -> Mapping[str, object] | None:
    """The values of a registry key (Windows only); numbers come as int, lists (REG_MULTI_SZ) as list."""
    if sys.platform == "win32":
        import winreg

        roots = {"HKLM": winreg.HKEY_LOCAL_MACHINE, "HKCU": winreg.HKEY_CURRENT_USER}
        try:
            opened = winreg.OpenKey(roots[hive], key)
        except FileNotFoundError:
            return None
        with opened:
            count = winreg.QueryInfoKey(opened)[1]
            return {name: value for name, value, _ in (winreg.EnumValue(opened, index) for index in range(count))}
    else:
        raise OSError(f"there is no registry on this system: {hive} {key}")


def macos_sources(read: FileReader, user: str) -> tuple[PolicySource, ...]:
    """The managed and the recommended preferences of a Mac; managed ones are written by the system alone."""
    import plistlib  # only a Mac has such files

    places = (
        (Level.MANAGED, Scope.MACHINE, MACOS_MANAGED / MACOS_FILE),
        (Level.MANAGED, Scope.USER, MACOS_MANAGED / user / MACOS_FILE),
        (Level.RECOMMENDED, Scope.MACHINE, MACOS_RECOMMENDED / MACOS_FILE),
    )
    sources: list[PolicySource] = []
    for level, scope, path in places:
        try:
            raw = read(path)
            if raw is None:
                continue
            values = plistlib.loads(raw, dict_type=_Named)
        except OSError:
            sources.append(PolicySource(level, scope, str(path), {}, "unreadable"))
            continue
        except Exception:  # noqa: BLE001 -- plistlib raises errors of many kinds on broken files
            values = None
        if isinstance(values, _Named):
            sources.append(PolicySource(level, scope, str(path), values, repeated=values.repeated()))
        else:
            sources.append(PolicySource(level, scope, str(path), {}, "not_plist"))
    return tuple(sources)


def read_file(path: Path) -> bytes | None:
    """The bytes of a file, or None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
