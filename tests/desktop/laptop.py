"""A salesperson's laptop: the real program in a real session, signed in at servers that the test runs itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.desktop.desktop_session import Session, wait_until
from tests.end_to_end.homes import EMAIL, World

TOKYO = ZoneInfo("Asia/Tokyo")

BROWSER = """#!{python}
import pathlib, sys
from soroe.sandbox.browser import ScriptedBrowser
pathlib.Path({opened!r}).open("a").write(sys.argv[1] + "\\n")
ScriptedBrowser(account={account!r}).open(sys.argv[1])
"""


class Laptop:
    """One home in a session. The program and its commands run as processes of their own."""

    def __init__(self, session: Session, world: World, language: str = "en_US.UTF-8") -> None:
        self.session, self.world = session, world
        self.home = session.folder / "soroe"
        self.said = session.folder / "said.txt"
        self.opened = session.folder / "opened.txt"
        self._programs = session.folder / "bin"
        self._language = language
        self._programs.mkdir()
        self.said.touch()
        self.opened.touch()
        browser = self._programs / "xdg-open"
        browser.write_text(BROWSER.format(python=sys.executable, opened=str(self.opened), account=EMAIL))
        browser.chmod(0o700)

    @property
    def environment(self) -> dict[str, str]:
        """What the program sees; the first browser it finds is the test's."""
        session = self.session.environment
        return session | {
            "PATH": f"{self._programs}:{session['PATH']}",
            "SOROE_HOME": str(self.home),
            "TZ": "Asia/Tokyo",
            "LANG": self._language,
            "PYTHONWARNINGS": "default",
        }

    def configure(self, **sync: object) -> None:
        """Write config.toml: both accounts, one sync."""
        (self.home / "config").mkdir(parents=True, exist_ok=True)
        (self.home / "config" / "config.toml").write_text(self.world.config(**sync), encoding="utf-8")

    def sign_in(self) -> None:
        """Sign both accounts in with the commands, and start the sync; nothing has run yet."""
        self.command("accounts", "reconnect", "calendar")
        self.command("accounts", "reconnect", "crm", "--token-stdin", stdin=self.world.crm.api_key_for(self.world.user))

    def command(self, *words: str, stdin: str = "") -> Any:
        """Carry out one command and return its JSON document."""
        done = subprocess.run(
            [sys.executable, "-m", "soroe", *words, "--json"],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def start(self, *words: str, with_display: bool = True) -> subprocess.Popen[bytes]:
        """Start the tray app."""
        display = {"DISPLAY": self.session.start_display()} if with_display else {}
        return self.session.start(
            sys.executable, "-m", "soroe", *words, extra=self.environment | display, said=self.said
        )

    def ended(self, process: subprocess.Popen[bytes], seconds: float = 10.0) -> int:
        """The exit code of a program that was asked to end."""
        return process.wait(seconds)

    def addresses(self) -> list[str]:
        """What the browser was asked to open."""
        return self.opened.read_text().splitlines()

    # --- what is where ---
    def in_calendar(self) -> list[str]:
        """The titles in Google's calendar, sorted."""
        live = [event for event in self.world.google.events(EMAIL) if event["status"] != "cancelled"]
        return sorted(str(event.get("summary")) for event in live)

    def in_crm(self) -> list[str]:
        """The titles in the CRM, sorted."""
        return sorted(str(activity.content.subject) for activity in self.world.crm.activities())

    def in_step(self, *titles: str) -> bool:
        """Whether both sides have exactly these, once each."""
        return self.in_calendar() == self.in_crm() == sorted(titles)

    def visit(self, title: str, hour: int, days: int = 1) -> str:
        """A colleague books a visit in the CRM; returns its id."""
        start = on(days, hour)
        return str(self.world.crm.user_creates(self.world.user, title, start, start + timedelta(hours=1)).id)

    def appointment(self, title: str, hour: int, days: int = 1) -> str:
        """The salesperson enters an appointment in Google; returns its id."""
        start = on(days, hour)
        body: dict[str, Any] = {"summary": title}
        for key, moment in (("start", start), ("end", start + timedelta(hours=1))):
            body[key] = {"dateTime": moment.isoformat(), "timeZone": "Asia/Tokyo"}
        return str(self.world.google.user_inserts(EMAIL, body)["id"])

    # --- what is on the screen ---
    def windows(self) -> list[str]:
        """The titles of the program's windows that are shown."""
        found = self._xdotool("search", "--onlyvisible", "--name", ".")
        return [self._xdotool("getwindowname", number)[0] for number in found]

    def picture(self, target: Path) -> Path:
        """A picture of the whole screen."""
        self._run(["import", "-window", "root", str(target)])
        return target

    def type_keys(self, *keys: str) -> None:
        """Press keys, as the person at the keyboard."""
        self._run(["xdotool", "key", *keys])

    def _xdotool(self, *words: str) -> list[str]:
        return self._run(["xdotool", *words]).splitlines()

    def _run(self, command: Sequence[str]) -> str:
        environment = self.session.environment | {"DISPLAY": self.session.start_display()}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout


def on(days: int, hour: int) -> datetime:
    """A full hour of a coming day, in Tokyo."""
    day = datetime.now(TOKYO) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def soon(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for what a real program does in its own time."""
    wait_until(true, seconds)
