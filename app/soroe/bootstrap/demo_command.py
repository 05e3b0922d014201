"""`soroe demo`: run the demo and show what came of it, in the window or in print."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from soroe.cli.console import Console
from soroe.cli.exits import CommandError, Exit
from soroe.cli.ports import DemoChoices
from soroe.cli.report import document, finding_documents
from soroe.core.finding import FindingKind
from soroe.engine.run import RunResult
from soroe.ports.keychain import Keychain, KeychainTrouble
from soroe.ports.reading import Reading
from soroe.sandbox.demo.appointments import ZONE
from soroe.sandbox.demo.text_file import OwnFile, is_encoding
from soroe.sandbox.keychain import MemoryKeychain
from soroe.ui.texts import Texts, finding_words, kind_name, run_report

from .demo import Demo, DemoOutcome
from .demo import DemoChoices as Servers
from .demo_calendars import CALENDARS
from .demo_crms import CRMS
from .display import answers_x
from .doctor_desktop import opens_a_window
from .own_files import remark_words
from .program import usual


def run_demo(choices: DemoChoices, environment: Mapping[str, str], out: TextIO, err: TextIO) -> int:
    """Start the servers, sign in, sync until nothing is left to do, and show the findings.

    With a display the window opens on it; without one, or when asked, the findings are printed. Exit code 0 when both
    sides agree in the end, 1 otherwise.
    """
    if choices.provider not in CALENDARS or choices.crm not in CRMS:
        wanted = choices.provider if choices.provider not in CALENDARS else choices.crm
        raise CommandError("not_available_yet", Exit.USAGE, subject=wanted)
    _usable(choices)
    keychain = _keychain(environment) if choices.keep else MemoryKeychain()
    calendar, activities = (_own(choices, file) for file in (choices.calendar_file, choices.activities_file))
    servers = Servers(choices.provider, choices.crm, calendar, activities, choices.keep)
    console = Console(out, err, as_json=choices.as_json)
    with Demo(servers, environment, keychain) as demo:
        texts = demo.program.texts()
        for problem in demo.problems:
            console.note(remark_words(texts, problem))
        outcome = demo.run(lambda result: _progress(result, console, texts))
        reading = demo.program.open_reading()
        windowed = _windowed(choices, environment, console, texts)
        if choices.as_json:
            found = finding_documents(outcome.findings, reading, texts, ZoneInfo(ZONE))
            runs = [result.record for result in outcome.runs]
            console.document(document(runs, found, outcome.converged))
        elif not windowed:
            console.lines(_printed(outcome, reading, texts, ZoneInfo(ZONE)))
            console.told(texts)
        if choices.screenshots is not None:
            _screenshots(demo, choices.screenshots)
        elif windowed:
            return _show(demo)
        if choices.keep:
            _wait(demo, console, texts)
    return 0 if outcome.converged else 1


def _own(choices: DemoChoices, file: Path | None) -> OwnFile | None:
    return None if file is None else OwnFile(file, choices.encoding)


def _usable(choices: DemoChoices) -> None:
    """Raises `CommandError` for files and folders of the command line that cannot be used, before anything starts."""
    if choices.encoding and not is_encoding(choices.encoding):
        raise CommandError("no_such_encoding", encoding=choices.encoding)
    for file in (choices.calendar_file, choices.activities_file):
        if file is not None and not (file.is_file() and os.access(file, os.R_OK)):
            raise CommandError("file_unreadable", file=str(file))
    if choices.screenshots is not None:
        try:
            choices.screenshots.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError("folder_unusable", folder=str(choices.screenshots)) from error


def _keychain(environment: Mapping[str, str]) -> Keychain:
    """A home that stays needs a keychain that stays; without one the demo's secrets end with it."""
    keychain = usual(environment).keychain
    try:
        keychain.get("demo", "probe")
    except KeychainTrouble:
        return MemoryKeychain()
    return keychain


def _windowed(choices: DemoChoices, environment: Mapping[str, str], console: Console, texts: Texts) -> bool:
    """Whether the findings go to a window; pictures need no display. Where it cannot be opened, that is told."""
    if _headless(choices, environment):
        return False
    if choices.screenshots is not None or opens_a_window(environment):
        return True
    console.note(texts("demo.no_window"))
    return False


def _headless(choices: DemoChoices, environment: Mapping[str, str]) -> bool:
    if choices.headless or choices.as_json:
        return True
    if sys.platform in {"win32", "darwin"}:
        return False
    return not (environment.get("WAYLAND_DISPLAY") or answers_x(environment.get("DISPLAY", "")))


def _progress(result: RunResult, console: Console, texts: Texts) -> None:
    console.note(run_report(texts, result.record))


def _printed(outcome: DemoOutcome, reading: Reading, texts: Texts, zone: tzinfo) -> list[str]:
    """The findings by kind, each with what, when, why and what can be done."""
    lines: list[str] = []
    documents = finding_documents(outcome.findings, reading, texts, zone)
    for kind in FindingKind:
        listed = [
            (finding, told)
            for (_, finding), told in zip(outcome.findings, documents, strict=True)
            if finding.kind is kind
        ]
        if not listed:
            continue
        lines += ["", f"{kind_name(texts, kind)} ({len(listed)})"]
        for finding, told in listed:
            words = finding_words(texts, finding)
            lines.append(f"  - {_title(told)}")
            lines.append(f"    {texts.sentences((words.what, words.why))}")
    lines += ["", texts("demo.converged" if outcome.converged else "demo.not_converged")]
    return lines


def _title(told: Mapping[str, object]) -> str:
    for side in ("calendar", "crm"):
        item = told.get(side)
        if isinstance(item, Mapping) and item.get("title"):
            return f"{item['title']}  {item.get('start', '')}".rstrip()
    return str(told.get("account") or "")


def _screenshots(demo: Demo, folder: Path) -> None:
    """Pictures of every page, drawn off screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from .tray import TrayProgram

    TrayProgram(demo.program).take_pictures(folder)


def _show(demo: Demo) -> int:
    from .tray import TrayProgram

    return TrayProgram(demo.program).run(["soroe", "--window"])


def _wait(demo: Demo, console: Console, texts: Texts) -> None:
    """Leave the servers on until the user has seen enough."""
    console.note(texts("demo.kept", folder=str(demo.folder)))
    try:
        demo.program.stopped.wait()
    except KeyboardInterrupt:
        return
