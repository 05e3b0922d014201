"""A salesperson's laptop: the real program in a real session, signed in at services that the test runs itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soroe.adapters.keychain.system import SystemKeychain, item_limit, service_name
from soroe.bootstrap.connectors import SECRET
from soroe.bootstrap.program import Program
from soroe.ports.store import SyncStatus
from soroe.settings.homes import homes
from tests.desktop.desktop_session import Session, wait_until
from tests.desktop.services import EMAIL, SYNC, Services

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon", "Xvfb", "dunst", "xfce4-panel", "xdotool", "import")
"""What a laptop needs to be installed."""

BROWSER = """#!{python}
import pathlib, sys
from soroe.sandbox.browser import ScriptedBrowser
pathlib.Path({opened!r}).open("a").write(sys.argv[1] + "\\n")
ScriptedBrowser(account={account!r}).open(sys.argv[1])
"""


class Laptop:
    """One home in a session. The program and its commands run as processes of their own."""

    def __init__(self, session: Session, services: Services, language: str = "en_US.UTF-8") -> None:
        self.session, self.services = session, services
        self.language = language
        self.home = session.folder / "soroe"
        self._said = session.folder / "said.txt"
        self._opened = session.folder / "opened.txt"
        self._programs = session.folder / "bin"
        self._programs.mkdir()
        self._said.touch()
        self._opened.touch()
        browser = self._programs / "xdg-open"
        browser.write_text(BROWSER.format(python=sys.executable, opened=str(self._opened), account=EMAIL))
        browser.chmod(0o700)

    @property
    def environment(self) -> dict[str, str]:
        """What the program sees; the first browser it finds is the test's."""
        session = self.session.environment
        return session | {
            "PATH": f"{self._programs}:{session['PATH']}",
            "SOROE_HOME": str(self.home),
            "TZ": "Asia/Tokyo",
            "LANG": self.language,
        }

    # --- getting it ready ---
    def configure(self) -> None:
        """Write config.toml: both accounts, one sync."""
        (self.home / "config").mkdir(parents=True, exist_ok=True)
        (self.home / "config" / "config.toml").write_text(self.services.config(), encoding="utf-8")

    def sign_in(self) -> None:
        """Sign both accounts in and start the sync, all with the commands; nothing has run yet."""
        self.configure()
        self.command("accounts", "reconnect", "calendar")
        self.command("accounts", "reconnect", "crm", "--token-stdin", stdin=self.services.crm_key)
        self.command("syncs", "start", "work")

    def was_signed_in(self) -> None:
        """The quick way to the same: the secrets are put into the session's keychain, and the sync is started."""
        self.configure()
        folders = homes(self.environment)
        folders.make()
        program = Program(folders, SystemKeychain(service_name(folders.portable), item_limit()), self.environment)
        program.keychain.set("calendar", SECRET, self.services.google_secret)
        program.keychain.set("crm", SECRET, self.services.crm_key)
        with closing(program.open_store()) as store:
            sync = store.sync(SYNC)
            sync.save_state(replace(sync.state(), status=SyncStatus.RUNNING, started=datetime.now(UTC)))

    # --- running it ---
    def command(self, *words: str, stdin: str = "") -> Any:
        """Carry out one command and return its JSON document."""
        done = subprocess.run(
            [sys.executable, "-m", "soroe", *words, "--json"],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start the tray app on the session's display."""
        extra = self.environment | {"DISPLAY": self.session.start_display()}
        return self.session.start(sys.executable, "-m", "soroe", *words, extra=extra, said=self._said)

    def complaints(self) -> str:
        """Whatever the program said on its way; it has nothing to say while all goes well."""
        return self._said.read_text()

    def addresses(self) -> list[str]:
        """What the browser was asked to open."""
        return self._opened.read_text().splitlines()

    def wake_ups(self, process: subprocess.Popen[bytes]) -> int:
        """How often the threads of a program have woken up so far."""
        tasks = Path(f"/proc/{process.pid}/task").iterdir()
        lines = [line for task in tasks for line in (task / "status").read_text().splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))

    # --- what is on the screen ---
    def windows(self) -> list[str]:
        """The titles of the windows that are shown."""
        found = self._run(["xdotool", "search", "--onlyvisible", "--name", "."]).split()
        return [self._run(["xdotool", "getwindowname", number]).strip() for number in found]

    def picture(self, target: Path) -> Path:
        """A picture of the whole screen."""
        self._run(["import", "-window", "root", str(target)])
        return target

    def _run(self, command: Sequence[str]) -> str:
        environment = self.session.environment | {"DISPLAY": self.session.start_display()}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout


def soon(true: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait for what a real program does in its own time."""
    wait_until(true, seconds)
