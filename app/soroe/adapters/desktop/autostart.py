"""Starting with the desktop: a desktop file, a value in the registry, or a launch agent."""

from __future__ import annotations

import plistlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from soroe.ports.desktop import Autostart, AutostartState
from soroe.ports.errors import LocalTrouble

RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


def autostart(command: Sequence[str], name: str, identifier: str, config_home: Path, home: Path) -> Autostart:
    """The way of this system. `name` is for people, `identifier` (reverse domain name) for macOS's launch agent."""
    if sys.platform == "win32":
        return WindowsAutostart(command, name, WindowsRegistry())
    if sys.platform == "darwin":
        return MacAutostart(command, home / "Library" / "LaunchAgents" / f"{identifier}.plist", identifier)
    return LinuxAutostart(command, name, config_home / "autostart", Path("/etc/xdg/autostart"))


class LinuxAutostart:
    """A desktop file in the user's autostart folder; it also overrides the one that a package installs for all."""

    def __init__(self, command: Sequence[str], name: str, folder: Path, system_folder: Path) -> None:
        self._command = tuple(command)
        self._name = name
        self._file = folder / f"{name.lower()}.desktop"
        self._system_file = system_folder / f"{name.lower()}.desktop"

    def state(self) -> AutostartState:
        """See `Autostart.state`."""
        text = _read(self._file)
        if text is None:
            text = _read(self._system_file)
        if text is None:
            return AutostartState.OFF
        keys = dict(line.strip().split("=", 1) for line in text.splitlines() if "=" in line)
        off = keys.get("Hidden") == "true" or keys.get("X-GNOME-Autostart-enabled") == "false"
        return AutostartState.OFF if off else AutostartState.ON

    def switch(self, *, on: bool) -> None:
        """See `Autostart.switch`."""
        if on:
            _write(self._file, self._entry("").encode())
        elif self._system_file.exists():
            _write(self._file, self._entry("Hidden=true\n").encode())
        else:
            _remove(self._file)

    def _entry(self, more: str) -> str:
        command = " ".join(_desktop_quoted(part) for part in self._command)
        return f"[Desktop Entry]\nType=Application\nName={self._name}\nExec={command}\nTerminal=false\n{more}"


class RunKey(Protocol):
    """The values of the registry's Run keys, the machine's and the user's."""

    def get(self, hive: str, name: str) -> str | None:
        """A value, or None."""
        ...

    def set(self, name: str, value: str) -> None:
        """Set the user's value."""
        ...

    def delete(self, name: str) -> None:
        """Delete the user's value, if it is there."""
        ...


class WindowsAutostart:
    """A value in the user's Run key; one in the machine's key is the installer's or IT's."""

    def __init__(self, command: Sequence[str], name: str, registry: RunKey) -> None:
        self._command = tuple(command)
        self._name = name
        self._registry = registry

    def state(self) -> AutostartState:
        """See `Autostart.state`."""
        try:
            if self._registry.get("HKLM", self._name) is not None:
                return AutostartState.FORCED
            return AutostartState.ON if self._registry.get("HKCU", self._name) is not None else AutostartState.OFF
        except OSError as error:
            raise LocalTrouble("autostart") from error

    def switch(self, *, on: bool) -> None:
        """See `Autostart.switch`."""
        import subprocess

        try:
            if on:
                self._registry.set(self._name, subprocess.list2cmdline(self._command))
            else:
                self._registry.delete(self._name)
        except OSError as error:
            raise LocalTrouble("autostart") from error


class WindowsRegistry:
    """The real Run keys (Windows only)."""

    def get(self, hive: str, name: str) -> str | None:
        """See `RunKey.get`."""
        if sys.platform == "win32":
            import winreg

            root = winreg.HKEY_LOCAL_MACHINE if hive == "HKLM" else winreg.HKEY_CURRENT_USER
            try:
                with winreg.OpenKey(root, RUN_KEY) as key:
                    return str(winreg.QueryValueEx(key, name)[0])
            except FileNotFoundError:
                return None
        raise OSError(f"there is no registry on this system: {hive} {name}")

    def set(self, name: str, value: str) -> None:
        """See `RunKey.set`."""
        if sys.platform == "win32":
            import winreg

            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, value)
            return
        raise OSError(f"there is no registry on this system: {name} {value}")

    def delete(self, name: str) -> None:
        """See `RunKey.delete`."""
        if sys.platform == "win32":
            import winreg

            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY, 0, winreg.KEY_SET_VALUE) as key:
                    winreg.DeleteValue(key, name)
            except FileNotFoundError:
                return
            return
        raise OSError(f"there is no registry on this system: {name}")


class MacAutostart:
    """A launch agent of this user."""

    def __init__(self, command: Sequence[str], file: Path, identifier: str) -> None:
        self._command = list(command)
        self._file = file
        self._identifier = identifier

    def state(self) -> AutostartState:
        """See `Autostart.state`."""
        return AutostartState.OFF if _read(self._file) is None else AutostartState.ON

    def switch(self, *, on: bool) -> None:
        """See `Autostart.switch`."""
        if not on:
            _remove(self._file)
            return
        agent = {
            "Label": self._identifier,
            "ProgramArguments": self._command,
            "RunAtLoad": True,
            "ProcessType": "Interactive",
        }
        _write(self._file, plistlib.dumps(agent))


def _desktop_quoted(part: str) -> str:
    """An argument by the rules of desktop files' Exec: quoted, and escaped once more for the file itself."""
    escaped = part.replace("%", "%%")
    if escaped and all(character.isalnum() or character in "-_./%+=:,@" for character in escaped):
        return escaped
    for character in ("\\", '"', "`", "$"):
        escaped = escaped.replace(character, "\\" + character)
    return '"' + escaped.replace("\\", "\\\\") + '"'


def _read(file: Path) -> str | None:
    try:
        return file.read_text("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LocalTrouble("autostart") from error


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.new")
        temporary.write_bytes(content)
        temporary.replace(file)
    except OSError as error:
        raise LocalTrouble("autostart") from error


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise LocalTrouble("autostart") from error
