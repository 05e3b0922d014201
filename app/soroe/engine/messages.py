"""What goes into a worker thread and what comes out: frozen values on queues, nothing shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from soroe.core.event import Ref, Side
from soroe.core.finding import FindingAction, FindingId
from soroe.core.plan import Verb
from soroe.core.route import SyncName
from soroe.ports.store import ChangeId, RunId, RunRecord, SyncState

from .health import Health
from .phase import Phase


@dataclass(frozen=True, slots=True)
class SyncNow:
    """Run at once."""

    sync: SyncName


@dataclass(frozen=True, slots=True)
class Start:
    """Let a sync move for the first time, or again after a stop."""

    sync: SyncName


@dataclass(frozen=True, slots=True)
class Stop:
    """Let a sync rest until it is started again; links and cursors stay."""

    sync: SyncName


@dataclass(frozen=True, slots=True)
class Pause:
    """Let a sync rest until a time (UTC), or until it is resumed."""

    sync: SyncName
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Resume:
    """End a pause."""

    sync: SyncName


@dataclass(frozen=True, slots=True)
class Resolve:
    """Do what a person chose about a finding."""

    sync: SyncName
    finding: FindingId
    action: FindingAction


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Forget what a person decided about these items: they are looked at anew, and found again what they were."""

    sync: SyncName
    items: tuple[tuple[Side, Ref], ...]


@dataclass(frozen=True, slots=True)
class AddLink:
    """Make an online meeting for an item at the account of a place to meet, and write its address into it."""

    sync: SyncName
    side: Side
    ref: Ref
    account: str


@dataclass(frozen=True, slots=True)
class Undo:
    """Take a run back, on both sides (S-7)."""

    sync: SyncName
    run: RunId


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring back one item that we deleted."""

    sync: SyncName
    change: ChangeId


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Throw the local state of a sync away and rebuild it from both sides (PD-5)."""

    sync: SyncName


@dataclass(frozen=True, slots=True)
class TestSync:
    """Send a test item each way and time it (PD-2)."""

    __test__ = False  # pytest must not take this for a test class

    sync: SyncName


Choice = str | bool | date | tuple[str, ...] | None
"""What a person chooses for one key of a sync in config.toml; None takes the key out."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Say what the next run would do if these were the sync's choices; neither side is written to (PD-3, PD-4)."""

    sync: SyncName
    choices: tuple[tuple[str, Choice], ...]


@dataclass(frozen=True, slots=True)
class Wake:
    """The machine woke up, or the network came back: look at once."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Finish the write under way and end."""


Command = (
    SyncNow
    | Start
    | Stop
    | Pause
    | Resume
    | Resolve
    | TakeBack
    | AddLink
    | Undo
    | Restore
    | Rebuild
    | TestSync
    | Preview
    | Wake
    | Shutdown
)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has begun (UTC); `unasked` if nobody asked for it, so that nobody waits to see it."""

    sync: SyncName
    at: datetime
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is; `total` is None while nobody knows."""

    sync: SyncName
    phase: Phase
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run has ended; the next one is due at `next_run` (UTC), None when a person is needed first."""

    sync: SyncName
    record: RunRecord
    state: SyncState
    findings: int
    next_run: datetime | None


@dataclass(frozen=True, slots=True)
class SyncChanged:
    """A sync was started, paused, held, stopped."""

    sync: SyncName
    state: SyncState


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """An account's connection moved to another state."""

    account: str
    health: Health


@dataclass(frozen=True, slots=True)
class BudgetChanged:
    """How much of an account's API budget is spent; `resets` is a UTC time."""

    account: str
    spent: int
    limit: int
    resets: datetime | None


@dataclass(frozen=True, slots=True)
class TestLeg:
    """One leg of a test sync: which way, how long it took, or why it did not arrive."""

    __test__ = False  # pytest must not take this for a test class

    to_crm: bool
    seconds: float | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a run would do: how often what is done to which side, how many findings there would be, and how many items
    would make it be held (0: it would not)."""

    actions: tuple[tuple[Verb, Side, int], ...]
    findings: int
    held: int = 0


@dataclass(frozen=True, slots=True)
class CommandDone:
    """A command has been carried out. `code` says why not; `skipped` counts items that an undo left alone, `foreseen`
    is what a preview came to."""

    command: Command
    code: str = ""
    skipped: int = 0
    legs: tuple[TestLeg, ...] = ()
    foreseen: Foreseen | None = None


Event = RunStarted | RunProgress | RunFinished | SyncChanged | HealthChanged | BudgetChanged | CommandDone
