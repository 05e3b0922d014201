"""The log file: lines of JSON, rotating, for its owner only, holding ids as marks and never anybody's words."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import re
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from soroe.ports.log import Code, Id, LogValue

LARGEST_FILE = 1_000_000
KEPT_FILES = 5

_EVENT = re.compile(r"[a-z][a-z0-9_]{0,60}")
_MARK = re.compile(r"#[0-9a-f]{12}")
_PLACE = re.compile(r"[\w.\-<>]{1,80}:[0-9]{1,7}:[\w.<>]{1,120}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z")
_LEVELS = ("info", "warning", "error")
DEEPEST = 40
"""Places of a traceback that are kept, the innermost ones."""


def mark(salt: bytes, value: str) -> str:
    """What stands for an id; the salt is this installation's own, so that nobody can try out addresses."""
    return "#" + hmac.new(salt, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]


class FileLog:
    """The app's log. Times are UTC. What the disk refuses is counted and told with the next line that it takes.

    `folder` belongs to the user alone (0700), the files are made 0600. `salt` is this installation's own.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        salt: bytes,
        largest: int = LARGEST_FILE,
        kept: int = KEPT_FILES,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._salt = salt
        self._largest = largest
        self._kept = kept
        self._lock = threading.Lock()
        self._lost = 0

    @property
    def file(self) -> Path:
        """The file that is written now."""
        return self._folder / "soroe.log"

    def files(self) -> tuple[Path, ...]:
        """All log files there are, the oldest first."""
        older = [self._folder / f"soroe.log.{number}" for number in range(self._kept - 1, 0, -1)]
        return tuple(path for path in (*older, self.file) if path.exists())

    def info(self, event: str, /, **values: LogValue) -> None:
        """See `Log.info`."""
        self._write("info", event, values)

    def warning(self, event: str, /, **values: LogValue) -> None:
        """See `Log.warning`."""
        self._write("warning", event, values)

    def error(self, event: str, /, **values: LogValue) -> None:
        """See `Log.error`."""
        self._write("error", event, values)

    def failure(self, event: str, error: BaseException, /, **values: LogValue) -> None:
        """See `Log.failure`."""
        self._write("error", event, values, {"errors": _classes(error), "places": _places(error)})

    def mark(self, value: str) -> str:
        """What this log shows in place of an id."""
        return mark(self._salt, value)

    def _write(
        self,
        level: str,
        event: str,
        values: Mapping[str, LogValue],
        more: Mapping[str, list[str]] | None = None,
    ) -> None:
        if not _EVENT.fullmatch(event):
            raise TypeError("the name of an event is a fixed word of the program")
        told: dict[str, object] = {"at": self._now(), "level": level, "event": event}
        told |= {name: self._told(name, value) for name, value in values.items()}
        told |= more or {}
        with self._lock:
            if self._lost:
                told["lines_lost"] = self._lost
            try:
                self._append(json.dumps(told) + "\n")
                self._lost = 0
            except OSError:
                self._lost += 1

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _told(self, name: str, value: LogValue) -> object:
        match value:
            case Id(text):
                return self.mark(text)
            case Code():
                return str(value)
            case StrEnum():
                return str(Code(value.value))
            case bool() | int() | float() | None:
                return value
            case _:
                raise TypeError(f"{name}: a log value is a number, an Id or a Code")

    def _append(self, line: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.file.exists() and self.file.stat().st_size + len(line) > self._largest:
            self._rotate()
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            file.write(line)

    def _rotate(self) -> None:
        for number in range(self._kept - 1, 0, -1):
            newer = self._folder / f"soroe.log.{number - 1}" if number > 1 else self.file
            if newer.exists():
                newer.replace(self._folder / f"soroe.log.{number}")


class LibraryLines(logging.Handler):
    """Tells of a library's line only who wrote it and how grave it was: their texts quote addresses and titles."""

    def __init__(self, log: FileLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Note one line of a library."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        self._log.warning(
            "library_line",
            logger=Code(record.name),
            severity=record.levelno,
            place=Code(f"{Path(record.pathname).name}:{record.lineno}"),
            **({"error": Code(error)} if error else {}),
        )


def safe_line(line: str) -> str | None:
    """The line itself if it can only have been written by `FileLog`, or None; for what leaves this computer."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not {"at", "level", "event"} <= told.keys():
        return None
    head_fits = (
        isinstance(told["at"], str)
        and bool(_TIME.fullmatch(told["at"]))
        and told["level"] in _LEVELS
        and isinstance(told["event"], str)
        and bool(_EVENT.fullmatch(told["event"]))
    )
    rest = {name: value for name, value in told.items() if name not in {"at", "level", "event"}}
    fits = head_fits and all(_EVENT.fullmatch(name) and _is_safe(value) for name, value in rest.items())
    return json.dumps(told) if fits else None


def _is_safe(value: object) -> bool:
    if value is None or isinstance(value, (bool, int, float)):
        return True
    if isinstance(value, list):
        return all(isinstance(entry, str) and (_PLACE.fullmatch(entry) or _is_code(entry)) for entry in value)
    return isinstance(value, str) and (bool(_MARK.fullmatch(value)) or _is_code(value))


def _is_code(text: str) -> bool:
    return str(Code(text)) == text


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def _classes(error: BaseException) -> list[str]:
    return [str(Code(type(link).__name__)) for link in _chain(error)]


def _places(error: BaseException) -> list[str]:
    """File, line and function of every step; file names without folders, which could name the user."""
    steps = [step for link in _chain(error) for step in traceback.extract_tb(link.__traceback__)]
    return [f"{Path(step.filename).name}:{step.lineno or 0}:{step.name}" for step in steps[-DEEPEST:]]
