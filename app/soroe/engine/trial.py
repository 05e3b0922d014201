"""Test a sync: a test item each way, timed, and removed again, also after a crash (PD-2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from soroe.core.event import ContainerId, EventContent, ItemId, Ref, Side, Timed
from soroe.core.route import SyncName
from soroe.core.stamp import token
from soroe.ports.errors import PortError
from soroe.ports.remote import Create, Delete, Failed, Written
from soroe.ports.store import Store

from .joint import End, Joint
from .run import Run

if TYPE_CHECKING:
    from .messages import TestLeg


@dataclass(frozen=True, slots=True)
class TestTitle:
    """What the two test items are called, in the user's language."""

    __test__ = False  # pytest must not take this for a test class

    in_crm: str
    in_calendar: str


def test_sync(joint: Joint, store: Store, title: TestTitle) -> tuple[TestLeg, TestLeg]:
    """Make an item on each side, see it arrive on the other, and remove all four items.

    What was made is written down before it is made, so that `clean_up` finds it after a crash. A sync that runs one
    way may not write to its source, so neither leg can be tried there (code `one_way`).
    """
    from .messages import TestLeg

    clean_up(joint, store)
    if not _writes_both(joint):
        return TestLeg(to_crm=True, seconds=None, code="one_way"), TestLeg(to_crm=False, seconds=None, code="one_way")
    return _leg(joint, store, Side.CALENDAR, title.in_calendar), _leg(joint, store, Side.CRM, title.in_crm)


test_sync.__test__ = False  # type: ignore[attr-defined]  # pytest must not take this for a test


def _leg(joint: Joint, store: Store, source: Side, title: str) -> TestLeg:
    from .messages import TestLeg

    begun = joint.clock()
    to_crm = source is Side.CALENDAR
    try:
        made = _make(joint, store, source, title)
        result = Run(joint).carry_out()
        link = joint.store.link(source, made)
        seconds = (joint.clock() - begun).total_seconds()
        clean_up(joint, store)
    except PortError as error:
        return TestLeg(to_crm, None, type(error).__name__)
    if link is not None:
        return TestLeg(to_crm, seconds)
    why = joint.store.why(source, made)
    return TestLeg(to_crm, None, type(result.trouble).__name__ if result.trouble else str(why or "not_seen"))


def _make(joint: Joint, store: Store, side: Side, title: str) -> Ref:
    now = joint.clock()
    end = joint.end(side)
    start = now.replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
    content = EventContent(title, Timed(start, start + timedelta(minutes=15), "Etc/UTC").within(joint.route.zone))
    seed = token(f"{joint.installation}/{side}/{now.isoformat()}", 20)
    kind = None
    if side is Side.CRM:
        kind = joint.route.incoming_type or next(iter(sorted(joint.route.activity_types or ())), None)
    create = Create(end.containers[0], content, seed, None, kind)
    _remember(joint, store, side, {"seed": seed, "title": title, "start": start.isoformat()})
    (result,) = end.keeper().write([create])
    match result:
        case Written(item):
            _remember(joint, store, side, {"container": item.ref.container, "id": item.ref.id})
            return item.ref
        case Failed(error):
            raise error
        case _:
            raise AssertionError("a create came to no result")


def _remember(joint: Joint, store: Store, side: Side, note: dict[str, str]) -> None:
    store.set_fact(_fact(joint.route.name, side), json.dumps(note))


def _fact(sync: SyncName, side: Side) -> str:
    """Each leg has a note of its own: the second one is tried also where the first could not be cleaned up."""
    return f"test-items:{sync}:{side}"


def left_behind(store: Store, sync: SyncName) -> bool:
    """Whether a test that was killed half way has left something behind."""
    return any(store.fact(_fact(sync, side)) is not None for side in Side)


def clean_up(joint: Joint, store: Store) -> None:
    """Remove test items, also those of a test that was killed half way.

    The twin is removed here too: some services do not tell that an item is gone for an hour (Pipedrive). Where the sync
    was made a one-way one since, they stay noted until both may be removed.
    """
    for side in Side if _writes_both(joint) else ():
        text = store.fact(_fact(joint.route.name, side))
        if text is not None:
            _clean_up(joint, store, side, json.loads(text))


def _writes_both(joint: Joint) -> bool:
    return joint.crm.writer is not None and joint.calendar.writer is not None


def _clean_up(joint: Joint, store: Store, side: Side, note: dict[str, str]) -> None:
    end = joint.end(side)
    refs = [Ref(ContainerId(note["container"]), ItemId(note["id"]))] if "id" in note else _found(joint, side, note)
    for ref in refs:
        link = joint.store.link(side, ref)
        if link is not None:
            _remove(joint.end(side.other), link.ref(side.other))
        _remove(end, ref)
    store.set_fact(_fact(joint.route.name, side), None)
    if refs:
        Run(joint).carry_out()


def _remove(end: End, ref: Ref) -> None:
    (result,) = end.keeper().write([Delete(ref, None)])
    if isinstance(result, Failed):
        raise result.error


def _found(joint: Joint, side: Side, note: dict[str, str]) -> list[Ref]:
    start = datetime.fromisoformat(note["start"])
    when = Timed(start, start + timedelta(minutes=15), "Etc/UTC").within(joint.route.zone)
    end = joint.end(side)
    create = Create(end.containers[0], EventContent(note["title"], when), note["seed"])
    return [item.ref for item in joint.ask(side).find(create)]
