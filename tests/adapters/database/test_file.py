"""The file on disk: private, encrypted, told apart when it cannot be used, and safe at a crash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

import soroe
from soroe.adapters.database import connection, open_reading, open_store, schema, set_aside
from soroe.adapters.database.connection import open_file
from soroe.adapters.database.errors import translated
from soroe.core.event import Guest, Side
from soroe.core.plan import Why
from soroe.ports.errors import LocalTrouble
from soroe.ports.store import RunKind

from .meetings import KEY, NOW, WORK, change, content, crm, entry, finding, item, typical_pairs

OTHER_KEY = bytes(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database will be."""
    return tmp_path / "private" / "soroe.db"


def fill(path: Path, count: int = 200) -> None:
    """Make a database with so many items."""
    store = open_store(path, KEY)
    store.sync(WORK).put(Side.CRM, [entry(item(crm(str(n)), content(f"Visit {n}"))) for n in range(count)])
    store.close()


def trouble(path: Path, key: bytes = KEY) -> str:
    """The code that opening and reading everything ends with."""
    with pytest.raises(LocalTrouble) as caught:
        store = open_store(path, key)
        try:
            for number in range(200):
                store.sync(WORK).item(Side.CRM, crm(str(number)))
        finally:
            store.close()
    return caught.value.code


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX systems")
def test_file_journals_and_directory_are_the_users_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    path.touch(mode=0o644)
    store = open_store(path, KEY)
    store.set_fact("a", "b")
    modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    assert modes == {"soroe.db": 0o600, "soroe.db-wal": 0o600, "soroe.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    store.close()


def test_no_content_stands_readable_in_any_file(path: Path) -> None:
    store = open_store(path, KEY)
    sync = store.sync(WORK)
    secret = content(
        "canary-title", description="canary-text" * 900, location="canary-place", guests=(Guest("canary@example.com"),)
    )
    seen = item(crm("canary-id"), secret, stamp="canary-stamp")
    sync.put(Side.CRM, [entry(seen, b"canary-key")])
    sync.put_series_part(Side.CRM, crm("canary-series"), seen)
    sync.intend([change(sync.begin_run(RunKind.SYNC, NOW), before=secret, after=secret)])
    sync.set_sync_findings([finding(service_message="canary-message")])
    store.set_fact("canary-fact", "canary-value")
    for when in ("in the journal", "in the file"):
        files = [each.read_bytes() for each in path.parent.iterdir()]
        assert sum(map(len, files)) > 20_000, when
        assert not any(b"canary" in raw or b"CREATE TABLE" in raw or b"SQLite format" in raw for raw in files), when
        if when == "in the journal":
            store.close()


def test_a_wrong_key_and_a_damaged_file_are_told_apart(path: Path) -> None:
    fill(path)
    assert trouble(path, OTHER_KEY) == "database_key_wrong"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert trouble(path) == "database_damaged"
    path.write_bytes(whole[:10])
    assert trouble(path) == "database_damaged"
    path.write_bytes(b"\x00" * len(whole))
    assert trouble(path) == "database_damaged"
    path.write_bytes(whole[:3000] + b"\xff" * 50 + whole[3050:])
    assert trouble(path) == "database_damaged"
    for start in range(4096, len(whole), 4096):
        path.write_bytes(whole[: start + 100] + bytes([whole[start + 100] ^ 1]) + whole[start + 101 :])
        try:
            assert trouble(path) == "database_damaged"
        except pytest.fail.Exception:
            continue  # a page that nothing was read from
    path.write_bytes(whole)
    store = open_store(path, KEY)
    assert store.sync(WORK).item(Side.CRM, crm("7")) is not None
    store.close()


def test_a_file_of_before_with_smaller_pages_is_used_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(connection, "_PAGE_BYTES", 4096)
        fill(path)
    fill(path, 201)
    assert trouble(path, OTHER_KEY) == "database_key_wrong"
    database = open_file(path, KEY)
    assert database.row("PRAGMA page_size") == (4096,)
    assert database.row("SELECT count(*) FROM item") == (201,)
    database.close()


def test_a_key_of_another_length_is_refused_before_anything_is_made(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes, not 5"):
        open_store(path, b"short")
    assert not path.exists()


def test_a_file_that_cannot_be_used_is_set_aside_and_a_new_one_made(path: Path) -> None:
    for number in (1, 2):
        fill(path)
        assert set_aside(path).name == f"soroe.db.damaged-{number}"
        assert not path.exists()
    store = open_store(path, OTHER_KEY)
    assert store.sync(WORK).item(Side.CRM, crm("7")) is None
    store.close()
    path.unlink()
    with pytest.raises(LocalTrouble, match="database_missing"):
        set_aside(path)


def test_a_damaged_row_is_named_and_the_others_are_read(path: Path) -> None:
    fill(path, 3)
    database = open_file(path, KEY)
    database.run("UPDATE item SET body = x'5b5d' WHERE id = 2")
    database.close()
    store = open_store(path, KEY)
    with pytest.raises(LocalTrouble, match="database_row_damaged: item 2"):
        store.sync(WORK).item(Side.CRM, crm("1"))
    assert store.sync(WORK).item(Side.CRM, crm("2")) is not None
    store.close()


def test_a_file_of_a_later_program_is_left_alone(path: Path) -> None:
    fill(path)
    database = open_file(path, KEY)
    database.script("PRAGMA user_version = 99")
    database.close()
    assert trouble(path) == "database_newer"
    with pytest.raises(LocalTrouble, match="database_newer"):
        open_reading(path, KEY)


def test_an_older_file_goes_forward_and_a_migration_that_fails_changes_nothing(path: Path) -> None:
    fill(path)
    database = open_file(path, KEY)
    steps = (*schema.MIGRATIONS, "CREATE TABLE extra (a); INSERT INTO extra VALUES (7)")
    with pytest.raises(apsw.SQLError):
        schema.migrate(database, (*steps, "CREATE TABLE extra (a)"))
    assert schema.version(database) == len(schema.MIGRATIONS)
    schema.migrate(database, steps)
    assert database.row("SELECT a FROM extra") == (7,)
    assert schema.version(database) == len(steps)
    database.close()


NOBODY = 65_534


@pytest.fixture
def unprivileged_directory() -> Iterator[Path]:
    """A directory of one's own, for a user whom file modes bind (the system's own user they don't)."""
    directory = Path(tempfile.mkdtemp())
    privileged = os.geteuid() == 0
    if privileged:
        os.chown(directory, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield directory
    directory.chmod(0o700)
    if privileged:
        os.seteuid(0)
    shutil.rmtree(directory)


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX systems")
def test_a_place_that_may_not_be_written_is_named_as_such_and_can_still_be_read(unprivileged_directory: Path) -> None:
    path = unprivileged_directory / "soroe.db"
    fill(path)
    writer = open_store(path, KEY)
    path.chmod(0o400)
    reading = open_reading(path, KEY)
    assert reading.fact("a") is None
    reading.close()
    assert trouble(path) == "database_read_only"
    writer.close()
    path.unlink()
    unprivileged_directory.chmod(0o500)
    assert trouble(path / "deeper" / "soroe.db") == "database_read_only"


def test_a_path_that_cannot_be_a_file_is_named_as_such(path: Path) -> None:
    path.parent.mkdir()
    path.parent.joinpath("file").touch()
    assert trouble(path.parent / "file" / "soroe.db") == "database_unreachable"
    assert trouble(path.parent) == "database_unreachable"


def test_a_full_disk_loses_the_transaction_and_nothing_before_it(path: Path) -> None:
    fill(path, 3)
    database = open_file(path, KEY)
    pages = database.row("PRAGMA page_count")
    assert pages is not None
    database.script(f"PRAGMA max_page_count = {pages[0]}")
    with pytest.raises(LocalTrouble, match="disk_full"), database.transaction():
        database.run("UPDATE item SET body = zeroblob(500000)")
    assert database.row("SELECT max(length(body)) < 500 FROM item") == (1,)
    database.run("UPDATE item SET dirty = 1")
    database.close()


def test_every_trouble_of_the_disk_has_a_code_and_our_own_mistakes_keep_their_name() -> None:
    codes = {
        apsw.NotADBError: "database_damaged",
        apsw.CorruptError: "database_damaged",
        apsw.FullError: "disk_full",
        apsw.BusyError: "database_busy",
        apsw.LockedError: "database_busy",
        apsw.ReadOnlyError: "database_read_only",
        apsw.PermissionsError: "database_read_only",
        apsw.CantOpenError: "database_unreachable",
        apsw.IOError: "disk_trouble",
    }
    for kind, code in codes.items():
        found = translated(kind("x"))
        assert isinstance(found, LocalTrouble)
        assert found.code == code
    mistake = apsw.SQLError("no such table")
    assert translated(mistake) is mistake


def run_elsewhere(script: str, path: Path) -> subprocess.Popen[str]:
    """Another process with the database open as `store` and the sync as `sync`; it says when it got there."""
    root = Path(__file__).parents[3]
    before = (
        "import sys, time\nfrom pathlib import Path\nfrom soroe.adapters.database import open_store\n"
        "from soroe.core.event import Side\nfrom soroe.ports.store import ChangeState, RunKind\n"
        "from tests.adapters.database.meetings import *\n"
        "store = open_store(Path(sys.argv[1]), KEY)\nsync = store.sync(WORK)\n"
    )
    paths = os.pathsep.join([str(root), str(Path(soroe.__file__).parents[1])])
    return subprocess.Popen(
        [sys.executable, "-c", before + script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )


def wait_for_word(process: subprocess.Popen[str]) -> None:
    """Wait until the other process says that it got there."""
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"


def test_a_killed_process_leaves_its_open_change_and_all_it_committed(path: Path) -> None:
    script = """
sync.put(Side.CRM, [entry(item(of=content("Committed")))])
run = sync.begin_run(RunKind.SYNC, NOW)
done, open_still = sync.intend([change(run), change(run, target=calendar("e2"))])
sync.conclude(done, ChangeState.DONE)
with sync.transaction():
    sync.put(Side.CRM, [entry(item(of=content("Never committed")))])
    print("there", flush=True)
    time.sleep(60)
"""
    with run_elsewhere(script, path) as process:
        wait_for_word(process)
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        process.wait(timeout=60)
        assert process.stdout is not None
    store = open_store(path, KEY)
    sync = store.sync(WORK)
    assert sync.last_content(Side.CRM, crm()) == content("Committed")
    assert [(each.target.id if each.target else "", each.state) for each in sync.open_changes()] == [("e2", "intended")]
    store.close()


def test_two_processes_that_write_at_once_wait_for_each_other(path: Path) -> None:
    fill(path, 1)
    script = """
with sync.transaction():
    sync.put(Side.CRM, [entry(item(crm("theirs")))])
    print("there", flush=True)
    sys.stdin.readline()
"""
    with run_elsewhere(script, path) as process:
        wait_for_word(process)
        writing = threading.Thread(target=put_alone, args=(path, "ours"))
        writing.start()
        writing.join(0.2)
        assert writing.is_alive(), "it wrote into the middle of the other's transaction"
        assert process.stdin is not None
        process.stdin.write("go on\n")
        process.stdin.flush()
        writing.join(60)
        process.wait(timeout=60)
    store = open_store(path, KEY)
    assert all(store.sync(WORK).item(Side.CRM, crm(name)) is not None for name in ("theirs", "ours"))
    store.close()


def put_alone(path: Path, name: str) -> None:
    """Write one item with a store of one's own."""
    store = open_store(path, KEY)
    store.sync(WORK).put(Side.CRM, [entry(item(crm(name)))])
    store.close()


def test_a_writer_that_never_lets_go_is_reported_as_busy(path: Path) -> None:
    one, other = open_store(path, KEY), open_file(path, KEY)
    other.script("PRAGMA busy_timeout = 50")
    with one.sync(WORK).transaction(), pytest.raises(LocalTrouble, match="database_busy"):
        other.run("UPDATE item SET dirty = 1")
    one.close()
    other.close()


def test_threads_with_a_store_of_their_own_write_side_by_side(path: Path) -> None:
    fill(path, 1)
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            store = open_store(path, KEY)
            for number in range(40):
                store.sync(WORK).put(Side.CRM, [entry(item(crm(f"{name}{number}")))])
            store.close()
        except LocalTrouble as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    store = open_store(path, KEY)
    assert failed == []
    assert len(list(store.sync(WORK).refs(Side.CRM, crm().container))) == 81
    store.close()


def test_a_linked_pair_takes_less_than_a_kibibyte_with_both_items_and_all_indexes(path: Path) -> None:
    count = 2_000
    empty = open_store(path, KEY)
    empty.close()
    before = path.stat().st_size
    store = open_store(path, KEY)
    sync = store.sync(WORK)
    pairs = list(typical_pairs(count))
    sync.put(Side.CRM, [ours for ours, _, _ in pairs])
    sync.put(Side.CALENDAR, [theirs for _, theirs, _ in pairs])
    with sync.transaction():
        for _, _, joined in pairs:
            sync.save_link(joined)
    while dirty := sync.dirty(500):
        sync.settle((side, ref, Why.IN_STEP) for side, ref in dirty)
    store.close()
    assert (path.stat().st_size - before) / count <= 1_024
