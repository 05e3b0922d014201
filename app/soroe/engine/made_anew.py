"""What follows when a service made an item anew to change it, or ended a series so that its rest can be made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from soroe.core.event import Ref, Side, occurrence_named
from soroe.core.plan import Action

from .joint import Joint
from .trees import Trees


def follow(joint: Joint, trees: Trees, action: Action, old: Ref, made: Ref) -> Action:
    """The link goes on with the item made in the old one's place (SF-14); returns the action as it came out."""
    store = joint.store
    link = store.link(action.side, old)
    if link is not None:
        store.drop_link(link)
        store.save_link(replace(link, crm=made) if action.side is Side.CRM else replace(link, calendar=made))
    trees.erase(action.side, old)
    store.mark_dirty(action.side, [made])  # the stamp of its partner names the old one
    return replace(action, target=made)


def wake_the_rest(joint: Joint, trees: Trees, action: Action) -> None:
    """A series was ended before today (SF-12): its last part is made next, and exceptions that lay there go along."""
    store, today = joint.store, joint.route.today
    if action.source is None or action.target is None or today is None:
        return
    store.mark_dirty(action.side.other, [action.source])
    for member in sorted(store.series_members(action.side, action.target)):
        ref = Ref(action.target.container, member)
        link, occurrence = store.link(action.side, ref), occurrence_named(member)
        if link is None or occurrence is None:
            continue
        start = occurrence.original_start
        if (start.date() if isinstance(start, datetime) else start) >= today:
            store.drop_link(link)
            trees.erase(action.side, ref)
            store.mark_dirty(action.side.other, [link.ref(action.side.other)])
