"""The Pipedrive-shaped sandbox as tests and the demo hold it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from soroe.sandbox.crm.pages import Pages
from soroe.sandbox.crm.sign_in import Client, SignIn
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.pipedrive.access import SCOPES, Access
from soroe.sandbox.pipedrive.activity import LOCATION_PARTS, Activity, ActivityType, User
from soroe.sandbox.pipedrive.api import Api
from soroe.sandbox.pipedrive.budget import Budget, Plan
from soroe.sandbox.pipedrive.store import Store
from soroe.sandbox.server import LoopbackServer
from soroe.sandbox.site import Site

CLIENT_ID = "soroe-marketplace-app"
REDIRECT = "http://127.0.0.1:53682/callback"
FOR_PRACTICE = "sandbox"
_TYPES = (
    ("call", "Call"),
    ("meeting", "Meeting"),
    ("task", "Task"),
    ("deadline", "Deadline"),
    ("email", "Email"),
    ("lunch", "Lunch"),
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PipedriveSandbox(OnLoopback):
    """A server shaped like Pipedrive on loopback, from `start` to `stop` (or as a context manager).

    `clock` tells aware UTC times; `secret` makes tokens. The `user_…` methods act as a person in Pipedrive's own web
    page. Limits are counted from the start, and refuse only after `enforce_limits`. The OAuth program is registered
    with one address (`REDIRECT`, or `redirect`), a secret (`client_secret`) and fixed scopes, as Pipedrive does it.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = _utc_now,
        port: int = 0,
        secret: Callable[[], str] = secrets.token_urlsafe,
        redirect: str = REDIRECT,
    ) -> None:
        self._lock = threading.RLock()
        self._secret = secret
        self._store = Store(clock)
        self._passwords: dict[str, str] = {}
        self._sign_in = SignIn(clock, secret, SCOPES, self._check_password)
        self.client_secret = secret()
        self._sign_in.clients[CLIENT_ID] = Client(CLIENT_ID, "Soroe", self.client_secret, (redirect,))
        self._access = Access(self._store, self._sign_in)
        self._budget = Budget(clock)
        self._api = Api(self._store, self._access, self._budget, self._lock, "sandbox")
        app = Site("soroe.sandbox.pipedrive", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        self._api.install(app)
        Pages(self._sign_in, self._lock, "Sandbox Pipedrive", self._passwords).install(app)
        self.server = LoopbackServer(app, port, clock=clock)
        for key, name in _TYPES:
            self.add_activity_type(key, name)

    # ------------------------------------------------------------------ the server
    def start(self) -> Self:
        super().start()
        self._sign_in.more_in_answers["api_domain"] = self.url
        return self

    @property
    def authorization_endpoint(self) -> str:
        return self.url + "/oauth/authorize"

    @property
    def token_endpoint(self) -> str:
        return self.url + "/oauth/token"

    @property
    def tokens_spent(self) -> int:
        """The tokens of the company's daily budget spent since the last midnight."""
        with self._lock:
            return self._budget.spent

    # ------------------------------------------------------------------ the company
    def add_user(
        self,
        email: str = "sato@example.com",
        name: str = "Sato",
        time_zone: str = "Asia/Tokyo",
        password: str = FOR_PRACTICE,
    ) -> User:
        with self._lock:
            user = User(len(self._store.users) + 1, email, name, time_zone, password)
            self._store.users[user.id] = user
            self._passwords[email] = password
            return user

    def add_activity_type(self, key: str, name: str, active: bool = True) -> None:
        """Adds a type, or changes the one with this key."""
        with self._lock:
            known = self._store.types.get(key)
            number = known.id if known else len(self._store.types) + 1
            self._store.types[key] = ActivityType(number, key, name, active)

    def geocodes(self, typed: str, value: str, **parts: str) -> None:
        """Makes the server rewrite the place `typed` to `value` with the given parts, as its geocoder does."""
        with self._lock:
            self._store.places[typed] = {"value": value, **{part: parts.get(part) for part in LOCATION_PARTS}}

    # ------------------------------------------------------------------ the user in the web page
    def user_creates(
        self,
        user: User,
        subject: str,
        start: date | datetime,
        duration: timedelta | None = None,
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Activity:
        """Creates an activity. `start` is a date, an aware datetime, or a naive one in the user's zone."""
        with self._lock:
            given = {"type": "meeting", "subject": subject, **_when(start, duration, user), **_members(fields)}
            more = {"conference": given.pop("conference")} if "conference" in given else {}
            return self._store.create(user, given, **more)

    def user_changes(
        self,
        activity_id: int,
        start: date | datetime | None = None,
        duration: timedelta | None = None,
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Activity:
        """Changes the given members; a new start without a duration keeps the old duration."""
        with self._lock:
            given = _members(fields)
            if start is not None:
                owner = self._store.users[self._store.get(activity_id).fields.owner_id]
                given |= _when(start, duration, owner)
            elif duration is not None:
                given["duration"] = _length(duration)
            return self._store.change(activity_id, given)

    def user_deletes(self, activity_id: int) -> None:
        with self._lock:
            self._store.delete(activity_id)

    def user_restores(self, activity_id: int) -> Activity:
        with self._lock:
            return self._store.undelete(activity_id)

    def user_reassigns(self, activity_id: int, to: User) -> Activity:
        """Gives the activity to another owner; it vanishes from the first owner's list without a trace."""
        with self._lock:
            return self._store.change(activity_id, {"owner_id": to.id})

    def activities(self, owner: User | None = None) -> list[Activity]:
        """Returns the live activities, of one owner or of all, in the order of their creation."""
        with self._lock:
            return [a for a in self._store.live() if owner is None or a.fields.owner_id == owner.id]

    def activity(self, activity_id: int) -> Activity:
        """Returns one activity, also a deleted one within 30 days."""
        with self._lock:
            return self._store.get(activity_id)

    # ------------------------------------------------------------------ access
    def api_token_for(self, user: User) -> str:
        """Returns the user's API token, making it new: the old one dies."""
        with self._lock:
            self._access.tokens = {t: owner for t, owner in self._access.tokens.items() if owner != user.id}
            token = self._secret()
            self._access.tokens[token] = user.id
            return token

    def revoke_consents(self, user: User) -> None:
        with self._lock:
            self._sign_in.revoke_user(str(user.id))

    def expire_access_tokens(self) -> None:
        with self._lock:
            self._sign_in.expire_access_tokens()

    def withdraw_permission(self, user: User, scope: str) -> None:
        with self._lock:
            self._access.without.add((user.id, scope))

    def suspend_account(self, suspended: bool = True) -> None:
        self._access.suspended = suspended

    # ------------------------------------------------------------------ limits and trouble
    def enforce_limits(self, plan: Plan = Plan.LITE, seats: int = 1, zone: str = "UTC") -> None:
        """Refuses from now on what the plan does not allow; the day ends at midnight in `zone`."""
        with self._lock:
            self._budget.plan, self._budget.seats, self._budget.zone = plan, seats, zone
            self._budget.enforced = True

    def hide_daily_headers(self) -> None:
        """Leaves out the two headers about the daily budget, as Pipedrive does at times."""
        self._budget.daily_headers = False

    def spend_daily_budget(self) -> None:
        """Uses up the company's tokens of today."""
        with self._lock:
            self._budget.spend_all()

    def block_network(self) -> None:
        """Answers everybody with a 403 web page for a quarter of an hour."""
        with self._lock:
            self._budget.block()

    def list_nothing(self, times: int = 1) -> None:
        """Makes the next lists of activities come back empty though there are some."""
        with self._lock:
            self._api.empty_lists = times

    def refuse_long_durations(self) -> None:
        """Refuses durations of a day and longer."""
        self._store.long_durations = False

    def _check_password(self, email: str, password: str) -> str | None:
        for user in self._store.users.values():
            if user.email.casefold() == email.strip().casefold() and user.password == password:
                return str(user.id)
        return None


def _when(start: date | datetime, duration: timedelta | None, user: User) -> dict[str, Any]:
    """Turns a wall-clock start into Pipedrive's date and time, which are UTC as soon as there is a time."""
    length = {"duration": _length(duration)} if duration is not None else {}
    if not isinstance(start, datetime):
        return {"due_date": start, "due_time": None, **length}
    local = start if start.tzinfo is not None else start.replace(tzinfo=ZoneInfo(user.time_zone))
    utc = local.astimezone(UTC)
    return {"due_date": utc.date(), "due_time": f"{utc:%H:%M:%S}", **length}


def _length(duration: timedelta) -> str:
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def _members(fields: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(fields)
    if isinstance(given.get("location"), str):
        given["location"] = {"value": given["location"], **dict.fromkeys(LOCATION_PARTS)}
    for name in ("attendees", "participants"):
        if name in given:
            given[name] = tuple(given[name])
    return given
