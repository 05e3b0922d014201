"""A service of online meetings in memory."""

from __future__ import annotations

from soroe.ports.errors import PortError
from soroe.ports.meeting_links import LinkWanted, MeetingLink
from soroe.ports.remote import Identity


class Rooms:
    """One account of the service; `closed` counts how often it was closed."""

    def __init__(self) -> None:
        self.made: list[LinkWanted] = []
        self.after_create: PortError | None = None
        self.refuses: PortError | None = None
        self.closed = 0

    def identity(self) -> Identity:
        return Identity("sato", "sato@example.com")

    def create(self, wanted: LinkWanted) -> MeetingLink:
        if self.refuses is not None:
            raise self.refuses
        self.made.append(wanted)
        if self.after_create is not None:
            raise self.after_create
        return self._link(len(self.made))

    def find(self, wanted: LinkWanted) -> MeetingLink | None:
        return next((self._link(n) for n, made in enumerate(self.made, 1) if made.seed == wanted.seed), None)

    def remove(self, link: str) -> None:
        self.made.pop(int(link) - 1)

    def close(self) -> None:
        self.closed += 1

    @staticmethod
    def _link(number: int) -> MeetingLink:
        return MeetingLink(str(number), f"https://rooms.example/j/{number}")
