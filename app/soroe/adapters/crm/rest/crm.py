"""One account of a CRM behind the generic contract, joined from its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from soroe.adapters.crm.service import Keys, Line, Service
from soroe.core.dialect import Dialect, RecurrenceSupport
from soroe.core.event import UTC_ZONE, ShowAs

from .batching import Batching
from .contract import Contract
from .employees import Employees
from .occurrences import Occurrences
from .profile import FieldMap, NoAllDay, Profile
from .profile_requests import OperationsBatch
from .reader import RestReader
from .reading import ItemReading
from .single import Single
from .type_names import TypeNames
from .writer import RestWriter
from .writing import ItemWriting


@dataclass(frozen=True, slots=True)
class RestSettings:
    """Where the CRM is, and the user's own IANA zone where the CRM does not tell it ("" asks the CRM).

    `tenant` and `email` are the account's own, for profiles that ask for them.
    """

    base_url: str
    zone: str = ""
    tenant: str = ""
    email: str = ""


class RestCrm:
    """A signed-in account: its `reader`, its `writer`, and what the account itself can tell.

    `keys` prove who we are, `clock` tells aware UTC times, `line` is how the network is reached. Nothing is sent before
    the first question.
    """

    def __init__(
        self, settings: RestSettings, profile: Profile, keys: Keys, clock: Callable[[], datetime], line: Line
    ) -> None:
        self.profile = profile
        self._service = Service(settings.base_url, keys, line)
        account = {"tenant": settings.tenant, "email": settings.email}
        self.contract = Contract(self._service, profile, clock, settings.zone, account)
        # Asking for the user's zone costs a request, and most CRMs tell the zone beside every time.
        home = self.contract.home if self.contract.needs_home else _utc
        guests = profile.guests
        employees = Employees(self.contract, guests) if guests is not None and guests.employee is not None else None
        types = TypeNames(self.contract) if profile.activity_types.by_name else None
        reading = ItemReading(profile, home, Occurrences(), employees, types)
        writing = ItemWriting(profile, home, types)
        self.reader = RestReader(self.contract, reading, types)
        single = Single(self.contract, self.reader, reading, writing, employees)
        batching = None
        if isinstance(profile.batch, OperationsBatch) and profile.operations.batch is not None:
            batching = Batching(self.contract, single, reading, profile.operations.batch, profile.batch)
        self.writer = RestWriter(single, batching)

    @property
    def requests_sent(self) -> int:
        """Requests that left since the counter was made."""
        return self._service.requests_sent

    def close(self) -> None:
        """Ends the connections."""
        self._service.close()


def _utc() -> str:
    return UTC_ZONE


def dialect_of(profile: Profile) -> Dialect:
    """What this CRM can hold, as far as its profile says: the dialect of a sync that names none."""
    fields, times = profile.fields, profile.times
    show_as = frozenset(ShowAs)
    if fields.show_as is None:
        show_as = frozenset({ShowAs.BUSY})
    elif fields.show_as.values:
        show_as = frozenset(word for word in ShowAs if word.value in fields.show_as.values)
    return Dialect(
        profile.name,
        recurrence=RecurrenceSupport.NATIVE if fields.recurrence else RecurrenceSupport.SINGLE_ITEMS,
        title_limit=fields.subject.max_length,
        description_limit=_limit(fields.description),
        location_limit=_limit(fields.location),
        keeps_zones=times.zone == "field",
        all_day_span=not isinstance(times.all_day, NoAllDay),
        privacy_flag=fields.private is not None,
        show_as=show_as,
        guests=profile.guests is not None and profile.guests.write,
    )


def within_limits(dialect: Dialect, profile: Profile) -> Dialect:
    """The dialect with the longest texts that the profile states; where it states none, the dialect's own stay."""
    fields = profile.fields
    return replace(
        dialect,
        title_limit=_limit(fields.subject) or dialect.title_limit,
        description_limit=_limit(fields.description) or dialect.description_limit,
        location_limit=_limit(fields.location) or dialect.location_limit,
    )


def _limit(field: FieldMap | None) -> int | None:
    return None if field is None else field.max_length
