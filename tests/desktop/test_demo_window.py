"""`soroe demo` on a display, and its pictures without one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from soroe.ui.view.banner import Page
from tests.desktop.desktop_session import Session, missing
from tests.desktop.laptop import PROGRAMS, Laptop, soon
from tests.desktop.tray_icon import icon_appears, says

pytestmark = [pytest.mark.desktop, pytest.mark.slow]


def demo(
    session: Session, *words: str, display: str = "", extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = session.environment | {"LANG": "en_US.UTF-8", "TMPDIR": str(session.folder)}
    return subprocess.run(
        [sys.executable, "-m", "soroe", "demo", *words],
        env=environment | ({"DISPLAY": display} if display else {}) | dict(extra or {}),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.skipif(bool(missing(*PROGRAMS)), reason=f"not installed: {missing(*PROGRAMS)}")
def test_with_a_display_the_fortnight_opens_in_the_window_and_ctrl_c_leaves_nothing_behind(laptop: Laptop) -> None:
    laptop.session.start_panel()
    said = laptop.session.folder / "demo.txt"
    shown = {"DISPLAY": laptop.session.start_display(), "LANG": "en_US.UTF-8", "TMPDIR": str(laptop.session.folder)}
    process = laptop.session.start(sys.executable, "-m", "soroe", "demo", extra=shown, said=said)
    icon = icon_appears(laptop.session)
    soon(lambda: says(icon, "findings to look at"))
    soon(lambda: "Soroe" in laptop.windows())
    assert len(list(laptop.session.folder.glob("soroe-demo-*"))) == 1
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert list(laptop.session.folder.glob("soroe-demo-*")) == []
    assert said.read_text().splitlines()[-1] == "nothing to change"


def test_pictures_of_every_page_need_no_display(session: Session, tmp_path: Path) -> None:
    done = demo(session, "--screenshot", str(tmp_path / "pictures"))
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    pictures = {path.name: path.stat().st_size for path in (tmp_path / "pictures").iterdir()}
    assert set(pictures) == {f"{page.value}.png" for page in Page}
    assert all(size > 20_000 for size in pictures.values()), pictures
    assert "Both sides agree" in done.stdout


def test_where_the_window_cannot_be_opened_the_findings_are_printed_and_that_is_told(session: Session) -> None:
    done = demo(session, extra={"WAYLAND_DISPLAY": "wayland-4711", "QT_QPA_PLATFORM": "wayland"})
    assert done.returncode == 0, done.stderr
    assert "The window cannot be opened here" in done.stderr
    assert "Both sides agree" in done.stdout


def test_json_is_one_document_on_stdout_whatever_the_display(session: Session) -> None:
    done = demo(session, "--json", display=":0")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(told) == {"runs", "findings", "converged"}
    assert told["converged"] is True
    last = told["runs"][-1]
    assert [last[key] for key in ("created", "updated", "deleted")] == [{"crm": 0, "calendar": 0}] * 3


def test_a_demo_that_is_kept_stays_until_it_is_ended_and_its_home_for_good(session: Session) -> None:
    said = session.folder / "demo.txt"
    extra = {"LANG": "en_US.UTF-8", "TMPDIR": str(session.folder)}
    # Tests that a shell runs in the background ignore Ctrl-C, and so would what they start.
    command = ("env", "--default-signal=INT", sys.executable, "-m", "soroe", "demo", "--headless", "--keep")
    process = session.start(*command, extra=extra, said=said)
    soon(lambda: "soroe-demo-" in said.read_text())
    (home,) = session.folder.glob("soroe-demo-*")
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert (home / "config" / "config.toml").is_file()
    assert "Traceback" not in said.read_text()
