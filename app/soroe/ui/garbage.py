"""When Python looks through all its objects for garbage: in quiet moments, never while the window waits for it.

A look at everything that a full sync holds would stop all threads for half a second. Almost nothing of ours needs it:
values without cycles are gone as soon as nobody holds them. Looks at young objects go on; they are short.

Python 3.14.0 to 3.14.4, and no other, never look at everything by themselves: each look at the young takes a few of the
old with it. They know no number of times to set or to count, so what is said of the old here changes nothing there.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1_000_000_000
_MANY, _FEW_TIMES = 5_000, 5
"""How many new objects make Python look at them in a command, and how often it does before it looks at those of a few
such times: it would do so seven times as often, for a twentieth of the work. With a window that is too long a look."""
_DUE = 10
"""After so many looks at the middle-aged, there may be enough garbage among the old for a look at all."""


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


@contextmanager
def left_to_the_end() -> Iterator[None]:
    """Meanwhile nothing looks at everything: for a command, whose end clears all of it away."""
    before = gc.get_threshold()
    gc.set_threshold(_MANY, _FEW_TIMES, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
