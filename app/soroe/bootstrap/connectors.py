"""From an account in the settings to a connection to its service: the one place that knows every connector."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from soroe.adapters.net.pacer import Pacer
from soroe.core.dialect import Dialect
from soroe.core.event import UTC_ZONE
from soroe.ports.errors import LocalTrouble, SignInRequired
from soroe.ports.keychain import Keychain
from soroe.ports.remote import Budget, Identity, Reader, Upkeep, Writer
from soroe.settings.model import (
    Account,
    CrmAuth,
    ExchangeAccount,
    GoogleAccount,
    Microsoft365Account,
    OracleAccount,
    PipedriveAccount,
    RestAccount,
    SalesforceAccount,
    TeamsAccount,
    ZoomAccount,
)

from .salesforce import salesforce_crm
from .service_settings import (
    exchange_settings,
    google_settings,
    microsoft365_settings,
    oauth_client,
    teams_settings,
    zoom_settings,
)

if TYPE_CHECKING:
    from soroe.adapters.crm.oracle.crm import OracleCrm
    from soroe.adapters.crm.pipedrive.crm import PipedriveCrm
    from soroe.adapters.crm.rest.crm import RestCrm
    from soroe.adapters.crm.rest.profile import Profile
    from soroe.adapters.crm.service import Keys
    from soroe.adapters.net.allowance import DailyAllowance
    from soroe.adapters.net.oauth import OAuthClient, Safe
    from soroe.adapters.net.transport import LibraryClient
    from soroe.ports.meeting_links import MeetingLinks
    from soroe.ports.sign_in import SignedIn

    from .oracle import Passports

SECRET = "sign-in"  # noqa: S105 - the name of a keychain item
"""The keychain item that holds what an account signs in with."""
TEST_ACTIVITY = "Soroe: test of the CRM connection, removed at once"
"""What the activity is called that the conformance check writes and removes; the user agrees to it first."""
GOOGLE_QUOTA = 600
"""Calls a minute and user that Google allows projects made since May 2026 (google-calendar: Errors and limits)."""
PIPEDRIVE_BURST, PIPEDRIVE_SECONDS = 20, 2.0
"""Requests in any two seconds that Pipedrive allows an API token of its smallest plan (pipedrive: Rate limits)."""
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Connection:
    """An open account. `mirror` opens the two ends of its mirror, the appointments first, where it has one (OD-1)."""

    reader: Reader
    writer: Writer
    close: Callable[[], None]
    upkeep: Upkeep = field(default_factory=Upkeep)
    mirror: Callable[[], tuple[Connection, Connection]] | None = None


def now_utc() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def _nobody_else(_account: str) -> AbstractContextManager[None]:
    """No other process uses this home."""
    return nullcontext()


class Connectors:
    """Opens accounts. Provider libraries are imported only here and only for the kinds of account that are opened.

    `alone` lets one process at a time renew the sign-in of an account, `zone` tells the user's own (IANA).
    """

    def __init__(
        self,
        keychain: Keychain,
        resources: Path,
        stopped: threading.Event,
        alone: Callable[[str], AbstractContextManager[None]] = _nobody_else,
        zone: Callable[[], str] = lambda: UTC_ZONE,
    ) -> None:
        self._alone = alone
        self._zone = zone
        self._keychain = keychain
        self._resources = resources
        self._stopped = stopped
        self._pacers: dict[str, Pacer] = {}
        self._passports: Passports = {}
        self._allowances: dict[str, DailyAllowance] = {}
        self._profiles: dict[Path, tuple[tuple[int, int], Profile]] = {}
        self._lock = threading.Lock()

    def open(self, account: Account) -> Connection:
        """A connection that reads and writes as this account; nothing is sent before the first question."""
        match account:
            case GoogleAccount():
                return self._google(account)
            case RestAccount():
                return self._rest(account)
            case PipedriveAccount():
                return self._pipedrive(account)
            case SalesforceAccount():
                return self._salesforce(account)
            case OracleAccount():
                return self._oracle(account)
            case Microsoft365Account():
                return self._microsoft365(account)
            case ExchangeAccount():
                return self._exchange(account)
            case _:
                raise LocalTrouble("kind_not_available")

    def open_links(self, account: Account) -> MeetingLinks:
        """A connection that makes online meetings as this account; nothing is sent before the first question."""
        match account:
            case ZoomAccount():
                from soroe.adapters.zoom.meetings import ZoomMeetings

                return ZoomMeetings(zoom_settings(account), self._safe(account.name), now=now_utc)
            case TeamsAccount():
                return self._teams(account)
            case _:
                raise LocalTrouble("kind_not_available")

    def identity(self, account: Account) -> Identity:
        """Who is signed in, asked of the service over a connection of its own: also the proof that it works."""
        if isinstance(account, ZoomAccount | TeamsAccount):
            with closing(self.open_links(account)) as links:
                return links.identity()
        connection = self.open(account)
        try:
            return connection.reader.identity()
        finally:
            connection.close()

    # --- secrets ---
    def secret(self, account: str) -> str:
        """What the account signs in with; raises `SignInRequired` when there is nothing."""
        text = self._keychain.get(account, SECRET)
        if text is None:
            raise SignInRequired("not_signed_in")
        return text

    def known_secret(self, account: str) -> str | None:
        """What the account signs in with, if anything."""
        return self._keychain.get(account, SECRET)

    def put_back(self, account: str, secret: str | None) -> None:
        """Undo a sign-in that turned out wrong."""
        if secret is None:
            self.forget_secret(account)
        else:
            self.keep_secret(account, secret)

    def keep_secret(self, account: str, text: str) -> None:
        """Keep what the account signs in with, in place of the old."""
        self._keychain.set(account, SECRET, text)

    def forget_secret(self, account: str) -> None:
        """Sign the account out on this machine."""
        self._keychain.delete(account, SECRET)

    def sign_out(self, account: Account) -> None:
        """Forget the sign-in on this machine, and give the permission back to the service where it takes one back.

        The secret is gone in any case. Raises `PortError` when the service could not be told: then the user can still
        remove the program in his account there.
        """
        secret = self.known_secret(account.name)
        self.forget_secret(account.name)
        if secret is not None and isinstance(account, GoogleAccount):
            from soroe.adapters.google.sign_in import revoke

            revoke(google_settings(account), secret)

    def _pacer(self, account: str, quota: int, period: float = MINUTE) -> Pacer:
        """The account's place in its quota, shared by everything of this program that uses the account."""
        with self._lock:
            if account not in self._pacers:
                self._pacers[account] = Pacer(quota, period, clock=time.monotonic, wait=self._wait)
            return self._pacers[account]

    def _wait(self, seconds: float) -> None:
        """Sleep, but end at once when the program ends."""
        if self._stopped.wait(seconds):
            raise LocalTrouble("shutting_down")

    def profile(self, account: RestAccount) -> Profile:
        """The profile of a CRM: one that comes with the program, or a file of IT's own; read anew once it changed."""
        from soroe.adapters.crm.rest.profile_file import load_profile

        name = account.profile
        own_file = name.endswith(".toml") or "/" in name or "\\" in name
        path = Path(name) if own_file else self._resources / "crm" / "profiles" / f"{name}.toml"
        try:
            status = path.stat()
            edition = (status.st_mtime_ns, status.st_size)
            known = self._profiles.get(path)
            if known is None or known[0] != edition:
                known = self._profiles[path] = (edition, load_profile(path))
            return known[1]
        except OSError as error:
            raise LocalTrouble("profile_missing") from error

    def dialect(self, account: Account, chosen: Dialect) -> Dialect:
        """The dialect of a sync with the lengths that the CRM's profile states in place of the usual ones."""
        if not isinstance(account, RestAccount):
            return chosen
        from soroe.adapters.crm.rest.crm import within_limits

        return within_limits(chosen, self.profile(account))

    def try_endpoint(self, account: RestAccount, *, may_write: bool) -> list[tuple[str, str]]:
        """Hold a CRM's endpoint against its profile: the points that fail, and why (both codes)."""
        import secrets

        from soroe.adapters.crm.rest.conformance import TestActivity, check

        crm, close = self._rest_crm(account)
        activity = TestActivity.far_ahead(TEST_ACTIVITY, now_utc())
        try:
            faults = check(crm, activity, lambda: secrets.token_hex(16), may_write=may_write)
            return [(fault.point.value, fault.problem) for fault in faults]
        finally:
            close()

    def _rest_keys(self, account: RestAccount, http: LibraryClient) -> Keys:
        from soroe.adapters.crm.keys import ApiKey

        auth = self.profile(account).auth
        method = account.auth.value if account.auth is not None else auth.methods[0]
        if method == CrmAuth.API_KEY.value and auth.api_key is not None:
            return ApiKey(self.secret(account.name), auth.api_key.header, auth.api_key.scheme)
        if method == CrmAuth.OAUTH2.value and auth.oauth2 is not None:
            return self._oauth_keys(account, oauth_client(account, auth.oauth2), http)
        raise LocalTrouble("sign_in_method_not_offered")

    def _oauth_keys(self, account: RestAccount, client: OAuthClient, http: LibraryClient) -> Keys:
        from soroe.adapters.net.oauth import OAuthKeys

        return OAuthKeys(client, http, self._safe(account.name), now_utc)

    def _safe(self, account: str) -> Safe:
        """The account's place in the keychain; one process at a time renews what is in it."""
        from soroe.adapters.net.oauth import Safe

        return Safe(partial(self.secret, account), partial(self.keep_secret, account), partial(self._alone, account))

    # --- one method a kind ---
    def _google(self, account: GoogleAccount) -> Connection:
        from soroe.adapters.google.access import Renewal
        from soroe.adapters.google.calendar import GoogleCalendar

        calendar = GoogleCalendar(
            google_settings(account),
            partial(self.secret, account.name),
            self._pacer(account.name, GOOGLE_QUOTA),
            now=now_utc,
            renewal=Renewal(partial(self.keep_secret, account.name), partial(self._alone, account.name)),
        )
        return Connection(calendar, calendar.writer, calendar.close)

    def _exchange(self, account: ExchangeAccount) -> Connection:
        from soroe.adapters.exchange.calendar import ExchangeCalendar

        settings = exchange_settings(account, self._zone())
        calendar = ExchangeCalendar(settings, partial(self.secret, account.name), now=now_utc)
        return Connection(calendar, calendar.writer, calendar.close)

    def exchange_sign_in(self, account: ExchangeAccount, password: str) -> SignedIn:
        """Find the server and try the password, once; see `adapters.exchange.sign_in`."""
        from soroe.adapters.exchange.sign_in import sign_in

        return sign_in(exchange_settings(account, self._zone()), password, now=now_utc)

    def _microsoft365(self, account: Microsoft365Account) -> Connection:
        from soroe.adapters.microsoft365.calendar import Microsoft365Calendar

        settings = microsoft365_settings(account)
        calendar = Microsoft365Calendar(
            settings,
            partial(self.secret, account.name),
            partial(self.keep_secret, account.name),
            self._pacer(account.name, settings.quota, settings.quota_period),
            now=now_utc,
        )
        return Connection(calendar, calendar.writer, calendar.close)

    def _teams(self, account: TeamsAccount) -> MeetingLinks:
        from soroe.adapters.microsoft365.teams import TeamsMeetings

        settings = teams_settings(account)
        return TeamsMeetings(
            settings,
            partial(self.secret, account.name),
            partial(self.keep_secret, account.name),
            self._pacer(account.name, settings.quota, settings.quota_period),
            now=now_utc,
        )

    def _rest(self, account: RestAccount) -> Connection:
        crm, close = self._rest_crm(account)
        allowance = self._allowance(account)
        upkeep = Upkeep() if allowance is None else Upkeep(allowance.budget, allowance.polling_interval)
        return Connection(crm.reader, crm.writer, close, upkeep)

    def _allowance(self, account: RestAccount) -> DailyAllowance | None:
        """What the account may send in a day, where its CRM says; kept as long as the program runs."""
        from soroe.adapters.net.allowance import DailyAllowance

        per_day = self.profile(account).pace.requests_per_day
        if per_day is None:
            return None
        with self._lock:
            return self._allowances.setdefault(account.name, DailyAllowance(per_day, now_utc))

    def _rest_crm(self, account: RestAccount) -> tuple[RestCrm, Callable[[], None]]:
        """The CRM, and what closes it together with the connection its tokens are renewed over."""
        from soroe.adapters.crm.rest.crm import RestCrm, RestSettings
        from soroe.adapters.crm.service import Line
        from soroe.adapters.net.transport import LibraryClient, RequestCount

        profile = self.profile(account)
        quota = profile.pace.requests_per_minute
        pacer = self._pacer(account.name, quota) if quota is not None else None
        line = Line(pacer=pacer, allowance=self._allowance(account))
        renewing = LibraryClient(RequestCount())
        keys = self._rest_keys(account, renewing)
        zone = self._zone() if profile.user.time_zone is None else ""
        settings = RestSettings(account.base_url, zone, account.tenant, account.email)
        crm = RestCrm(settings, profile, keys, now_utc, line)
        closing = ExitStack()
        closing.callback(renewing.close)
        closing.callback(crm.close)
        return crm, closing.close

    def _pipedrive(self, account: PipedriveAccount) -> Connection:
        from soroe.adapters.crm.keys import ApiKey
        from soroe.adapters.crm.pipedrive.crm import PipedriveCrm, PipedriveSettings
        from soroe.adapters.crm.service import Line

        keys = ApiKey(self.secret(account.name), "x-api-token")
        line = Line(pacer=self._pacer(account.name, PIPEDRIVE_BURST, PIPEDRIVE_SECONDS))
        crm = PipedriveCrm(PipedriveSettings(account.base_url), keys, now_utc, line)
        return Connection(crm.reader, crm.writer, crm.close, Upkeep(lambda: _budget_of(crm), crm.polling_interval))

    def _salesforce(self, account: SalesforceAccount) -> Connection:
        crm, close = salesforce_crm(account, self._safe(account.name), now_utc)
        return Connection(crm.reader, crm.writer, close, Upkeep(crm.budget, crm.polling_interval))

    def _oracle(self, account: OracleAccount) -> Connection:
        crm = self.oracle_crm(account)

        def mirror() -> tuple[Connection, Connection]:
            appointments, events = (Connection(end.reader, end.writer, crm.close) for end in crm.mirror().both)
            return appointments, events

        return Connection(crm.reader, crm.writer, crm.close, mirror=mirror)

    def oracle_crm(self, account: OracleAccount) -> OracleCrm:
        """The account itself; all that are open share one session, and close it together."""
        from .oracle import oracle_crm

        password, pacer = self.secret(account.name), self._pacer(account.name, account.requests_per_minute)
        return oracle_crm(account, password, pacer, self._passports, self._zone())


def _budget_of(crm: PipedriveCrm) -> Budget:
    told = crm.budget()
    return Budget(told.spent, told.limit, told.reset)
