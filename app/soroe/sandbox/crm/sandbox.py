"""The sandbox CRM as tests and the demo hold it: start it, act as the user in its web page, ask what it saw."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.crm.access import SCOPES, Access, Limit
from soroe.sandbox.crm.activity import (
    Activity,
    ActivityType,
    BookingPage,
    Content,
    Day,
    Guest,
    Mail,
    Moment,
    ReadOnlyCause,
    Time,
    Tombstone,
    User,
)
from soroe.sandbox.crm.api import PREFIX, Api
from soroe.sandbox.crm.feed import Cursors, Lie
from soroe.sandbox.crm.health import Health
from soroe.sandbox.crm.listing import Listing
from soroe.sandbox.crm.pages import Pages
from soroe.sandbox.crm.sign_in import Client, SignIn
from soroe.sandbox.crm.store import Rule, Store
from soroe.sandbox.crm.validation import NewActivity
from soroe.sandbox.crm.writing import Writing
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.server import LoopbackServer
from soroe.sandbox.site import Site

CLIENT_ID = "soroe-desktop"
FOR_PRACTICE = "sandbox"
_OF_THE_CRM = ("related", "organizer_email", "organizer_name", "read_only_cause", "series_id", "original_start")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class CrmSandbox(OnLoopback):
    """A CRM that serves the generic contract on loopback, from `start` to `stop` (or as a context manager).

    `clock` tells aware UTC times; `secret` makes keys and tokens. `faults` and `requests` are those of its server.
    The `user_…` methods act as a person in the CRM's own web page: they mail nobody and need no permission. Times are
    dates (an all-day end is the day after the last), aware datetimes whose tzinfo is a ZoneInfo or UTC, or naive ones
    in the user's own zone.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = _utc_now,
        port: int = 0,
        secret: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._lock = threading.RLock()
        self._secret = secret
        self._store = Store(clock)
        self._passwords: dict[str, str] = {}
        self._sign_in = SignIn(clock, secret, SCOPES, self._check_password)
        self._sign_in.clients[CLIENT_ID] = Client(CLIENT_ID, "Soroe")
        self._access = Access(clock, self._sign_in)
        self._listing = Listing(self._store, Cursors(secret().encode()))
        app = Site("soroe.sandbox.crm", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        writing, health = Writing(self._store), Health(self._store)
        Api(self._store, self._access, self._listing, writing, health, self._lock).install(app)
        Pages(self._sign_in, self._lock, "Sandbox CRM", self._passwords).install(app)
        self.server = LoopbackServer(app, port, clock=clock)
        for key, name in (("call", "Call"), ("meeting", "Meeting"), ("task", "Task"), ("lunch", "Lunch")):
            self.add_activity_type(key, name)

    # ------------------------------------------------------------------ the server
    @property
    def base_url(self) -> str:
        """What an account's base_url names."""
        return self.url + PREFIX

    @property
    def authorization_endpoint(self) -> str:
        return self.url + "/oauth/authorize"

    @property
    def token_endpoint(self) -> str:
        return self.url + "/oauth/token"

    @property
    def mails_sent(self) -> list[Mail]:
        """What guests would have got; empty as long as every write says notify_guests=false."""
        with self._lock:
            return list(self._store.mails)

    # ------------------------------------------------------------------ the company
    def add_user(
        self,
        email: str = "sato@example.com",
        name: str = "Sato",
        time_zone: str = "Asia/Tokyo",
        password: str = FOR_PRACTICE,
    ) -> User:
        with self._lock:
            user = User(f"usr_{len(self._store.users) + 1}", email, name, time_zone, password)
            self._store.users[user.id] = user
            self._passwords[email] = password
            return user

    def add_activity_type(self, key: str, name: str, active: bool = True) -> None:
        """Adds a type, or changes the one with this key."""
        with self._lock:
            self._store.types[key] = ActivityType(key, name, active)

    def add_booking_page(
        self,
        name: str,
        owner: User,
        members: tuple[User, ...],
        mode: str = "all_members",
        locations: tuple[str, ...] = (),
    ) -> BookingPage:
        with self._lock:
            ids = tuple(member.id for member in members)
            page = BookingPage(f"page_{len(self._store.pages) + 1}", name, owner.id, mode, ids, locations)
            self._store.pages[page.id] = page
            return page

    def change_booking_page(self, page: BookingPage) -> None:
        """Stores the page under its id."""
        with self._lock:
            self._store.pages[page.id] = page

    def health_of(self, user: User) -> list[dict[str, Any]] | None:
        """Returns the connections the user last reported, or nothing."""
        with self._lock:
            known = self._store.health.get(user.id)
            return known[1] if known else None

    # ------------------------------------------------------------------ the user in the web page
    def user_creates(
        self,
        user: User,
        subject: str,
        start: date | datetime,
        end: date | datetime,
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Activity:
        """Creates an activity. `fields` are members of Content, or related, organizer_…, read_only_cause, series_id,
        original_start."""
        with self._lock:
            given = _convert({"type": "meeting", "subject": subject, "start": start, "end": end, **fields}, user)
            more = {name: given.pop(name) for name in _OF_THE_CRM if name in given}
            new = NewActivity(Content(**given), more.pop("series_id", None), more.pop("original_start", None))
            return self._store.create(user, new, notify=False, **more)

    def user_changes(self, activity_id: str, **fields: Any) -> Activity:  # noqa: ANN401 - members of several types
        """Changes members of Content, or related, organizer_…, read_only_cause."""
        with self._lock:
            activity = self._store.get(activity_id)
            given = _convert(fields, self._store.users[activity.owner_id])
            more = {name: given.pop(name) for name in _OF_THE_CRM if name in given}
            return self._store.change(activity, replace(activity.content, **given), notify=False, **more)

    def user_deletes(self, activity_id: str) -> None:
        with self._lock:
            self._store.delete(self._store.get(activity_id), notify=False)

    def user_restores(self, activity_id: str) -> Activity:
        with self._lock:
            activity = self._store.buried(activity_id) or self._store.get(activity_id)
            return self._store.restore(activity.owner_id, activity_id, notify=False)

    def user_reassigns(self, activity_id: str, to: User) -> Activity:
        with self._lock:
            return self._store.reassign(self._store.get(activity_id), to)

    def locks(self, activity_id: str) -> Activity:
        """Makes the activity read only, as a closed deal does."""
        return self.user_changes(activity_id, read_only_cause=ReadOnlyCause.LOCKED)

    def activities(self, owner: User | None = None) -> list[Activity]:
        """Returns the live activities, of one owner or of all, in the order of their creation."""
        with self._lock:
            live = [a for a in self._store.live.values() if owner is None or a.owner_id == owner.id]
        return sorted(live, key=lambda activity: int(activity.id.removeprefix("act_")))

    def activity(self, activity_id: str) -> Activity:
        with self._lock:
            return self._store.get(activity_id)

    def tombstones(self) -> list[Tombstone]:
        with self._lock:
            return self._store.tombstones()

    # ------------------------------------------------------------------ access
    def api_key_for(self, user: User) -> str:
        """Returns a new API key of the user."""
        with self._lock:
            key = self._secret()
            self._access.keys[key] = user.id
            return key

    def revoke_access(self, user: User) -> None:
        """Ends the user's API keys and every consent."""
        with self._lock:
            self._access.keys = {key: owner for key, owner in self._access.keys.items() if owner != user.id}
            self._sign_in.revoke_user(user.id)

    def expire_access_tokens(self) -> None:
        with self._lock:
            self._sign_in.expire_access_tokens()

    def withdraw_permission(self, user: User, scope: str) -> None:
        with self._lock:
            self._access.withdrawn.add((user.id, scope))

    def grant_permission(self, user: User, scope: str) -> None:
        with self._lock:
            self._access.withdrawn.discard((user.id, scope))

    def block_by_admin(self, blocked: bool = True) -> None:
        self._access.blocked = blocked

    def suspend_account(self, suspended: bool = True) -> None:
        self._access.suspended = suspended

    def limit_rate(self, requests: int, seconds: float) -> None:
        """Allows `requests` per key in any `seconds` of the clock, from now on."""
        self._access.limit = Limit(requests, seconds)

    def limit_day(self, requests: int | None) -> None:
        """Allows `requests` a UTC day for the whole company."""
        self._access.daily_limit = requests

    # ------------------------------------------------------------------ trouble
    def reject_subjects(self, word: str, message: str) -> None:
        """Adds a company's validation rule: subjects that hold `word` are refused with `message`."""
        with self._lock:
            self._store.rules.append(Rule(word, message))

    def accept_all_subjects(self) -> None:
        with self._lock:
            self._store.rules.clear()

    def lie(self, lie: Lie) -> None:
        """Makes one coming listing lie."""
        with self._lock:
            self._listing.lies.append(lie)

    def expire_cursors(self) -> None:
        """Makes every cursor handed out so far expire."""
        with self._lock:
            self._listing.generation += 1

    def _check_password(self, email: str, password: str) -> str | None:
        for user in self._store.users.values():
            if user.email.casefold() == email.strip().casefold() and user.password == password and user.active:
                return user.id
        return None


def _convert(fields: Mapping[str, Any], user: User) -> dict[str, Any]:
    given = dict(fields)
    for name in ("start", "end", "original_start"):
        if name in given:
            given[name] = _time(given[name], user.time_zone)
    if "guests" in given:
        given["guests"] = tuple(g if isinstance(g, Guest) else Guest(g) for g in given["guests"])
    if "recurrence" in given:
        given["recurrence"] = tuple(given["recurrence"])
    return given


def _time(value: date | datetime | Day | Moment, zone: str) -> Time:
    if isinstance(value, (Day, Moment)):
        return value
    if not isinstance(value, datetime):
        return Day(value)
    if value.tzinfo is None:
        return Moment(value, zone)
    if value.tzinfo is UTC:
        return Moment(value.replace(tzinfo=None), "UTC")
    if isinstance(value.tzinfo, ZoneInfo):
        return Moment(value.replace(tzinfo=None), str(value.tzinfo))
    raise ValueError("Give the sandbox a time with a ZoneInfo or UTC: a bare offset names no zone.")
