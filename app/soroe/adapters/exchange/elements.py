"""Items as the server sends them: read by exchangelib, but for what it would guess by this machine's own settings."""

# mypy: disable-error-code="import-untyped"
# exchangelib publishes no typing information.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from exchangelib.errors import EWSError
from exchangelib.folders import BaseFolder
from exchangelib.util import TNS

from soroe.adapters.outlook.zones import iana

if TYPE_CHECKING:
    from .library import Mailbox


@dataclass(frozen=True, slots=True)
class Element:
    """One item as the server sent it. `item` is None where the library could not read it, and `reason` tells why.

    `kind` is the element's name. Whether it is all-day and its zone are taken out beforehand, because the library would
    fall back on the zone of this machine.
    """

    id: str
    version: str
    kind: str
    item: Any
    all_day: bool
    zone: str | None
    zone_told: str | None
    reason: str = ""


def element(found: Any, account: Mailbox) -> Element:  # noqa: ANN401 - an lxml element
    """One item's element, read; never raises."""
    name = found.tag.rpartition("}")[2]
    own = found.find(f"{{{TNS}}}ItemId")
    ids = ("", "") if own is None else (own.get("Id") or "", own.get("ChangeKey") or "")
    zone = _taken(found, "StartTimeZone", "Id")
    _taken(found, "EndTimeZone", "Id")
    _taken(found, "MeetingTimeZone", "TimeZoneName")
    all_day = (_taken(found, "IsAllDayEvent") or "").strip().lower() in {"true", "1"}
    known = None if zone is None else iana(zone)
    try:
        item = BaseFolder.item_model_from_tag(found.tag).from_xml(elem=found, account=account)
    except (EWSError, ValueError, TypeError, KeyError, AttributeError, LookupError, ArithmeticError) as error:
        return Element(*ids, name, None, all_day, known, zone, type(error).__name__)
    return Element(*ids, name, item, all_day, known, zone)


def _taken(found: Any, name: str, attribute: str | None = None) -> str | None:  # noqa: ANN401 - an lxml element
    child = found.find(f"{{{TNS}}}{name}")
    if child is None:
        return None
    found.remove(child)
    value = child.get(attribute) if attribute else child.text
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a list of changes tells of an item; None where it tells no moment (UTC)."""

    start: datetime | None
    end: datetime | None
    type: str


def brief(found: Any) -> Element:  # noqa: ANN401 - an lxml element
    """One entry of a list of changes. The library would look for a hundred fields: seconds, for thousands of them."""
    own = found.find(f"{{{TNS}}}ItemId")
    ids = ("", "") if own is None else (own.get("Id") or "", own.get("ChangeKey") or "")
    start, end = (_moment(found.findtext(f"{{{TNS}}}{name}")) for name in ("Start", "End"))
    told = Brief(start, end, found.findtext(f"{{{TNS}}}CalendarItemType") or "")
    return Element(*ids, found.tag.rpartition("}")[2], told, False, None, None)


def _moment(text: str | None) -> datetime | None:
    try:
        told = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return told if told.tzinfo is not None else None
