"""FindItem: calendar views, which show occurrences, and searches by restriction, which show what is stored."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, find_folder, refused, succeeded
from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.folders import page_of
from soroe.sandbox.exchange.lies import Lies
from soroe.sandbox.exchange.model import Folder, hidden
from soroe.sandbox.exchange.restriction import matches, sort_key
from soroe.sandbox.exchange.series import Seen, in_window
from soroe.sandbox.exchange.shapes import Shape, read_shape, shown_item
from soroe.sandbox.exchange.soap import MESSAGES, children, local, node
from soroe.sandbox.exchange.zones import read_moment


def find_items(call: Call, lies: Lies) -> list[Element]:
    """Answers FindItem, one message for each folder."""
    call.attribute("Traversal", ("Shallow", "SoftDeleted", "Associated"), "")
    try:
        shape = read_shape(call, deep=False, strict=True)
    except EwsError as error:
        return [refused(call, error) for _ in call.parts("ParentFolderIds")]
    return [_in_folder(call, wanted, shape, lies) for wanted in call.parts("ParentFolderIds")]


def _in_folder(call: Call, wanted: Element, shape: Shape, lies: Lies) -> Element:
    try:
        folder = find_folder(call, wanted)
        view = call.body.find(f"{MESSAGES}CalendarView")
        if view is not None:
            return _view(call, folder, view, shape, lies)
        return _search(call, folder, shape, lies)
    except EwsError as error:
        return refused(call, error)


def _view(call: Call, folder: Folder, view: Element, shape: Shape, lies: Lies) -> Element:
    if any(call.body.find(MESSAGES + name) is not None for name in ("Restriction", "SortOrder", "QueryString")):
        raise EwsError("ErrorRestrictionTooComplex", "A calendar view cannot be restricted or sorted.")
    start = read_moment(view.get("StartDate", ""), call.zone)
    end = read_moment(view.get("EndDate", ""), call.zone)
    if end < start:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    if end > _two_years_after(start):
        raise EwsError("ErrorCalendarViewRangeTooBig")
    if not folder.is_calendar:
        raise EwsError("ErrorCalendarFolderIsInvalidForCalendarView", "Calendar views need a calendar folder.")
    found = [
        seen
        for record in folder.records.values()
        if not hidden(call.account, folder, record.item)
        for seen in in_window(folder, record, start, end)
        if not hidden(call.account, folder, seen.item)
    ]
    found.sort(key=lambda seen: (seen.item.start, seen.record.id, seen.original or start))
    text = view.get("MaxEntriesReturned", "")
    if text and (not text.isdecimal() or int(text) < 1):
        raise schema("The 'MaxEntriesReturned' attribute has to be a whole number from 1.")
    page = found[: int(text)] if text else found
    return _told(call, page, len(found), None, shape, lies)


def _two_years_after(moment: datetime) -> datetime:
    try:
        return moment.replace(year=moment.year + 2)
    except ValueError:  # the 29th of February
        return moment.replace(year=moment.year + 2, month=3, day=1)


def _search(call: Call, folder: Folder, shape: Shape, lies: Lies) -> Element:
    restriction = call.body.find(f"{MESSAGES}Restriction")
    if restriction is not None and len(restriction) != 1:
        raise schema("The element 'Restriction' needs exactly one search expression.")
    found = [
        Seen(folder, record, record.item)
        for record in folder.records.values()
        if not hidden(call.account, folder, record.item)
        and (restriction is None or matches(restriction[0], record.item, call.zone))
    ]
    found.reverse()  # newest first, as items come when no order is asked for
    for order in reversed(children(call.body, f"{MESSAGES}SortOrder")):
        if local(order) != "FieldOrder" or len(order) != 1:
            raise schema("The element 'SortOrder' has invalid content.")
        path, descending = order[0], order.get("Order") == "Descending"
        found = [found[n] for _, n in sorted(_places(path, found), reverse=descending)]
    offset, most = page_of(call.body.find(f"{MESSAGES}IndexedPageItemView"))
    return _told(call, found[offset : offset + most], len(found), offset, shape, lies)


def _places(path: Element, found: list[Seen]) -> list[tuple[tuple[bool, str], int]]:
    return [(sort_key(path, seen.item), number) for number, seen in enumerate(found)]


def _told(call: Call, page: list[Seen], total: int, offset: int | None, shape: Shape, lies: Lies) -> Element:
    items = lies.told([shown_item(call, seen, shape) for seen in page])
    paging = {"IndexedPagingOffset": str(offset + len(page))} if offset is not None else {}
    last = (offset or 0) + len(page) >= total
    return succeeded(
        call,
        node(
            "m:RootFolder",
            node("t:Items", *items),
            **paging,
            TotalItemsInView=str(total),
            IncludesLastItemInRange="true" if last else "false",
        ),
    )
