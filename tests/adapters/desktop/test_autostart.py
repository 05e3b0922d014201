"""Starting with the desktop, as each system does it."""

from __future__ import annotations

import plistlib
import subprocess
from pathlib import Path

import pytest

from soroe.adapters.desktop.autostart import LinuxAutostart, MacAutostart, WindowsAutostart
from soroe.ports.desktop import Autostart, AutostartState
from soroe.ports.errors import LocalTrouble

COMMAND = ("/opt/My Soroe/soroe", "--tray", 'a"b$c`d\\e', "50%")


class Registry:
    """The Run keys in memory."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}
        self.refuses = False

    def get(self, hive: str, name: str) -> str | None:
        if self.refuses:
            raise PermissionError
        return self.values.get((hive, name))

    def set(self, name: str, value: str) -> None:
        if self.refuses:
            raise PermissionError
        self.values["HKCU", name] = value

    def delete(self, name: str) -> None:
        self.values.pop(("HKCU", name), None)


def linux(folder: Path) -> LinuxAutostart:
    return LinuxAutostart(COMMAND, "Soroe", folder / "user", folder / "system")


@pytest.mark.parametrize("system", ["linux", "windows", "macos"])
def test_it_is_off_until_it_is_switched_on_and_off_again_after(system: str, tmp_path: Path) -> None:
    ways: dict[str, Autostart] = {
        "linux": linux(tmp_path),
        "windows": WindowsAutostart(COMMAND, "Soroe", Registry()),
        "macos": MacAutostart(COMMAND, tmp_path / "agents" / "a.plist", "org.soroe.Soroe"),
    }
    way = ways[system]
    states = [way.state()]
    for on in (True, True, False, False):
        way.switch(on=on)
        states.append(way.state())
    assert [state.value for state in states] == ["off", "on", "on", "off", "off"]


def test_the_desktop_file_starts_exactly_this_command(tmp_path: Path) -> None:
    linux(tmp_path).switch(on=True)
    text = (tmp_path / "user" / "soroe.desktop").read_text()
    line = next(line for line in text.splitlines() if line.startswith("Exec="))
    unescaped = line.removeprefix("Exec=").replace("\\\\", "\\")  # the file's own escapes, then those of Exec
    told = subprocess.run(["sh", "-c", f"printf '%s\\n' {unescaped}"], capture_output=True, text=True, check=True)
    assert told.stdout.replace("%%", "%").splitlines() == list(COMMAND)


def test_what_the_package_installs_for_everybody_can_be_switched_off_by_one(tmp_path: Path) -> None:
    system = tmp_path / "system" / "soroe.desktop"
    system.parent.mkdir()
    system.write_text("[Desktop Entry]\nType=Application\nExec=soroe\n")
    way = linux(tmp_path)
    assert way.state() is AutostartState.ON
    way.switch(on=False)
    assert way.state() is AutostartState.OFF
    assert system.exists()
    way.switch(on=True)
    assert way.state() is AutostartState.ON


def test_the_desktops_own_switch_is_respected(tmp_path: Path) -> None:
    way = linux(tmp_path)
    way.switch(on=True)
    file = tmp_path / "user" / "soroe.desktop"
    file.write_text(file.read_text() + "X-GNOME-Autostart-enabled=false\n")
    assert way.state() is AutostartState.OFF


def test_windows_quotes_the_command_and_knows_what_it_has_set() -> None:
    registry = Registry()
    way = WindowsAutostart(("C:\\Program Files\\Soroe\\soroe.exe", "--tray"), "Soroe", registry)
    way.switch(on=True)
    assert registry.values == {("HKCU", "Soroe"): '"C:\\Program Files\\Soroe\\soroe.exe" --tray'}
    registry.values["HKLM", "Soroe"] = "soroe.exe"
    assert way.state() is AutostartState.FORCED


def test_the_launch_agent_starts_exactly_this_command(tmp_path: Path) -> None:
    file = tmp_path / "a.plist"
    MacAutostart(COMMAND, file, "org.soroe.Soroe").switch(on=True)
    agent = plistlib.loads(file.read_bytes())
    assert (agent["ProgramArguments"], agent["RunAtLoad"]) == (list(COMMAND), True)


def test_a_refusal_of_the_system_is_local_trouble(tmp_path: Path) -> None:
    registry = Registry()
    registry.refuses = True
    (tmp_path / "user").write_text("a file where a folder is needed")
    for way in (WindowsAutostart(COMMAND, "Soroe", registry), linux(tmp_path)):
        with pytest.raises(LocalTrouble) as caught:
            way.switch(on=True)
        assert caught.value.code == "autostart"
