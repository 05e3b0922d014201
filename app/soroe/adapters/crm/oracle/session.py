"""A session at Oracle CRM On Demand: entered with user name and password, kept, renewed once, left at the end."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from soroe.adapters.crm.documents import Malformed, at, id_at, text_at
from soroe.adapters.crm.service import Call, Service
from soroe.adapters.net.exchange import Answer
from soroe.ports.errors import PortError, ServiceFault, SignInRequired

from .errors import login_refusal, refusal
from .says import says_so, session_ended
from .times import Dial, Problem, judged

MEDIA = "application/vnd.oracle.adf.resource+json"
CONNECTION = "OnDemand/user/Rest/Connection"
LONGEST_PASSWORD = 1_000
_COOKIE = re.compile(r"JSESSIONID=([^;,\s]{1,500})")
_BARE = re.compile(r"[^;,\s=]{1,500}")


class NoKeys:
    """The session travels with each call; nothing else proves who we are."""

    def headers(self) -> Mapping[str, str]:
        """None."""
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Never: a session is renewed where it is kept."""
        return False


@dataclass(frozen=True, slots=True)
class Person:
    """Who entered, as the service says: the user's id and sign-in name, and the service's own time."""

    id: str
    name: str
    told_time: str
    at: datetime


class Passport:
    """The session that all connections of one account share: a company has few of them.

    A password that was refused is not tried again by anybody who holds this.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.session = ""
        self.person: Person | None = None
        self.refused: SignInRequired | None = None
        self.holders = 0


class Session:
    """Sends calls within the session. `user` is "company/user"; `clock` tells aware UTC times. Raises port errors."""

    def __init__(
        self, service: Service, user: str, password: str, clock: Callable[[], datetime], passport: Passport
    ) -> None:
        self._service = service
        self._proof = f"{user}:{password}"
        self._clock = clock
        self._passport = passport
        self._open = False
        self._served: datetime | None = None

    @property
    def requests_sent(self) -> int:
        """Requests that left since the counter was made."""
        return self._service.requests_sent

    def send(self, call: Call) -> Answer:
        """The answer of a call that succeeded; a session that ended is entered anew once, and the call repeated."""
        session = self._entered()
        answer = self._within(session, call)
        if session_ended(answer):
            answer = self._within(self._anew(session, left=not says_so(answer)), call)
        self._served = _date(answer, self._clock())
        if 200 <= answer.status < 300:
            return answer
        raise refusal(answer, self._clock(), writes=call.method != "GET")

    def person(self, *, anew: bool = False) -> Person:
        """Who is signed in; with `anew`, the service is asked by entering again."""
        if anew:
            self.leave()
        self._entered()
        found = self._passport.person
        if found is None:
            raise ServiceFault("connection_without_user")
        return found

    def times_problem(self, dial: Dial) -> Problem | None:
        """What keeps `dial` from telling the service's own time as the service did; None also where it did not."""
        person = self.person()
        return judged(person.told_time, person.at, dial) if person.told_time else None

    def served_at(self, otherwise: datetime) -> datetime:
        """The service's own clock (UTC) at its last answer."""
        return self._served or otherwise

    def leave(self) -> None:
        """Log off, so that the session does not count any more."""
        with self._passport.lock:
            session, self._passport.session, self._passport.person = self._passport.session, "", None
        if session:
            self._within(session, Call("GET", CONNECTION, (("action", "logoff"),)))

    def close(self) -> None:
        """Log off, if nobody else is within the session."""
        with self._passport.lock:
            self._passport.holders -= 1 if self._open else 0
            self._open, last = False, self._passport.holders <= 0
        if last:
            try:
                self.leave()
            except PortError:
                return  # a session that nobody leaves ends by itself

    def _within(self, session: str, call: Call) -> Answer:
        headers = {"Accept": MEDIA, **call.headers, "Cookie": f"JSESSIONID={session}"}
        return self._service.send(replace(call, headers=headers))

    def _entered(self) -> str:
        with self._passport.lock:
            if not self._open:
                self._open = True
                self._passport.holders += 1
            if not self._passport.session:
                self._enter()
            return self._passport.session

    def _anew(self, ended: str, *, left: bool) -> str:
        """Another session than this one. One that may still live is left first: a company has few of them."""
        with self._passport.lock:
            if self._passport.session == ended:
                if left:
                    self.leave()
                self._passport.session = ""
            return self._entered()

    def _enter(self) -> None:
        """The only place that sends the password: once, and never again when it is refused."""
        passport = self._passport
        if passport.refused is not None:
            raise passport.refused
        answer = self._service.send(Call("GET", CONNECTION, headers={"Accept": MEDIA, "Authorization": self._basic()}))
        if not 200 <= answer.status < 300:
            trouble = login_refusal(answer, self._clock())
            if isinstance(trouble, SignInRequired):
                passport.refused = trouble
            raise trouble
        passport.session = _session_in(answer)
        passport.person = self._person_in(answer)

    def _basic(self) -> str:
        user, _, password = self._proof.partition(":")
        if not user or not password or len(password) > LONGEST_PASSWORD:
            raise SignInRequired("not_signed_in")
        return "Basic " + base64.b64encode(self._proof.encode()).decode("ascii")

    def _person_in(self, answer: Answer) -> Person:
        told = at(answer.document(), "Connection")
        try:
            name = text_at(told, "UserLoginId", 320)
            own = id_at(told, "UserId")
            return Person(own, name or own, text_at(told, "ServerDate", 40), _date(answer, self._clock()))
        except Malformed as error:
            raise ServiceFault(f"connection_{error.field}") from error


def _session_in(answer: Answer) -> str:
    """The session of an answer: the guide speaks of a header, servers set a cookie."""
    cookie = _COOKIE.search(answer.headers.get("set-cookie", ""))
    if cookie is not None:
        return cookie.group(1)
    for name in ("jsessionid", "jsession"):
        value = answer.headers.get(name, "").strip()
        found = _COOKIE.search(value) or _BARE.fullmatch(value)
        if found is not None:
            return found.group(found.lastindex or 0)
    raise ServiceFault("connection_without_session")


def _date(answer: Answer, otherwise: datetime) -> datetime:
    try:
        found = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, IndexError):
        return otherwise
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
