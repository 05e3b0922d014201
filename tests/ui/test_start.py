"""What the tray does without: an idle program stays small, and texts need no Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = """
import sys
from pathlib import Path
import soroe.ui.state, soroe.ui.ports
from soroe.ui.texts import Language, load
from soroe.ui.view import banner, connections, findings, history, meetings, notices, pauses, today, told, tray
load(Path("resources/translations"), Language.JAPANESE)
print([name for name in sys.modules if name.startswith("PySide6")])
"""
TRAY = """
import sys
from PySide6.QtWidgets import QApplication
from soroe.ui.app import Desktop
from tests.fakes.fortnight import fortnight
application = QApplication([])
desktop = Desktop(fortnight().services(), application)
print([name for name in sys.modules if name.startswith(("soroe.ui.window", "soroe.ui.pages"))])
"""


def run(code: str) -> str:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'app'}", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_words_and_views_need_no_qt() -> None:
    assert run(TEXTS) == "[]"


def test_the_window_is_loaded_when_it_is_wanted() -> None:
    assert run(TRAY) == "[]"
