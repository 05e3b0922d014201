"""Every refusal of Zoom, from its wire form to what the engine does about it (errors.md, rows Z)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from soroe.adapters.net.exchange import Answer
from soroe.adapters.zoom.errors import refusal
from soroe.adapters.zoom.meetings import ZoomMeetings
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    Gone,
    ItemRejected,
    LimitReached,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)
from soroe.ports.meeting_links import LinkWanted
from tests.adapters.zoom.test_meetings import VISIT
from tests.fakes.clock import Clock
from tests.servers.zoom import ZoomServer


def answer(status: int, code: int | None = None, message: str = "", **headers: str) -> Answer:
    document = {"code": code, "message": message} if code is not None else {}
    told = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Answer(status, told, json.dumps(document).encode())


TABLE: list[tuple[str, Answer, type[PortError], str]] = [
    ("a token refused again", answer(401, 124, "Invalid access token."), SignInRequired, "zoom_124"),
    ("a scope is missing", answer(400, 4711, "does not contain scopes:[meeting:write:meeting]."), ConsentMissing,
     "meeting:write:meeting"),
    ("a scope is missing, told by 401", answer(401, 4711, "does not contain scopes"), ConsentMissing, "scope"),
    ("the company forbids it", answer(403, 200, "No permission."), AdminRequired, "zoom_200"),
    ("the user is gone", answer(404, 1001, "User does not exist"), SignInRequired, "zoom_1001"),
    ("the user is in another account", answer(404, 1010, "User not found"), SignInRequired, "zoom_1010"),
    ("the meeting is gone", answer(404, 3001, "Meeting does not exist"), Gone, "zoom_3001"),
    ("a value is not taken", answer(400, 300, "Validation Failed: topic"), ItemRejected, "zoom_300"),
    ("too fast", answer(429, 429, "Too many requests", retry_after="2"), RetryLater, "http_429"),
    ("the cap of the day", answer(429, 429, "maximum per-day", retry_after="3600"), LimitReached, "zoom_daily_limit"),
    ("Zoom is down", answer(503), RetryLater, "http_503"),
    ("our use is wrong", answer(405), ServiceFault, "http_405"),
    ("a portal stands between", Answer(200, {"content-type": "text/html"}, b"<html>"), RetryLater,
     "web_page_instead_of_answer"),
]  # fmt: skip # short values, several a line


@pytest.mark.parametrize(("told", "error", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_refusal_is_named_by_what_to_do(told: Answer, error: type[PortError], code: str) -> None:
    found = refusal(told, Clock()(), writes=True)
    assert (type(found), str(found)) == (error, code)


def test_a_refused_value_names_its_field() -> None:
    found = refusal(answer(400, 300, "Validation Failed: topic"), Clock()(), writes=True)
    assert isinstance(found, ItemRejected) and found.field == "topic"


def test_a_lost_write_is_unknown_and_a_lost_read_is_not() -> None:
    for writes in (True, False):
        found = refusal(answer(502), Clock()(), writes=writes)
        assert isinstance(found, RetryLater) and found.outcome_unknown is writes


def test_a_permission_that_the_app_lacks_is_named(zoom: ZoomMeetings, server: ZoomServer) -> None:
    server.missing_scopes.add("meeting:write:meeting")
    with pytest.raises(ConsentMissing) as missing:
        zoom.create(VISIT)
    assert missing.value.permission == "meeting:write:meeting"


def test_the_hundredth_meeting_of_a_day_is_the_last(zoom: ZoomMeetings, clock: Clock) -> None:
    for number in range(100):
        zoom.create(LinkWanted(f"Visit {number}", VISIT.start, 30, "Asia/Tokyo", "seed"))
    with pytest.raises(LimitReached) as limit:
        zoom.create(VISIT)
    assert limit.value.until - clock.now > timedelta(minutes=50)
