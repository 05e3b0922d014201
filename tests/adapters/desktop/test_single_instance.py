"""A second start hands its wish to the first; strangers and nonsense are not listened to."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtNetwork", exc_type=ImportError)

from pytestqt.qtbot import QtBot

from soroe.adapters.desktop import control
from soroe.adapters.desktop.control import (
    LONGEST_MESSAGE,
    TAKEN,
    Message,
    OpenLink,
    Quit,
    Raise,
    Reconnect,
    address,
    decode,
    encode,
    send,
)
from soroe.adapters.desktop.control_pipe import ControlPipe
from soroe.adapters.desktop.control_socket import ControlSocket, is_own_user
from soroe.adapters.desktop.single_instance import SingleInstance
from soroe.ports.errors import LocalTrouble

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these tests look at the socket's file")

MESSAGES: list[Message] = [Raise(), Raise("token-1"), Reconnect("仕事"), OpenLink("soroe:finding/3"), Quit()]


@pytest.fixture(scope="session", autouse=True)
def _no_display() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def heard() -> list[Message]:
    return []


@pytest.fixture
def first(qtbot: QtBot, tmp_path: Path, heard: list[Message]) -> Iterator[SingleInstance]:
    instance = SingleInstance(tmp_path / "run", heard.append)
    assert instance.claim()
    yield instance
    instance.close()


def from_a_thread(qtbot: QtBot, work: Callable[[], object]) -> object:
    """Do what another program would do, while this one goes on answering."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=60_000)
    return results[0]


@pytest.mark.parametrize("message", MESSAGES, ids=repr)
def test_every_message_survives_its_line(message: Message) -> None:
    assert decode(encode(message)) == message


def test_a_second_start_is_told_so_and_its_wish_arrives(
    first: SingleInstance, qtbot: QtBot, tmp_path: Path, heard: list[Message]
) -> None:
    second = SingleInstance(tmp_path / "run", heard.append)
    assert not second.claim()
    for message in MESSAGES:
        assert from_a_thread(qtbot, partial(send, tmp_path / "run", message)) is True
    assert heard == MESSAGES


def test_a_start_of_another_program_reaches_the_running_one(
    first: SingleInstance, qtbot: QtBot, tmp_path: Path, heard: list[Message]
) -> None:
    code = (
        "import sys; from pathlib import Path; from soroe.adapters.desktop.control import Raise, send; "
        "sys.exit(0 if send(Path(sys.argv[1]), Raise()) else 3)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, str(tmp_path / "run")]
    ended = from_a_thread(qtbot, lambda: subprocess.run(command, env=environment, check=False).returncode)
    assert ended == 0
    assert heard == [Raise()]


def test_with_nobody_there_nothing_is_heard(qtbot: QtBot, tmp_path: Path) -> None:
    assert not send(tmp_path / "run", Raise())


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime folder that lies too deep for a socket's path."""
    monkeypatch.setattr(control, "SHORT", tmp_path)
    folder = tmp_path / ("a" * 60) / ("b" * 60)
    folder.mkdir(mode=0o700, parents=True)
    return folder


def test_a_folder_that_lies_too_deep_for_a_socket_is_reached_all_the_same(qtbot: QtBot, deep: Path) -> None:
    heard: list[Message] = []
    first = SingleInstance(deep, heard.append)
    assert first.claim()
    told: list[bool] = []
    sending = threading.Thread(target=lambda: told.append(send(deep, Raise("token"))))
    sending.start()
    qtbot.waitUntil(lambda: heard == [Raise("token")])
    sending.join()
    assert told == [True]
    assert address(deep) != address(deep.parent)
    first.close()


def test_a_short_folder_of_somebody_elses_is_not_used(qtbot: QtBot, deep: Path) -> None:
    folder = Path(address(deep)).parent
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(LocalTrouble):
        SingleInstance(deep, print).claim()
    assert not send(deep, Raise())


def test_what_a_crash_left_behind_is_taken_over(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    code = (
        "import os, sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication; "
        "from soroe.adapters.desktop.single_instance import SingleInstance; app = QCoreApplication([]); "
        "one = SingleInstance(Path(sys.argv[1]), print); assert one.claim(); os.kill(os.getpid(), 9)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code, str(folder)], env=environment, check=False)
    assert (folder / "soroe.sock").exists()
    instance = SingleInstance(folder, print)
    assert instance.claim()
    instance.close()


def test_the_place_is_free_again_after_closing(qtbot: QtBot, tmp_path: Path) -> None:
    for _ in range(2):
        instance = SingleInstance(tmp_path / "run", print)
        assert instance.claim()
        instance.close()


def test_the_socket_is_the_users_own(first: SingleInstance, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "run" / "soroe.sock").stat().st_mode) & 0o077 == 0


def test_the_other_end_is_known_by_its_user() -> None:
    one, two = socket.socketpair()
    with one, two:
        assert is_own_user(one)


@pytest.mark.parametrize(
    "line",
    [b"\n", b"raise\n", b"[]\n", b'{"do":"format"}\n', b'{"do":"reconnect","account":3}\n', b"\xff\n",
     b'{"do":"link","link":"https://a.example"}\n', b"[" * 9_000 + b"\n", b"x" * (2 * LONGEST_MESSAGE)],
    ids=lambda line: str(line[:20]),
)  # fmt: skip # short values, several a line
def test_nonsense_is_hung_up_on_and_the_next_one_is_served(
    first: SingleInstance, qtbot: QtBot, tmp_path: Path, heard: list[Message], line: bytes
) -> None:
    def nonsense() -> bytes:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.settimeout(30)
            raw.connect(str(tmp_path / "run" / "soroe.sock"))
            try:
                raw.sendall(line)
                return raw.recv(10)
            except ConnectionError:
                return b""

    assert from_a_thread(qtbot, nonsense) == b""
    assert from_a_thread(qtbot, lambda: send(tmp_path / "run", Raise())) is True
    assert heard == [Raise()]


@pytest.fixture(params=[ControlSocket, ControlPipe], ids=["socket", "pipe"])
def listening(qtbot: QtBot, request: pytest.FixtureRequest, tmp_path: Path, heard: list[Message]) -> Iterator[None]:
    control: ControlSocket | ControlPipe = request.param(address(tmp_path), heard.append)
    assert control.listen()
    yield
    control.close()


def said(folder: Path, *parts: bytes) -> bytes:
    """What is answered to a message that comes in parts."""
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(30)
        raw.connect(address(folder))
        for part in parts:
            raw.sendall(part)
            time.sleep(0.05)
        return raw.recv(len(TAKEN))


def test_a_message_that_comes_in_parts_is_heard_whole_however_we_listen(
    listening: None, qtbot: QtBot, tmp_path: Path, heard: list[Message]
) -> None:
    line = encode(Reconnect("仕事"))
    assert from_a_thread(qtbot, partial(said, tmp_path, line[:9], line[9:-1], line[-1:])) == TAKEN
    assert from_a_thread(qtbot, partial(said, tmp_path, b"{}\n")) == b""
    assert from_a_thread(qtbot, partial(send, tmp_path, Raise())) is True
    assert heard == [Reconnect("仕事"), Raise()]


def test_who_goes_without_a_word_is_forgotten(
    first: SingleInstance, qtbot: QtBot, tmp_path: Path, heard: list[Message]
) -> None:
    def go() -> None:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(address(tmp_path / "run"))

    from_a_thread(qtbot, go)
    assert from_a_thread(qtbot, partial(send, tmp_path / "run", Raise())) is True
    assert heard == [Raise()]


def test_a_folder_that_cannot_be_used_is_local_trouble(qtbot: QtBot, tmp_path: Path) -> None:
    Path(address(tmp_path)).mkdir()  # what lies there cannot be taken over
    with pytest.raises(LocalTrouble) as caught:
        SingleInstance(tmp_path, print).claim()
    assert caught.value.code == "control_socket"
