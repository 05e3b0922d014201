"""The folders that belong to the app."""

from __future__ import annotations

import errno
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from soroe.ports.errors import LocalTrouble

APP = "Soroe"


@dataclass(frozen=True, slots=True)
class Homes:
    """Where things are kept. `portable` is the folder that SOROE_HOME names, or None."""

    config: Path
    data: Path
    logs: Path
    cache: Path
    runtime: Path
    portable: Path | None = None

    @property
    def config_file(self) -> Path:
        """The user's settings."""
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """The encrypted local database."""
        return self.data / "soroe.db"

    def make(self) -> None:
        """Make the folders, closed to everybody else (0700); folders that are there already are closed too.

        Raises `LocalTrouble` with `disk_full`, or with `home_unusable:` and the folder that cannot be made or closed.
        """
        for folder in (self.config, self.data, self.logs, self.cache, self.runtime):
            try:
                str(folder).encode()  # the database takes no other names
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
            except UnicodeEncodeError as error:
                readable = str(folder).encode(errors="backslashreplace").decode()
                raise LocalTrouble(f"home_unusable:{readable}") from error
            except OSError as error:
                full = error.errno in {errno.ENOSPC, errno.EDQUOT}
                raise LocalTrouble("disk_full" if full else f"home_unusable:{folder}") from error


def homes(environment: Mapping[str, str]) -> Homes:
    """The folders of this user, or the ones under SOROE_HOME where it is set (portable use, tests)."""
    home = environment.get("SOROE_HOME", "")
    if home:
        root = Path(home).expanduser().absolute()
        return Homes(root / "config", root / "data", root / "logs", root / "cache", root / "run", portable=root)
    titled = sys.platform in {"win32", "darwin"}  # where folders of programs are written with a capital
    dirs = platformdirs.PlatformDirs(APP if titled else APP.lower(), appauthor=False)
    return Homes(
        Path(dirs.user_config_dir),
        Path(dirs.user_data_dir),
        Path(dirs.user_log_dir),
        Path(dirs.user_cache_dir),
        _runtime(environment, Path(dirs.user_cache_dir)),
    )


def _runtime(environment: Mapping[str, str], cache: Path) -> Path:
    """Where the control socket lies: the session's own folder if there is one, never a folder that others share."""
    session = environment.get("XDG_RUNTIME_DIR", "")
    return Path(session) / APP.lower() if session.startswith("/") and Path(session).is_dir() else cache / "run"
