"""What a second start says to the running instance, and how: Qt-free, so that commands can use it too."""

from __future__ import annotations

import hashlib
import json
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

LONGEST_MESSAGE = 16_384
ANSWER_SECONDS = 3.0
TAKEN = b"taken\n"


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
    """The name of the control socket that belongs to a runtime folder."""
    if sys.platform == "win32":
        return f"soroe-{hashlib.sha256(str(folder).lower().encode()).hexdigest()[:16]}"
    return str(folder / "soroe.sock")


def _over_socket(name: str, line: bytes) -> bytes:
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
