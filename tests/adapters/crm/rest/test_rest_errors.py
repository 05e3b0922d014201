"""Every row of the table of errors that concerns a CRM behind the generic contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from soroe.adapters.crm.rest.crm import RestCrm
from soroe.adapters.crm.rest.errors import AlreadyThere, port_error
from soroe.adapters.crm.rest.profile import Profile
from soroe.adapters.net.exchange import Answer
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    ConsentMissing,
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
from soroe.sandbox.crm import CrmSandbox

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
JSON = {"content-type": "application/problem+json"}

ROWS: list[tuple[int, str, type[PortError]]] = [
    (400, "malformed_json", ItemRejected),
    (400, "", ItemRejected),
    (401, "token_expired", SignInRequired),
    (401, "", SignInRequired),
    (402, "account_suspended", AdminRequired),
    (403, "permission_missing", ConsentMissing),
    (403, "blocked_by_admin", AdminRequired),
    (403, "read_only", ReadOnly),
    (403, "", AdminRequired),
    (404, "not_found", Gone),
    (405, "method_not_allowed", ServiceFault),
    (408, "", RetryLater),
    (409, "external_id_taken", AlreadyThere),
    (409, "occurrence_taken", AlreadyThere),
    (409, "idempotency_key_in_use", RetryLater),
    (409, "", ChangedMeanwhile),
    (410, "gone", Gone),
    (410, "cursor_expired", CursorExpired),
    (410, "restore_expired", Gone),
    (412, "version_mismatch", ChangedMeanwhile),
    (413, "body_too_large", ItemRejected),
    (415, "unsupported_media_type", ServiceFault),
    (422, "validation_failed", ItemRejected),
    (422, "rejected_by_rule", ItemRejected),
    (429, "rate_limited", RetryLater),
    (429, "daily_limit_reached", LimitReached),
    (500, "internal_error", RetryLater),
    (502, "", RetryLater),
    (503, "unavailable", RetryLater),
    (504, "", RetryLater),
]


def answer(status: int, code: str = "", headers: dict[str, str] | None = None, **more: object) -> Answer:
    body = {"code": code, **more} if code else dict(more)
    return Answer(status, {**JSON, **(headers or {})}, json.dumps(body).encode())


@pytest.mark.parametrize(("status", "code", "error"), ROWS)
def test_each_refusal_means_one_thing(profile: Profile, status: int, code: str, error: type[PortError]) -> None:
    assert type(port_error(answer(status, code), profile, NOW, writes=True)) is error


def test_the_wait_that_the_crm_asks_for_is_kept(profile: Profile) -> None:
    found = port_error(answer(429, "rate_limited", {"retry-after": "17"}), profile, NOW, writes=True)
    assert isinstance(found, RetryLater) and found.after == 17 and not found.outcome_unknown
    later = "Fri, 01 May 2026 09:01:00 GMT"
    found = port_error(answer(503, "unavailable", {"retry-after": later}), profile, NOW, writes=False)
    assert isinstance(found, RetryLater) and found.after == 60


def test_a_spent_day_pauses_until_the_crm_says_or_midnight(profile: Profile) -> None:
    found = port_error(answer(429, "daily_limit_reached", retry_after=7200), profile, NOW, writes=True)
    assert isinstance(found, LimitReached) and found.until == NOW + timedelta(hours=2)
    found = port_error(answer(429, "daily_limit_reached"), profile, NOW, writes=True)
    assert isinstance(found, LimitReached) and found.until == datetime(2026, 5, 2, tzinfo=UTC)


def test_a_write_that_met_a_server_error_may_have_happened(profile: Profile) -> None:
    for status in (408, 500, 502, 503, 504):
        write = port_error(answer(status), profile, NOW, writes=True)
        read = port_error(answer(status), profile, NOW, writes=False)
        assert isinstance(write, RetryLater) and write.outcome_unknown
        assert isinstance(read, RetryLater) and not read.outcome_unknown


def test_a_rejection_names_field_and_the_crms_own_words(profile: Profile) -> None:
    found = port_error(answer(422, "rejected_by_rule", field="subject", detail="No."), profile, NOW, writes=True)
    assert isinstance(found, ItemRejected)
    assert (found.code, found.field, found.service_message) == ("rejected_by_rule", "subject", "No.")
    assert "No." not in str(found)


def test_an_occupied_stamp_names_the_item_that_holds_it(profile: Profile) -> None:
    found = port_error(answer(409, "external_id_taken", existing_id="act_7"), profile, NOW, writes=True)
    assert isinstance(found, AlreadyThere) and found.existing == "act_7"


def test_a_web_page_is_no_answer_of_the_crm(profile: Profile) -> None:
    for status in (403, 404, 502):
        page = Answer(status, {"content-type": "text/html"}, b"<html>Blocked by the proxy</html>")
        assert isinstance(port_error(page, profile, NOW, writes=False), RetryLater)


def test_an_unreadable_refusal_is_told_by_its_status(profile: Profile) -> None:
    for body in (b"", b"[]", b"null", b'{"code": {"a": 1}}', b"\xff\xfe", b"[" * 50_000):
        found = port_error(Answer(422, JSON, body), profile, NOW, writes=True)
        assert isinstance(found, ItemRejected) and found.code == "http_422"


def test_a_company_suspended_or_blocked_is_for_its_admins(crm: RestCrm, sandbox: CrmSandbox) -> None:
    sandbox.suspend_account()
    with pytest.raises(AdminRequired):
        crm.reader.identity()
    sandbox.suspend_account(False)
    sandbox.block_by_admin()
    with pytest.raises(AdminRequired):
        crm.reader.identity()


def test_a_rate_limit_of_the_server_says_how_long_to_wait(crm: RestCrm, sandbox: CrmSandbox) -> None:
    sandbox.limit_rate(1, 30)
    crm.reader.identity()
    with pytest.raises(RetryLater) as raised:
        crm.reader.identity()
    assert raised.value.after is not None and 0 < raised.value.after <= 31
