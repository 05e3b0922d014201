"""What Exchange refuses: per item with a response code, or the whole request with a SOAP fault."""

from __future__ import annotations


class EwsError(Exception):
    """One item or folder of a request is refused; the others go on. `code` is a ResponseCode of the documents."""

    def __init__(self, code: str, message: str = "", values: dict[str, str] | None = None) -> None:
        super().__init__(f"{code}: {message or _MESSAGES.get(code, code)}")
        self.code = code
        self.message = message or _MESSAGES.get(code, "The request cannot be carried out.")
        self.values = values or {}


class SoapFault(Exception):
    """The whole request is refused with a SOAP fault and HTTP 500."""

    def __init__(
        self, code: str, message: str, values: dict[str, str] | None = None, violation: str = "", status: int = 500
    ) -> None:
        super().__init__(f"{code}: {message} {violation}".strip())
        self.code = code
        self.message = message
        self.values = values
        self.violation = violation
        self.status = status


def schema(violation: str) -> SoapFault:
    """The request does not follow the schema."""
    return SoapFault("ErrorSchemaValidation", "The request failed schema validation.", violation=violation)


def server_busy(back_off: int) -> SoapFault:
    """Throttling; `back_off` in milliseconds."""
    message = "The server cannot service this request right now. Try again later."
    return SoapFault("ErrorServerBusy", message, {"BackOffMilliseconds": str(back_off)})


_MESSAGES = {
    "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
    "ErrorCalendarCannotMoveOrCopyOccurrence": "Occurrences cannot be moved or copied.",
    "ErrorCalendarDurationIsTooLong": "The duration is too long. The maximum is five years.",
    "ErrorCalendarEndDateIsEarlierThanStartDate": "EndDate is earlier than StartDate",
    "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange": "Occurrence index is out of recurrence range.",
    "ErrorCalendarOccurrenceIsDeletedFromRecurrence": "Occurrence with this index was previously deleted.",
    "ErrorCalendarViewRangeTooBig": "The specified view range exceeds the maximum range of two years.",
    "ErrorChangeKeyRequiredForWriteOperations": "A change key is required for this write operation.",
    "ErrorCreateItemAccessDenied": "Access is denied. The caller may not create items in this folder.",
    "ErrorFolderNotFound": "The specified folder could not be found in the store.",
    "ErrorInvalidChangeKey": "The change key is invalid.",
    "ErrorInvalidIdEmpty": "Id must be non-empty.",
    "ErrorInvalidIdMalformed": "Id is malformed.",
    "ErrorInvalidPropertyDelete": "Deletion of this property is not allowed.",
    "ErrorInvalidPropertySet": "Set action is invalid for property.",
    "ErrorInvalidSyncStateData": "The sync state data is invalid or belongs to another folder.",
    "ErrorIrresolvableConflict": (
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item."
    ),
    "ErrorItemNotFound": "The specified object was not found in the store.",
    "ErrorItemSavePropertyError": "The item property could not be saved.",
    "ErrorNonExistentMailbox": "The SMTP address has no mailbox associated with it.",
    "ErrorOccurrenceCrossingBoundary": "Modified occurrence is crossing or overlapping adjacent occurrence.",
    "ErrorOccurrenceTimeSpanTooBig": "The occurrence lasts longer than the time between two occurrences.",
    "ErrorRecurrenceHasNoOccurrence": "The recurrence has no occurrences.",
    "ErrorSendMeetingCancellationsRequired": "SendMeetingCancellations attribute is required for calendar items.",
    "ErrorSendMeetingInvitationsOrCancellationsRequired": (
        "SendMeetingInvitationsOrCancellations attribute is required for calendar items."
    ),
    "ErrorSendMeetingInvitationsRequired": "SendMeetingInvitations attribute is required for calendar items.",
    "ErrorUpdatePropertyMismatch": "The XML element name does not match the property of the field URI.",
}
