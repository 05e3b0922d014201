"""What Exchange says."""

from __future__ import annotations

from datetime import UTC, datetime

from exchangelib import errors as of  # type: ignore[import-untyped] # it publishes no typing information

from soroe.core.event import ReadOnlyCause
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    CursorExpired,
    Gone,
    ItemRejected,
    LimitReached,
    PortError,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .case import PAGE, Ask, Case, Http, Raised, Soap

CHANGE = Ask.CHANGE
LATER = datetime(2026, 5, 12, tzinfo=UTC)
READ_ONLY = ReadOnlyCause.READ_ONLY_CONTAINER.value
LOCKED = b"The referenced account is currently locked out and may not be logged on to."
ONLINE = {"X-OWA-Version": "15.20.9000.1"}


def items(row: str, codes: str, means: type[PortError], *, fault: bool = False) -> tuple[Case, ...]:
    """A change that is refused with each of these codes, which stand for themselves."""
    return tuple(Case(row, Soap(code, fault), means(code), CHANGE) for code in codes.split())


EXCHANGE = (
    Case("exchange/password", Http(401), SignInRequired("password_refused")),
    Case("exchange/password", Raised(of.UnauthorizedError("Invalid credentials")), SignInRequired("password_refused")),
    Case("exchange/password", Soap("ErrorMailboxLogonFailed"), SignInRequired("password_refused"), CHANGE),
    Case("exchange/password", Http(401, b"", ONLINE), SignInRequired("exchange_online")),
    Case("exchange/switched_off", Http(403), AdminRequired("ews_switched_off")),
    Case("exchange/switched_off", Http(403, b"", ONLINE), AdminRequired("exchange_online")),
    Case("exchange/throttled", Http(429, b"", {"Retry-After": "9"}), RetryLater("http_429", 9.0)),
    Case("exchange/server", Http(404), SignInRequired("server_not_found")),
    Case("exchange/server", Raised(of.AutoDiscoverFailed("nothing")), SignInRequired("server_not_found")),
    Case("exchange/server", Raised(of.AutoDiscoverCircularRedirect("again")), SignInRequired("server_not_found")),
    Case("exchange/server", Raised(of.RedirectError("https://b.example.com/")), SignInRequired("server_not_found")),
    *items(
        "exchange/busy",
        """
        ErrorServerBusy ErrorInternalServerTransientError ErrorTooManyObjectsOpened ErrorExceededConnectionCount
        ErrorInsufficientResources ErrorNotEnoughMemory ErrorADUnavailable ErrorConnectionFailed
        ErrorConnectionFailedTransientError ErrorMailboxStoreUnavailable ErrorMailboxFailover
        ErrorMailboxMoveInProgress
        """,
        RetryLater,
    ),
    *items("exchange/busy", "ErrorServerBusy ErrorMailboxFailover", RetryLater, fault=True),
    Case("exchange/busy", Raised(of.RateLimitError("Max timeout", wait=20)), RetryLater("RateLimitError", 20.0)),
    Case("exchange/busy", Raised(of.CASError("a proxy", None)), RetryLater("CASError")),
    Case("all/offline", Raised(of.ErrorTimeoutExpired("Reraised from x")), RetryLater("ErrorTimeoutExpired")),
    Case("exchange/renew_password", Soap("ErrorPasswordExpired", True), SignInRequired("password_expired")),
    Case("exchange/renew_password", Soap("ErrorPasswordChangeRequired"), SignInRequired("password_expired"), CHANGE),
    Case("exchange/renew_password", Http(401, LOCKED), SignInRequired("account_locked")),
    *items(
        "exchange/mailbox",
        "ErrorAccountDisabled ErrorInvalidLicense ErrorNonExistentMailbox ErrorMailboxConfiguration",
        AdminRequired,
    ),
    *items("exchange/impersonation", "ErrorImpersonateUserDenied ErrorImpersonationDenied", ServiceFault, fault=True),
    *(
        Case("exchange/rights", Soap(code), ReadOnly(READ_ONLY), CHANGE)
        for code in (
            *("ErrorAccessDenied", "ErrorCreateItemAccessDenied", "ErrorCannotDeleteObject", "ErrorSendAsDenied"),
        )
    ),
    *items(
        "exchange/conflict",
        """
        ErrorIrresolvableConflict ErrorStaleObject ErrorChangeKeyRequiredForWriteOperations ErrorInvalidChangeKey
        """,
        ChangedMeanwhile,
    ),
    *items(
        "exchange/gone",
        """
        ErrorItemNotFound ErrorCalendarCannotUpdateDeletedItem ErrorCalendarOccurrenceIsDeletedFromRecurrence
        """,
        Gone,
    ),
    *(
        Case("exchange/cursor", Soap(code), CursorExpired(code))
        for code in ("ErrorInvalidSyncStateData", "ErrorSyncFolderNotFound")
    ),
    Case(
        "exchange/cursor",
        Raised(of.ErrorSubscriptionNotFound("gone")),
        CursorExpired("ErrorSubscriptionNotFound"),
    ),
    Case("exchange/folder", Soap("ErrorFolderNotFound"), AdminRequired("calendar_not_found")),
    *items(
        "exchange/item",
        """
        ErrorCalendarInvalidRecurrence ErrorUnsupportedRecurrence ErrorRecurrenceHasNoOccurrence
        ErrorRecurrenceEndDateTooBig ErrorCalendarEndDateIsEarlierThanStartDate ErrorCalendarDurationIsTooLong
        ErrorOccurrenceCrossingBoundary ErrorInvalidRecipients ErrorItemSavePropertyError ErrorMessageSizeExceeded
        """,
        ItemRejected,
    ),
    Case("exchange/item", Raised(ValueError("256 characters")), ItemRejected("value_not_taken")),
    Case("exchange/item", Raised(TypeError("a number")), ItemRejected("value_not_taken")),
    *(
        Case("exchange/quota", Soap(code), LimitReached(code, LATER), CHANGE)
        for code in ("ErrorQuotaExceeded", "ErrorSubmissionQuotaExceeded")
    ),
    *items("exchange/misuse", "ErrorSchemaValidation ErrorInvalidPropertySet", ServiceFault, fault=True),
    Case(
        "exchange/misuse",
        Soap("ErrorInvalidSchemaVersionForMailboxVersion", True),
        ServiceFault("ErrorInvalidSchemaVersionForMailboxVersion"),
    ),
    # an id that the server cannot read names nothing that is there
    Case("exchange/gone", Soap("ErrorInvalidIdMalformed"), Gone("ErrorInvalidIdMalformed"), CHANGE),
    Case("all/page", PAGE, RetryLater("web_page", 30.0)),
    Case("local/zone", Raised(of.UnknownTimeZone("Moon/Base")), ItemRejected("value_not_taken")),
)
