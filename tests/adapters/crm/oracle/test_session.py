"""The session: entered once, shared, renewed once, left at the end; a password that was refused is sent no more."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.adapters.crm.oracle.crm import OracleCrm
from soroe.adapters.crm.oracle.session import Passport
from soroe.core.event import CRM_LIST, Field, ItemId, ObservedItem, Ref
from soroe.ports.errors import AdminRequired, ReadOnly, RetryLater, SignInRequired
from soroe.ports.remote import Failed, Update
from soroe.sandbox.faults import Answer
from soroe.sandbox.oracle import Access, OracleSandbox, User
from tests.fakes.clock import Clock

from .conftest import Opens


def entries(oracle: OracleSandbox) -> int:
    """How often somebody entered."""
    return sum(1 for request in oracle.requests.all() if request.path.endswith("/Connection") and not request.query)


def visit(oracle: OracleSandbox, user: User) -> Ref:
    start = datetime(2026, 5, 12, 10)
    return Ref(CRM_LIST, ItemId(oracle.user_creates(user, "Visit", start, start + timedelta(hours=1)).id))


def test_who_signed_in_is_told_by_id_and_sign_in_name(sato: User, crm: OracleCrm) -> None:
    identity = crm.reader.identity()
    assert (identity.key, identity.name.casefold()) == (sato.id, sato.sign_in.casefold())


def test_all_connections_of_an_account_share_one_session_and_the_last_one_leaves_it(
    oracle: OracleSandbox, sato: User, opens: Opens
) -> None:
    ref, passport = visit(oracle, sato), Passport()
    one, other = opens(passport), opens(passport)
    for connection in (one, other, one):
        assert isinstance(connection.reader.read(ref), ObservedItem)
    assert entries(oracle) == oracle.open_sessions == 1
    one.close()
    assert oracle.open_sessions == 1
    other.close()
    assert oracle.open_sessions == 0


def test_a_session_that_ended_is_entered_anew_once_and_the_call_repeated(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock
) -> None:
    ref = visit(oracle, sato)
    crm.reader.read(ref)
    oracle.end_sessions()
    assert isinstance(crm.reader.read(ref), ObservedItem)
    clock.later(hours=1)  # nobody used it for too long
    assert isinstance(crm.reader.read(ref), ObservedItem)
    assert entries(oracle) == 3 and oracle.open_sessions == 1


def test_a_write_in_a_session_that_ended_happens_once(oracle: OracleSandbox, sato: User, crm: OracleCrm) -> None:
    item = crm.reader.read(visit(oracle, sato))
    assert isinstance(item, ObservedItem)
    oracle.end_sessions()
    crm.writer.write([Update(item.ref, item.version, item.content, (Field.TITLE,))])
    assert [record.title for record in oracle.appointments()] == ["Visit"]


def test_a_missing_privilege_is_for_an_administrator(oracle: OracleSandbox, sato: User, crm: OracleCrm) -> None:
    ref = visit(oracle, sato)
    crm.reader.read(ref)
    oracle.take_privilege(sato)
    with pytest.raises(AdminRequired):
        crm.reader.read(ref)
    oracle.give_privilege(sato)
    assert isinstance(crm.reader.read(ref), ObservedItem)


def test_a_record_that_may_only_be_read_goes_one_way_and_leaves_no_session_behind(
    oracle: OracleSandbox, sato: User, crm: OracleCrm
) -> None:
    suzuki = oracle.add_user("suzuki@example.com", "Suzuki")
    ref = visit(oracle, suzuki)
    oracle.user_adds_user(ref.id, sato, Access.EDIT)
    item = crm.reader.read(ref)
    assert isinstance(item, ObservedItem) and item.read_only is None
    refusal = {"Error": [{"detail": "You do not have the access rights that are needed."}]}
    oracle.faults.add(Answer.as_json(403, refusal), "PATCH", times=-1)
    (result,) = crm.writer.write([Update(item.ref, item.version, item.content, (Field.TITLE,))])
    assert isinstance(result, Failed) and isinstance(result.error, ReadOnly)
    assert oracle.open_sessions == 1


def test_a_refused_password_is_sent_once_by_whoever_holds_it(oracle: OracleSandbox, sato: User, opens: Opens) -> None:
    passport = Passport()
    one, other = (opens(passport, password="wrong") for _ in range(2))
    for connection in (one, other, one):
        with pytest.raises(SignInRequired, match="password_refused"):
            connection.reader.containers()
    assert oracle.wrong_passwords(sato) == 1


def test_a_user_who_is_locked_out_is_told_so(oracle: OracleSandbox, sato: User, crm: OracleCrm) -> None:
    oracle.lock_out(sato)
    with pytest.raises(SignInRequired, match="account_locked"):
        crm.reader.containers()


@pytest.mark.parametrize("status", [400, 403, 429, 503])
def test_thirty_requests_in_a_minute_are_known_by_the_words_whatever_the_status(
    oracle: OracleSandbox, sato: User, crm: OracleCrm, clock: Clock, status: int
) -> None:
    ref = visit(oracle, sato)
    crm.reader.read(ref)
    oracle.too_fast_is(status)
    words = {"Error": [{"title": "The maximum rate of requests was exceeded."}]}
    oracle.faults.add(Answer.as_json(status, words), "GET", "Appointments")
    clock.now = datetime(2026, 5, 11, 9, 30, 20, tzinfo=clock.now.tzinfo)
    with pytest.raises(RetryLater) as caught:
        crm.reader.read(ref)
    assert not caught.value.outcome_unknown and caught.value.after == pytest.approx(41.0, abs=1.0)
    assert entries(oracle) == 1, "a new session would not help"
