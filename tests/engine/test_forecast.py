"""When a sign-in will end: only from what is known, and never invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soroe.adapters.database import open_store
from soroe.engine.accounts import HealthBook
from soroe.engine.forecast import UNUSED_LIMITS, Basis, Forecast, Known, forecast
from soroe.engine.health import Health, HealthState
from soroe.engine.sign_in_facts import known_sign_in, note_sign_in
from soroe.ports.errors import RetryLater, SignInRequired
from tests.builders import TEST_KEY

NOW = datetime(2026, 5, 11, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Still:
    """A clock that stands where it was put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("kind", ["google", "microsoft365", "exchange", "rest", "pipedrive", "zoom", "oracle"])
def test_where_nothing_is_known_nothing_is_foretold(kind: str) -> None:
    assert forecast(kind, Known(), NOW) is None


@pytest.mark.parametrize("kind", ["exchange", "rest", "pipedrive", "oracle"])
def test_a_password_or_a_key_is_not_said_to_end(kind: str) -> None:
    assert forecast(kind, Known(at=NOW - 300 * DAY, used=NOW), NOW) is None


@pytest.mark.parametrize("kind", sorted(UNUSED_LIMITS))
def test_a_sign_in_nobody_uses_ends_when_the_service_says_so_and_each_use_moves_the_end(kind: str) -> None:
    limit = UNUSED_LIMITS[kind]
    assert forecast(kind, Known(at=NOW - DAY), NOW) == Forecast(NOW - DAY + limit, Basis.UNUSED)
    assert forecast(kind, Known(at=NOW - 80 * DAY, used=NOW), NOW) == Forecast(NOW + limit, Basis.UNUSED)


def test_an_end_that_the_service_told_counts_for_every_kind() -> None:
    ends = NOW + 30 * DAY
    for kind in ("google", "zoom", "rest"):
        assert forecast(kind, Known(at=NOW, ends=ends), NOW) == Forecast(ends, Basis.TOLD)


def test_a_google_client_in_testing_is_recognised_by_the_week_that_its_last_sign_in_held() -> None:
    week = timedelta(days=7, minutes=20)
    assert forecast("google", Known(at=NOW, used=NOW, lasted=week), NOW) == Forecast(NOW + 7 * DAY, Basis.TESTING)
    for lasted in (6 * DAY, 8 * DAY, 90 * DAY):
        found = forecast("google", Known(at=NOW, used=NOW, lasted=lasted), NOW)
        assert found is not None and found.basis is Basis.UNUSED
    assert forecast("zoom", Known(at=NOW, lasted=week), NOW) != Forecast(NOW + 7 * DAY, Basis.TESTING)


def test_a_forecast_that_was_not_borne_out_is_dropped() -> None:
    assert forecast("rest", Known(at=NOW, ends=NOW - DAY), NOW) is None


def test_an_end_is_near_a_day_before_it() -> None:
    ending = Forecast(NOW, Basis.TOLD)
    assert not ending.is_near(NOW - DAY - timedelta(minutes=1))
    assert ending.is_near(NOW - DAY)


def test_a_second_week_in_testing_is_foretold_from_the_first_one_that_ended() -> None:
    store, clock = open_store(None, TEST_KEY), Still(NOW)
    book = HealthBook(store, clock, lambda _change: None)
    note_sign_in(store, "calendar", NOW)
    book.set("calendar", Health(HealthState.CONNECTED, NOW))
    assert known_sign_in("calendar", store.fact) == Known(NOW, None, NOW, None)
    clock.now = NOW + timedelta(days=3)
    book.went_well("calendar")
    assert known_sign_in("calendar", store.fact).used == clock.now
    clock.now = NOW + timedelta(days=7, minutes=1)
    book.met("calendar", SignInRequired("invalid_grant"))
    clock.now = NOW + timedelta(days=8)
    book.met("calendar", SignInRequired("invalid_grant"))
    note_sign_in(store, "calendar", clock.now)
    known = known_sign_in("calendar", store.fact)
    assert known.lasted == timedelta(days=7, minutes=1)
    assert forecast("google", known, clock.now) == Forecast(clock.now + 7 * DAY, Basis.TESTING)


def test_a_use_is_noted_once_a_day_and_trouble_is_no_use() -> None:
    store, clock = open_store(None, TEST_KEY), Still(NOW)
    book = HealthBook(store, clock, lambda _change: None)
    book.went_well("crm")
    clock.now = NOW + timedelta(hours=5)
    book.went_well("crm")
    clock.now = NOW + timedelta(days=5)
    book.met("crm", RetryLater("offline"))
    assert known_sign_in("crm", store.fact).used == NOW
