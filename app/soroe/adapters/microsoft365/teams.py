"""Teams meetings that stand in no calendar, over Graph; an implementation of `MeetingLinks`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.reading import Json
from soroe.adapters.net.transport import Network
from soroe.ports.errors import AdminRequired, ConsentMissing, ItemRejected, ReadOnly, ServiceFault
from soroe.ports.meeting_links import LinkWanted, MeetingLink
from soroe.ports.remote import Identity

from .errors import Refused
from .session import Call, Session
from .settings import MEETINGS_SCOPE, READ_CALENDAR_SCOPE, USER_SCOPE, Microsoft365Settings

TEAMS = "teamsForBusiness"
NOT_LICENSED = "teams_not_licensed"
POLICY = "teams_policy"
_MEETINGS = "me/onlineMeetings"
_MISSING = frozenset({"NotFound", "ItemNotFound"})


class TeamsMeetings:
    """One account's Teams meetings. `settings` ask for the permissions of Teams (`TEAMS_NEEDED`, `TEAMS_WANTED`).

    `secret`, `keep`, `pacer` and `now` are those of `Microsoft365Calendar`.
    """

    def __init__(
        self,
        settings: Microsoft365Settings,
        secret: Callable[[], str],
        keep: Callable[[str], None],
        pacer: Pacer,
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
    ) -> None:
        self._session = Session(settings, secret, keep, pacer, now=now, network=network)

    def close(self) -> None:
        """Drop the kept connections; a later call opens new ones."""
        self._session.close()

    def identity(self) -> Identity:
        """Who is signed in. Raises `AdminRequired("teams_not_licensed")` for an account that has no Teams."""
        known = self._session.tokens.account()
        user = self._session.json(Call("GET", "me", "$select=id,mail,userPrincipalName", scope=USER_SCOPE))
        self._check_licence()
        name = user.get("mail") or user.get("userPrincipalName") or known.name
        return Identity(known.key, str(name))

    def create(self, wanted: LinkWanted) -> MeetingLink:
        """Make the meeting, or give the one of the same seed; see `MeetingLinks.create`.

        A series gets the times of its first occurrence: Graph knows no series here, and the address stays good.
        """
        start = wanted.start.astimezone(UTC)
        body: Json = {
            "externalId": wanted.seed,
            "subject": wanted.topic,
            "startDateTime": _moment(start),
            "endDateTime": _moment(start + timedelta(minutes=wanted.minutes)),
        }
        call = Call("POST", f"{_MEETINGS}/createOrGet", body=body, scope=MEETINGS_SCOPE)
        answer = self._session.send(call)
        if answer.ok:
            return _link(answer.json(call))
        refused = self._session.refusal(call, answer)
        trouble = self._session.trouble(refused)
        if answer.status == 403 and isinstance(trouble, ReadOnly | ServiceFault):
            trouble = AdminRequired(POLICY)  # the permission was given, so it is the organisation that says no
        raise trouble from refused

    def find(self, wanted: LinkWanted) -> MeetingLink | None:
        """The meeting of this seed. Graph has one call for looking and making, so there always is one afterwards."""
        return self.create(wanted)

    def remove(self, link: str) -> None:
        """Delete a meeting; nobody was invited to it, so nobody is told."""
        if not link:
            raise ServiceFault("link_without_id")
        call = Call("DELETE", f"{_MEETINGS}/{quote(link, safe='')}", scope=MEETINGS_SCOPE)
        answer = self._session.send(call)
        if answer.ok:
            return
        refused = self._session.refusal(call, answer)
        if not _is_gone(refused):
            raise self._session.trouble(refused) from refused

    def _check_licence(self) -> None:
        """Whether the account has Teams, as its calendar tells.

        Not told where that may not be read, nor where the mailbox is on a server of the company's own: there Teams
        works all the same, and only a refused meeting says that it does not.
        """
        call = Call("GET", "me/calendar", "$select=allowedOnlineMeetingProviders", scope=READ_CALENDAR_SCOPE)
        try:
            told = self._session.json(call)
        except ConsentMissing:
            return
        except AdminRequired as trouble:
            if trouble.code.startswith("no_mailbox:"):
                return
            raise
        allowed = told.get("allowedOnlineMeetingProviders")
        if isinstance(allowed, list) and TEAMS not in allowed:
            raise AdminRequired(NOT_LICENSED)


def _link(told: Json) -> MeetingLink:
    """The id and the guests' address; what is no https address is not passed on."""
    key, address = told.get("id"), told.get("joinWebUrl")
    if not (isinstance(key, str) and key):
        raise ServiceFault("answer_without_id")
    if not isinstance(address, str) or not _is_https(address):
        raise ItemRejected("link_is_no_address", "joinWebUrl")
    return MeetingLink(key, address)


def _is_https(address: str) -> bool:
    return urlsplit(address).scheme == "https" and address.isascii() and not any(mark.isspace() for mark in address)


def _is_gone(refused: Refused) -> bool:
    """Graph's own word that there is no such meeting; a 404 of something in between does not count."""
    return refused.is_gone or (refused.status == 404 and bool(_MISSING.intersection(refused.codes)))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
