"""The scripts that set up a machine say what they did not understand, before they do anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts for Linux and macOS")


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("setup.sh", []),
        ("setup.sh", ["packaging/lock/no-such.txt"]),
        ("setup.sh", ["packaging/lock/dev.txt", "more"]),
        ("linux/system-packages.sh", ["kde"]),
        ("linux/system-packages.sh", ["qt", "more"]),
        ("linux/system-packages.sh", ["--help"]),
    ],
)
def test_an_argument_that_means_nothing_is_refused(script: str, arguments: list[str]) -> None:
    command = [str(ROOT / "packaging" / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "Usage: packaging/" in done.stderr
    assert done.stdout == ""
