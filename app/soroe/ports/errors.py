"""The errors of every port, named by what the engine must do about them.

Each adapter translates its vendor's errors once, in its own `errors.py`. The texts in them are for logs: they hold
codes and ids, never titles, guests or tokens; `service_message` is the one exception and is never logged.
"""

from __future__ import annotations

from datetime import datetime


class PortError(Exception):
    """Something outside did not do what we asked."""


class RetryLater(PortError):
    """Try again after `after` seconds (None: the scheduler's own back-off).

    `outcome_unknown`: the request was sent and its answer was lost, so a write may have happened.
    """

    def __init__(self, reason: str, after: float | None = None, *, outcome_unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.outcome_unknown = outcome_unknown


class LimitReached(PortError):
    """A quota is used up until `until` (UTC); nothing more is sent before."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until


class SignInRequired(PortError):
    """The user must sign in again. `code` is the service's own, `reference` its number of the refused request."""

    def __init__(self, code: str, reference: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reference = reference


class ConsentMissing(PortError):
    """A permission was not granted: sign in again and grant it. `permission` is the scope's own name, `reference` the
    service's number of the refused request."""

    def __init__(self, permission: str, reference: str = "") -> None:
        super().__init__(permission)
        self.permission = permission
        self.reference = reference


class AdminRequired(PortError):
    """The organisation's IT blocks this; `code` and `reference` (the service's number of the refused request, by which
    its log is searched) are for the message to them."""

    def __init__(self, code: str, reference: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reference = reference


class ItemRejected(PortError):
    """The service refuses this one item as it is; it is tried again when either side changes."""

    def __init__(self, code: str, field: str | None = None, service_message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.service_message = service_message


class ReadOnly(PortError):
    """This item or calendar takes no changes from us: it is one-way. `cause` is a value of `ReadOnlyCause`."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class ChangedMeanwhile(PortError):
    """The item is no longer in the state the write was decided on: read both sides again and decide anew."""


class Gone(PortError):
    """The item does not exist, as far as the service tells us."""


class CursorExpired(PortError):
    """The change feed cannot go on from here: list everything again and compare."""


class LocalTrouble(PortError):
    """Something on this machine stands in the way: keychain, disk, clock. `code` says what."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ServiceFault(PortError):
    """The service or our use of it is broken in a way that repeating does not mend; the item is parked and logged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


ACCOUNT_TROUBLE = (RetryLater, LimitReached, SignInRequired, ConsentMissing, AdminRequired, LocalTrouble)
"""Errors that concern the whole account: the run stops there and goes on later."""
