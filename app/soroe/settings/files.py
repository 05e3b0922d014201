"""Reading config.toml from the disk and replacing it as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from soroe.ports.errors import LocalTrouble

from .accounts import AVAILABLE_KINDS
from .model import Settings
from .overlay import NO_POLICY, Overlay
from .parse import parse
from .problems import Problem, SettingsError

MOST_BYTES = 1024 * 1024
"""Far more than anybody's settings; what is larger is some other file, and takes minutes to read."""


class ConfigFile:
    """The user's config.toml. A file that is not there is an empty one.

    `alone` keeps every other process from changing the file for as long as its block lasts.
    """

    def __init__(
        self,
        path: Path,
        policy: Overlay = NO_POLICY,
        available: Collection[str] = AVAILABLE_KINDS,
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.path = path
        self._alone = alone
        self._policy = policy
        self._available = available

    def text(self) -> str:
        """The text as it is on disk; raises `LocalTrouble` or, where it is no UTF-8, `SettingsError`."""
        try:
            content = self.path.read_bytes()
            if len(content) > MOST_BYTES:
                raise SettingsError([Problem(str(self.path), 0, "", "syntax", "the file is larger than 1 MB")])
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError as error:
            raise SettingsError([Problem(str(self.path), 0, "", "syntax", "the file is not UTF-8 text")]) from error
        except OSError as error:
            raise LocalTrouble(f"config_unreadable:{self.path}") from error

    def edition(self) -> tuple[int, int]:
        """Something that is different once the file has been replaced or written to."""
        try:
            status = self.path.stat()
        except OSError:
            return 0, 0
        return status.st_mtime_ns, status.st_size

    def load(self) -> Settings:
        """The checked settings; raises `SettingsError` or `LocalTrouble`."""
        return self._parsed(self.text())

    def change(self, edit: Callable[[str], str]) -> Settings:
        """Change the text and return the new settings; a change that would not be valid is refused, nothing is written.

        Its faults bear no lines, for they stand in no file.

        The file is replaced as a whole, readable by its owner only (0600 in a folder with 0700): whoever reads it
        meanwhile, or after a crash, finds the old or the new text.
        """
        with self._alone():
            before = self.text()
            text = edit(before)
            try:
                settings = self._parsed(text)
            except SettingsError as error:
                self._parsed(before)  # faults that the file had already are told with their lines
                raise SettingsError([replace(problem, line=0) for problem in error.problems]) from error
            try:
                replace_file(self.path, text.encode("utf-8"))
            except OSError as error:
                raise LocalTrouble(f"config_not_written:{self.path}") from error
        return settings

    def tried(self, edit: Callable[[str], str]) -> Settings:
        """What the settings would be after a change; nothing is written. Raises as `change` does."""
        return self._parsed(edit(self.text()))

    def _parsed(self, text: str) -> Settings:
        return parse(text, str(self.path), policy=self._policy, available=self._available)


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in place of a file at once; owner-only, and on disk before this returns."""
    import tempfile  # most commands read the settings and write nothing

    target = path.resolve() if path.is_symlink() else path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
