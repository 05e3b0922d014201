"""When Python looks through all its objects for garbage: in quiet moments, never while the window waits for it.

A look at everything that a full sync holds would stop all threads for half a second. Almost nothing of ours needs it:
values without cycles are gone as soon as nobody holds them. Looks at young objects stay as they are; they are short.
"""

from __future__ import annotations

import gc

_NEVER = 1_000_000_000
_DUE = 10
"""Looks at young objects after which Python itself would look at all of them."""


def leave_to_quiet_moments() -> None:
    """From now on only `collect` looks at everything, and no more at what the program is made of."""
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)


def collect() -> None:
    """A quiet moment has come: a run is over, or the window was closed."""
    if gc.get_count()[2] > _DUE:
        gc.collect()
