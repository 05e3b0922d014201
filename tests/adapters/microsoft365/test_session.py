"""What goes over the wire: one account, signed in, within its limits, and every part of a batch told by itself."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from soroe.adapters.microsoft365.sign_in import Microsoft365SignIn
from soroe.adapters.microsoft365.tokens import Microsoft365Secret
from soroe.core.event import ContainerId, Field
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    ConsentMissing,
    ItemRejected,
    LimitReached,
    PortError,
    ReadOnly,
    RetryLater,
    SignInRequired,
)
from soroe.ports.remote import Create, Delete, Failed, Identity, Result, Unsent, Update, Written
from soroe.ports.sign_in import SignInCancelled, WrongAccount
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from tests.contracts.microsoft365_stand import SATO, Shelf, calendar_on, network_of, secret_of, settings_of
from tests.contracts.stand import meeting
from tests.fakes.clock import Clock

from .conftest import World
from .test_sign_in import PAGES


def answer(status: int, code: str, **headers: str) -> Answer:
    return Answer.as_json(status, {"error": {"code": code, "message": "x"}}, headers)


def creating(world: World, number: int) -> Create:
    return Create(world.container, meeting(f"Visit {number}"), f"seed {number}")


def trouble(result: Result) -> PortError:
    assert isinstance(result, Failed), result
    return result.error


# --- tokens on the way ---
def test_a_token_that_ran_out_is_renewed_once_and_kept(world: World) -> None:
    ref = world.makes()
    world.read(ref)
    before = world.shelf.text
    world.sandbox.expire_access_tokens()
    world.read(ref)
    assert world.shelf.text != before and len(world.sandbox.refresh_tokens(SATO)) == 2


def test_two_windows_of_one_account_do_not_sign_each_other_out(world: World) -> None:
    ref = world.makes()
    other = calendar_on(world.sandbox, world.clock, world.shelf)
    for reader in (world.calendar, other, world.calendar, other):
        world.sandbox.expire_access_tokens()
        assert reader.read(ref) == world.read(ref)
    other.close()


def test_a_revoked_sign_in_is_told_with_its_number(world: World) -> None:
    world.sandbox.revoke_refresh_tokens(SATO)
    world.sandbox.expire_access_tokens()
    with pytest.raises(SignInRequired, match="AADSTS50173"):
        world.seen()


def test_conditional_access_is_for_the_administrator(world: World) -> None:
    world.sandbox.expire_access_tokens()
    world.sandbox.refuse_token(53003, "interaction_required")
    with pytest.raises(AdminRequired, match="conditional_access:AADSTS53003"):
        world.seen()


def test_claims_that_a_renewal_meets_need_nobody(world: World) -> None:
    ref = world.makes()
    world.sandbox.require_claims(SATO, interactive=False)
    assert world.read(ref).content.title == "Visit"
    assert Microsoft365Secret.parse(world.shelf.text).claims == ""


def test_claims_that_need_the_person_are_kept_for_the_next_sign_in(world: World) -> None:
    asked = world.sandbox.require_claims(SATO)
    with pytest.raises(SignInRequired):
        world.seen()
    assert json.loads(Microsoft365Secret.parse(world.shelf.text).claims) == asked


def test_the_next_sign_in_meets_the_claims(world: World) -> None:
    ref = world.makes()
    world.sandbox.require_claims(SATO)
    with pytest.raises(SignInRequired):
        world.read(ref)
    world.shelf.text = signing(world.sandbox, former=world.shelf.text).run(timeout=90).secret
    assert world.read(ref).content.title == "Visit"


# --- signing in on the sandbox's own pages ---
def signing(
    sandbox: Microsoft365Sandbox, browser: ScriptedBrowser | None = None, former: str = ""
) -> Microsoft365SignIn:
    person = browser or ScriptedBrowser(account=SATO)

    def opens(address: str) -> bool:
        person.open_in_background(address)
        return True

    return Microsoft365SignIn(
        settings_of(sandbox), open_browser=opens, pages=PAGES, now=Clock(), former=former, network=network_of(sandbox)
    )


def test_a_person_signs_in_and_the_calendar_can_be_read(world: World) -> None:
    done = signing(world.sandbox).run(timeout=90)
    world.shelf.text = done.secret
    assert done.identity == world.calendar.identity() and done.identity.name == SATO
    assert world.read(world.makes()).content.title == "Visit"


def test_a_person_who_declines_has_cancelled(world: World) -> None:
    world.sandbox.grants.consented.clear()
    with pytest.raises(SignInCancelled):
        signing(world.sandbox, ScriptedBrowser(account=SATO, allow=False)).run(timeout=90)


def test_a_company_that_leaves_consent_to_its_administrators_is_told_of(world: World) -> None:
    world.sandbox.refuse_sign_in(90094)
    with pytest.raises(AdminRequired, match="admin_consent:AADSTS90094"):
        signing(world.sandbox).run(timeout=90)


def test_another_person_is_refused(world: World) -> None:
    world.sandbox.add_account("suzuki@example.com", "Suzuki")
    expected = Identity("another.key", "somebody@example.com")
    with pytest.raises(WrongAccount):
        signing(world.sandbox, ScriptedBrowser(account="suzuki@example.com")).run(expected, timeout=90)


# --- answers of every kind ---
READS: list[tuple[Answer, type[PortError], str]] = [
    (answer(404, "MailboxNotEnabledForRESTAPI"), AdminRequired, "no_mailbox:MailboxNotEnabledForRESTAPI"),
    (answer(403, "ErrorAccessDenied"), AdminRequired, "access_denied:ErrorAccessDenied"),
    (answer(429, "ApplicationThrottled", **{"Retry-After": "12"}), RetryLater, "ApplicationThrottled"),
    (answer(503, "serviceNotAvailable"), RetryLater, "serviceNotAvailable"),
    (answer(507, "quotaLimitReached"), LimitReached, "quotaLimitReached"),
    (Answer.as_html(200, "<html>Please log in to the hotel</html>"), RetryLater, "web_page"),
    (Answer(200, b"{"), RetryLater, "garbled_answer"),
    (Answer(200, b"[]"), RetryLater, "garbled_answer"),
    (Answer(302, headers={"Location": "https://elsewhere.example/"}), RetryLater, "web_page"),
    (Answer(407), AdminRequired, "proxy_authentication"),
]


@pytest.mark.parametrize(("come", "kind", "code"), READS, ids=[f"{n}-{row[2]}" for n, row in enumerate(READS)])
def test_an_answer_to_a_listing_says_what_to_do(world: World, come: Answer, kind: type[PortError], code: str) -> None:
    world.calendar.containers()
    world.sandbox.faults.add(come, "GET", "calendarView/delta")
    with pytest.raises(kind) as told:
        world.seen()
    assert str(told.value) == code


def test_a_mailbox_without_a_licence_is_for_the_administrator() -> None:
    with Microsoft365Sandbox(clock=Clock()) as sandbox:
        sandbox.add_account(SATO, mailbox=False)
        calendar = calendar_on(sandbox, Clock(), Shelf(secret_of(sandbox)))
        with pytest.raises(AdminRequired, match="no_mailbox"):
            calendar.containers()
        calendar.close()


def test_a_page_in_the_way_again_and_again_is_for_the_administrator(world: World) -> None:
    world.sandbox.faults.add(Answer.as_html(200, "<html>blocked</html>"), "GET", "/v1.0/me", times=-1)
    for _ in range(4):
        with pytest.raises(RetryLater):
            world.calendar.containers()
    with pytest.raises(AdminRequired, match="web_page"):
        world.calendar.containers()


def test_settings_that_the_user_keeps_to_himself_leave_the_zone_out() -> None:
    with Microsoft365Sandbox(clock=Clock()) as sandbox:
        sandbox.add_account(SATO)
        sandbox.faults.add(answer(403, "ErrorAccessDenied"), "GET", "mailboxSettings")
        calendar = calendar_on(sandbox, Clock(), Shelf(secret_of(sandbox)))
        assert [one.zone for one in calendar.containers()] == [""]
        calendar.close()


# --- batches ---
def test_no_more_than_four_run_at_a_time_in_a_mailbox(world: World) -> None:
    results = world.write(*(creating(world, number) for number in range(20)))
    assert all(isinstance(one, Written) for one in results)
    (sent,) = [one for one in world.sandbox.requests if one.path.endswith("$batch")]
    parts = json.loads(sent.body)["requests"]
    running = [part for part in parts if not part.get("dependsOn")]
    assert len(parts) == 20 and len(running) == 4


def test_many_threads_never_ask_more_at_a_time_than_a_mailbox_takes(world: World) -> None:
    refs = [world.makes(f"Visit {number}") for number in range(8)]
    world.sandbox.limits.hold = 0.01
    found: list[str] = []
    threads = [threading.Thread(target=lambda ref=ref: found.append(world.read(ref).content.title)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and world.sandbox.limits.refused == 0 and world.sandbox.limits.most_at_once == 1


def test_what_waited_for_a_part_that_failed_is_sent_again(world: World) -> None:
    world.sandbox.faults.add(answer(400, "ErrorPropertyValidationFailure"), "POST", "/events", times=1)
    first, *rest = world.write(*(creating(world, number) for number in range(12)))
    assert isinstance(trouble(first), ItemRejected) and all(isinstance(one, Written) for one in rest)
    assert len(world.sandbox.events(SATO)) == 11


def test_a_limit_inside_a_batch_stops_what_comes_after(world: World) -> None:
    throttled = answer(429, "ApplicationThrottled", **{"Retry-After": "30"})
    world.sandbox.faults.add(throttled, "POST", "/events", skip=2, times=-1)
    done = world.write(*(creating(world, number) for number in range(24)))
    assert [type(one) for one in done[:4]] == [Written, Written, Failed, Unsent]
    error = trouble(done[2])
    assert isinstance(error, RetryLater) and error.after == 30.0 and not error.outcome_unknown
    assert {type(one) for one in done[4:]} <= {Written, Unsent} and len(done) == 24


def test_a_batch_whose_answer_was_lost_may_have_been_done(world: World) -> None:
    world.sandbox.faults.add(DropAfterProcessing(), "POST", r"\$batch")
    results = world.write(*(creating(world, number) for number in range(3)))
    for number, result in enumerate(results):
        error = trouble(result)
        assert isinstance(error, RetryLater) and error.outcome_unknown
        assert len(world.calendar.find(creating(world, number))) == 1


def test_a_batch_answer_without_a_part_leaves_that_part_unknown(world: World) -> None:
    told: dict[str, Any] = {"responses": [{"id": "7", "status": 200}, {"id": "x"}, 7, {"id": "1", "status": "200"}]}
    world.sandbox.faults.add(Answer.as_json(200, told), "POST", r"\$batch")
    for result in world.write(creating(world, 1), creating(world, 2)):
        error = trouble(result)
        assert isinstance(error, RetryLater) and error.outcome_unknown


def test_a_create_that_is_sent_again_makes_no_second_event_while_graph_remembers(world: World) -> None:
    for _ in range(2):
        assert isinstance(world.write(creating(world, 1))[0], Written)
    assert len(world.sandbox.events(SATO)) == 1


CONFLICT = answer(409, "ErrorIrresolvableConflict")


def test_a_create_that_was_made_before_and_meets_a_conflict_finds_its_event(world: World) -> None:
    (made,) = world.write(creating(world, 1))
    assert isinstance(made, Written)
    world.sandbox.faults.add(CONFLICT, "POST", "/events")
    assert world.write(creating(world, 1)) == [Written(made.item, already=True)]


def test_a_seed_whose_event_was_deleted_is_used_again(world: World) -> None:
    world.sandbox.faults.add(CONFLICT, "POST", "/events")
    (made,) = world.write(creating(world, 1))
    assert isinstance(made, Written) and not made.already and len(world.sandbox.events(SATO)) == 1
    assert list(world.calendar.find(creating(world, 1))) == [made.item]


def test_a_conflict_that_stays_leaves_the_outcome_open(world: World) -> None:
    world.sandbox.faults.add(CONFLICT, "POST", "/events", times=-1)
    error = trouble(world.write(creating(world, 1))[0])
    assert isinstance(error, RetryLater) and error.outcome_unknown


def test_a_seed_with_a_quote_is_looked_for_as_it_is(world: World) -> None:
    create = Create(world.container, meeting(), "it's")
    (made,) = world.write(create)
    assert isinstance(made, Written) and list(world.calendar.find(create)) == [made.item]


# --- online meetings ---
def test_a_new_description_leaves_the_online_meeting_on(world: World) -> None:
    ref = world.makes(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    item = world.read(ref)
    assert "Join" not in item.content.description
    (done,) = world.write(Update(ref, item.version, meeting("Visit", description="New\nagenda"), (Field.DESCRIPTION,)))
    assert isinstance(done, Written) and done.item.content.description == "New\nagenda"
    event = world.sandbox.event(SATO, ref.id)
    assert event["isOnlineMeeting"] is True and event["onlineMeeting"]["joinUrl"] in event["body"]["content"]


def test_another_title_leaves_the_body_of_an_online_meeting_alone(world: World) -> None:
    ref = world.makes(isOnlineMeeting=True)
    before = world.sandbox.event(SATO, ref.id)["body"]
    (done,) = world.write(Update(ref, None, meeting("Other"), (Field.TITLE,)))
    assert isinstance(done, Written) and world.sandbox.event(SATO, ref.id)["body"] == before


# --- rights ---
def test_a_calendar_that_may_only_be_read_takes_no_write(world: World) -> None:
    world.sandbox.add_account("suzuki@example.com")
    hers = ContainerId(world.sandbox.calendar_id("suzuki@example.com"))
    world.sandbox.share("suzuki@example.com", hers, SATO)
    error = trouble(world.write(Create(hers, meeting(), "seed"))[0])
    assert isinstance(error, ReadOnly) and error.cause == "read_only_container"


def test_a_permission_that_was_taken_back_is_named() -> None:
    with Microsoft365Sandbox(clock=Clock()) as sandbox:
        sandbox.add_account(SATO)
        shelf = Shelf(secret_of(sandbox).replace("Calendars.ReadWrite ", "").replace("Calendars.ReadWrite.Shared ", ""))
        calendar = calendar_on(sandbox, Clock(), shelf)
        sandbox.faults.add(answer(403, "ErrorAccessDenied"), "GET", "/me/calendars")
        sandbox.refuse_token(65001)
        with pytest.raises(ConsentMissing, match=r"Calendars\.ReadWrite"):
            calendar.containers()
        calendar.close()


def test_a_change_on_a_state_that_has_passed_is_refused_by_the_service_itself(world: World) -> None:
    item = world.read(world.makes())
    world.sandbox.faults.add(answer(412, "ErrorIrresolvableConflict"), "PATCH", "/events")
    (done,) = world.write(Update(item.ref, item.version, meeting("Ours"), (Field.TITLE,)))
    assert isinstance(trouble(done), ChangedMeanwhile)


def test_every_call_asks_for_ids_that_stay(world: World) -> None:
    ref = world.makes()
    item = world.read(ref)
    world.write(Update(ref, item.version, meeting("Ours"), (Field.TITLE,)), Delete(ref, None))
    graph = [one for one in world.sandbox.requests if "/v1.0/" in one.path]
    assert graph and all('IdType="ImmutableId"' in one.headers["prefer"] for one in graph)
