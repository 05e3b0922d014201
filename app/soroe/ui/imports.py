"""What Qt's bindings do at every import, left away."""

from __future__ import annotations

import linecache
import sys

FEATURES = "shibokensupport.feature"


def leave_sources_unread() -> None:
    """From now on no source of a module is read because the module is imported; those read so far are dropped.

    The bindings look for the word PySide6 in the source of everything that is imported after them, and keep all these
    lines: 8 MiB and a good part of the start. They want to know which modules may ask for names in snake_case, and
    ours do not. Bindings that no longer ask are left as they are.
    """
    features = sys.modules.get(FEATURES)
    if features is not None and hasattr(features, "_mod_uses_pyside"):
        features._mod_uses_pyside = _asks_for_none  # type: ignore[attr-defined]  # there is no public way to say so
    linecache.clearcache()


def _asks_for_none(_module: object) -> bool:
    return False
