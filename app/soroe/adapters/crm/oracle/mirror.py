"""The two ends of the mirror: a company's events, and the appointments that stand for them (OD-1 to OD-9)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from soroe.adapters.crm.documents import at
from soroe.core.event import CRM_LIST, ContainerId, EventContent, Field, ObservedItem, Side
from soroe.core.link import canonical
from soroe.ports.errors import Gone, ItemRejected
from soroe.ports.remote import Capabilities, Create

from .api import Api
from .feed import Feed
from .looks import InMirror
from .mark import Intervals
from .reader import OracleReader
from .resources import EVENTS, MIRRORED_APPOINTMENTS
from .times import Dial
from .wire import Records
from .writer import OracleWriter

EVENTS_LIST = ContainerId("events")
"""Where the user's events are, as the port calls it."""
COMPANY_MIRRORS = "company_keeps_the_mirror"
"""The company's own mirror makes an appointment of every new event: an event made of an appointment would double it."""


@dataclass(frozen=True, slots=True)
class End:
    """One side of the mirror."""

    reader: OracleReader
    writer: OracleWriter


class Mirror:
    """Both ends. The appointments are the CRM's side, the events stand where a calendar stands."""

    def __init__(self, api: Api, dial: Dial, intervals: Intervals, capabilities: Capabilities) -> None:
        self._api = api
        self._company_mirrors = False
        self._appointments = Records(MIRRORED_APPOINTMENTS, dial, CRM_LIST)
        events = Records(EVENTS, dial, EVENTS_LIST)
        self._looks = InMirror(api, self._appointments)
        self._feed = Feed(api, self._appointments, self._looks, intervals)
        reader = OracleReader(api, self._appointments, self._looks, self._feed, capabilities)
        self.appointments = End(reader, OracleWriter(api, self._appointments, self._looks, _Offers(reader).of))
        looks = InMirror(api, events)
        reader = OracleReader(
            api, events, looks, Feed(api, events, looks, intervals), replace(capabilities, side=Side.CALENDAR)
        )
        self.events = End(reader, OracleWriter(api, events, looks, self._before_event, self._after_event))

    @property
    def both(self) -> tuple[End, End]:
        """The appointments and the events."""
        return self.appointments, self.events

    def _before_event(self, create: Create) -> ObservedItem | None:
        if self._company_mirrors:
            raise ItemRejected(COMPANY_MIRRORS, "activity_type")
        return None

    def _after_event(self, own: str, content: EventContent) -> None:
        """Takes a new event back that the company's own mirror gave an appointment: there is one already (OD-2)."""
        self._looks.prepare()
        names = self._appointments.resource
        if not names.event:
            return
        start, _ = self._appointments.dial.both(content.when)
        if any(at(row, names.event) == own for row in self._feed.starting(start)):
            self._company_mirrors = True
            with suppress(Gone):  # perhaps somebody was quicker
                self._api.delete(EVENTS, own)
            raise ItemRejected(COMPANY_MIRRORS, "activity_type")


class _Offers:
    """Looks for the twin that somebody else made meanwhile, the company's own mirror or another laptop.

    One that turned out to belong to another event is not offered again.
    """

    def __init__(self, reader: OracleReader) -> None:
        self._reader = reader
        self._offered: dict[str, set[str]] = {}

    def of(self, create: Create) -> ObservedItem | None:
        """The twin that is there already, if any."""
        look = f"{create.content.title}\0{canonical(create.content, Field.WHEN)}"
        before = self._offered.setdefault(look, set())
        for found in sorted(self._reader.find(create), key=lambda item: item.ref):
            if found.ref.id not in before:
                before.add(found.ref.id)
                return found
        return None
