"""The half of a profile about requests: signing in, operations, paging, changes, versions, writing quietly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType

At = NewType("At", str)
"""A dotted path into a JSON object: `start.date_time`."""
Header = NewType("Header", str)
"""The name of an HTTP header."""
Target = NewType("Target", str)
"""A path below base_url; `{id}` is the activity's id, `{me}` the user's, `{tenant}` the account's."""
Moment = NewType("Moment", str)
"""How a time is written: a word of the profile format, or a strptime pattern."""

Scalar = bool | int | str
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class ApiKeyAuth:
    """An API key in a header, behind `scheme` and a space where that is not empty."""

    header: Header
    scheme: str


@dataclass(frozen=True, slots=True)
class OAuthAuth:
    """OAuth with PKCE for a public client."""

    authorization_endpoint: str
    token_endpoint: str
    client_id: str
    scopes: tuple[str, ...]
    pkce: Literal[True]
    redirect_host: Literal["127.0.0.1", "localhost"]
    revocation_endpoint: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Auth:
    """The ways to sign in, the first one preselected."""

    methods: tuple[Literal["api_key", "oauth2"], ...]
    api_key: ApiKeyAuth | None = None
    oauth2: OAuthAuth | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One request of this CRM; `item_at`, `items_at` and `wrap` say where bodies hold what."""

    method: Method
    path: Target
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[Header, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    item_at: At | None = None
    items_at: At | None = None
    wrap: At | None = None
    content_type: str = "application/json"
    body: Literal["changed_fields", "whole_item"] = "changed_fields"


@dataclass(frozen=True, slots=True)
class Operations:
    """What this CRM can be asked; an absent operation does not exist."""

    me: Operation
    list: Operation
    get: Operation
    users: Operation | None = None
    activity_types: Operation | None = None
    create: Operation | None = None
    update: Operation | None = None
    delete: Operation | None = None
    restore: Operation | None = None
    batch: Operation | None = None
    booking_pages: Operation | None = None
    connection_health: Operation | None = None
    report_health: Operation | None = None


@dataclass(frozen=True, slots=True)
class CursorPaging:
    """The answer names the next page."""

    kind: Literal["cursor"]
    parameter: str
    next_at: At
    more_at: At | None = None
    size_parameter: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class LinkPaging:
    """The answer holds the address of the next page."""

    kind: Literal["next_link"]
    next_at: At
    size_parameter: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class PagePaging:
    """Numbered pages."""

    kind: Literal["page"]
    parameter: str
    first: Literal[0, 1]
    size: int
    size_parameter: str | None = None
    more_at: At | None = None


@dataclass(frozen=True, slots=True)
class OffsetPaging:
    """Pages counted in items from 0."""

    kind: Literal["offset"]
    parameter: str
    size: int
    size_parameter: str | None = None
    more_at: At | None = None


@dataclass(frozen=True, slots=True)
class NoPaging:
    """One answer holds everything."""

    kind: Literal["none"]


Paging = CursorPaging | LinkPaging | PagePaging | OffsetPaging | NoPaging


@dataclass(frozen=True, slots=True)
class Since:
    """How a listing is limited to what changed at or after a time."""

    format: Moment
    parameter: str | None = None
    overlap_seconds: int = 0


@dataclass(frozen=True, slots=True)
class CursorChanges:
    """The cursor of the last page starts the next read."""

    kind: Literal["cursor"]
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class SinceChanges:
    """Each read asks for what changed at or after the newest time seen."""

    kind: Literal["since"]
    since: Since


@dataclass(frozen=True, slots=True)
class FullChanges:
    """Everything is listed each time."""

    kind: Literal["full"]


Changes = CursorChanges | SinceChanges | FullChanges


@dataclass(frozen=True, slots=True)
class TombstoneDeletions:
    """The feed lists deleted ids beside the items."""

    kind: Literal["tombstones"]
    items_at: At
    id_at: At
    time_at: At | None = None
    reason_at: At | None = None


@dataclass(frozen=True, slots=True)
class FlagDeletions:
    """Deleted items stay in the feed with a mark."""

    kind: Literal["flag"]
    at: At
    deleted_value: Scalar
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoDeletions:
    """Deletions are not told: everything is listed anew every `sweep_hours` hours."""

    kind: Literal["none"]
    sweep_hours: int = 24


Deletions = TombstoneDeletions | FlagDeletions | NoDeletions


@dataclass(frozen=True, slots=True)
class EtagVersions:
    """An entity tag, in the item or in the header alone."""

    kind: Literal["etag"]
    header: Header
    condition_header: Header
    field: At | None = None


@dataclass(frozen=True, slots=True)
class FieldVersions:
    """A number or text of the item that comes along with a write."""

    kind: Literal["field"]
    field: At
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class NoVersions:
    """Unconditional writes: the item is read again just before each one."""

    kind: Literal["none"]


Versions = EtagVersions | FieldVersions | NoVersions


@dataclass(frozen=True, slots=True)
class HeaderIdempotency:
    """A header that makes a repeated create give the first one's item."""

    kind: Literal["header"]
    header: Header


@dataclass(frozen=True, slots=True)
class NoIdempotency:
    """None: after a lost answer the item is looked for."""

    kind: Literal["none"]


@dataclass(frozen=True, slots=True)
class FieldStamp:
    """A field no user sees that keeps our mark."""

    kind: Literal["field"]
    field: At
    max_length: int
    lookup_parameter: str | None = None
    existing_id_at: At | None = None


@dataclass(frozen=True, slots=True)
class NoStamp:
    """The mark stays on the calendar's side."""

    kind: Literal["none"]


@dataclass(frozen=True, slots=True)
class QueryQuiet:
    """A query parameter says that nobody is mailed."""

    kind: Literal["query"]
    parameter: str
    value: str


@dataclass(frozen=True, slots=True)
class HeaderQuiet:
    """A header says that nobody is mailed."""

    kind: Literal["header"]
    header: Header
    value: str


@dataclass(frozen=True, slots=True)
class NeverMails:
    """The CRM mails nobody on its own."""

    kind: Literal["never_mails"]


@dataclass(frozen=True, slots=True)
class NotQuiet:
    """The CRM may mail guests: items with guests are left alone."""

    kind: Literal["none"]


Quiet = QueryQuiet | HeaderQuiet | NeverMails | NotQuiet


@dataclass(frozen=True, slots=True)
class OperationsBatch:
    """Many writes in one request, in the contract's shape."""

    kind: Literal["operations"]
    max_operations: int
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class NoBatch:
    """One write a request."""

    kind: Literal["none"]


@dataclass(frozen=True, slots=True)
class Pace:
    """The quota, for the pacer."""

    parallel: int | None = None
    requests_per_minute: int | None = None
    requests_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class TypesFilter:
    """How the listing leaves out types."""

    parameter: str
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class WindowFilter:
    """How a full listing is told the days of the sync: in its words `{first_day}` and `{last_day}`."""

    format: Moment


@dataclass(frozen=True, slots=True)
class Filters:
    """What the listing can leave out by itself."""

    types: TypesFilter | None = None
    window: WindowFilter | None = None
