"""How long Python lets one thread run while another one waits for its turn."""

from __future__ import annotations

import sys

USUAL = sys.getswitchinterval()
SHORT = 0.0005
"""Seconds; short enough that nobody sees the window wait for a sync."""


def take_turns(*, short: bool) -> None:
    """Short turns while the window, or a panel, waits for Qt's thread; usual ones otherwise, because every further turn
    wakes a thread (P-7)."""
    sys.setswitchinterval(SHORT if short else USUAL)
