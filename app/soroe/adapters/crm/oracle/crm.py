"""One Oracle CRM On Demand account: its reader, its writer, and its mirror."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from soroe.adapters.crm.service import Line, Service
from soroe.core.event import CRM_LIST, Side
from soroe.ports.remote import Capabilities

from .api import Api
from .feed import Feed
from .looks import InCalendar
from .mirror import Mirror
from .reader import OracleReader
from .resources import APPOINTMENTS
from .session import NoKeys, Passport, Session
from .settings import OracleSettings
from .times import Dial, Problem
from .trial import try_times
from .wire import Records
from .writer import OracleWriter

CAPABILITIES = Capabilities(
    side=Side.CRM,
    conditional_writes=False,
    own_ids=False,
    idempotent_create=False,
    hidden_stamp=False,
    quiet=True,
    tombstones=True,
    restore=False,
    native_recurrence=False,
)
"""`ExternalSystemId` could hide something, but it is the company's own key, and shorter than a stamp."""


class OracleCrm:
    """A signed-in account: its `reader` and `writer` of appointments, and the ends of its mirror.

    `clock` tells aware UTC times, `line` is how the network is reached, `passport` the session that all connections of
    the account share. Nothing is sent before the first question.
    """

    def __init__(
        self,
        settings: OracleSettings,
        password: str,
        clock: Callable[[], datetime],
        line: Line,
        passport: Passport | None = None,
    ) -> None:
        self._service = Service(settings.base_url, NoKeys(), line)
        self._session = Session(self._service, settings.username, password, clock, passport or Passport())
        self._settings = settings
        self._api = Api(self._session, clock, settings.fields)
        self._dial = Dial(settings.zone, settings.times)
        self._records = records = Records(APPOINTMENTS, self._dial, CRM_LIST, twins_are_shown=settings.show_events)
        looks = InCalendar(self._api, records)
        feed = Feed(self._api, records, looks, settings.intervals)
        self.reader = OracleReader(self._api, records, looks, feed, CAPABILITIES)
        self.writer = OracleWriter(self._api, records, looks)
        self._mirror: Mirror | None = None

    def mirror(self) -> Mirror:
        """Both ends of the mirror between the user's events and their appointments."""
        if self._mirror is None:
            self._mirror = Mirror(self._api, self._dial, self._settings.intervals, CAPABILITIES)
        return self._mirror

    def try_times(self, title: str, *, may_write: bool) -> Problem | None:
        """What of the settings does not fit how the service tells times; `title` is that of the appointment tried."""
        return try_times(self._api, self._records, title, may_write=may_write)

    def close(self) -> None:
        """Logs off, if nobody else is within the session, and ends the connections."""
        self._session.close()
        self._service.close()
