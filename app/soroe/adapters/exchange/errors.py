"""Exchange's errors, translated once into the port's (the Exchange rows of the table of errors).

Decided by the response code first, which is the name of exchangelib's exception; then by the HTTP status; a text is
looked at only for a locked account and an expired password, of which a refused sign-in tells in no other way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException

from soroe.adapters.net.failures import is_web_page, network_trouble, retry_after, status_trouble
from soroe.core.event import Field, ReadOnlyCause
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    CursorExpired,
    Gone,
    ItemRejected,
    LimitReached,
    LocalTrouble,
    PortError,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

PASSWORD_REFUSED = "password_refused"  # noqa: S105 - a code, not a password
_LOCKED = b"account is currently locked out"
_EXPIRED = b"password for this account has expired"
_QUOTA_PAUSE = timedelta(hours=4)
_LONGEST_WAIT = 24 * 3600.0


@dataclass
class Refused(Exception):
    """An HTTP answer that holds no SOAP: its status, its headers (names in lower case) and its body.

    `online` says that it came from Exchange Online.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    online: bool = False

    def __post_init__(self) -> None:
        Exception.__init__(self, self.status)

    def __str__(self) -> str:
        return f"http_{self.status}"


class UnsafeXml(Exception):
    """An answer with a document type or an encoding that EWS never uses: nothing of it is read."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BUSY = _names("""
    ErrorServerBusy RateLimitError ErrorInternalServerTransientError ErrorTooManyObjectsOpened
    ErrorExceededConnectionCount ErrorInsufficientResources ErrorNotEnoughMemory ErrorADUnavailable
    ErrorConnectionFailed ErrorConnectionFailedTransientError ErrorMailboxStoreUnavailable ErrorMailboxFailover
    ErrorMailboxMoveInProgress ErrorInternalServerError ErrorBatchProcessingStopped ErrorADOperation
    ErrorContentConversionFailed ErrorExceededSubscriptionCount CASError
""")
_LOST = _names("ErrorTimeoutExpired SOAPError MalformedResponseError ParseError TransportError")
_PASSWORD = {
    "ErrorPasswordExpired": "password_expired",
    "ErrorPasswordChangeRequired": "password_expired",
    "ErrorMailboxLogonFailed": PASSWORD_REFUSED,
    "UnauthorizedError": PASSWORD_REFUSED,
    "RedirectError": "server_not_found",
    "AutoDiscoverFailed": "server_not_found",
    "AutoDiscoverCircularRedirect": "server_not_found",
    "AutoDiscoverError": "server_not_found",
}
_ADMIN = _names("""
    ErrorAccountDisabled ErrorInvalidLicense ErrorNonExistentMailbox ErrorMailboxConfiguration
    ErrorNoRespondingCASInDestinationSite ErrorProxyRequestNotAllowed ErrorOrganizationAccessBlocked
""")
_READ_ONLY = _names("""
    ErrorAccessDenied ErrorCreateItemAccessDenied ErrorCannotDeleteObject ErrorSendAsDenied ErrorDeleteItemAccessDenied
    ErrorCannotUseItemIdForFolderId ErrorMoveCopyFailed
""")
_FOREIGN = _names("ErrorCalendarIsNotOrganizer ErrorCalendarIsDelegatedForAccept")
_CONFLICT = _names("""
    ErrorIrresolvableConflict ErrorStaleObject ErrorChangeKeyRequiredForWriteOperations ErrorChangeKeyRequired
    ErrorInvalidChangeKey
""")
_GONE = _names("""
    ErrorItemNotFound ErrorCalendarCannotUpdateDeletedItem ErrorCalendarOccurrenceIsDeletedFromRecurrence
    ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange ErrorNonExistentItem
""")
_BAD_ID = _names("ErrorInvalidIdMalformed ErrorInvalidId ErrorInvalidIdEmpty ErrorInvalidIdTooLong ErrorInvalidIdXml")
_RESYNC = _names("""
    ErrorInvalidSyncStateData ErrorSyncFolderNotFound ErrorSubscriptionNotFound ErrorExpiredSubscription
    ErrorInvalidWatermark ErrorReadEventsFailed ErrorMissedNotificationEvents ErrorInvalidSubscription
""")
_NO_FOLDER = _names("ErrorFolderNotFound ErrorParentFolderNotFound ErrorParentFolderIdRequired")
_QUOTA = _names("ErrorQuotaExceeded ErrorSubmissionQuotaExceeded")
_REJECTED: dict[str, Field | None] = {
    **dict.fromkeys(
        _names("""
        ErrorCalendarInvalidRecurrence ErrorUnsupportedRecurrence ErrorRecurrenceHasNoOccurrence
        ErrorRecurrenceEndDateTooBig ErrorCalendarOccurrenceNotSpecified
        """),
        Field.RECURRENCE,
    ),
    **dict.fromkeys(
        _names("""
        ErrorCalendarEndDateIsEarlierThanStartDate ErrorCalendarDurationIsTooLong ErrorOccurrenceCrossingBoundary
        ErrorOccurrenceTimeSpanTooBig ErrorCalendarInvalidTimeZone ErrorTimeZone ErrorCalendarOutOfRange
        ErrorCalendarMeetingRequestIsOutOfDate UnknownTimeZone
        """),
        Field.WHEN,
    ),
    **dict.fromkeys(_names("ErrorInvalidRecipients ErrorMailRecipientNotFound"), Field.GUESTS),
    **dict.fromkeys(
        _names("""
        ErrorItemSavePropertyError ErrorMessageSizeExceeded ErrorVirusDetected ErrorItemSave ErrorItemCorrupt
        ErrorCorruptData ErrorInvalidValueForProperty ErrorPropertyUpdate ErrorUpdatePropertyMismatch
        ErrorMimeContentConversionFailed ErrorVirusMessageDeleted ErrorDataSizeLimitExceeded ValueError TypeError
        InvalidEnumValue InvalidTypeError
        """)
    ),
}
_OWN_CHECKS = _names("ValueError TypeError InvalidEnumValue InvalidTypeError UnknownTimeZone")


def translate(error: BaseException, now: datetime, *, writing: bool = False, clock_wrong: bool = False) -> PortError:
    """What an error of exchangelib's, of the server's or of the network's means for the engine.

    `writing`: the call was to change something, so that a lost answer leaves open whether it did. `clock_wrong`: the
    server's time was far from this machine's when it refused the sign-in; signing in again would not help.
    """
    match error:
        case RetryLater(outcome_unknown=True) if not writing:
            return RetryLater(error.reason, error.after)
        case PortError():
            return error
        case Refused():
            return _refusal(error, now, writing, clock_wrong)
        case UnsafeXml():
            return ServiceFault("unsafe_xml")
        case OSError() | HTTPException() if type(error).__module__.partition(".")[0] != "exchangelib":
            trouble = network_trouble(error)
            return translate(trouble, now, writing=writing)
    return _by_code(error, now, writing)


def _by_code(error: BaseException, now: datetime, writing: bool) -> PortError:
    code = type(error).__name__
    if _LOCKED.decode() in str(error):
        return SignInRequired("account_locked")
    if code in _BUSY:
        # A server that says it is busy, and of what it lacks, has not begun.
        unknown = writing and code in {"ErrorInternalServerError", "CASError"}
        return RetryLater(code, _back_off(error), outcome_unknown=unknown)
    if code in _LOST:
        return RetryLater(code, outcome_unknown=writing)
    for names, make in _CODES:
        if code in names:
            return make(code, now)
    if code in _PASSWORD:
        return SignInRequired(_PASSWORD[code])
    if code in _OWN_CHECKS:  # the library's own check before anything is sent: its text is for programmers
        return ItemRejected("value_not_taken", _REJECTED[code])
    if code in _REJECTED:
        return ItemRejected(code, _REJECTED[code], str(error)[:300])
    return ServiceFault(code)


_CODES: tuple[tuple[frozenset[str], Callable[[str, datetime], PortError]], ...] = (
    (_CONFLICT, lambda code, _: ChangedMeanwhile(code)),
    (_GONE, lambda code, _: Gone(code)),
    (_BAD_ID, lambda code, _: Gone(code)),
    (_RESYNC, lambda code, _: CursorExpired(code)),
    (_NO_FOLDER, lambda _code, _: AdminRequired("calendar_not_found")),
    (_READ_ONLY, lambda _code, _: ReadOnly(ReadOnlyCause.READ_ONLY_CONTAINER.value)),
    (_FOREIGN, lambda _code, _: ReadOnly(ReadOnlyCause.FOREIGN_ORGANISER.value)),
    (_ADMIN, lambda code, _: AdminRequired(code)),
    (_QUOTA, lambda code, now: LimitReached(code, now + _QUOTA_PAUSE)),
)


def _refusal(refused: Refused, now: datetime, writing: bool, clock_wrong: bool) -> PortError:
    if _LOCKED in refused.body:
        return SignInRequired("account_locked")
    match refused.status:
        case 401:
            return _unauthorised(refused, clock_wrong)
        case 403 if refused.online:
            return AdminRequired("exchange_online")
        case 200 | 403 if is_web_page(refused.headers, refused.body) and not _is_exchange(refused.headers):
            return RetryLater("web_page", 30.0, outcome_unknown=writing)
        case 403:
            return AdminRequired("ews_switched_off")
        case _ if "x-caserrorcode" in refused.headers:  # one of the servers behind the front door failed
            return RetryLater("CASError", outcome_unknown=writing)
        case 302 if "genericerrorpage" in refused.headers.get("location", "").lower():
            return RetryLater("http_302", outcome_unknown=writing)
        case 404 | 410 | 301 | 302 | 303 | 307 | 308:
            return SignInRequired("server_not_found")
        case 413:
            return ItemRejected("too_large")
        case 200:
            return RetryLater("garbled_answer", outcome_unknown=writing)
        case 503:
            return RetryLater("http_503", retry_after(refused.headers, now))
        case status:
            return translate(status_trouble(status, refused.headers, now), now, writing=writing)


def _unauthorised(refused: Refused, clock_wrong: bool) -> PortError:
    if _EXPIRED in refused.body:
        return SignInRequired("password_expired")
    if refused.online:
        return SignInRequired("exchange_online")
    return LocalTrouble("clock_wrong") if clock_wrong else SignInRequired(PASSWORD_REFUSED)


def _is_exchange(headers: Mapping[str, str]) -> bool:
    """Whether Exchange itself speaks: only its servers send these headers, no portal in between does."""
    return any(name in headers for name in ("x-owa-version", "x-feserver", "x-calculatedbetarget", "x-beserver"))


def _back_off(error: BaseException) -> float | None:
    """The seconds that the server wants to be left alone, if it said so."""
    told = getattr(error, "back_off", None) or getattr(error, "wait", None)
    return min(float(told), _LONGEST_WAIT) if isinstance(told, int | float) and told > 0 else None
