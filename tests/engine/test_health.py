"""The health of a connection: what each error makes of it, what mends it, and what is told of it once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soroe.adapters.database import open_store
from soroe.engine.accounts import HealthBook, health_fact, read_health
from soroe.engine.health import DELAYED_AFTER, Health, HealthState, after_error, after_success
from soroe.engine.messages import HealthChanged
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    CursorExpired,
    Gone,
    ItemRejected,
    LimitReached,
    LocalTrouble,
    PortError,
    RetryLater,
    SignInRequired,
)
from tests.builders import TEST_KEY
from tests.fakes.clock import Clock

NOW = datetime(2026, 5, 11, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
FINE = Health(HealthState.CONNECTED, NOW)
ERRORS = [
    (RetryLater("http_503"), HealthState.RETRYING, "http_503"),
    (LimitReached("daily_budget", LATER), HealthState.PAUSED_BY_LIMIT, "daily_budget"),
    (SignInRequired("invalid_grant"), HealthState.SIGN_IN_NEEDED, "invalid_grant"),
    (ConsentMissing("calendar.events"), HealthState.PERMISSION_MISSING, "calendar.events"),
    (AdminRequired("admin_policy"), HealthState.BLOCKED_BY_IT, "admin_policy"),
    (LocalTrouble("disk_full"), HealthState.LOCAL_TROUBLE, "disk_full"),
    (LocalTrouble("keychain_locked"), HealthState.WAITING_FOR_KEYCHAIN, "keychain_locked"),
]


@pytest.mark.parametrize(("error", "state", "code"), ERRORS)
def test_every_error_of_an_account_has_its_state_and_code(error: PortError, state: HealthState, code: str) -> None:
    health = after_error(FINE, error, NOW)
    assert (health.state, health.code, health.since, health.failures) == (state, code, NOW, 1)
    assert health.until == (LATER if isinstance(error, LimitReached) else None)


@pytest.mark.parametrize("error", [Gone(), CursorExpired(), ItemRejected("bad", "title")])
def test_an_error_of_one_item_is_no_trouble_of_the_account(error: PortError) -> None:
    assert after_error(FINE, error, NOW) == FINE


@pytest.mark.parametrize(("error", "state", "code"), ERRORS)
def test_the_first_success_mends_everything(error: PortError, state: HealthState, code: str) -> None:
    assert after_success(after_error(FINE, error, NOW), LATER) == Health(HealthState.CONNECTED, LATER)


def test_a_success_among_successes_changes_nothing() -> None:
    assert after_success(FINE, LATER) is FINE


def test_an_account_out_of_reach_for_an_hour_is_called_delayed() -> None:
    health = FINE
    for minutes in (0, 20, 59):
        health = after_error(health, RetryLater("offline"), NOW + timedelta(minutes=minutes))
        assert health.state is HealthState.RETRYING and health.since == NOW
    assert after_error(health, RetryLater("offline"), NOW + DELAYED_AFTER).state is HealthState.DELAYED
    assert health.failures == 3


def test_the_same_trouble_again_keeps_its_beginning_and_counts() -> None:
    first = after_error(FINE, SignInRequired("invalid_grant"), NOW)
    again = after_error(first, SignInRequired("invalid_grant"), LATER)
    assert (again.since, again.failures) == (NOW, 2)
    assert after_error(again, SignInRequired("other"), LATER).since == LATER


class Book:
    """A health book, and what it has told."""

    def __init__(self) -> None:
        self.told: list[HealthChanged] = []
        self.clock = Clock(NOW)
        self.store = open_store(None, TEST_KEY)
        self.book = HealthBook(self.store, self.clock, self.told.append)


@pytest.fixture
def book() -> Book:
    return Book()


def test_a_state_is_told_once_and_again_only_when_it_changes(book: Book) -> None:
    for _ in range(3):
        book.book.met("crm", RetryLater("offline"))
    assert [one.health.state for one in book.told] == [HealthState.RETRYING]
    book.book.went_well("crm")
    book.book.went_well("crm")
    assert [one.health.state for one in book.told] == [HealthState.RETRYING, HealthState.CONNECTED]


def test_health_is_remembered_across_starts(book: Book) -> None:
    book.book.met("crm", LimitReached("daily_budget", LATER))
    again = HealthBook(book.store, book.clock, book.told.append)
    assert again.of("crm") == read_health(book.store.fact(health_fact("crm")))
    assert again.of("crm").until == LATER


def test_retry_after_sets_the_earliest_next_try(book: Book) -> None:
    book.book.met("crm", RetryLater("http_429", 120.0))
    until = book.book.of("crm").until
    assert until is not None and timedelta(seconds=119) < until - NOW < timedelta(seconds=121)


def test_one_account_says_nothing_of_another(book: Book) -> None:
    book.book.met("crm", SignInRequired("invalid_grant"))
    assert book.book.of("calendar").usable and not book.book.of("crm").usable


def test_that_the_program_ends_is_nobodys_trouble(book: Book) -> None:
    book.book.met("crm", LocalTrouble("shutting_down"))
    assert book.told == [] and book.book.of("crm").state is HealthState.CONNECTED
