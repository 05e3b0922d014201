"""Who may call: sign-in with company/user and a password, sessions that end, and thirty requests a minute."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from soroe.sandbox.oracle.company import Company
from soroe.sandbox.oracle.records import User
from soroe.sandbox.oracle.refusals import Refusal

MOST_A_MINUTE = 30
MOST_WRONG = 5
IDLE = timedelta(minutes=20)
TOO_FAST = "The maximum rate of requests was exceeded. A maximum of 30 requests per minute is allowed."
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Session:
    """One signed-in session; its minutes are fixed windows from its beginning."""

    token: str
    user_id: str
    began: datetime
    used: datetime
    minute: int = 0
    requests: int = 0


class Access:
    """Decides who calls; the caller of its methods holds one lock."""

    def __init__(self, company: Company, clock: Callable[[], datetime], secret: Callable[[], str]) -> None:
        self.passwords: dict[str, str] = {}
        self.without_privilege: set[str] = set()
        self.wrong: dict[str, int] = {}
        self.signed_in: dict[str, datetime] = {}
        self.limited = True
        self.too_fast_status = 429
        self._company = company
        self._clock = clock
        self._secret = secret
        self._sessions: dict[str, Session] = {}

    def sign_in(self, authorization: str) -> tuple[Session, User]:
        """Opens a session; raises 401 for a wrong sign-in or a locked user, 403 without the privilege."""
        name, password = _basic(authorization)
        user = next((u for u in self._company.users.values() if u.sign_in.casefold() == name.casefold()), None)
        if user is None:
            raise _wrong()
        if self.wrong.get(user.id, 0) >= MOST_WRONG:
            raise Refusal(401, "The user is locked out after too many sign-ins that failed.")
        if self.passwords[user.id] != password:
            self.wrong[user.id] = self.wrong.get(user.id, 0) + 1
            raise _wrong()
        self.wrong.pop(user.id, None)
        if user.id in self.without_privilege:
            title = "The user's role lacks the privilege %1."
            privilege = "Restful Services Integration"
            raise Refusal(403, title, f"The user's role lacks the privilege {privilege}.", "", privilege)
        now = self._clock()
        session = Session(self._secret(), user.id, now, now)
        self._sessions[session.token] = session
        return session, user

    def caller(self, token: str) -> User:
        """Counts the request and returns who makes it; raises 403 without a session, and when it comes too fast."""
        now = self._clock()
        session = self._sessions.get(token)
        if session is None or now - session.used > IDLE:
            self._sessions.pop(token, None)
            raise Refusal(403, "The session is not valid. Request a new session.")
        session.used = now
        self._count(session, now)
        return self._company.users[session.user_id]

    def sign_off(self, token: str) -> None:
        """Ends the session; one that is not there is as good as ended."""
        self._sessions.pop(token, None)

    def end_sessions(self, user_id: str | None = None) -> None:
        self._sessions = {t: s for t, s in self._sessions.items() if user_id is not None and s.user_id != user_id}

    @property
    def open_sessions(self) -> int:
        return len(self._sessions)

    def _count(self, session: Session, now: datetime) -> None:
        minute = (now - session.began) // _MINUTE
        if minute != session.minute:
            session.minute, session.requests = minute, 0
        session.requests += 1
        if self.limited and session.requests > MOST_A_MINUTE:
            raise Refusal(self.too_fast_status, TOO_FAST)


def _wrong() -> Refusal:
    return Refusal(401, "The user sign-in ID or the password is not valid.")


def _basic(header: str) -> tuple[str, str]:
    """The name and the password of a Basic header; raises 401."""
    scheme, _, coded = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _wrong() from None
    if scheme.lower() != "basic" or not colon:
        raise _wrong()
    return name, password
