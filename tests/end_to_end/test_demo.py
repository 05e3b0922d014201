"""The demo as a user starts it: one process, no display, an answer for scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

USUAL = {"duplicate", "private", "one-way", "rejected", "altered"}
KINDS_SHOWN = {
    ("google", "rest"): USUAL,
    ("google", "pipedrive"): USUAL - {"rejected"},
    ("google", "oracle"): USUAL,
    ("google", "salesforce"): USUAL,
    ("google", "esales"): USUAL - {"rejected"},
    ("exchange", "rest"): USUAL - {"altered"},  # these servers turn HTML notes into text themselves
    ("microsoft365", "rest"): USUAL - {"altered"},
}


def demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    environment |= {"SOROE_HOME": str(home), "LANG": "en_US.UTF-8", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "soroe", "demo", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("provider", "crm"), sorted(KINDS_SHOWN))
def test_the_demo_ends_with_both_sides_agreeing_and_a_run_that_writes_nothing(
    provider: str, crm: str, tmp_path: Path
) -> None:
    ended = demo(tmp_path, "--headless", "--json", "--provider", provider, "--crm", crm)
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    assert told["converged"] is True
    first, last = told["runs"][0], told["runs"][-1]
    assert first["created"]["crm"] > 5
    assert first["created"]["calendar"] > 5
    for count in ("created", "updated", "deleted"):
        assert last[count] == {"crm": 0, "calendar": 0}
    assert last["failed"] == 0
    assert {finding["kind"] for finding in told["findings"]} == KINDS_SHOWN[provider, crm]
    assert all(finding["actions"] for finding in told["findings"])


def test_without_a_display_the_demo_prints_its_findings(tmp_path: Path) -> None:
    ended = demo(tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "Both sides agree" in ended.stdout
    assert "ご挨拶:三河フーズ" in ended.stdout


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "SOROE_HOME": str(tmp_path / "home"), "TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "soroe", "demo", "--headless", "--json"]
    subprocess.run(command, env=environment, capture_output=True, timeout=120, check=True)
    assert list(scratch.iterdir()) == []
