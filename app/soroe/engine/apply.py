"""Carry out decisions: intent on disk before the call, link and new version after it, many items at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from soroe.core.event import ObservedItem, Ref, Side, Unreadable
from soroe.core.link import Link
from soroe.core.plan import Decision, Verb, Why
from soroe.ports.errors import PortError
from soroe.ports.remote import Erased, Result, Written
from soroe.ports.store import RunId

from .claims import Claims, adopt
from .counts import Counts
from .decide import members
from .joint import Joint
from .outcome import Outcomes
from .phase import Phase
from .stamping import is_stamping
from .steps import Step, Steps
from .trees import Trees

MOST = 200
"""Items a transaction at most: the pages of the database are encrypted and written once for all of them."""
FEWEST = 50
"""Items a transaction where a service takes few at a time: what is intended there must not wait long."""
AT_ONCE = timedelta(seconds=10)
"""So long results may wait to be written down together: a crash leaves their items to be looked up."""


class Applying:
    """Carries out the decisions of one run."""

    def __init__(
        self,
        joint: Joint,
        trees: Trees,
        run: RunId,
        counts: Counts,
        decide_linked: Callable[[Link], Decision] | None = None,
        *,
        also: Callable[[Step], None] | None = None,
    ) -> None:
        """`decide_linked` decides about a pair that was just made; without it, such pairs wait for the next pass.
        `also` is called of each step in the transaction that keeps its result."""
        self._joint = joint
        self._store = joint.store
        self._run = run
        self._steps = Steps(joint)
        self._trees = trees
        self._outcomes = Outcomes(joint, trees, counts)
        self._claims = Claims(joint, trees, self._outcomes, self.carry_out)
        self._decide_linked = decide_linked
        self._also = also
        self._answered: list[Step] = []
        """Steps whose results are to be written down; the first of them was answered after `_since`."""
        self._since = joint.clock()
        self._in_doubt = False
        """Whether one of them is not what was hoped for."""
        self.side: Side | None = None
        """The side that is being written to: whose trouble it is that ends this early."""
        self._reached, self._chunk_ends, self._all = 0, 0, 0
        """How many of how many items are done, and the most to tell of within a chunk, whose items may ask for more."""

    def apply(self, decisions: Sequence[Decision]) -> None:
        """Do all of it, as far as the services let us; raises the trouble of an account when there is one.

        Whatever was not done stays waiting, and is decided anew at the next run.
        """
        size = min(max(FEWEST, 4 * self._joint.end(side).reader.capabilities.batch) for side in Side)
        size = min(size, MOST)
        self._all = len(decisions)
        for start in range(0, len(decisions), size):
            self._reached, self._chunk_ends = start, start + size
            self._chunk(decisions[start : start + size])
        if self._answered or self._outcomes.unstamped:
            self._chunk(())  # the stamps of what was made last
            self._settle()
        self.side = None

    def _chunk(self, decisions: Sequence[Decision]) -> None:
        """Decisions are settled and their writes intended in one transaction: a crash leaves both or neither.

        So are the results of the chunk before, as far as nothing depended on them, and the stamps that these call for.
        What was seen anew since it was decided about goes on waiting: the decision is about something else (S-1).
        """
        with self._store.transaction():
            self._write_down()
            moved = self._trees.moved
            if moved:
                decisions = [decision for decision in decisions if moved.isdisjoint(members(decision))]
            decisions = [*self._stampings(), *decisions]
            self._outcomes.take_notes(decisions)
            steps = self._steps.of(decisions)
            claims = self._claims.before(decisions, steps)
            self._intend([*claims, *steps])
        self._send_all(claims, steps)

    def _stampings(self) -> list[Decision]:
        """The decisions about pairs just made that want nothing but a stamp; all others wait for the next pass.

        A claim must not grow old while thousands of other items are made.
        """
        made, self._outcomes.unstamped = self._outcomes.unstamped, []
        if self._decide_linked is None:
            return []
        left = [link for link in made if self._store.link(Side.CRM, link.crm) == link]  # not given up to another laptop
        decisions = [self._decide_linked(link) for link in left]
        return [one for one in decisions if all(is_stamping(action) for action in one.outcome.actions)]

    def carry_out(self, steps: list[Step]) -> None:
        """Do these steps, which no decision of a sync but a person asked for."""
        with self._store.transaction():
            self._intend(steps)
        self._send_all([], steps)
        self._settle()

    def _intend(self, steps: list[Step]) -> None:
        now = self._joint.clock()
        changes = self._store.intend([step.entry(self._run, now) for step in steps])
        for step, change in zip(steps, changes, strict=True):
            step.change = change

    def _send_all(self, claims: list[Step], steps: list[Step]) -> None:
        rounds = [
            (side, [step for step in part if step.action.side is side]) for part in (claims, steps) for side in Side
        ]
        rounds = [(side, part) for side, part in rounds if part]  # mostly one of the four
        for place, (side, part) in enumerate(rounds):
            try:
                self._send(side, part)
            except BaseException:
                self._drop([step for _, later in rounds[place + 1 :] for step in later])
                raise

    def _send(self, side: Side, steps: list[Step]) -> None:
        """Send what may travel together; creates that must not happen twice travel alone, and last."""
        self.side = side
        size = max(1, min(MOST, self._joint.end(side).reader.capabilities.batch))
        plain: list[Step] = []
        careful: list[Step] = []
        for step in steps:
            (careful if self._claims.careful(step) else plain).append(step)
        sent = 0
        try:
            for start in range(0, len(plain), size):
                batch = plain[start : start + size]
                self._tell(len(batch))
                sent += len(batch)
                self._write(side, batch)
                self._settle_in_time()
            for some in self._claims.in_turn(side, careful):
                self._tell(len(some))
                sent += len(some)
                self._send_carefully(side, some)
            if not all(_is_apart(step) for step in steps):
                self._settle()
        except PortError:
            self._settle(raising=False)
            self._drop([*plain, *careful][sent:])
            raise

    def _tell(self, sending: int) -> None:
        """Tell how far we are before a batch is sent; raises `LocalTrouble` where the program is to end."""
        if self._all:
            self._joint.progress(Phase.APPLY, min(self._reached, self._chunk_ends), self._all)
        self._reached += sending

    def _send_carefully(self, side: Side, steps: list[Step]) -> None:
        """Make items that must not be made twice: one that the service is asked about, or some that are claimed.

        Whoever asks the service what is there besides has to know all that we have made ourselves.
        """
        asks = self._claims.asks(steps[0])
        if asks:
            self._settle()
        ready = [step for step in steps if self._claims.ready(step)]
        if not ready:
            return
        self._write(side, ready)
        if asks:
            self._settle()
            self._claims.after(ready[0])
        else:
            self._settle_in_time()

    def _write(self, side: Side, batch: list[Step]) -> None:
        if not self._answered:
            self._since = self._joint.clock()
        writes = [step.write for step in batch]
        for step, result in zip(batch, self._joint.keeper(side).write(writes), strict=True):
            step.result = result
            self._answered.append(step)
            self._in_doubt |= not _is_plainly_done(result)

    def _settle_in_time(self) -> None:
        """Write results down once they are many, have waited, or ask for more than to be written down."""
        waited = self._joint.clock() - self._since
        if self._in_doubt or len(self._answered) >= MOST or not timedelta() <= waited < AT_ONCE:
            self._settle()

    def _write_down(self) -> PortError | None:
        """Keep the results that wait for it; returns the trouble of the whole account, if they tell of any."""
        batch, self._answered, self._in_doubt = self._answered, [], False
        trouble = self._outcomes.settle(batch) if batch else None
        if self._also is not None:
            for step in batch:
                self._also(step)
        return trouble

    def _settle(self, *, raising: bool = True) -> None:
        if not self._answered:
            return
        with self._store.transaction():
            trouble = self._write_down()
        if not raising:
            return
        if trouble is not None:
            raise trouble
        self._look_again()

    def _look_again(self) -> None:
        """Read the items that had moved on when we wrote to them, so that the next decision is about what is there."""
        while self._outcomes.stale:
            side, ref = self._outcomes.stale.pop()
            answer = self._joint.ask(side).read(ref)
            with self._store.transaction():
                self._trees.absorb(side, [answer])
                link = self._store.link(side, ref)
                if isinstance(answer, Unreadable) and link is not None:
                    twin = (side.other, link.ref(side.other), Why.UNREADABLE)
                    self._store.settle([(side, ref, Why.UNREADABLE), twin])
        while self._outcomes.homeless:
            self._steps.homeless.add(self._outcomes.homeless.pop())
        while self._outcomes.repeated:
            self._take_up(*self._outcomes.repeated.pop())

    def _take_up(self, side: Side, source: Ref, made: ObservedItem) -> None:
        """A create found its item made before: it is the twin, unless it is gone, or somebody else's, by now."""
        now = self._joint.ask(side).read(made.ref)
        if isinstance(now, ObservedItem) and self._store.link(side, made.ref) is None:
            adopt(self._joint, self._trees, self._outcomes, side, source, now)
            return
        self._steps.former[source] = made.ref
        with self._store.transaction():
            self._trees.absorb(side, [now])

    def _drop(self, steps: Sequence[Step]) -> None:
        with self._store.transaction():
            for step in steps:
                self._outcomes.drop(step)


def _is_apart(step: Step) -> bool:
    """Whether nothing that is sent later depends on what comes of a step: a new item, a claim or a stamp."""
    return step.action.verb is Verb.CREATE or is_stamping(step.action)


def _is_plainly_done(result: Result) -> bool:
    return isinstance(result, Erased) or (isinstance(result, Written) and not result.already)
