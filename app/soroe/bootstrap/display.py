"""Whether this session has a display. Qt ends the whole process where it finds none."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Mapping, Sequence

_X_HERE = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")
"""An X display of this computer: `:0`, `unix:0.0`."""


def has_display(argv: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether Qt has somewhere to draw, or was told to draw elsewhere."""
    if sys.platform != "linux" or "-platform" in argv:
        return True
    if environment.get("WAYLAND_DISPLAY") or environment.get("QT_QPA_PLATFORM"):
        return True
    return answers_x(environment.get("DISPLAY", ""))


def answers_x(display: str) -> bool:
    """Whether somebody answers at an X display of this computer; of one elsewhere it is believed."""
    here = _X_HERE.fullmatch(display)
    if here is None:
        return bool(display)
    path = f"/tmp/.X11-unix/X{here[1]}"  # noqa: S108 - where every X server of this computer listens
    for address in (f"\0{path}", path):
        with socket.socket(socket.AF_UNIX) as asked:
            try:
                asked.connect(address)
            except OSError:
                continue
            return True
    return False
