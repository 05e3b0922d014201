"""The scripts that set up a machine say what they did not understand, before they do anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts for Linux and macOS")


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("setup.sh", []),
        ("setup.sh", ["packaging/lock/no-such.txt"]),
        ("setup.sh", ["packaging/lock/dev.txt", "more"]),
        ("linux/system-packages.sh", ["kde"]),
        ("linux/system-packages.sh", ["qt", "more"]),
        ("linux/system-packages.sh", ["--help"]),
    ],
)
def test_an_argument_that_means_nothing_is_refused(script: str, arguments: list[str]) -> None:
    command = [str(ROOT / "packaging" / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "Usage: packaging/" in done.stderr
    assert done.stdout == ""


def test_a_package_that_a_release_does_not_have_keeps_no_other_away(system: System) -> None:
    done = system.install(without="xdotool")
    assert done.returncode == 3, "not all of them are there"
    assert done.stderr.splitlines() == [
        "E: Package 'xdotool' has no installation candidate",
        "Could not install: xdotool",
    ]
    assert {"libegl1", "xvfb", "fonts-noto-cjk"} <= system.installed
    assert "xdotool" not in system.installed


def test_a_release_with_another_tray_of_the_older_kind_gets_that_one(system: System) -> None:
    assert system.install(without="trayer").returncode == 0
    assert {"libegl1", "stalonetray"} <= system.installed
    assert "trayer" not in system.installed


@pytest.mark.parametrize(("fonts", "is_asked_for"), [("", True), ("VL Gothic", False)])
def test_the_window_gets_a_font_with_japanese_where_there_is_none(
    tmp_path: Path, fonts: str, is_asked_for: bool
) -> None:
    write_command(tmp_path / "dpkg-query", "exit 1")
    write_command(tmp_path / "id", "echo 1000")
    write_command(tmp_path / "sudo", "exit 1")
    write_command(tmp_path / "fc-list", f"echo '{fonts}'")
    command = [str(ROOT / "packaging/linux/system-packages.sh"), "qt"]
    shown = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, env=shown, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "Ask an administrator for:\n    apt-get install libglib2.0-0 " in done.stderr
    assert ("fonts-noto-cjk" in done.stderr) is is_asked_for


def test_a_plain_user_is_told_what_to_ask_for_where_no_environment_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "packaging/lock").mkdir(parents=True)
    (tmp_path / "packaging/lock/runtime.txt").touch()
    shutil.copy(ROOT / "packaging/setup.sh", tmp_path / "packaging")
    commands = tmp_path / "commands"
    commands.mkdir()
    write_command(commands / "id", "echo 1000")
    write_command(commands / "sudo", "exit 1")
    for minor in ("", ".11", ".12", ".13", ".14"):
        write_command(commands / f"python3{minor}", f'[ "$1" = -m ] && exit 1\nexec {sys.executable} "$@"')
    copy = tmp_path / "packaging/setup.sh"
    copy.write_text(copy.read_text(encoding="utf-8").replace("/usr/bin/python3 ", ""), encoding="utf-8")
    command = ["bash", str(tmp_path / "packaging/setup.sh"), "packaging/lock/runtime.txt"]
    shown = os.environ | {"PATH": f"{commands}{os.pathsep}/usr/bin:/bin"}
    done = subprocess.run(command, env=shown, capture_output=True, text=True, timeout=60, check=False)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert done.returncode == 2
    assert f"    apt-get install {package}\n" in done.stderr
    assert "packaging/linux/system-packages.sh" in done.stderr
    assert done.stdout == "", "nothing is said to be installed that is not"


def test_the_pictures_are_given_a_folder() -> None:
    command = ["make", "--just-print", "--old-file=.venv/.dev", "--old-file=.venv/.system", "screenshots"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert "-m tests.desktop.screenshots build/screenshots" in done.stdout, done.stderr


class System:
    """A Debian with nothing installed, as far as the script can see."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there = folder / "there"
        write_command(folder / "dpkg-query", "exit 1")
        write_command(folder / "id", "echo 0")

    def install(self, *, without: str) -> subprocess.CompletedProcess[str]:
        """Run the script where the release does not have this package."""
        write_command(
            self._folder / "apt-get",
            f"""[ "$1" = install ] || exit 0
            case " $* " in
            *" {without} "*) echo "E: Package '{without}' has no installation candidate"; exit 100 ;;
            *" -s "*) ;;
            *) printf '%s\\n' "$@" >'{self._there}' ;;
            esac""",
        )
        command = [str(ROOT / "packaging/linux/system-packages.sh")]
        shown = os.environ | {"PATH": f"{self._folder}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.run(command, env=shown, capture_output=True, text=True, timeout=60, check=False)

    @property
    def installed(self) -> set[str]:
        return set(self._there.read_text(encoding="utf-8").split())


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def write_command(path: Path, body: str) -> None:
    """A command of the system's, as this test wants it to answer."""
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
