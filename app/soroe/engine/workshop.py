"""What the thread of one sync is given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from soroe.core.route import SyncName
from soroe.ports.errors import LocalTrouble
from soroe.ports.meeting_links import MeetingLinks
from soroe.ports.store import Store

from .joint import Clock, Joint
from .messages import Choice, Event
from .phase import Phase
from .schedule import Pace
from .trial import TestTitle


def _nothing_kept() -> None:
    """Nothing was opened that would have to be closed."""


def _no_such_place(_account: str) -> MeetingLinks:
    """There is no place to meet online."""
    raise LocalTrouble("account_removed")


def _no_other_choices(_choices: tuple[tuple[str, Choice], ...]) -> Joint:
    """The choices cannot be tried out."""
    raise LocalTrouble("sync_removed")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a worker is given: how to open its store and its sync (in its own thread), the clock, chance, the pace.

    `open_joint` may raise the trouble of an account or of this machine; it is asked again at the next try. `turn` is
    the right to run this sync among all processes on this computer; waiting for it ends with the program. `let_go`
    closes what `open_joint` has opened, when the thread ends. `edition` tells one state of the settings from another:
    when it moves, the sync is opened anew, so that a change takes effect at the next run. `open_links` opens the
    account of a place to meet online; it is closed after each use. `open_with` makes the sync ready as it would be
    under other choices, over the accounts that `open_joint` has opened.
    """

    sync: SyncName
    accounts: tuple[str, str]
    open_store: Callable[[], Store]
    open_joint: Callable[[Store, Callable[[Phase, int, int | None], None]], Joint]
    publish: Callable[[Event], None]
    clock: Clock
    random: Callable[[], float]
    pace: Pace
    title: TestTitle
    turn: Callable[[], AbstractContextManager[None]] = nullcontext
    let_go: Callable[[], None] = _nothing_kept
    edition: Callable[[], object] = _nothing_kept
    open_links: Callable[[str], MeetingLinks] = _no_such_place
    open_with: Callable[[tuple[tuple[str, Choice], ...]], Joint] = _no_other_choices
