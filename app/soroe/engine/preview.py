"""What a run under other choices would do, in numbers, before the choices are kept (PD-3, PD-4)."""

from __future__ import annotations

from collections import Counter

from soroe.core.event import Side
from soroe.core.guard import Held, Tally
from soroe.core.plan import Plan, Verb

from .joint import Joint
from .messages import Foreseen
from .recover import recover
from .run import Run
from .trees import Trees

_ORDER = (Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.LINK, Verb.UNLINK)


def preview(joint: Joint, now: Joint) -> Foreseen:
    """Read both sides as a run of this sync would, and count what it would do; nothing is written to either side.

    `now` is the sync as it stands: what became of its writes before a crash is looked up where it sent them. What was
    read is kept. The next run notices that its choices are others than those looked at here, and looks at
    every item again under its own. Raises `PortError` when a side cannot be read.
    """
    now = now.today()
    recover(now, Trees(now))
    return foreseen(Run(joint).plan(), joint)


def foreseen(plan: Plan, joint: Joint) -> Foreseen:
    """A plan in numbers; the guard is asked as a run would ask it (S-4)."""
    totals = Counter((action.verb, action.side) for action in plan.actions)
    tally = Tally(joint.store.link_count(), joint.limits)
    for decision in plan.decisions:
        tally.add(decision)
    verdict = tally.verdict(joint.store.state().allowed)
    return Foreseen(
        tuple((verb, side, totals[verb, side]) for verb in _ORDER for side in Side if totals[verb, side]),
        len({finding.id for finding in plan.findings}),
        verdict.count if isinstance(verdict, Held) else 0,
    )
