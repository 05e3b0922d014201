"""All that the window and the tray need from outside; `bootstrap` joins them to the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from soroe.core.event import ContainerId
from soroe.core.finding import FindingId
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy, SyncName
from soroe.engine.forecast import Forecast
from soroe.engine.health import Health
from soroe.engine.messages import Choice, Command, Event, Preview
from soroe.ports.desktop import Notifier
from soroe.ports.reading import Reading
from soroe.settings.ways import Way as Way

from .texts import Language


class Role(StrEnum):
    """What an account is for."""

    CALENDAR = "calendar"
    CRM = "crm"
    LOCATION = "location"


class AccountKind(StrEnum):
    """The services an account can be of; the values are those of the configuration file."""

    GOOGLE = "google"
    MICROSOFT365 = "microsoft365"
    EXCHANGE = "exchange"
    REST = "rest"
    PIPEDRIVE = "pipedrive"
    SALESFORCE = "salesforce"
    ESALES = "esales"
    ORACLE = "oracle"
    ZOOM = "zoom"
    TEAMS = "teams"

    @property
    def role(self) -> Role:
        """What an account of this kind is for."""
        if self in {AccountKind.GOOGLE, AccountKind.MICROSOFT365, AccountKind.EXCHANGE}:
            return Role.CALENDAR
        return Role.LOCATION if self in {AccountKind.ZOOM, AccountKind.TEAMS} else Role.CRM


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission the service knows by `name`, and whether it was granted."""

    name: str
    granted: bool


@dataclass(frozen=True, slots=True)
class Registration:
    """What IT knows a connection by, as far as the account has it; none of it is secret."""

    client_id: str = ""
    tenant: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One account as Connections shows it. `ends` is None where nothing is known about the end of its sign-in.

    `user` is the name it signs in with where it has a password.
    """

    name: str
    kind: AccountKind
    identity: str
    health: Health
    permissions: tuple[Permission, ...] = ()
    ends: Forecast | None = None
    way: Way = Way.BROWSER
    user: str = ""
    registration: Registration = Registration()


@dataclass(frozen=True, slots=True)
class CalendarOffer:
    """A calendar of an account: the key that config.toml names it by, and every key that means the same calendar."""

    key: str
    name: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class SyncSetup:
    """The choices of one sync, for display. Accounts are named as in `Account.name`; `locked` are the keys that IT has
    set. What is offered is what the accounts had when they were last asked."""

    name: SyncName
    crm: str
    calendar: str
    direction: Direction = Direction.TWO_WAY
    privacy: PrivacyPolicy = PrivacyPolicy.BLOCK
    conflicts: ConflictPolicy = ConflictPolicy.NEWEST_FIELD
    locked: frozenset[str] = frozenset()
    calendars: tuple[str, ...] = ("primary",)
    activity_types: tuple[str, ...] | None = None
    incoming_type: str | None = None
    new_items_only: bool = False
    backfill_from: date | None = None
    calendars_offered: tuple[CalendarOffer, ...] = ()
    types_offered: tuple[str, ...] = ()


class FieldKind(StrEnum):
    """How a field of the form is filled in."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105  # the name of a kind of field, no secret
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form for a new account: what IT has set is shown and locked."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    value: str = ""
    choices: tuple[str, ...] = ()
    locked: bool = False


class Refused(Exception):
    """A value of the form is not accepted: `field` says which, `code` why (`refused.<code>` in the catalogues)."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


class Accounts(Protocol):
    """The accounts and the choices of the syncs. No call blocks: what takes time arrives later as an event."""

    def accounts(self) -> Sequence[Account]:
        """All accounts, with the state of their connection."""
        ...

    def syncs(self) -> Sequence[SyncSetup]:
        """All syncs that are configured."""
        ...

    def activity_types(self) -> Sequence[str]:
        """The activity types that meetings have, for the filter of Activities."""
        ...

    def colleagues(self) -> Sequence[tuple[ContainerId, str]]:
        """Other people's calendars that are synced, with their names, for the filter of Activities."""
        ...

    def kinds(self) -> Sequence[AccountKind]:
        """The services that an account can be added for."""
        ...

    def form(self, kind: AccountKind) -> Sequence[FormField]:
        """What to ask for a new account of a kind; the first field is the account's name."""
        ...

    def add(self, kind: AccountKind, values: dict[str, str]) -> None:
        """Keep a new account and start its sign-in in the background; raises `Refused` for a value it can't use."""
        ...

    def preview(self, command: Preview) -> None:
        """Ask the sync what it would do under other choices; the answer arrives as `CommandDone`. Raises `Refused`."""
        ...

    def choose(self, sync: SyncName, values: dict[str, Choice]) -> None:
        """Change choices of a sync, by their keys in config.toml; they hold from its next run on. Raises `Refused`."""
        ...

    def reconnect(self, account: str) -> None:
        """Start signing in again in the background; the result arrives as `HealthChanged` and `SignInEnded`."""
        ...

    def sign_in(self, account: str, user: str, secret: str) -> None:
        """Start signing in with a password or a key in the background; it is kept only once the service takes it.

        Another `user` than before is kept with it. The result arrives as `HealthChanged` and `SignInEnded`.
        """
        ...

    def cancel(self, account: str) -> None:
        """Give up a sign-in that is under way; nothing has changed then."""
        ...

    def unlock_keychain(self) -> None:
        """Have the system ask for the keychain's password; what waits for it goes on by itself."""
        ...

    def remove(self, account: str) -> None:
        """Forget an account and its sign-in; meetings stay as they are."""
        ...


@dataclass(frozen=True, slots=True)
class Display:
    """How the window shows things. `dark` None follows the desktop; `zone` is the user's own."""

    language: Language
    zone: tzinfo
    dark: bool | None = None
    notifications: bool = True


@dataclass(frozen=True, slots=True)
class OpenRequested:
    """The program was started a second time: show the window."""


@dataclass(frozen=True, slots=True)
class ReconnectRequested:
    """Something outside the window asks for an account's sign-in: a second start, a deep link."""

    account: str


@dataclass(frozen=True, slots=True)
class SignInPage:
    """A sign-in waits in the browser at `address`; `opened` is False where no browser could be opened."""

    account: str
    address: str
    opened: bool


@dataclass(frozen=True, slots=True)
class SignInEnded:
    """A sign-in has ended: with success where `code` is empty, by the user's wish where it is `sign_in_cancelled`.

    `expected` and `found` name both accounts where another one signed in (`other_account`).
    """

    account: str
    code: str = ""
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class SupportFileEnded:
    """The file for the support lies at `file`; or it does not, and `code` says why."""

    file: str
    code: str = ""


Outside = Event | OpenRequested | ReconnectRequested | SignInPage | SignInEnded | SupportFileEnded
"""Everything that arrives from outside the window."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything from outside, in one hand.

    `subscribe` hands our receiver of events to the engine; it may be called from any thread. `take_back` reverses what
    a person chose about a finding, dismissals included. `resources` is the folder with `icons` and `translations`.
    `clock` tells the time in UTC. `open_page` shows an address in the browser; `write_support_file` writes the file for
    the support in the background and tells `SupportFileEnded`.
    """

    reading: Reading
    send: Callable[[Command], None]
    take_back: Callable[[SyncName, FindingId], None]
    subscribe: Callable[[Callable[[Outside], None]], None]
    accounts: Accounts
    notifier: Notifier
    clock: Callable[[], datetime]
    display: Display
    resources: Path
    open_page: Callable[[str], None]
    write_support_file: Callable[[Path], None]
    version: str = ""
