"""vdirsyncer, the peer: two CalDAV collections on loopback, brought in step by its own command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.child import Child, Cost, environment, run

_CONFIG = """
[general]
status_path = "{folder}/status"

[pair bench]
a = "left"
b = "right"
collections = null
conflict_resolution = "a wins"

[storage left]
type = "caldav"
url = "{url}/left/"
username = "bench"
password = "bench"

[storage right]
type = "caldav"
url = "{url}/right/"
username = "bench"
password = "bench"
"""


class Peer:
    """One installation of vdirsyncer with `left` and `right` meetings in its two collections, not yet in step."""

    def __init__(self, folder: Path, left: int, right: int) -> None:
        self._folder = folder
        self._server = Child("tests.bench.caldav")
        self._config = folder / "vdirsyncer.conf"
        self._command = Path(sys.executable).with_name("vdirsyncer")
        url = self._server.ask("address")["url"]
        folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(_CONFIG.format(folder=folder, url=url), encoding="utf-8")
        self._server.ask("fill", left=left, right=right)
        self._expected = left + right
        self._sync("discover")

    def sync(self) -> Cost:
        """One `vdirsyncer sync`; both collections hold everything afterwards."""
        cost = self._sync("sync")
        counts = self._server.ask("counts")
        if {counts["left"], counts["right"]} != {self._expected}:
            raise AssertionError(f"the peer left {counts} of {self._expected} meetings")
        return cost

    def close(self) -> None:
        """End its server."""
        self._server.close()

    def _sync(self, word: str) -> Cost:
        return run([str(self._command), "-c", str(self._config), word], cwd=self._folder)


def version() -> str:
    """The peer's release, or nothing where it is not installed."""
    command = Path(sys.executable).with_name("vdirsyncer")
    if not command.exists():
        return ""
    told = subprocess.run([str(command), "--version"], env=environment(), capture_output=True, text=True, check=True)
    return told.stdout.strip().rpartition(" ")[2]
