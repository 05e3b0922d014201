"""Many events that go on from one: they keep what hung on it, and travel together."""

from __future__ import annotations

from dataclasses import replace

from soroe.core.event import Ref
from soroe.ports.remote import Written
from tests.contracts.salesforce_stand import salesforce
from tests.contracts.stand import at, meeting


def test_events_that_go_on_from_one_travel_together_and_keep_its_related_record() -> None:
    with salesforce() as stand:
        first = stand.creates(meeting("Round"))
        stand.user_decorates(first.ref)
        days = [stand.creating(meeting("Round", at(day=day)), f"day {day}", like=first.ref) for day in range(13, 28)]
        before = stand.arrived()
        results = stand.write(*days)
        assert all(isinstance(result, Written) for result in results)
        assert stand.arrived() - before == 3  # what hangs on the first, one request for all, a look at what came of it
        related = {row["WhatId"] for row in stand.sandbox.events()}
        assert related == {stand.decoration(first.ref)}


def test_events_that_go_on_from_one_that_is_gone_are_made_all_the_same() -> None:
    with salesforce() as stand:
        gone = Ref(stand.container, stand.creates(meeting("Gone")).ref.id)
        stand.user_deletes(gone)
        stand.sandbox.empty_recycle_bin()
        wanted = replace(stand.creating(meeting("Round")), like=gone)
        assert stand.does(wanted).content.title == "Round"
