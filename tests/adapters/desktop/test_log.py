"""The log and the support bundle: everything that helps, nothing that anybody wrote."""

from __future__ import annotations

import json
import logging
import stat
import sys
import threading
import tomllib
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from soroe.adapters.desktop.crash import log_crashes
from soroe.adapters.desktop.log import FileLog, LibraryLines, safe_line
from soroe.adapters.desktop.support_bundle import SupportContents, without_words, write_support_bundle
from soroe.ports.errors import ItemRejected, LocalTrouble
from soroe.ports.log import Code, Id, Log

CANARIES = ("canary-title", "canary@example.com", "canary-token", "canary-host", "canary_place")


class Outcome(StrEnum):
    DONE = "done"


def clock() -> datetime:
    return datetime(2026, 4, 1, 9, 30, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> FileLog:
    return FileLog(tmp_path / "logs", clock, b"salt")


def lines(log: FileLog) -> list[dict[str, Any]]:
    return [json.loads(line) for file in log.files() for line in file.read_text().splitlines()]


def test_a_line_holds_time_event_numbers_codes_and_marks(log: FileLog) -> None:
    written: Log = log
    written.info("run_finished", sync=Id("work"), created=3, seconds=1.5, converged=True, how=Outcome.DONE, none=None)
    assert lines(log) == [
        {
            "at": "2026-04-01T09:30:00.250Z",
            "level": "info",
            "event": "run_finished",
            "sync": log.mark("work"),
            "created": 3,
            "seconds": 1.5,
            "converged": True,
            "how": "done",
            "none": None,
        }
    ]


def test_text_is_refused(log: FileLog) -> None:
    refused: list[Any] = ["canary-title", ["canary-title"], {"canary-title": 1}, b"canary"]
    for value in refused:
        with pytest.raises(TypeError) as caught:
            log.info("run_finished", title=value)
        assert "canary" not in str(caught.value)
    with pytest.raises(TypeError):
        log.info("Meeting with canary-title")
    assert log.files() == ()


@pytest.mark.parametrize("words", ["a b", "sato@example.com", "会議", "x" * 81, "", "line\nbreak", 'quote"'])
def test_words_where_a_code_should_stand_are_not_logged(log: FileLog, words: str) -> None:
    log.warning("rejected", code=Code(words))
    assert lines(log)[0]["code"] == "unclear"
    assert words not in repr(Code(words)) or not words


def test_a_mark_is_the_same_in_one_installation_and_another_in_the_next(tmp_path: Path, log: FileLog) -> None:
    other = FileLog(tmp_path / "other", clock, b"other salt")
    assert log.mark("canary@example.com") == log.mark("canary@example.com")
    assert log.mark("canary@example.com") != log.mark("sato@example.com")
    assert log.mark("canary@example.com") != other.mark("canary@example.com")
    assert "canary" not in repr(Id("canary@example.com"))


def canary_place() -> None:
    try:
        raise ItemRejected("canary-title", "title", "canary@example.com is busy")
    except ItemRejected as error:
        raise ValueError("canary-token") from error


def test_a_failure_tells_classes_and_places_and_no_texts(log: FileLog) -> None:
    try:
        canary_place()
    except ValueError as error:
        log.failure("run_failed", error, sync=Id("canary-title"))
    (line,) = lines(log)
    assert line["errors"] == ["ValueError", "ItemRejected"]
    assert any(place.startswith("test_log.py:") and place.endswith(":canary_place") for place in line["places"])
    assert str(Path(__file__).parent) not in json.dumps(line)
    assert not [canary for canary in CANARIES[:4] if canary in json.dumps(line)]
    assert safe_line(json.dumps(line)) is not None


def test_files_are_rotated_and_the_oldest_goes(tmp_path: Path) -> None:
    log = FileLog(tmp_path / "logs", clock, b"salt", largest=1_000, kept=3)
    for number in range(100):
        log.info("tick", number=number)
    assert [file.name for file in log.files()] == ["soroe.log.2", "soroe.log.1", "soroe.log"]
    assert all(file.stat().st_size <= 1_000 for file in log.files())
    numbers = [line["number"] for line in lines(log)]
    assert numbers == list(range(numbers[0], 100))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_log_is_its_owners_alone(log: FileLog) -> None:
    log.info("started")
    assert stat.S_IMODE(log.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.file.parent.stat().st_mode) == 0o700


def test_lines_that_the_disk_refuses_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.write_text("a file where a folder is needed")
    log = FileLog(folder, clock, b"salt")
    log.info("first")
    log.info("second")
    folder.unlink()
    log.info("third")
    assert [(line["event"], line.get("lines_lost")) for line in lines(log)] == [("third", 2)]


def test_of_a_librarys_line_only_its_place_is_kept(log: FileLog) -> None:
    library = logging.Logger("canary_free.library")
    library.addHandler(LibraryLines(log))
    library.info("canary-title")
    library.warning("canary-title of %s", "canary@example.com")
    try:
        raise OSError("canary-token")
    except OSError:
        library.exception("canary-title")
    told = lines(log)
    assert [line["event"] for line in told] == ["library_line", "library_line"]
    assert told[1]["error"] == "OSError"
    assert not [canary for canary in CANARIES if canary in log.file.read_text()]


def test_a_crash_is_logged_on_every_thread_and_its_text_is_not(
    log: FileLog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    log_crashes(log)
    thread = threading.Thread(target=canary_place)
    thread.start()
    thread.join()
    try:
        canary_place()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [(line["event"], line["errors"][0]) for line in lines(log)] == [("crashed", "ValueError")] * 2
    told = log.file.read_text() + capsys.readouterr().err
    assert not [canary for canary in CANARIES[:4] if canary in told]


SETTINGS = """
[accounts.canary-title]
kind = "google"
email = "canary@example.com"
client_id = "canary-token"
api_endpoint = "https://canary-host.googleapis.com/canary-token"
[accounts.crm]
kind = "rest"
base_url = "https://canary-host.example.com/?key=canary-token"
profile = "/home/canary-title/profile.toml"
password = "canary-token"
[syncs.canary-title]
crm = "crm"
calendar = "canary-title"
calendars = ["canary@example.com"]
activity_types = ["canary-title"]
private_title = "canary-title"
direction = "canary title"
zone = "Asia/Tokyo"
past_days = 7
backfill_from = 2026-04-01
guard = { deletes = 3 }
[app]
language = "ja"
["canary-title"]
x = 1
"""


def bundle(target: Path, log: FileLog, logs: tuple[Path, ...], mark: Callable[[str], str]) -> dict[str, str]:
    contents = SupportContents(
        "0.1.0", tomllib.loads(SETTINGS), ["Privacy", "canary@example.com"], {"links": 12}, {"tray": "no tray?"}, logs
    )
    write_support_bundle(target, contents, mark, clock)
    with zipfile.ZipFile(target) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_the_support_bundle_holds_what_helps_and_no_canary(tmp_path: Path, log: FileLog) -> None:
    log.info("run_finished", sync=Id("canary-title"), created=3)
    with log.file.open("a") as file:
        file.write('{"at":"2026-04-01T09:30:00.250Z","level":"info","event":"x","title":"canary title"}\n')
        file.write('{"at":"canary-title","level":"info","event":"x"}\ncanary-title\n["canary-title"]\n')
        file.write('{"at":"2026-04-01T09:30:00.250Z","level":"info","event":"x","Canary canary-title":1}\n')
    found = bundle(tmp_path / "support.zip", log, log.files(), log.mark)
    assert not [(canary, name) for canary in CANARIES for name, text in found.items() if canary in text]
    raw = (tmp_path / "support.zip").read_bytes()
    assert not [canary for canary in CANARIES if canary.encode() in raw]
    summary = json.loads(found["summary.json"])
    assert summary["log_lines_left_out"] == 5
    assert summary["counts"] == {"links": 12}
    assert summary["policies"] == ["Privacy", "unclear"]
    assert summary["checks"] == {"tray": "unclear"}
    assert summary["versions"]["soroe"] == "0.1.0"
    settings = json.loads(found["settings.json"])
    sync = settings["syncs"][log.mark("canary-title")]
    assert (sync["past_days"], sync["zone"], sync["guard"]) == (7, "Asia/Tokyo", {"deletes": 3})
    assert sync["calendar"] == log.mark("canary-title")
    assert settings["accounts"][log.mark("canary-title")]["api_endpoint"] == "googleapis.com"
    assert log.mark("canary-title") in found["logs/soroe.log"]


def test_a_value_of_the_wrong_type_does_not_get_out(log: FileLog) -> None:
    tree = {"syncs": {"work": {"zone": "canary title/x", "privacy": ["canary title"]}}, "accounts": "canary-title"}
    assert "canary" not in json.dumps(without_words(tree, log.mark))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_bundle_is_its_owners_alone(tmp_path: Path, log: FileLog) -> None:
    bundle(tmp_path / "support.zip", log, (), log.mark)
    assert stat.S_IMODE((tmp_path / "support.zip").stat().st_mode) == 0o600


def test_a_bundle_that_cannot_be_written_is_local_trouble(tmp_path: Path, log: FileLog) -> None:
    with pytest.raises(LocalTrouble) as caught:
        bundle(tmp_path / "none" / "support.zip", log, (), log.mark)
    assert caught.value.code == "bundle_not_written"
