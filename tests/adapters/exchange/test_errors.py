"""The Exchange rows of the table of errors: what a server answers, and what it means for the engine."""

from __future__ import annotations

import pytest
from exchangelib import errors as of  # type: ignore[import-untyped] # it publishes no typing information

from soroe.adapters.exchange.errors import translate
from soroe.adapters.exchange.settings import Auth
from soroe.core.event import ContainerId, Field, ItemId, Ref, Tombstone, Version, Window
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
from soroe.ports.remote import Create, Failed, Unsent, Update
from tests.contracts.stand import meeting

from .conftest import NOW, Desk, envelope, fault, later, refusal

CALENDAR = ContainerId("AAMkCalendar=")
ITEM = Ref(CALENDAR, ItemId("AAMkItem="))
WINDOW = Window(NOW.date(), NOW.date())

CODES: list[tuple[str, type[PortError]]] = [
    *((code, RetryLater) for code in (
        "ErrorServerBusy", "ErrorInternalServerTransientError", "ErrorTooManyObjectsOpened",
        "ErrorExceededConnectionCount", "ErrorInsufficientResources", "ErrorNotEnoughMemory", "ErrorADUnavailable",
        "ErrorConnectionFailed", "ErrorConnectionFailedTransientError", "ErrorMailboxStoreUnavailable",
        "ErrorMailboxFailover", "ErrorMailboxMoveInProgress", "ErrorInternalServerError", "ErrorTimeoutExpired",
    )),
    *((code, SignInRequired) for code in (
        "ErrorPasswordExpired", "ErrorPasswordChangeRequired", "ErrorMailboxLogonFailed",
    )),
    *((code, AdminRequired) for code in (
        "ErrorAccountDisabled", "ErrorInvalidLicense", "ErrorNonExistentMailbox", "ErrorMailboxConfiguration",
    )),
    *((code, ServiceFault) for code in (
        "ErrorImpersonateUserDenied", "ErrorImpersonationDenied", "ErrorSchemaValidation", "ErrorInvalidPropertySet",
        "ErrorSendMeetingInvitationsRequired",
    )),
    *((code, ReadOnly) for code in (
        "ErrorAccessDenied", "ErrorCreateItemAccessDenied", "ErrorCannotDeleteObject", "ErrorSendAsDenied",
        "ErrorCalendarIsNotOrganizer",
    )),
    *((code, ChangedMeanwhile) for code in (
        "ErrorIrresolvableConflict", "ErrorStaleObject", "ErrorChangeKeyRequiredForWriteOperations",
        "ErrorInvalidChangeKey",
    )),
    *((code, Gone) for code in (
        "ErrorItemNotFound", "ErrorCalendarCannotUpdateDeletedItem",
        "ErrorCalendarOccurrenceIsDeletedFromRecurrence", "ErrorInvalidIdMalformed",
    )),
    *((code, ItemRejected) for code in (
        "ErrorCalendarInvalidRecurrence", "ErrorUnsupportedRecurrence", "ErrorRecurrenceHasNoOccurrence",
        "ErrorRecurrenceEndDateTooBig", "ErrorCalendarEndDateIsEarlierThanStartDate",
        "ErrorCalendarDurationIsTooLong", "ErrorOccurrenceCrossingBoundary", "ErrorOccurrenceTimeSpanTooBig",
        "ErrorInvalidRecipients", "ErrorItemSavePropertyError", "ErrorMessageSizeExceeded",
        "ErrorCalendarInvalidTimeZone", "ErrorTimeZone", "ErrorVirusDetected",
    )),
    *((code, LimitReached) for code in ("ErrorQuotaExceeded", "ErrorSubmissionQuotaExceeded")),
]  # fmt: skip # short values, several a line
HTML = b"<!DOCTYPE html><html><body>Welcome to the hotel</body></html>"


def failure(desk: Desk) -> PortError:
    """What a change of an item comes to."""
    update = Update(ITEM, Version("CQAAAA=="), meeting("Secret title"), (Field.TITLE,))
    (result,) = desk.calendar().writer.write([update])
    assert isinstance(result, Failed), result
    return result.error


def trouble(desk: Desk) -> PortError:
    """What reading a calendar comes to."""
    with pytest.raises(PortError) as raised:
        desk.calendar().identity()
    return raised.value


@pytest.mark.parametrize(("code", "meant"), CODES)
def test_each_code_of_an_item_means_one_thing(desk: Desk, code: str, meant: type[PortError]) -> None:
    desk.canned.answers(200, refusal(code, "UpdateItem"))
    error = failure(desk)
    assert type(error) is meant, error
    assert "Secret" not in str(error) and len(desk.canned.asked) == 1


@pytest.mark.parametrize(("code", "meant"), CODES)
def test_the_same_code_means_the_same_as_a_fault_of_the_whole_request(
    desk: Desk, code: str, meant: type[PortError]
) -> None:
    desk.canned.answers(500, fault(code))
    assert type(failure(desk)) is meant and len(desk.canned.asked) == 1


@pytest.mark.parametrize("code", ["ErrorInvalidSyncStateData", "ErrorSyncFolderNotFound"])
def test_a_sync_state_that_is_no_good_asks_for_a_new_listing(desk: Desk, code: str) -> None:
    desk.canned.answers(200, refusal(code, "SyncFolderItems"))
    with pytest.raises(CursorExpired):
        list(desk.calendar().changes(CALENDAR, None, WINDOW))


def test_a_calendar_that_is_gone_is_not_listed_again_and_again(desk: Desk) -> None:
    desk.canned.answers(200, refusal("ErrorFolderNotFound", "SyncFolderItems"))
    with pytest.raises(AdminRequired, match="calendar_not_found"):
        list(desk.calendar().changes(CALENDAR, None, WINDOW))


def test_a_busy_server_says_how_long_it_wants_to_be_left_alone(desk: Desk) -> None:
    desk.canned.answers(500, fault("ErrorServerBusy", 297_749))
    error = trouble(desk)
    assert isinstance(error, RetryLater) and error.after == pytest.approx(297.749)
    desk.canned.answers(500, fault("ErrorServerBusy"))
    error = trouble(desk)
    assert isinstance(error, RetryLater) and error.after is None


@pytest.mark.parametrize(
    ("status", "headers", "body", "meant", "code"),
    [
        (401, {}, b"", SignInRequired, "password_refused"),
        (401, {}, b"The referenced account is currently locked out", SignInRequired, "account_locked"),
        (401, {"X_OWA_Version": "15.20.9000.1"}, b"", SignInRequired, "exchange_online"),
        (403, {}, b"", AdminRequired, "ews_switched_off"),
        (403, {"X_OWA_Version": "15.20.9000.1"}, b"", AdminRequired, "exchange_online"),
        (403, {"Content_Type": "text/html", "X_FEServer": "MAIL1"}, HTML, AdminRequired, "ews_switched_off"),
        (404, {}, b"", SignInRequired, "server_not_found"),
        (302, {"Location": "https://login.example.org/"}, b"", SignInRequired, "server_not_found"),
        (407, {}, b"", AdminRequired, "proxy_authentication"),
        (405, {}, b"", ServiceFault, "http_405"),
        (400, {}, b"", ServiceFault, "http_400"),
    ],
)
def test_a_bare_status_means_what_its_row_says(
    desk: Desk, status: int, headers: dict[str, str], body: bytes, meant: type[PortError], code: str
) -> None:
    desk.canned.answers(status, body, **headers)
    error = trouble(desk)
    assert type(error) is meant and str(error) == code


@pytest.mark.parametrize(
    ("status", "headers", "body", "after"),
    [
        (429, {"Retry_After": "90"}, b"", 90.0),
        (429, {}, b"", None),
        (503, {"Retry_After": "30"}, b"", 30.0),
        (456, {"X_CasErrorCode": "CAS error: ProxyRequestNotAllowed"}, b"", None),
        (500, {}, b"Server Error in '/EWS' Application", None),
        (502, {"Connection": "close"}, b"", None),
        (302, {"Location": "/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx"}, b"", None),
        (200, {"Content_Type": "text/html"}, HTML, 30.0),
        (403, {"Content_Type": "text/html"}, HTML, 30.0),
        (200, {}, b"", None),
        (200, {}, b"<s:Envelope", None),
        (200, {}, envelope("<m:Other/>"), None),
    ],
)
def test_what_passes_by_itself_is_tried_later(
    desk: Desk, status: int, headers: dict[str, str], body: bytes, after: float | None
) -> None:
    desk.canned.answers(status, body, **headers)
    error = trouble(desk)
    assert isinstance(error, RetryLater) and error.after == after and not error.outcome_unknown
    assert len(desk.canned.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 504, 200])
def test_a_write_whose_answer_is_no_answer_may_have_happened(desk: Desk, status: int) -> None:
    desk.canned.answers(status, b"")
    error = failure(desk)
    assert isinstance(error, RetryLater) and error.outcome_unknown


@pytest.mark.parametrize(("status", "body"), [(429, b""), (503, b""), (500, fault("ErrorServerBusy", 5_000))])
def test_a_write_that_was_turned_away_has_not_happened(desk: Desk, status: int, body: bytes) -> None:
    desk.canned.answers(status, body)
    error = failure(desk)
    assert isinstance(error, RetryLater) and not error.outcome_unknown


def test_nobody_there_is_offline_and_nothing_was_done() -> None:
    desk = Desk(canned=None, endpoint="http://127.0.0.1:9/EWS/Exchange.asmx")  # type: ignore[arg-type] # nothing answers
    error = failure(desk)
    assert isinstance(error, RetryLater) and error.reason == "offline" and not error.outcome_unknown


def test_a_refused_password_is_sent_once_and_never_again_until_it_is_another(desk: Desk) -> None:
    desk.canned.answers(401, www_authenticate="Basic")
    calendar = desk.calendar()
    for _ in range(5):
        with pytest.raises(SignInRequired):
            calendar.identity()
        with pytest.raises(SignInRequired):
            calendar.read(ITEM)
    create = Create(CALENDAR, meeting(), "seed")
    first, *rest = calendar.writer.write([create] * 3)
    assert isinstance(first, Failed) and isinstance(first.error, SignInRequired) and rest == [Unsent(), Unsent()]
    assert len(desk.canned.asked) == 1
    desk.password = "another"
    with pytest.raises(SignInRequired):
        calendar.identity()
    assert len(desk.canned.asked) == 2


def test_a_sign_in_that_a_wrong_clock_spoils_is_told_as_such(desk: Desk) -> None:
    desk.auth, desk.now = Auth.NTLM, later(30)
    desk.canned.answers(401)
    error = trouble(desk)
    assert isinstance(error, LocalTrouble) and error.code == "clock_wrong"


def test_a_clock_that_was_put_right_lets_the_next_try_through(desk: Desk) -> None:
    desk.auth, desk.now = Auth.NTLM, later(30)
    desk.canned.answers(401)
    calendar = desk.calendar()
    for _ in range(2):
        with pytest.raises(LocalTrouble):
            calendar.identity()
    assert len(desk.canned.asked) == 1
    desk.now = NOW
    with pytest.raises(SignInRequired):
        calendar.identity()


def test_a_server_that_was_away_for_a_while_is_asked_again(desk: Desk) -> None:
    desk.canned.answers(404)
    calendar = desk.calendar()
    for _ in range(2):
        with pytest.raises(SignInRequired, match="server_not_found"):
            calendar.identity()
    assert len(desk.canned.asked) == 2


@pytest.mark.parametrize("body", [b"<!DOCTYPE lolz [<!ENTITY a 'b'>]>", b"\x00"])
def test_an_answer_with_entities_is_not_read(desk: Desk, body: bytes) -> None:
    desk.canned.answers(200, body + refusal("ErrorItemNotFound", "GetFolder"))
    assert str(trouble(desk)) == "unsafe_xml"


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (of.UnauthorizedError("Invalid credentials"), SignInRequired("password_refused")),
        (of.UnauthorizedError("The referenced account is currently locked out"), SignInRequired("account_locked")),
        (of.RedirectError("https://other.example.com/"), SignInRequired("server_not_found")),
        (of.AutoDiscoverFailed("nothing"), SignInRequired("server_not_found")),
        (of.AutoDiscoverCircularRedirect("again"), SignInRequired("server_not_found")),
        (of.RateLimitError("Max timeout reached", wait=20), RetryLater("RateLimitError", 20.0)),
        (of.CASError("proxy", None), RetryLater("CASError")),
        (of.MalformedResponseError("No Body element"), RetryLater("MalformedResponseError")),
        (of.TransportError("no SOAP"), RetryLater("TransportError")),
        (of.ErrorSubscriptionNotFound("gone"), CursorExpired("ErrorSubscriptionNotFound")),
        (of.UnknownTimeZone("Moon"), ItemRejected("value_not_taken")),
        (ValueError("256 characters"), ItemRejected("value_not_taken")),
    ],
)
def test_what_the_library_raises_by_itself_is_in_the_table_too(error: Exception, meant: PortError) -> None:
    told = translate(error, NOW)
    assert (type(told), str(told), getattr(told, "after", None)) == (
        type(meant),
        str(meant),
        getattr(meant, "after", None),
    )


def test_what_is_no_error_of_anybodys_is_a_fault() -> None:
    assert str(translate(RuntimeError("title of a meeting"), NOW)) == "RuntimeError"


def test_a_read_of_what_is_not_there_says_so(desk: Desk) -> None:
    desk.canned.answers(200, refusal("ErrorItemNotFound"))
    assert desk.calendar().read(ITEM) == Tombstone(ITEM)
