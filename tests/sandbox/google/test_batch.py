"""Batches: several calls in one request."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.message import Message

import httpx
import pytest

from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.errors import backend_error
from soroe.sandbox.server import Answer
from tests.sandbox.google.caller import Caller, Json, meeting
from tests.sandbox.google.conftest import SATO

EVENTS = "/calendar/v3/calendars/primary/events"


def _send(google: GoogleSandbox, caller: Caller, calls: list[tuple[str, str, Json | None]]) -> httpx.Response:
    parts = []
    for number, (method, path, body) in enumerate(calls):
        lines = ["--b", "Content-Type: application/http", f"Content-ID: <call + {number}>", ""]
        lines += [f"{method} {path} HTTP/1.1", "Content-Type: application/json", "", json.dumps(body) if body else ""]
        parts.append("\r\n".join(lines))
    text = "\r\n".join([*parts, "--b--", ""])
    headers = {"Content-Type": 'multipart/mixed; boundary="b"'}
    return caller.http.post(google.batch_endpoint, content=text.encode(), headers=headers)


def _answers(response: httpx.Response) -> list[tuple[str, int, Json]]:
    """Returns of each part the content id, the status and the body."""
    assert response.status_code == 200, response.text
    whole = message_from_bytes(f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode() + response.content)
    found = []
    for part in whole.get_payload():
        assert isinstance(part, Message)
        assert part.get_content_type() == "application/http"
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        head, _, body = content.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        found.append((str(part["Content-ID"]), status, json.loads(body) if body.strip() else {}))
    return found


def test_each_part_has_its_own_answer_in_order(google: GoogleSandbox, sato: Caller) -> None:
    calls: list[tuple[str, str, Json | None]] = [
        ("POST", f"{EVENTS}?sendUpdates=none", meeting("一", id="aaaaaa")),
        ("POST", f"{EVENTS}?sendUpdates=none", meeting("二", id="aaaaaa")),
        ("GET", f"{EVENTS}/nosuchevent", None),
        ("DELETE", f"{EVENTS}/aaaaaa", None),
    ]
    answers = _answers(_send(google, sato, calls))
    assert [answer[0] for answer in answers] == [f"<response-call + {number}>" for number in range(4)]
    assert [answer[1] for answer in answers] == [200, 409, 404, 204]
    assert answers[0][2]["summary"] == "一"


def test_every_part_counts_against_the_quota(google: GoogleSandbox, sato: Caller) -> None:
    google.quota.per_minute = 2
    calls: list[tuple[str, str, Json | None]] = [("POST", EVENTS, meeting()) for _ in range(3)]
    assert [answer[1] for answer in _answers(_send(google, sato, calls))] == [200, 200, 403]
    assert len(google.events(SATO)) == 2


def test_parts_clash_on_demand_and_are_not_carried_out(google: GoogleSandbox, sato: Caller) -> None:
    google.lies.conflict_in_batch(1)
    calls: list[tuple[str, str, Json | None]] = [("POST", EVENTS, meeting()) for _ in range(2)]
    answers = _answers(_send(google, sato, calls))
    assert [answer[1] for answer in answers] == [409, 200]
    assert answers[0][2]["error"]["errors"][0]["reason"] == "conflict"
    assert len(google.events(SATO)) == 1


def test_a_fault_can_meet_one_part(google: GoogleSandbox, sato: Caller) -> None:
    google.faults.add(Answer.as_json(503, backend_error().body()), method="POST", path="/calendars/", skip=1)
    calls: list[tuple[str, str, Json | None]] = [("POST", EVENTS, meeting()) for _ in range(3)]
    assert [answer[1] for answer in _answers(_send(google, sato, calls))] == [200, 503, 200]


def test_a_part_is_asked_for_its_own_permission(google: GoogleSandbox, sato: Caller) -> None:
    google.expire_access_tokens()
    assert [answer[1] for answer in _answers(_send(google, sato, [("GET", EVENTS, None)]))] == [401]


@pytest.mark.parametrize(("parts", "status"), [(50, 200), (51, 400), (0, 400)])
def test_a_batch_has_one_to_fifty_parts(google: GoogleSandbox, sato: Caller, parts: int, status: int) -> None:
    calls: list[tuple[str, str, Json | None]] = [("GET", EVENTS, None)] * parts
    assert _send(google, sato, calls).status_code == status


def test_a_part_names_a_path_and_no_host(google: GoogleSandbox, sato: Caller) -> None:
    answers = _answers(_send(google, sato, [("GET", f"{google.url}{EVENTS}", None)]))
    assert [answer[1] for answer in answers] == [400]
