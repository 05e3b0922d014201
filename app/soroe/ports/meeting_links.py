"""Services that hold a meeting online: what a synced activity's location can be (Zoom, Teams)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .remote import Identity


@dataclass(frozen=True, slots=True)
class LinkWanted:
    """The meeting that a link is for. `start` is an aware UTC time, `zone` the IANA zone it is shown in.

    `repeats`: the link is for every occurrence of a series. `seed` is the same for every try of one wish.
    """

    topic: str
    start: datetime
    minutes: int
    zone: str
    seed: str
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class MeetingLink:
    """A meeting that was made: its id at the service, as text, and the address that guests join at.

    The host's own address is a secret and never leaves the adapter.
    """

    id: str
    join_url: str


class MeetingLinks(Protocol):
    """One signed-in account of such a service. Every call may raise the account errors of the port."""

    def identity(self) -> Identity:
        """Who is signed in, asked of the service; also the proof that the connection works."""
        ...

    def create(self, wanted: LinkWanted) -> MeetingLink:
        """Make the meeting. Nobody is invited and nobody is mailed (S-5).

        `RetryLater(outcome_unknown=True)` when the answer was lost: then `find` tells.
        """
        ...

    def find(self, wanted: LinkWanted) -> MeetingLink | None:
        """The meeting that an earlier `create` of the same wish has made, if it has."""
        ...

    def remove(self, link: str) -> None:
        """Delete the meeting with this id, without a mail to anybody; one that is gone counts as deleted."""
        ...

    def close(self) -> None:
        """End the connections; a later call opens new ones."""
        ...
