"""What is loaded when: the icon before the program, and of the services' libraries only those that are used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from soroe.bootstrap.display import has_display

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

LATER = (
    "soroe.engine",
    "soroe.adapters.net",
    "soroe.adapters.database",
    "soroe.bootstrap.program",
    "asyncio",
)
UNUSED = (
    "asyncio",
    "tomlkit",
    "exchangelib",
    "msal",
    "requests",
    "googleapiclient",
    "httpx",
    "soroe.adapters.crm.pipedrive",
    "soroe.sandbox",
)

FIRST = "import json, sys\nfrom soroe.bootstrap.start import run_tray\nprint(json.dumps(sorted(sys.modules)))"
GOOGLE = """
import json, sys, threading
from pathlib import Path
import soroe.ui.app, soroe.bootstrap.tray
from soroe.bootstrap.connectors import Connectors
from soroe.settings.parse import parse

class Empty:
    def get(self, account, item):
        return None

account = ["[accounts.calendar]", 'kind = "google"', 'email = "sato@example.com"', 'client_id = "id"']
settings = parse("\\n".join(account), "config.toml")
connection = Connectors(Empty(), Path("."), threading.Event()).open(settings.accounts[0])
connection.close()
print(json.dumps(sorted(sys.modules)))
"""
UNREAD = """
import json, linecache
import soroe.bootstrap.start
from soroe.ui.imports import leave_sources_unread

leave_sources_unread()
import soroe.bootstrap.tray, soroe.ui.app, soroe.ui.window
print(json.dumps(sorted(linecache.cache)))
"""
ALONE = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from soroe.adapters.desktop.single_instance import SingleInstance
from soroe.bootstrap.tray import _Watches

application = QCoreApplication([])
SingleInstance(Path("nowhere"), print)
watches = _Watches(print)
watches.start()
watches.close()
print(json.dumps(sorted(sys.modules)))
"""
BROKEN = """
import sys
from pathlib import Path
from soroe.bootstrap.start import run_tray
from soroe.settings.homes import homes

def load():
    raise LookupError("nothing to load")

run_tray(["soroe"], homes({"SOROE_HOME": sys.argv[1]}), Path("resources"), "", load)
"""


def ran(code: str, *arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"SOROE_HOME": str(home)} if home is not None else {}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Those of the names that are loaded after the code has run, or a part of which is."""
    done = ran(code)
    assert done.returncode == 0, done.stderr
    modules = json.loads(done.stdout.splitlines()[-1])
    return [name for name in names if any(module == name or module.startswith(f"{name}.") for module in modules)]


def test_nothing_that_the_icon_does_not_need_is_loaded_before_it() -> None:
    assert loaded(FIRST, LATER) == []


def test_a_tray_with_a_google_account_loads_the_libraries_of_no_other_service() -> None:
    assert loaded(GOOGLE, UNUSED) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt watches the network")
def test_a_tray_on_linux_loads_nothing_of_qts_network() -> None:
    assert loaded(ALONE, ("PySide6.QtNetwork",)) == []


def test_no_source_is_read_and_kept_because_a_module_is_imported() -> None:
    done = ran(UNREAD)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_what_goes_wrong_while_the_program_is_loaded_ends_it_and_is_told(tmp_path: Path) -> None:
    done = ran(BROKEN, str(tmp_path / "home"))
    assert done.returncode == 1
    assert "LookupError: nothing to load" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="displays are named in the environment on Linux")
@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":4711"}])
def test_without_a_display_the_tray_says_so_and_ends(tmp_path: Path, display: dict[str, str]) -> None:
    displays = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in displays}
    environment |= {"SOROE_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path), "LANG": "en_US.UTF-8"}
    environment |= display
    command = [sys.executable, "-m", "soroe"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 4
    assert "soroe sync" in done.stderr


def test_without_the_systems_libraries_of_qt_the_tray_names_what_is_missing_and_ends(tmp_path: Path) -> None:
    qt = tmp_path / "PySide6"
    qt.mkdir()
    (qt / "__init__.py").touch()
    (qt / "QtCore.py").write_text('raise ImportError("libEGL.so.1: no such file", path=__file__)', encoding="utf-8")
    environment = os.environ | {"SOROE_HOME": str(tmp_path / "home"), "LANG": "en_US.UTF-8"}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *sys.path])
    command = [sys.executable, "-m", "soroe", "--window"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "libEGL.so.1: no such file" in done.stderr
    assert "soroe sync" in done.stderr


def test_a_tray_without_a_place_for_its_files_names_the_folder(tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file", encoding="utf-8")
    done = ran("import sys; from soroe.bootstrap import main; sys.exit(main([]))", home=blocked)
    assert done.returncode == 4
    assert str(blocked) in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="displays are named in the environment on Linux")
def test_a_display_is_believed_where_it_cannot_be_asked() -> None:
    assert has_display([], {"DISPLAY": "elsewhere:10.0"})
    assert has_display([], {"WAYLAND_DISPLAY": "wayland-0"})
    assert has_display(["soroe", "-platform", "offscreen"], {})
    assert not has_display([], {"DISPLAY": ""})


@pytest.mark.parametrize("line", [["soroe", "--reconnect", "crm"], ["soroe", "--window", "--reconnect=crm"]])
def test_the_account_to_reconnect_is_named_after_the_option_or_with_it(line: list[str]) -> None:
    from soroe.bootstrap.start import reconnect_wish

    assert reconnect_wish(line) == "crm"
    assert reconnect_wish(["soroe", "--window"]) == ""


def test_a_slip_of_the_pen_is_refused_before_anything_is_shown(tmp_path: Path) -> None:
    done = ran("import sys; from soroe.bootstrap import main; sys.exit(main(['--typo']))", home=tmp_path / "home")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--typo" in done.stderr
