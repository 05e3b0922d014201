"""The journal and History: every change with what stood there before and after it, and the runs they belong to.

All times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from soroe.core.event import EventContent, Occurrence, Particulars, Ref, Side, Version
from soroe.core.plan import Verb, Why
from soroe.core.quickly import quickly_made
from soroe.core.route import SyncName

RunId = NewType("RunId", int)
ChangeId = NewType("ChangeId", int)


class ChangeState(StrEnum):
    """How far a change has come: on disk before the call, settled after it."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


@quickly_made
@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One change: what was meant, what stood there before, what stands there now.

    `target` is None until a create is done. `seed` is the create's (see `Create.seed`). `error` is a code.
    `before` and `after` are contents of the side written to; `before_version` is what the decision was made on.
    `particulars` is what a CRM held beside the meeting before, where the change takes any of it away.
    """

    run: RunId
    at: datetime
    verb: Verb
    side: Side
    why: Why
    source: Ref | None
    target: Ref | None
    before: EventContent | None
    after: EventContent | None
    fields: tuple[str, ...] = ()
    seed: str = ""
    stamp: str | None = None
    activity_type: str | None = None
    occurrence: Occurrence | None = None
    origin: Side | None = None
    before_version: Version | None = None
    particulars: Particulars | None = None
    state: ChangeState = ChangeState.INTENDED
    error: str = ""
    id: ChangeId = ChangeId(0)

    @property
    def is_mark(self) -> bool:
        """Whether only a mark of ours was set on an item, which nobody sees: neither shown nor taken back."""
        return self.verb is Verb.UPDATE and not self.fields and self.state is not ChangeState.FAILED


@quickly_made
@dataclass(frozen=True, slots=True)
class Done:
    """A write that was carried out, and the item it left; `after` is None where its content is the one intended."""

    change: ChangeId
    side: Side
    target: Ref
    after: EventContent | None = None


class RunKind(StrEnum):
    """What a run was for."""

    SYNC = "sync"
    UNDO = "undo"
    RESOLVE = "resolve"
    RECOVERY = "recovery"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run in History. Counts are per side; `undone` tells that it was taken back."""

    id: RunId
    sync: SyncName
    kind: RunKind
    started: datetime
    finished: datetime | None = None
    created: tuple[int, int] = (0, 0)
    updated: tuple[int, int] = (0, 0)
    deleted: tuple[int, int] = (0, 0)
    linked: int = 0
    conflicts: int = 0
    failed: int = 0
    held: int = 0
    requests: int = 0
    seconds: float = 0.0
    trouble: str = ""
    undone: bool = False

    @property
    def is_news(self) -> bool:
        """Whether the run did, held or met anything."""
        counts = (*self.created, *self.updated, *self.deleted, self.linked, self.conflicts, self.failed, self.held)
        return any(counts) or bool(self.trouble)
