"""How often what is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Intervals:
    """`deletions`: how often the log of deletions and of what moved away is asked for, beside what each poll tells.

    `everything`: how often all is listed: what went to a colleague, unseen, is found only there. `overlap` is how far
    each reading reaches back: a change is stamped when it is made, and seen when its transaction ends. `find_within` is
    how far back a create whose answer was lost is sought.
    """

    deletions: timedelta = timedelta(minutes=60)
    everything: timedelta = timedelta(hours=6)
    overlap: timedelta = timedelta(minutes=2)
    find_within: timedelta = timedelta(days=7)
