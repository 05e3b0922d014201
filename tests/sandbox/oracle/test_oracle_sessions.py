"""Signing in to the Oracle-shaped server: passwords, sessions, the privilege, thirty requests a minute."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from soroe.sandbox.oracle import OracleSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.oracle.caller import APPOINTMENTS, CONNECTION, MEDIA, REST, Caller, error
from tests.sandbox.oracle.conftest import SignIn

TOO_FAST = "The maximum rate of requests was exceeded. A maximum of 30 requests per minute is allowed."


@pytest.fixture
def stranger(oracle: OracleSandbox, sato: User) -> Iterator[Caller]:
    caller = Caller(oracle, sato)
    yield caller
    caller.close()


def test_a_sign_in_id_holds_the_company_and_opens_a_session(
    oracle: OracleSandbox, sato: User, stranger: Caller
) -> None:
    assert sato.sign_in == "aoki/sato"
    answer = stranger.sign_in()
    attributes = answer.json()["Connection"]
    assert answer.cookies["JSESSIONID"] == answer.headers["JSESSION"]
    assert (attributes["UserId"], attributes["CompanyName"]) == (sato.id, "aoki")
    assert attributes["ServerDate"] == "2026-05-01T12:00:00Z"  # noon in Tokyo, not in UTC
    assert "LastLoggedIn" not in attributes
    assert "LastLoggedIn" in stranger.sign_in().json()["Connection"]
    assert oracle.open_sessions == 2


def test_without_a_session_every_call_is_a_403_and_no_401(stranger: Caller) -> None:
    for path in (APPOINTMENTS, f"{REST}/latest/describe"):
        assert stranger("GET", path).status_code == 403
    assert stranger("GET", APPOINTMENTS, auth=("aoki/sato", "sandbox")).status_code == 403


@pytest.mark.parametrize(
    ("name", "password"), [("aoki/sato", "wrong"), ("sato", "sandbox"), ("other/sato", "sandbox"), ("aoki/sato", "")]
)
def test_a_wrong_sign_in_is_a_401(stranger: Caller, name: str, password: str) -> None:
    assert stranger.sign_in(password, name).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Bearer abc", "Basic bm9jb2xvbg==", "Basic /w=="])
def test_a_damaged_header_is_a_401(stranger: Caller, header: str) -> None:
    assert stranger("GET", CONNECTION, headers={"Authorization": header}).status_code == 401


def test_five_wrong_passwords_lock_the_user_out_until_an_administrator_helps(
    oracle: OracleSandbox, sato: User, stranger: Caller
) -> None:
    for _ in range(5):
        assert stranger.sign_in("wrong").status_code == 401
    assert oracle.wrong_passwords(sato) == 5
    assert "locked out" in error(stranger.sign_in())["detail"]
    oracle.unlock(sato)
    assert stranger.sign_in().status_code == 200


def test_a_good_sign_in_forgets_the_wrong_ones(oracle: OracleSandbox, sato: User, stranger: Caller) -> None:
    stranger.sign_in("wrong")
    stranger.sign_in()
    assert oracle.wrong_passwords(sato) == 0


def test_a_changed_password_ends_the_session(oracle: OracleSandbox, sato: User, call: Caller) -> None:
    oracle.change_password(sato, "new")
    assert call("GET", APPOINTMENTS).status_code == 403
    assert call.sign_in().status_code == 401
    assert call.sign_in("new").status_code == 200


def test_without_the_privilege_nobody_gets_a_session(oracle: OracleSandbox, sato: User, call: Caller) -> None:
    oracle.take_privilege(sato)
    assert call("GET", APPOINTMENTS).status_code == 403
    refused = call.sign_in()
    assert (refused.status_code, "Restful Services Integration" in error(refused)["detail"]) == (403, True)
    oracle.give_privilege(sato)
    assert call.sign_in().status_code == 200


def test_a_session_times_out_when_nobody_uses_it(clock: Clock, call: Caller) -> None:
    clock.moves_on(minutes=19)
    assert call("GET", APPOINTMENTS).status_code == 200
    clock.moves_on(minutes=21)
    refused = call("GET", APPOINTMENTS)
    assert (refused.status_code, "session is not valid" in error(refused)["detail"]) == (403, True)


def test_logging_off_ends_the_session(oracle: OracleSandbox, call: Caller) -> None:
    assert call("POST", CONNECTION, params={"action": "logoff"}).status_code == 200
    assert oracle.open_sessions == 0
    assert call("GET", APPOINTMENTS).status_code == 403


def test_the_connection_has_no_other_action(call: Caller) -> None:
    assert call("GET", CONNECTION, params={"action": "sleep"}).status_code == 405
    assert call("POST", CONNECTION).status_code == 405
    assert call("GET", CONNECTION, params={"user": "sato"}).status_code == 400


@pytest.fixture
def strict(clock: Clock) -> Iterator[OracleSandbox]:
    """A server that keeps its limit."""
    with OracleSandbox(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def hurried(strict: OracleSandbox) -> Iterator[Caller]:
    caller = Caller(strict, strict.add_user())
    caller.sign_in()
    yield caller
    caller.close()


def test_thirty_requests_a_minute_are_served_and_the_next_minute_begins_anew(clock: Clock, hurried: Caller) -> None:
    clock.moves_on(seconds=50)
    assert {hurried("GET", APPOINTMENTS).status_code for _ in range(30)} == {200}
    refused = hurried("GET", APPOINTMENTS)
    assert (refused.status_code, error(refused)["detail"]) == (429, TOO_FAST)
    clock.moves_on(seconds=10)  # the minute is a fixed window from the beginning of the session, not a rolling one
    assert hurried("GET", APPOINTMENTS).status_code == 200


def test_a_new_session_counts_anew(hurried: Caller) -> None:
    for _ in range(31):
        hurried("GET", APPOINTMENTS)
    hurried.sign_in()
    assert hurried("GET", APPOINTMENTS).status_code == 200


def test_the_status_of_too_many_requests_is_not_documented_and_can_be_another(
    strict: OracleSandbox, hurried: Caller
) -> None:
    strict.too_fast_is(403)
    answers = [hurried("GET", APPOINTMENTS) for _ in range(31)]
    assert (answers[-1].status_code, error(answers[-1])["title"]) == (403, TOO_FAST)


def test_answers_are_of_the_services_own_media_type(call: Caller) -> None:
    assert call("GET", APPOINTMENTS).headers["Content-Type"].startswith(MEDIA)
    for accepted, status in ((MEDIA, 200), ("*/*", 200), ("application/*", 200), ("text/plain", 406)):
        assert call("GET", APPOINTMENTS, headers={"Accept": accepted}).status_code == status


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_a_body_of_another_media_type_is_a_415(call: Caller, kind: str) -> None:
    answer = call("POST", APPOINTMENTS, content=b'{"Appointments":[{}]}', headers={"Content-Type": kind})
    assert answer.status_code == 415


def test_unknown_versions_resources_and_paths_are_a_404(call: Caller) -> None:
    for path in (f"{REST}/027/Appointments", f"{REST}/latest/appointments", f"{REST}/latest/Accounts", "/OnDemand"):
        assert call("GET", path).status_code == 404
    assert call("GET", f"{REST}/028/Appointments").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "Appointments"),
        ("PATCH", "Appointments"),
        ("POST", "Users"),
        ("DELETE", "Users/1"),
        ("POST", "describe"),
    ],
)
def test_methods_that_a_resource_does_not_have_are_a_405(call: Caller, method: str, path: str) -> None:
    assert call(method, f"{REST}/latest/{path}").status_code == 405


def test_nothing_is_told_to_a_session_of_somebody_else(
    oracle: OracleSandbox, sato: User, suzuki: User, signed_in: SignIn
) -> None:
    mine, hers = signed_in(sato).create(), signed_in(suzuki)
    assert hers.list() == []
    assert hers("GET", f"{APPOINTMENTS}/{mine}").status_code == 404
