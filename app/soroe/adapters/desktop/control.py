"""What a second start says to the running instance, and how: Qt-free, so that commands can use it too."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import socket
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

LONGEST_MESSAGE = 16_384
ANSWER_SECONDS = 3.0
TAKEN = b"taken\n"
LONGEST_ADDRESS = 100
"""Bytes of a socket's path: Linux takes 107, macOS 103."""
SHORT = Path("/tmp")  # noqa: S108  # a folder of the user's own in it, checked by `own_folder`


@dataclass(frozen=True, slots=True)
class Raise:
    """Show the window. `activation_token` (XDG_ACTIVATION_TOKEN) lets it come to the front under Wayland."""

    activation_token: str = ""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Start signing an account in again."""

    account: str


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Follow a deep link (`soroe:…`)."""

    link: str


@dataclass(frozen=True, slots=True)
class Quit:
    """End the running instance."""


Message = Raise | Reconnect | OpenLink | Quit


def encode(message: Message) -> bytes:
    """A message as one line."""
    match message:
        case Raise(token):
            told = {"do": "raise", "token": token}
        case Reconnect(account):
            told = {"do": "reconnect", "account": account}
        case OpenLink(link):
            told = {"do": "link", "link": link}
        case Quit():
            told = {"do": "quit"}
        case _:
            assert_never(message)
    return json.dumps(told).encode() + b"\n"


def decode(line: bytes) -> Message | None:
    """The message of a line, or None if it is none of ours."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        return None
    match told:
        case {"do": "raise", "token": token}:
            return Raise(token)
        case {"do": "reconnect", "account": account}:
            return Reconnect(account)
        case {"do": "link", "link": link} if link.startswith("soroe:"):
            return OpenLink(link)
        case {"do": "quit"}:
            return Quit()
        case _:
            return None


def send(folder: Path, message: Message) -> bool:
    """Hand a message to the running instance of a runtime folder; False if there is none that answers."""
    try:
        return (_over_pipe if sys.platform == "win32" else _over_socket)(address(folder), encode(message)) == TAKEN
    except OSError:
        return False


def address(folder: Path) -> str:
    """The name of the control socket that belongs to a runtime folder.

    Systems take no more than a hundred bytes for it. Where the folder lies deeper than that, the socket lies in a short
    folder of the same user (`own_folder`) under a name that only this runtime folder has.
    """
    if sys.platform == "win32":
        return f"soroe-{hashlib.sha256(str(folder).lower().encode()).hexdigest()[:16]}"
    near = folder / "soroe.sock"
    if len(os.fsencode(near)) <= LONGEST_ADDRESS:
        return str(near)
    return str(SHORT / f"soroe-{os.getuid()}" / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}.sock")


def own_folder(name: str) -> None:
    """Make sure that a socket's short folder, if it has one, is there and is this user's alone (0700); raises `OSError`
    where it is anybody else's. The runtime folder is seen to by whoever makes it."""
    folder = Path(name).parent
    if folder.parent != SHORT:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(errno.EPERM, "not a folder of this user alone", str(folder))


def _over_socket(name: str, line: bytes) -> bytes:
    own_folder(name)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(name)
        connection.sendall(line)
        answer = b""
        while len(answer) < len(TAKEN) and (part := connection.recv(len(TAKEN))):
            answer += part
        return answer


def _over_pipe(name: str, line: bytes) -> bytes:
    with Path(rf"\\.\pipe\{name}").open("r+b", buffering=0) as pipe:
        pipe.write(line)
        return pipe.read(len(TAKEN)) or b""
