"""Many writes against a service that enforces Google's real quota: not one refusal, and hardly any time lost."""

from __future__ import annotations

import threading

import pytest

from soroe.adapters.net.pacer import Pacer
from soroe.ports.errors import RetryLater
from soroe.ports.remote import Create, Failed, Unsent, Written
from soroe.sandbox.google import GoogleSandbox
from tests.adapters.google.conftest import HERS, Clock, DeskFor, meeting


def test_the_quota_is_used_up_but_never_overdrawn(google: GoogleSandbox, clock: Clock, desk_for: DeskFor) -> None:
    google.quota.per_minute = 120
    desk = desk_for(pacer=Pacer(120, clock=clock.seconds, wait=clock.wait))
    start = clock.seconds()
    desk.changes()
    written = 0
    for first in range(0, 1000, 50):
        creates = [Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(first, first + 50)]
        written += sum(isinstance(one, Written) for one in desk.write(*creates))
    assert written == 1000
    assert google.quota.refused == 0
    assert clock.seconds() - start <= 1.10 * (1001 // 120) * 60


def test_threads_of_one_account_share_its_quota(google: GoogleSandbox, clock: Clock, desk_for: DeskFor) -> None:
    google.quota.per_minute = 30
    desk = desk_for(pacer=Pacer(30, clock=clock.seconds, wait=clock.wait))
    threads = [threading.Thread(target=desk.changes) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(40):
        desk.changes()
    assert google.quota.refused == 0


@pytest.mark.parametrize("refusal", ["userRateLimitExceeded", "rateLimitExceeded", "429"])
def test_a_quota_that_others_have_used_up_stops_the_batch_where_it_stands(
    google: GoogleSandbox, desk_for: DeskFor, refusal: str
) -> None:
    desk = desk_for()
    desk.changes()
    google.quota.per_minute = 3
    google.quota.refusal = refusal  # type: ignore[assignment]  # one of the three spellings
    results = desk.write(*(Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(60)))
    assert [type(one) for one in results] == [Written] * 3 + [Failed] + [Unsent] * 56
    stopped = results[3]
    assert isinstance(stopped, Failed)
    assert isinstance(stopped.error, RetryLater)
    assert not stopped.error.outcome_unknown
    assert len(google.events(HERS)) == 3
