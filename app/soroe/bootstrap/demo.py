"""The demo: a CRM and a calendar on loopback, a home of their own, signed in and in step."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from soroe.core.event import Window
from soroe.core.finding import Finding
from soroe.core.route import SyncName
from soroe.engine.run import Run, RunResult
from soroe.ports.keychain import Keychain
from soroe.ports.store import Store, SyncStatus
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.demo.appointments import ME, ZONE, Calendar
from soroe.sandbox.demo.remarks import Remark
from soroe.sandbox.demo.text_file import OwnFile
from soroe.sandbox.keychain import MemoryKeychain
from soroe.settings.homes import homes

from .connectors import now_utc
from .demo_calendars import CALENDARS
from .demo_crms import CRMS
from .program import Program
from .sign_ins import SignIns
from .syncs import Syncs

SYNC = SyncName("work")
MOST_RUNS = 6
FUTURE_DAYS = 1095


@dataclass(frozen=True, slots=True)
class DemoChoices:
    """What the demo is to show: `provider` is one of `demo_calendars.CALENDARS`, `crm` one of
    `demo_crms.CRMS`. The files are the user's own exports, used instead."""

    provider: str = "google"
    crm: str = "rest"
    calendar_file: OwnFile | None = None
    activities_file: OwnFile | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the runs of the demo came to; the last run of a sync wrote nothing if it converged."""

    runs: tuple[RunResult, ...]
    findings: tuple[tuple[SyncName, Finding], ...]
    converged: bool


@dataclass
class Demo:
    """The servers and a home on them, from `start` to `stop` (or as a context manager).

    `problems` are remarks about the user's own files: what could not be read of them, and what was left out.
    """

    choices: DemoChoices
    environment: Mapping[str, str]
    keychain: Keychain = field(default_factory=MemoryKeychain)
    problems: list[Remark] = field(default_factory=list)

    def start(self) -> Self:
        """Start the servers, fill them, and make the home."""
        self._stack = ExitStack()
        try:
            self._begin()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _begin(self) -> None:
        today = datetime.now(ZoneInfo(ZONE)).date()
        calendar = Calendar(today)
        shown = Window(today - timedelta(days=self._past_days()), today + timedelta(days=FUTURE_DAYS))
        self.calendar = CALENDARS[self.choices.provider](self._stack)
        if self.choices.calendar_file is None:
            self.calendar.fill(calendar)
        else:
            self.problems += self.calendar.load(replace(self.choices.calendar_file, shown=shown))
        self.crm = CRMS[self.choices.crm](self._stack)
        if self.choices.activities_file is None:
            self.crm.fill(calendar)
        else:
            self.problems += self.crm.load(replace(self.choices.activities_file, shown=shown))
        self.folder = Path(tempfile.mkdtemp(prefix="soroe-demo-"))
        if not self.choices.keep:
            self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        environment = {**self.environment, "SOROE_HOME": str(self.folder), "TZ": ZONE}
        self.program = Program(homes(environment), self.keychain, environment)
        self._stack.callback(self.program.stopped.set)
        self.program.homes.make()
        self.program.config.change(lambda _text: self._config())
        self._sign_in()

    def stop(self) -> None:
        """Stop the servers and, unless it is to be kept, remove the home."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- the home ---
    def _config(self) -> str:
        with_hers = self.calendar.colleagues and self.choices.calendar_file is None
        calendars = f'["primary", "{self.calendar.colleagues}"]' if with_hers else '["primary"]'
        return f"""# The demo's own settings; its servers live on this computer only.
[accounts.calendar]
{self.calendar.account}
[accounts.crm]
{self.crm.account}

[syncs.work]
crm = "crm"
calendar = "calendar"
calendars = {calendars}
{self.crm.sync}
zone = "{ZONE}"
past_days = {self._past_days()}
future_days = {FUTURE_DAYS}
"""

    def _past_days(self) -> int:
        """The user's own files may be old ones."""
        own = self.choices.calendar_file or self.choices.activities_file
        return 7 if own is None else 3660

    # --- signing in, and running ---
    def _sign_in(self) -> None:
        """Sign in to both as a user would."""
        store = self.program.open_store()
        try:
            settings = self.program.settings()
            browser = ScriptedBrowser(account=ME)
            signs = SignIns(self.program, store, _in_background(browser))
            for account in settings.accounts:
                server = self.calendar if account.name == "calendar" else self.crm
                server.sign_in(signs, account)
            state = store.sync(SYNC).state()
            store.sync(SYNC).save_state(replace(state, status=SyncStatus.RUNNING, started=now_utc()))
        finally:
            store.close()

    def run(self, on_run: Callable[[RunResult], None] = lambda _result: None) -> DemoOutcome:
        """Run until a run writes nothing; that run is the last one."""
        store: Store = self.program.open_store()
        syncs = Syncs(self.program, store)
        results: list[RunResult] = []
        try:
            while len(results) < MOST_RUNS:
                results.append(Run(syncs.open(SYNC)).carry_out())
                on_run(results[-1])
                if results[-1].converged or results[-1].trouble is not None:
                    break
            findings = tuple((SYNC, finding) for finding in store.sync(SYNC).findings())
        finally:
            syncs.close()
            store.close()
        return DemoOutcome(tuple(results), findings, bool(results) and results[-1].converged)


def _in_background(browser: ScriptedBrowser) -> Callable[[str], None]:
    """A browser opens a page and lets the program go on, which waits for its answer."""

    def open_page(address: str) -> None:
        threading.Thread(target=browser.open, args=(address,), name="demo browser", daemon=True).start()

    return open_page
