"""The settings as values: accounts, syncs, and the app's own. No secrets are in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from soroe.core.dialect import Dialect
from soroe.core.guard import Limits
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy, SyncName

AccountName = NewType("AccountName", str)
"""What the user calls an account: the name of its table in config.toml."""


class ExchangeAuth(StrEnum):
    """How Exchange Server is signed in to."""

    NTLM = "ntlm"
    BASIC = "basic"
    KERBEROS = "kerberos"
    OAUTH2 = "oauth2"


class CrmAuth(StrEnum):
    """How a CRM is signed in to: with a key the user pastes once, or in the browser."""

    API_KEY = "api_key"
    OAUTH2 = "oauth2"


class OracleTimes(StrEnum):
    """What the "Z" at the end of Oracle's date-times stands for: the user's zone, as its guide says, or UTC."""

    USER = "user"
    UTC = "utc"


class Guests(StrEnum):
    """Where guests are carried to (S-5: not to the calendar unless the user switches it on)."""

    NONE = "none"
    TO_CRM = "to-crm"
    TO_CALENDAR = "to-calendar"
    BOTH = "both"


class Language(StrEnum):
    """The language of the window and of the notifications."""

    SYSTEM = "system"
    ENGLISH = "en"
    JAPANESE = "ja"


@dataclass(frozen=True, slots=True)
class GoogleAccount:
    """A Google calendar. `client_id` is the company's OAuth client; empty until the user or a policy sets it.

    `client_secret` comes with Google's desktop clients and is, in Google's own words, not treated as a secret: it is in
    every installer, and proves nothing without the user's sign-in.
    """

    name: AccountName
    email: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_endpoint: str = "https://www.googleapis.com/calendar/v3/"
    authorization_endpoint: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_endpoint: str = "https://oauth2.googleapis.com/token"  # noqa: S105 -- an address
    revocation_endpoint: str = "https://oauth2.googleapis.com/revoke"


@dataclass(frozen=True, slots=True)
class ExchangeAccount:
    """A mailbox on Exchange Server, found at `server` or, where that is empty, by autodiscover."""

    name: AccountName
    username: str
    email: str = ""
    server: str = ""
    autodiscover: bool = False
    auth: ExchangeAuth = ExchangeAuth.NTLM


@dataclass(frozen=True, slots=True)
class Microsoft365Account:
    """A Microsoft 365 calendar."""

    name: AccountName
    email: str = ""
    client_id: str = ""
    tenant: str = "organizations"
    api_endpoint: str = "https://graph.microsoft.com/v1.0/"
    authority: str = "https://login.microsoftonline.com/"


@dataclass(frozen=True, slots=True)
class RestAccount:
    """A CRM behind the REST contract. `profile` is the name of one that comes with the app, or a file of IT's own.

    Empty endpoints and client id: the profile's. `auth` None: the first method that the profile offers. `tenant` and
    `email` are for profiles that ask for them.
    """

    name: AccountName
    base_url: str
    profile: str = "generic"
    auth: CrmAuth | None = None
    email: str = ""
    client_id: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    revocation_endpoint: str = ""
    tenant: str = ""


ESALES_GATEWAY = "https://gateway-esm.softbrain.com/"


@dataclass(frozen=True, slots=True)
class EsalesAccount(RestAccount):
    """An employee of a company in eSales Manager: `tenant` is in the company's login address, `email` is his own.

    What is not published of the interface stands in the profile, which may be a corrected copy of IT's own.
    """

    base_url: str = ESALES_GATEWAY
    profile: str = "esales"


@dataclass(frozen=True, slots=True)
class PipedriveAccount:
    """A Pipedrive company, at `https://<company>.pipedrive.com`."""

    name: AccountName
    base_url: str
    auth: CrmAuth = CrmAuth.API_KEY
    email: str = ""
    client_id: str = ""
    authorization_endpoint: str = "https://oauth.pipedrive.com/oauth/authorize"
    token_endpoint: str = "https://oauth.pipedrive.com/oauth/token"  # noqa: S105 -- an address


@dataclass(frozen=True, slots=True)
class SalesforceAccount:
    """A Salesforce organisation; its sandboxes sign in at https://test.salesforce.com/.

    `stamp_field` names the text field that IT made on activities for our stamp; "" where there is none. Without
    `redirect_ports`, the usual ones: Salesforce takes only addresses that are registered with the app.
    """

    name: AccountName
    email: str = ""
    client_id: str = ""
    login_url: str = "https://login.salesforce.com/"
    stamp_field: str = ""
    redirect_ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OracleAccount:
    """A CRM On Demand user; `username` is "company/user".

    `zone` None: the computer's; in `times` "user" the service tells times in it. `show_events` is the company's setting
    of that name, which nothing lets us ask. `fields` are the company's own names of fields, as in
    ("Appointments.Subject", "Topic"), where the service does not tell them itself. `requests_per_minute` is our pace: a
    little below the thirty that the service allows each session.
    """

    name: AccountName
    base_url: str
    username: str
    zone: str | None = None
    times: OracleTimes = OracleTimes.USER
    show_events: bool = True
    fields: tuple[tuple[str, str], ...] = ()
    requests_per_minute: int = 25


@dataclass(frozen=True, slots=True)
class ZoomAccount:
    """A Zoom user, for links to online meetings. `client_id` is the company's Zoom app. No scopes: the usual ones."""

    name: AccountName
    email: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    api_endpoint: str = "https://api.zoom.us/v2/"
    authorization_endpoint: str = "https://zoom.us/oauth/authorize"
    token_endpoint: str = "https://zoom.us/oauth/token"  # noqa: S105 -- an address


@dataclass(frozen=True, slots=True)
class TeamsAccount:
    """A Microsoft 365 user, for links to Teams meetings; its calendar need not be the one that is synced."""

    name: AccountName
    email: str = ""
    client_id: str = ""
    tenant: str = "organizations"
    api_endpoint: str = "https://graph.microsoft.com/v1.0/"
    authority: str = "https://login.microsoftonline.com/"


CalendarAccount = GoogleAccount | ExchangeAccount | Microsoft365Account
CrmAccount = RestAccount | PipedriveAccount | SalesforceAccount | OracleAccount
LocationAccount = ZoomAccount | TeamsAccount
Account = CalendarAccount | CrmAccount | LocationAccount

CALENDAR_KINDS = ("google", "exchange", "microsoft365")
CRM_KINDS = ("rest", "pipedrive", "salesforce", "esales", "oracle")
LOCATION_KINDS = ("zoom", "teams")
"""Where a meeting can be held online; no sync needs one."""


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """One sync. Days count from today. `poll_seconds` is the pause between two looks while the app is in use.

    `zone` None: the computer's. `private_title` None: the word of the app's language. `empty_title`, the subject of a
    meeting without one, None: the dialect's (ESM-I2). `activity_types` None: all.
    `backfill_from` takes items in that were touched since that day, where `new_items_only` would leave them out.
    """

    name: SyncName
    crm: AccountName
    calendar: AccountName
    dialect: Dialect
    calendars: tuple[str, ...] = ("primary",)
    direction: Direction = Direction.TWO_WAY
    activity_types: tuple[str, ...] | None = None
    incoming_type: str | None = None
    privacy: PrivacyPolicy = PrivacyPolicy.BLOCK
    private_title: str | None = None
    empty_title: str | None = None
    conflicts: ConflictPolicy = ConflictPolicy.NEWEST_FIELD
    guests: Guests = Guests.NONE
    past_days: int = 7
    future_days: int = 1095
    zone: str | None = None
    new_items_only: bool = False
    backfill_from: date | None = None
    poll_seconds: int = 60
    guard: Limits = field(default_factory=Limits)
    deletes_events: bool = False

    @property
    def mirrors(self) -> bool:
        """Whether it joins no calendar, but the events and the appointments of one CRM (OD-1)."""
        return self.crm == self.calendar

    @property
    def guests_to_crm(self) -> bool:
        """Whether guests of calendar events are told to the CRM."""
        return self.guests in {Guests.TO_CRM, Guests.BOTH}

    @property
    def guests_to_calendar(self) -> bool:
        """Whether guests of activities are written to the calendar."""
        return self.guests in {Guests.TO_CALENDAR, Guests.BOTH}


@dataclass(frozen=True, slots=True)
class AppSettings:
    """What concerns the app as a whole."""

    language: Language = Language.SYSTEM
    start_at_login: bool = False
    notifications: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is chosen, checked, in the order of the file."""

    accounts: tuple[Account, ...] = ()
    syncs: tuple[SyncSettings, ...] = ()
    app: AppSettings = AppSettings()

    def account(self, name: str) -> Account | None:
        """The account of that name."""
        return next((account for account in self.accounts if account.name == name), None)

    def sync(self, name: str) -> SyncSettings | None:
        """The sync of that name."""
        return next((sync for sync in self.syncs if sync.name == name), None)


def kind_of(account: Account) -> str:
    """The `kind` that an account has in config.toml."""
    return KINDS[type(account)]


KINDS: dict[type[Account], str] = {
    GoogleAccount: "google",
    ExchangeAccount: "exchange",
    Microsoft365Account: "microsoft365",
    RestAccount: "rest",
    EsalesAccount: "esales",
    PipedriveAccount: "pipedrive",
    SalesforceAccount: "salesforce",
    OracleAccount: "oracle",
    ZoomAccount: "zoom",
    TeamsAccount: "teams",
}
