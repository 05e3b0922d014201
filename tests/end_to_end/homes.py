"""A home of its own, signed in at sandbox servers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from soroe.bootstrap.connectors import SECRET
from soroe.bootstrap.program import Program
from soroe.bootstrap.syncs import Syncs
from soroe.core.finding import Finding
from soroe.core.route import SyncName
from soroe.engine.joint import Joint
from soroe.engine.run import Run, RunResult
from soroe.ports.store import Store
from soroe.sandbox.crm import CrmSandbox, User
from soroe.sandbox.google import GoogleSandbox
from soroe.settings.homes import homes
from tests.end_to_end.calendars import Calendar, GoogleSide
from tests.end_to_end.crms import EMAIL, Crm, RestCrm

__all__ = ["EMAIL", "SYNC", "FileKeychain", "Installation", "World", "program"]

SYNC = SyncName("work")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


class FileKeychain:
    """Secrets in a file, so that a process that starts anew finds what the one before it kept."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, account: str, item: str) -> str | None:
        return self._read().get(f"{account}/{item}")

    def set(self, account: str, item: str, value: str) -> None:
        self._write({**self._read(), f"{account}/{item}": value})

    def delete(self, account: str, item: str) -> None:
        self._write({key: value for key, value in self._read().items() if key != f"{account}/{item}"})

    def secrets(self) -> list[str]:
        """Everything that must never be found anywhere else."""
        return list(self._read().values())

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        known: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        return known

    def _write(self, secrets: dict[str, str]) -> None:
        fresh = self._path.with_suffix(f".{os.getpid()}")  # two processes may keep something at once
        fresh.write_text(json.dumps(secrets), encoding="utf-8")
        fresh.replace(self._path)


@dataclass
class World:
    """A CRM and a calendar, each with Sato in it."""

    given: Crm | CrmSandbox
    with_calendar: Calendar | GoogleSandbox

    def __post_init__(self) -> None:
        given, calendar = self.given, self.with_calendar
        self.side: Crm = RestCrm(given) if isinstance(given, CrmSandbox) else given
        self.calendar: Calendar = GoogleSide(calendar) if isinstance(calendar, GoogleSandbox) else calendar

    @property
    def crm(self) -> CrmSandbox:
        """The sandbox of the generic contract, where the test is about it."""
        assert isinstance(self.side, RestCrm)
        return self.side.box

    @property
    def user(self) -> User:
        """Sato in that sandbox."""
        assert isinstance(self.side, RestCrm)
        return self.side.user

    @property
    def google(self) -> GoogleSandbox:
        """The Google sandbox, where the test is about it."""
        assert isinstance(self.calendar, GoogleSide)
        return self.calendar.box

    def config(self, **sync: object) -> str:
        """A config.toml for both accounts and one sync."""
        chosen = {"incoming_type": "meeting", **self.side.choices, **sync}
        choices = "\n".join(f"{key} = {_toml(value)}" for key, value in chosen.items())
        return f"""
[accounts.calendar]
{self.calendar.account}

[accounts.crm]
{self.side.account}

[syncs.work]
crm = "crm"
calendar = "calendar"
zone = "Asia/Tokyo"
{choices}
"""

    def calendar_titles(self) -> list[str]:
        """The titles of all living events, series and exceptions."""
        return self.calendar.titles()

    def titles(self) -> tuple[list[str], list[str]]:
        """What both sides show, to be compared."""
        return self.side.titles(), self.calendar_titles()


def _toml(value: object) -> str:
    match value:
        case bool() | int() | float():
            return str(value).lower()
        case list():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
        case _ if DAY.fullmatch(str(value)):
            return str(value)
        case _:
            return f'"{value}"'


@dataclass
class Installation:
    """One laptop: a folder, a keychain, a program."""

    world: World
    folder: Path
    choices: dict[str, object] = field(default_factory=dict)
    signed_in: bool = True

    def __post_init__(self) -> None:
        self.keychain = FileKeychain(self.folder.with_suffix(".keychain"))
        self.program = program(self.folder)
        self.program.homes.make()
        self.program.homes.config_file.write_text(self.world.config(**self.choices), encoding="utf-8")
        if self.signed_in and self.keychain.get("crm", SECRET) is None:
            self.sign_in()
        self.open()

    def sign_in(self) -> None:
        """Keep what both accounts sign in with, as a sign-in would."""
        self.keychain.set("calendar", SECRET, self.world.calendar.secret())
        self.keychain.set("crm", SECRET, self.world.side.key())

    def open(self) -> None:
        """Open the database, again after `close`."""
        self.store: Store = self.program.open_store()
        self.syncs = Syncs(self.program, self.store)

    def joint(self) -> Joint:
        """The sync, ready to run."""
        return self.syncs.open(SYNC)

    def run(self) -> RunResult:
        """One run."""
        return Run(self.joint()).carry_out()

    def settle(self, most: int = 3) -> RunResult:
        """Run until a run writes nothing; fails when that takes more than `most` runs."""
        for _ in range(most):
            result = self.run()
            assert result.trouble is None, result.trouble
            if result.converged:
                return result
        raise AssertionError(f"still writing after {most} runs: {result.record}")

    def about_meetings(self) -> list[Finding]:
        """The findings about single meetings; what is said of a sync as a whole stands whatever happens."""
        return [finding for finding in self.store.sync(SYNC).findings() if finding.group() or finding.account]

    def open_changes(self) -> int:
        """Writes that the journal knows neither as done nor as dropped."""
        return len(self.store.sync(SYNC).open_changes())

    def close(self) -> None:
        """Let go of everything."""
        self.syncs.close()
        self.store.close()


def program(folder: Path) -> Program:
    """The program on a home, with the keychain beside it."""
    environment = {"SOROE_HOME": str(folder), "LANG": "en_US.UTF-8"}
    return Program(homes(environment), FileKeychain(folder.with_suffix(".keychain")), environment)
