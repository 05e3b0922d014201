"""Throw the local state of a sync away and rebuild it from both sides, without one duplicate (PD-5)."""

from __future__ import annotations

from dataclasses import replace

from soroe.ports.store import RunKind

from .joint import Joint
from .run import Run, RunResult


def rebuild(joint: Joint) -> RunResult:
    """Read both sides anew; stamps and matching find out which items belong together."""
    store = joint.store
    with store.transaction():
        store.wipe()
        store.save_state(replace(store.state(), window_day="", held_for="", allowed="", joined=joint.clock()))
    return Run(joint, RunKind.REBUILD).carry_out()
