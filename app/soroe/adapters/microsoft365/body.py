"""The core's content, told as Graph's event bodies: the whole for a new event, only the changed fields for a patch."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape
from typing import assert_never

from soroe.adapters.net.reading import Json, clean
from soroe.adapters.outlook.stamp import GRAPH_ID, PROPERTY_SET
from soroe.core.event import ContainerId, EventContent, Field, ShowAs, Visibility
from soroe.core.stamp import token
from soroe.ports.errors import ItemRejected

from .repeats import write_recurrence
from .times import write_when

SEED_ID = f"String {{{PROPERTY_SET}}} Name SoroeSeed"
"""Where a new event carries the seed it was made from, so that a create whose answer was lost can be found again."""
WHOLE = tuple(field for field in Field if field is not Field.GUESTS)
_BLOCK = re.compile(r"_{20,}")


def new_event(content: EventContent, stamp: str | None, seed: str, calendar: ContainerId) -> Json:
    """The body of a new event. There are never guests in it: whoever has some is not written (S-5).

    What keeps Graph from making it twice names the calendar, too: two syncs may make an event of one activity, each in
    its own calendar, and Graph does not say whether it looks at the others of the mailbox.
    """
    body: Json = {
        "subject": clean(content.title),
        "body": plain_body(content.description),
        "location": {"displayName": clean(content.location)},
        "showAs": _show_as(content.show_as),
        "sensitivity": _sensitivity(content.visibility),
        "transactionId": token(f"{calendar}/{seed}", 20),
        **write_when(content.when),
    }
    if content.recurrence is not None:
        body["recurrence"] = write_recurrence(content.recurrence, content.when)
    body["singleValueExtendedProperties"] = [{"id": SEED_ID, "value": seed}, *_stamp(stamp)]
    return body


def changes(content: EventContent, fields: Collection[Field], stamp: str | None, *, series: bool = False) -> Json:
    """The body of a patch that sets exactly these fields; what the content leaves empty is cleared.

    With `series`, a new time tells the rule anew: it begins with the first occurrence.
    """
    body: Json = {}
    for name in fields:
        match name:
            case Field.TITLE:
                body["subject"] = clean(content.title)
            case Field.WHEN:
                body |= write_when(content.when)
                if series and content.recurrence is not None:
                    body["recurrence"] = write_recurrence(content.recurrence, content.when)
            case Field.DESCRIPTION:
                body["body"] = plain_body(content.description)
            case Field.LOCATION:
                body["location"] = {"displayName": clean(content.location)}
            case Field.SHOW_AS:
                body["showAs"] = _show_as(content.show_as)
            case Field.VISIBILITY:
                body["sensitivity"] = _sensitivity(content.visibility)
            case Field.RECURRENCE:
                rule = content.recurrence
                body["recurrence"] = None if rule is None else write_recurrence(rule, content.when)
            case Field.GUESTS | Field.GUESTS_MAY_CHANGE:
                pass  # nobody is ever invited by us, and nobody put off; there is no such permission here
            case _:
                assert_never(name)
    if stamp is not None:
        body["singleValueExtendedProperties"] = _stamp(stamp)
    return body


def plain_body(text: str) -> Json:
    """A description as the body of an event."""
    return {"contentType": "text", "content": clean(text)}


def with_meeting_block(description: str, html: str) -> Json:
    """A new description above the block that makes an event an online meeting; `html` is the body as it stands.

    Written without its block, the body would switch the online meeting off. Raises `ItemRejected` where no block can
    be made out.
    """
    line = _BLOCK.search(html)
    start = html.rfind("<", 0, line.start()) if line else -1
    if line is None or start < 0:
        raise ItemRejected("online_meeting_block_not_found", Field.DESCRIPTION.value)
    # From the element that holds the line: what stands before it is the old description.
    lines = escape(clean(description), quote=False).replace("\n", "<br>")
    return {"contentType": "html", "content": f"<html><body><div>{lines}</div>{html[start:]}"}


def _stamp(stamp: str | None) -> list[Json]:
    return [] if stamp is None else [{"id": GRAPH_ID, "value": stamp}]


def _show_as(show_as: ShowAs) -> str:
    match show_as:
        case ShowAs.BUSY:
            return "busy"
        case ShowAs.FREE:
            return "free"
        case ShowAs.TENTATIVE:
            return "tentative"
        case ShowAs.OUT_OF_OFFICE:
            return "oof"
        case _:
            assert_never(show_as)


def _sensitivity(visibility: Visibility) -> str:
    return "private" if visibility is Visibility.PRIVATE else "normal"
