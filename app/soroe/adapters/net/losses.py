"""The two ways in which a request can fail: before it left this machine, or afterwards."""

from __future__ import annotations


class AnswerLost(OSError):
    """A request left this machine and no whole answer came back: it may have been carried out."""


class NotReached(OSError):
    """No connection came about: the request never left this machine."""
