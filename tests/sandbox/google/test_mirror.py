"""Whatever happens in a calendar, a mirror that follows the sync tokens ends with what a new listing shows."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.errors import GoogleError
from tests.sandbox.google.caller import Caller, Json, meeting, weekly
from tests.sandbox.google.conftest import SATO

ACTIONS = ("insert", "series", "patch", "move", "delete", "instance", "call off", "cut", "restore", "sync")
# A series and a first reading come early, so that most examples have instances to lose.
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 5)), min_size=4, max_size=12).map(
    lambda steps: [("series", 0), ("insert", 1), ("sync", 0), *steps]
)


class Mirror:
    """Keeps what the listings say, as a synchroniser does: a cancelled event goes, a cancelled exception stays."""

    def __init__(self, caller: Caller, **query: Any) -> None:
        self.caller = caller
        self.query = query
        self.events: dict[str, Json] = {}
        self.token = ""

    def follow(self) -> None:
        more = {"syncToken": self.token} if self.token else {}
        items, self.token, _ = self.caller.all_pages(**self.query, **more, maxResults=3)
        for item in items:
            self.events[item["id"]] = item

    def living(self) -> dict[str, str]:
        return {name: item["etag"] for name, item in self.events.items() if item["status"] != "cancelled"}


def _do(google: GoogleSandbox, action: str, number: int) -> None:
    events = google.events(SATO)
    living = [event for event in events if event["status"] != "cancelled"]
    series = [event for event in living if "recurrence" in event]
    match action:
        case "insert":
            google.user_inserts(SATO, meeting(f"{number}", f"2026-04-{10 + number}"))
        case "series":
            google.user_inserts(SATO, weekly(f"{number}"))
        case "patch" if living:
            google.user_patches(SATO, living[number % len(living)]["id"], {"summary": f"changed {number}"})
        case "move" if living:
            there = meeting(day=f"2026-05-{10 + number}")
            change = {"start": there["start"], "end": there["end"]}
            google.user_patches(SATO, living[number % len(living)]["id"], change)
        case "delete" if living:
            google.user_deletes(SATO, living[number % len(living)]["id"])
        case "cut" if series:
            google.user_patches(SATO, series[0]["id"], {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={1 + number}"]})
        case "instance" | "call off" if series:
            _instance(google, series[number % len(series)]["id"], action, number)
        case "restore":
            gone = [event for event in events if event["status"] == "cancelled" and "recurringEventId" not in event]
            if gone:
                google.user_restores(SATO, gone[number % len(gone)]["id"])
        case _:
            return


def _instance(google: GoogleSandbox, series: str, action: str, number: int) -> None:
    name = f"{series}_{['20260406', '20260413', '20260420', '20260427', '20260504', '20260511'][number]}T010000Z"
    try:
        shown = google.event(SATO, name)
    except GoogleError:  # the series may have been moved or cut: then there is no such instance
        return
    if shown["status"] == "cancelled":
        return
    if action == "instance":
        google.user_patches(SATO, name, {"location": f"{number}"})
    else:
        google.user_deletes(SATO, name)


@settings(max_examples=25, deadline=None, database=None)
@given(steps=STEPS, hostile=st.booleans())
def test_a_mirror_that_follows_the_tokens_misses_nothing(steps: list[tuple[str, int]], hostile: bool) -> None:
    with GoogleSandbox() as google:
        google.add_account(SATO)
        google.lies.hostile_paging = hostile
        caller = Caller(google, SATO)
        whole, spread = Mirror(caller), Mirror(caller, singleEvents=True)
        for action, number in [*steps, ("sync", 0)]:
            if action == "sync":
                whole.follow()
                spread.follow()
            else:
                _do(google, action, number)
        fresh, fresh_spread = Mirror(caller), Mirror(caller, singleEvents=True)
        fresh.follow()
        fresh_spread.follow()
        caller.http.close()
    assert whole.living() == fresh.living()
    assert spread.living() == fresh_spread.living()
