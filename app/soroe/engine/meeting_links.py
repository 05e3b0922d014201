"""A link to an online meeting for a synced activity, when its user asks for one (Zoom, Teams)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from soroe.core.event import EventContent, Field, ObservedItem, Ref, Side, Timed
from soroe.core.plan import Action, Verb, Why, about_one
from soroe.core.stamp import token
from soroe.ports.errors import PortError
from soroe.ports.meeting_links import LinkWanted, MeetingLink, MeetingLinks
from soroe.ports.remote import Update
from soroe.ports.store import Store

from .accounts import AccountTrouble
from .by_person import CannotResolve, carry_out
from .joint import Joint
from .steps import Step

_FACT = "meeting-link:"
_MINUTE = timedelta(minutes=1)


def add_link(joint: Joint, store: Store, side: Side, ref: Ref, account: str, links: MeetingLinks) -> MeetingLink:
    """Make an online meeting for an item and write its address into the meeting; the next run carries it across.

    The address goes to the place, or, where the meeting has one already, to the end of the notes. It is written to the
    calendar where that takes changes, else to the CRM, and stands in History like every write. One item gets one
    meeting: what was asked for is noted first, so that a lost answer or a crash makes no second one. Raises
    `CannotResolve` (no such item, an all-day item, no side that takes changes, a link is there already),
    `AccountTrouble` for the place to meet, and the trouble of the side that is written.
    """
    items = _items(joint, side, ref)
    where, target = _writable(joint, items)
    content = target.content
    if not isinstance(content.when, Timed):
        raise CannotResolve("all_day_has_no_link")
    fact = _fact(joint, items)
    noted = json.loads(store.fact(fact) or "{}")
    if noted.get("url") and any(noted["url"] in _text(item.content) for item in items.values()):
        raise CannotResolve("has_link_already")
    link = MeetingLink(noted["id"], noted["url"]) if noted.get("url") else _made(store, fact, content, account, links)
    _write(joint, where, target, _with_link(content, link.join_url))
    return link


def _items(joint: Joint, side: Side, ref: Ref) -> dict[Side, ObservedItem]:
    """The meeting on each side where it is."""
    link = joint.store.link(side, ref)
    refs = {side: ref} if link is None else {Side.CRM: link.crm, Side.CALENDAR: link.calendar}
    found = {where: joint.store.item(where, one) for where, one in refs.items()}
    present = {where: item for where, item in found.items() if isinstance(item, ObservedItem)}
    if not present:
        raise CannotResolve("no_such_item")
    return present


def _writable(joint: Joint, items: dict[Side, ObservedItem]) -> tuple[Side, ObservedItem]:
    for side in (Side.CALENDAR, Side.CRM):
        item = items.get(side)
        if item is None or item.read_only is not None or joint.end(side).writer is None:
            continue
        if joint.has(side, item.ref):
            return side, item
    raise CannotResolve("takes_no_changes")


def _fact(joint: Joint, items: dict[Side, ObservedItem]) -> str:
    """One key for the pair: the calendar's item names it where there is one."""
    item = items.get(Side.CALENDAR) or items[Side.CRM]
    return f"{_FACT}{token(f'{joint.route.key}/{item.ref.container}/{item.ref.id}', 15)}"


def _made(store: Store, fact: str, content: EventContent, account: str, links: MeetingLinks) -> MeetingLink:
    """The meeting: the one that an earlier try has made, or a new one."""
    wanted = _wanted(fact, content)
    try:
        found = links.find(wanted) if store.fact(fact) is not None else None
        if found is None:
            store.set_fact(fact, json.dumps({"asked": True}))
            found = links.create(wanted)
    except PortError as error:
        raise AccountTrouble(account, error) from error
    store.set_fact(fact, json.dumps({"id": found.id, "url": found.join_url}))
    return found


def _wanted(fact: str, content: EventContent) -> LinkWanted:
    when = content.when
    assert isinstance(when, Timed)
    minutes = max(1, round((when.end_utc - when.start_utc) / _MINUTE))
    repeats = content.recurrence is not None
    return LinkWanted(content.title, when.start_utc, minutes, when.zone, fact.removeprefix(_FACT), repeats)


def _with_link(content: EventContent, address: str) -> EventContent:
    if not content.location:
        return replace(content, location=address)
    notes = f"{content.description}\n\n{address}" if content.description else address
    return replace(content, description=notes)


def _text(content: EventContent) -> str:
    return f"{content.location}\n{content.description}"


def _write(joint: Joint, side: Side, target: ObservedItem, content: EventContent) -> None:
    fields = (Field.LOCATION,) if content.location != target.content.location else (Field.DESCRIPTION,)
    action = Action(Verb.UPDATE, side, Why.CHOSEN_BY_USER, None, target.ref, content, fields, target.version)
    write = Update(target.ref, target.version, content, fields, occurrence=target.occurrence)
    try:
        counts = carry_out(joint, [Step(about_one(side, target.ref), action, write, target.content)])
    finally:
        with joint.store.transaction():
            joint.store.mark_dirty(side, [target.ref])
    if counts.failed:
        raise CannotResolve("not_written")
