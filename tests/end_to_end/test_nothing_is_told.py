"""Marked words go through a whole life with failures, and are found in no file that stays behind (security)."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from soroe.bootstrap.bundle import write_bundle
from soroe.bootstrap.commands import CommandProgram
from soroe.bootstrap.event_log import EventLog
from soroe.engine.messages import RunFinished
from soroe.sandbox.faults import Answer, DropAfterProcessing, MalformedJson
from tests.end_to_end.crms import EMAIL, google_event, tomorrow
from tests.end_to_end.homes import SYNC, Installation, World
from tests.end_to_end.nursery import Nursery

CANARY = "kanarienvogel"
"""In every title, place, note and guest of this test, and nowhere else."""


def marked(world: World) -> None:
    """Canaries in every field of both sides, in good items, broken ones, refused ones and conflicting ones."""
    words = {
        "location": f"{CANARY}-place",
        "description": f"<b>{CANARY}-notes</b>",
        "attendees": [{"email": f"{CANARY}@guests.example", "displayName": f"{CANARY}-guest"}, {"email": EMAIL}],
    }
    for number in range(4):
        world.google.user_inserts(EMAIL, google_event(f"{CANARY}-title {number}", tomorrow(9 + number), **words))
        world.crm.user_creates(
            world.user, f"{CANARY}-activity {number}", tomorrow(14 + number), tomorrow(15 + number),
            location=f"{CANARY}-place", description=f"{CANARY}-notes", guests=[f"{CANARY}{number}@guests.example"],
        )  # fmt: skip # short values, several a line
    world.google.user_inserts(EMAIL, google_event(f"{CANARY}-private", tomorrow(8), visibility="private"))
    world.crm.reject_subjects(f"{CANARY}-title 3", f"{CANARY}-reason: not allowed")


def broken(world: World) -> dict[str, object]:
    """A listing with an entry nobody can read."""
    event = google_event(f"{CANARY}-broken", tomorrow(7))
    event["start"] = {"dateTime": f"{CANARY}-when", "timeZone": f"{CANARY}/zone"}
    items = [*world.google.events(EMAIL), {**event, "id": f"{CANARY}brokenid", "etag": '"1"', "status": "confirmed"}]
    return {"kind": "calendar#events", "items": items, "nextSyncToken": "made-up"}


def live(world: World, laptop: Installation) -> None:
    """Runs with every kind of failure, told to the log as the program does."""
    log = EventLog(laptop.program.log)

    def run() -> None:
        result = laptop.run()
        count = len(laptop.store.sync(SYNC).findings())
        log.heard(RunFinished(SYNC, result.record, laptop.store.sync(SYNC).state(), count, None))
        if result.trouble is not None:
            laptop.program.log.failure("run_failed", result.trouble)

    run()
    world.google.faults.add(Answer.as_json(200, broken(world)), "GET", r"/events\?")
    run()
    world.google.faults.add(MalformedJson(f'{{"items": "{CANARY}-malformed'.encode()), "GET", r"/events\?")
    run()
    world.crm.faults.add(Answer.as_json(500, {"message": f"{CANARY}-message"}), "GET", "activities")
    run()
    world.crm.faults.add(Answer.as_html(200, f"<html>{CANARY}-portal</html>"), "GET", "activities")
    run()
    for activity in world.crm.activities():
        world.crm.user_changes(activity.id, description=f"{CANARY}-changed")
    world.google.faults.add(DropAfterProcessing(), "POST|PATCH", "batch|/events")
    run()
    run()
    run()


def leftovers(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, and every file in its archives."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield str(path.relative_to(folder)), path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}/{name}", archive.read(name)


def forms(word: str) -> list[bytes]:
    """A word as it may stand in a file."""
    return [word.encode("utf-8"), word.encode("utf-16-le"), word.encode("utf-16-be"), word[::-1].encode()]


def absent(word: str, files: list[tuple[str, bytes]]) -> None:
    for name, content in files:
        for form in forms(word):
            assert form not in content, f"found in {name}"


def test_no_word_and_no_secret_is_left_in_any_file(
    world: World, install: Callable[..., Installation], capfd: pytest.CaptureFixture[str]
) -> None:
    marked(world)
    laptop = install()
    live(world, laptop)
    write_bundle(laptop.program, laptop.folder / "support.zip")
    before = list(leftovers(laptop.folder))  # while the database is open: its -wal and -shm are there
    laptop.close()
    files = [*before, *leftovers(laptop.folder)]
    names = {name for name, _ in files}
    assert any(name.endswith("-wal") for name in names)
    assert any(name.startswith("support.zip/") for name in names)
    assert any("log" in name and content for name, content in files)
    printed = capfd.readouterr()
    files.append(("printed", (printed.out + printed.err).encode()))
    absent(CANARY, files)
    for secret in laptop.keychain.secrets():
        absent(secret, files)
    for token in [*world.google.grants.access, *world.google.grants.refresh]:
        absent(token, files)
    config = laptop.program.homes.config_file.read_text(encoding="utf-8")
    assert "password" not in config


@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes as POSIX does")
def test_a_crash_says_nothing_of_what_it_was_about(
    world: World, install: Callable[..., Installation], nursery: Nursery
) -> None:
    marked(world)
    laptop = install()
    laptop.close()
    child = nursery.start(laptop.folder, pause="crashing:1", runs=2)
    child.wait()
    said = child.told("stderr")
    assert "RuntimeError" in said
    files = [*leftovers(laptop.folder), ("stderr", said.encode())]
    assert any(b"crashed" in content for name, content in files if "log" in name)
    absent(CANARY, files)
    for secret in laptop.keychain.secrets():
        absent(secret, files)
    assert CommandProgram(laptop.program).config_path.exists()
