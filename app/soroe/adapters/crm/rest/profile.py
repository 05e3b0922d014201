"""A profile as typed values: how one CRM's REST interface differs from the generic contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .profile_requests import (
    At,
    Auth,
    Changes,
    Deletions,
    EtagVersions,
    FieldStamp,
    FieldVersions,
    Filters,
    Header,
    HeaderIdempotency,
    Moment,
    NoBatch,
    NoIdempotency,
    NoStamp,
    NoVersions,
    Operations,
    OperationsBatch,
    Pace,
    Paging,
    Quiet,
    Scalar,
)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """One of our fields in theirs."""

    at: At | None = None
    parts: tuple[At, ...] = ()
    separator: str = ""
    write: Literal["always", "create", "never"] = "always"
    values: Mapping[str, Scalar] = field(default_factory=dict)
    max_length: int | None = None
    text: Literal["plain", "html"] = "plain"
    empty: Literal["null", "empty_text"] = "empty_text"


@dataclass(frozen=True, slots=True)
class Fields:
    """Our words = theirs; an absent field does not exist in this CRM."""

    id: FieldMap
    subject: FieldMap
    description: FieldMap | None = None
    location: FieldMap | None = None
    type: FieldMap | None = None
    show_as: FieldMap | None = None
    private: FieldMap | None = None
    done: FieldMap | None = None
    recurrence: FieldMap | None = None
    series: FieldMap | None = None
    owner: FieldMap | None = None
    organizer_email: FieldMap | None = None
    organizer_name: FieldMap | None = None
    read_only: FieldMap | None = None
    read_only_cause: FieldMap | None = None
    related: FieldMap | None = None
    customer: FieldMap | None = None
    deal: FieldMap | None = None
    building: FieldMap | None = None
    postal_code: FieldMap | None = None
    guests_may_change: FieldMap | None = None
    registrant: FieldMap | None = None


@dataclass(frozen=True, slots=True)
class TimedMap:
    """Where a timed activity has its start and end."""

    format: Moment
    start_at: At
    end_at: At | None = None
    start_zone_at: At | None = None
    end_zone_at: At | None = None
    start_date_at: At | None = None
    end_date_at: At | None = None
    date_format: Moment | None = None
    duration_at: At | None = None
    duration: Literal["minutes", "hh:mm"] | None = None


@dataclass(frozen=True, slots=True)
class AllDayFields:
    """All-day activities use fields of their own, absent in timed ones."""

    kind: Literal["fields"]
    format: Moment
    start_at: At
    end_at: At
    end: Literal["exclusive", "inclusive"]


@dataclass(frozen=True, slots=True)
class AllDayFlag:
    """A field tells all-day activities. `other_timed` are further words of timed ones, which a change leaves alone."""

    kind: Literal["flag"]
    flag_at: At
    all_day_value: Scalar
    timed_value: Scalar
    format: Moment
    start_at: At
    end_at: At
    end: Literal["exclusive", "inclusive"]
    other_timed: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class NoAllDay:
    """The CRM has timed activities only."""

    kind: Literal["none"]


@dataclass(frozen=True, slots=True)
class OriginalStartMap:
    """Where an exception tells which occurrence it stands for."""

    timed_at: At
    zone_at: At | None = None
    date_at: At | None = None


@dataclass(frozen=True, slots=True)
class InstantsMap:
    """Where an item tells when it was made and changed."""

    format: Moment
    updated_at: At
    created_at: At | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """How this CRM tells times, and where the zone stands."""

    zone: Literal["field", "header", "utc", "account"]
    timed: TimedMap
    all_day: AllDayFields | AllDayFlag | NoAllDay
    instants: InstantsMap
    zone_header: Header | None = None
    original_start: OriginalStartMap | None = None


@dataclass(frozen=True, slots=True)
class ResponseWords:
    """Their words for a guest's answer."""

    needs_action: str | None = None
    accepted: str | None = None
    declined: str | None = None
    tentative: str | None = None


@dataclass(frozen=True, slots=True)
class GuestsMap:
    """Where the guests stand; `write` says whether the CRM takes guests at all.

    With `employee` instead of `email` the entries are ids of the CRM's own users, who are guests by the address that
    `user.calendar_email` has; the user himself is one of them. `declined` says what becomes of guests who declined.
    """

    at: At
    write: bool
    email: At | None = None
    employee: At | None = None
    declined: Literal["keep", "leave_out"] = "keep"
    name: At | None = None
    response: At | None = None
    responses: ResponseWords = ResponseWords()


@dataclass(frozen=True, slots=True)
class UserMap:
    """Where a user's answer has what."""

    id: At
    email: At | None = None
    name: At | None = None
    time_zone: At | None = None
    active: At | None = None
    calendar_email: At | None = None


@dataclass(frozen=True, slots=True)
class TypesMap:
    """Where the list of types has what; `map` is a sync's word for a type = the CRM's key.

    `by_name`: people, and the settings of syncs, know the types by their names; the keys stay within the connector.
    """

    key: At | None = None
    name: At | None = None
    active: At | None = None
    map: Mapping[str, str | int] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """Where an error answer says what."""

    code_at: At | None = None
    reason_at: At | None = None
    field_at: At | None = None
    permission_at: At | None = None
    cause_at: At | None = None
    retry_after_header: Header | None = None


Means = Literal[
    "retry_later",
    "limit_reached",
    "sign_in_required",
    "consent_missing",
    "admin_required",
    "item_rejected",
    "read_only",
    "changed_meanwhile",
    "already_there",
    "gone",
    "cursor_expired",
]


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """All conditions that are set must hold."""

    means: Means
    status: int | Literal["4xx", "5xx"] | None = None
    code: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One CRM, as its profile file describes it. Versions of the format: 1."""

    format: Literal[1]
    name: str
    title: str
    auth: Auth
    operations: Operations
    paging: Paging
    changes: Changes
    deletions: Deletions
    versions: EtagVersions | FieldVersions | NoVersions
    idempotency: HeaderIdempotency | NoIdempotency
    stamp: FieldStamp | NoStamp
    quiet: Quiet
    fields: Fields
    times: Times
    user: UserMap
    errors: tuple[ErrorRule, ...]
    headers: Mapping[Header, str] = field(default_factory=dict)
    batch: OperationsBatch | NoBatch = field(default_factory=lambda: NoBatch("none"))
    pace: Pace = field(default_factory=Pace)
    filters: Filters = field(default_factory=Filters)
    guests: GuestsMap | None = None
    activity_types: TypesMap = TypesMap()
    error_body: ErrorBody = ErrorBody()
