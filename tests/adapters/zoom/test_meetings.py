"""Zoom meetings: made once, quiet, found again, and the host's secret address goes nowhere."""

from __future__ import annotations

import secrets
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from soroe.adapters.net.oauth import Safe, Tokens, sign_in
from soroe.adapters.net.redirect import RedirectPages
from soroe.adapters.net.transport import LibraryClient, RequestCount
from soroe.adapters.zoom.meetings import ZoomMeetings
from soroe.adapters.zoom.settings import ZoomSettings
from soroe.ports.errors import RetryLater, ServiceFault, SignInRequired
from soroe.ports.meeting_links import LinkWanted
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.faults import DropAfterProcessing
from tests.fakes.clock import Clock
from tests.servers.zoom import ZoomServer

PAGES = RedirectPages(Path(__file__).parents[3] / "resources" / "sign-in")
VISIT = LinkWanted("訪問 青木商事", datetime(2026, 5, 12, 1, 0, tzinfo=UTC), 45, "Asia/Tokyo", "seed")


def test_a_meeting_is_made_for_the_time_of_the_visit(zoom: ZoomMeetings, server: ZoomServer) -> None:
    link = zoom.create(VISIT)
    (made,) = server.meetings.known.values()
    assert (str(made["id"]), made["join_url"]) == (link.id, link.join_url)
    assert (made["topic"], made["start_time"], made["duration"]) == (VISIT.topic, "2026-05-12T01:00:00Z", 45)


def test_a_series_gets_one_link_for_all_its_days(zoom: ZoomMeetings, server: ZoomServer) -> None:
    series = LinkWanted("Weekly", VISIT.start, 30, "Asia/Tokyo", "seed", repeats=True)
    link = zoom.create(series)
    (made,) = server.meetings.known.values()
    assert made["type"] == 3 and "start_time" not in made
    assert zoom.find(series) == link


def test_the_hosts_own_address_stays_in_zoom(zoom: ZoomMeetings, server: ZoomServer) -> None:
    link = zoom.create(VISIT)
    (made,) = server.meetings.known.values()
    assert made["start_url"] not in repr(link)


def test_a_long_title_is_cut_to_what_zoom_takes(zoom: ZoomMeetings, server: ZoomServer) -> None:
    zoom.create(LinkWanted("長" * 300, VISIT.start, 30, "Asia/Tokyo", "seed"))
    (made,) = server.meetings.known.values()
    assert made["topic"] == "長" * 200


def test_a_create_whose_answer_was_lost_is_found_again(zoom: ZoomMeetings, server: ZoomServer) -> None:
    server.faults.add(DropAfterProcessing(), "POST", "/users/me/meetings")
    with pytest.raises(RetryLater) as lost:
        zoom.create(VISIT)
    assert lost.value.outcome_unknown
    found = zoom.find(VISIT)
    assert found is not None
    assert [str(number) for number in server.meetings.known] == [found.id]


def test_a_create_that_never_arrived_is_not_found(zoom: ZoomMeetings) -> None:
    assert zoom.find(VISIT) is None


def test_a_meeting_on_a_later_page_is_found_too(zoom: ZoomMeetings, server: ZoomServer) -> None:
    user = next(iter(server.users.values()))
    server.meetings.known = {
        number: {
            "id": number,
            "host_id": user.id,
            "type": 3,
            "topic": f"Other {number}",
            "join_url": "https://z.example",
        }
        for number in range(700)
    }
    link = zoom.create(VISIT)
    assert zoom.find(VISIT) == link


def test_removing_a_meeting_mails_nobody_and_is_done_when_it_is_gone(zoom: ZoomMeetings, server: ZoomServer) -> None:
    link = zoom.create(VISIT)
    zoom.remove(link.id)
    zoom.remove(link.id)
    assert server.meetings.known == {} and server.meetings.mails == []


def test_an_id_that_is_no_number_is_never_put_into_an_address(zoom: ZoomMeetings, server: ZoomServer) -> None:
    with pytest.raises(ServiceFault):
        zoom.remove("../users/me")
    assert server.requests.all("DELETE") == []


def test_a_rotated_refresh_token_is_kept_before_it_is_used(
    zoom: ZoomMeetings, server: ZoomServer, kept: list[str]
) -> None:
    server.sign_in.expire_access_tokens()
    assert zoom.identity().name == "sato@example.com"
    assert len(kept) == 2
    assert Tokens.of(kept[1]).refresh != Tokens.of(kept[0]).refresh


def test_a_sign_in_that_was_taken_back_is_asked_for_once(zoom: ZoomMeetings, server: ZoomServer) -> None:
    server.sign_in.revoke_user(next(iter(server.users)))
    for _ in range(3):
        with pytest.raises(SignInRequired):
            zoom.identity()
    assert len(server.requests.all("POST")) == 1


def test_signing_in_in_the_browser_brings_a_connection(
    settings: ZoomSettings, server: ZoomServer, clock: Clock
) -> None:
    browser = ScriptedBrowser(account="sato@example.com")
    with closing(LibraryClient(RequestCount())) as http:
        tokens = sign_in(settings.client(), http, lambda url: _open(browser, url), secrets.token_bytes, clock, PAGES)
    with closing(ZoomMeetings(settings, Safe(tokens.secret, lambda _text: None), now=clock)) as zoom:
        assert zoom.identity().name == "sato@example.com"


def _open(browser: ScriptedBrowser, url: str) -> None:
    browser.open_in_background(url)
