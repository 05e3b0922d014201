"""Test a sync: a test item each way, timed, and removed again, also after a crash (PD-2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from soroe.core.event import ContainerId, EventContent, ItemId, Ref, Side, Timed
from soroe.core.stamp import token
from soroe.ports.errors import PortError
from soroe.ports.remote import Create, Delete, Failed, Written
from soroe.ports.store import Store

from .joint import Joint
from .run import Run

if TYPE_CHECKING:
    from .messages import TestLeg

_FACT = "test-items:"


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
    if joint.crm.writer is None or joint.calendar.writer is None:
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
    _remember(joint, store, {"side": side, "seed": seed, "title": title, "start": start.isoformat()})
    (result,) = end.keeper().write([create])
    match result:
        case Written(item):
            note = {"side": side, "container": item.ref.container, "id": item.ref.id}
            _remember(joint, store, note)
            return item.ref
        case Failed(error):
            raise error
        case _:
            raise AssertionError("a create came to no result")


def _remember(joint: Joint, store: Store, note: dict[str, str]) -> None:
    store.set_fact(_FACT + joint.route.name, json.dumps(note))


def clean_up(joint: Joint, store: Store) -> None:
    """Remove test items, also those of a test that was killed half way."""
    text = store.fact(_FACT + joint.route.name)
    if text is None:
        return
    note = json.loads(text)
    side = Side(note["side"])
    end = joint.end(side)
    refs = [Ref(ContainerId(note["container"]), ItemId(note["id"]))] if "id" in note else _found(joint, side, note)
    for ref in refs:
        (result,) = end.keeper().write([Delete(ref, None)])
        if isinstance(result, Failed):
            raise result.error
    store.set_fact(_FACT + joint.route.name, None)
    if refs:
        Run(joint).carry_out()


def _found(joint: Joint, side: Side, note: dict[str, str]) -> list[Ref]:
    start = datetime.fromisoformat(note["start"])
    when = Timed(start, start + timedelta(minutes=15), "Etc/UTC").within(joint.route.zone)
    end = joint.end(side)
    create = Create(end.containers[0], EventContent(note["title"], when), note["seed"])
    return [item.ref for item in end.reader.find(create)]
