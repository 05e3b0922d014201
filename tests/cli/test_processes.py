"""The program as its users start it: a process of its own, a real keychain, signals."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET
from tests.cli.homes import EMAIL, World, google_event, tomorrow
from tests.cli.shell import ROOT, check_document
from tests.desktop.desktop_session import Session, missing, wait_until

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(missing("gnome-keyring-daemon", "dbus-daemon")), reason="gnome-keyring or dbus is not installed"
    ),
]


class Laptop:
    """A home in a desktop session of its own, signed in with commands only."""

    def __init__(self, session: Session, world: World, folder: Path) -> None:
        self.world = world
        self.environment = session.environment | {
            "SOROE_HOME": str(folder),
            "PYTHONPATH": str(ROOT / "app"),
            "LANG": "en_US.UTF-8",
            "TZ": "Asia/Tokyo",
        }

    def start(self, *line: str) -> subprocess.Popen[str]:
        """Start `soroe <line>` and let it run."""
        return subprocess.Popen(
            [sys.executable, "-m", "soroe", *line],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(self, *line: str, stdin: str = "") -> tuple[int, str, str]:
        """Run `soroe <line>` to its end."""
        process = self.start(*line)
        out, err = process.communicate(stdin, timeout=300)
        if "--json" in line:
            check_document(line[0], json.loads(out))
        return process.returncode, out, err

    def connect(self) -> None:
        """Everything with commands: both accounts, the sync, the start."""
        key = self.world.crm.api_key_for(self.world.user)
        crm = ("accounts", "add", "crm", "--kind", "rest", "--base-url", self.world.crm.base_url, "--auth", "api_key")
        self._done(*crm, "--token-stdin", stdin=f"{key}\n")
        self._bring_a_browser()
        google = self.world.google
        self._done(
            "accounts", "add", "calendar", "--kind", "google", "--email", EMAIL, "--client-id", CLIENT_ID,
            "--client-secret-stdin", "--api-endpoint", google.api_endpoint,
            "--authorization-endpoint", google.authorization_endpoint, "--token-endpoint", google.token_endpoint,
            stdin=f"{CLIENT_SECRET}\n",
        )  # fmt: skip # short values, several a line
        joined = ("syncs", "add", "work", "--crm", "crm", "--calendar", "calendar", "--incoming-type", "meeting")
        self._done(*joined, "--poll-seconds", "10")
        self._done("syncs", "start", "work")

    def _done(self, *line: str, stdin: str = "") -> None:
        code, _, err = self.run(*line, stdin=stdin)
        assert code == 0, err

    def _bring_a_browser(self) -> None:
        """What the desktop opens addresses with is a browser that signs in by itself."""
        opener = Path(self.environment["SOROE_HOME"]).parent / "bin" / "xdg-open"
        opener.parent.mkdir()
        browse = f"import sys; from soroe.sandbox.browser import ScriptedBrowser as B; B({EMAIL!r}).open(sys.argv[1])"
        opener.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{browse}" "$@"\n')
        opener.chmod(0o700)
        self.environment["PATH"] = f"{opener.parent}:{self.environment['PATH']}"


@pytest.fixture
def world() -> Iterator[World]:
    """A CRM and a Google on loopback."""
    with CrmSandbox() as crm, GoogleSandbox() as google:
        yield World(crm, google)


@pytest.fixture
def laptop(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A session with an unlocked keyring, and a fresh home in it."""
    session = Session(tmp_path_factory.mktemp("session"))
    try:
        session.start_bus()
        session.start_keyring("open sesame")
        yield Laptop(session, world, tmp_path_factory.mktemp("home") / "soroe")
    finally:
        session.close()


def live(world: World) -> list[str]:
    return sorted(str(event["summary"]) for event in world.google.events(EMAIL) if event["status"] != "cancelled")


def test_a_sync_is_set_up_run_and_explained_with_commands_alone(laptop: Laptop) -> None:
    world = laptop.world
    world.crm.user_creates(world.user, "訪問 青木商事", tomorrow(10), tomorrow(11))
    world.google.user_inserts(EMAIL, google_event("Dentist", tomorrow(15)))
    laptop.connect()
    code, out, _ = laptop.run("sync", "--once", "--json")
    assert code == 0
    assert json.loads(out)["runs"][0]["created"] == {"crm": 1, "calendar": 1}
    assert live(world) == ["Dentist", "訪問 青木商事"]
    code, out, _ = laptop.run("explain", "青木")
    assert code == 0
    assert "訪問 青木商事" in out


def test_it_keeps_running_until_sigterm_and_ends_in_good_order(laptop: Laptop) -> None:
    world = laptop.world
    laptop.connect()
    process = laptop.start("sync", "--json")
    try:
        world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
        wait_until(lambda: live(world) == ["Visit"])
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=180)
    finally:
        process.kill()
    assert process.returncode == 0, err
    document = json.loads(out)
    check_document("sync", document)
    assert {run["sync"] for run in document["runs"]} == {"work"}
    _, out, _ = laptop.run("accounts", "list", "--json")
    assert {account["state"] for account in json.loads(out)["accounts"]} == {"connected"}


def test_ctrl_c_in_the_middle_of_many_writes_leaves_nothing_half_done(laptop: Laptop) -> None:
    world = laptop.world
    laptop.connect()
    for number in range(300):
        world.google.user_inserts(EMAIL, google_event(f"Visit {number}", tomorrow(number % 23)))
    process = laptop.start("sync", "--once")
    try:
        wait_until(lambda: len(world.crm.activities()) > 0)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=180)
    finally:
        process.kill()
    made = len(world.crm.activities())
    assert 0 < made < 300
    _, out, _ = laptop.run("history", "--json")
    (run,) = json.loads(out)["runs"]
    assert run["created"]["crm"] == made
    _, out, _ = laptop.run("history", str(run["id"]), "--json")
    assert {change["state"] for change in json.loads(out)["runs"][0]["changes"]} <= {"done", "dropped"}
    assert laptop.run("sync", "--once")[0] == 0
    assert len(world.crm.activities()) == 300


def test_a_command_beside_a_running_sync_waits_for_its_turn(laptop: Laptop) -> None:
    world = laptop.world
    laptop.connect()
    process = laptop.start("sync")
    try:
        for number in range(5):
            world.crm.user_creates(world.user, f"Visit {number}", tomorrow(10 + number), tomorrow(11 + number))
            assert laptop.run("sync", "--once")[0] == 0
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=180)
    assert process.returncode == 0
    assert laptop.run("sync", "--once")[0] == 0
    assert live(world) == [f"Visit {number}" for number in range(5)]


def test_the_help_comes_without_a_keychain(laptop: Laptop) -> None:
    laptop.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    code, out, err = laptop.run("--help")
    assert (code, err) == (0, "")
    assert "support-bundle" in out
