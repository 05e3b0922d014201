"""An online meeting (Zoom, Teams) for a synced visit: from signing in to the address on both sides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.microsoft365.sandbox import CLIENT_ID as MICROSOFT_CLIENT
from soroe.sandbox.microsoft365.sandbox import Microsoft365Sandbox
from tests.cli.browsing import BrowsingProgram, in_browser
from tests.cli.homes import EMAIL, Installation, World
from tests.cli.shell import Shell
from tests.end_to_end.crms import tomorrow
from tests.servers.zoom import CLIENT_ID, ZoomServer


@pytest.fixture
def server() -> Iterator[ZoomServer]:
    with ZoomServer() as server:
        server.add_user(EMAIL)
        yield server


@pytest.fixture
def zoom(server: ZoomServer, started: Shell, laptop: Installation) -> ZoomServer:
    """Sato is signed in at Zoom."""
    program = BrowsingProgram(laptop, ScriptedBrowser(account=EMAIL))
    added = in_browser(
        program, "accounts", "add", "zoom", "--kind", "zoom", "--client-id", CLIENT_ID,
        "--api-endpoint", server.api_endpoint, "--authorization-endpoint", server.authorization_endpoint,
        "--token-endpoint", server.token_endpoint,
    )  # fmt: skip # short values, several a line
    assert added.document["account"] == {"name": "zoom", "kind": "zoom", "identity": EMAIL, "signed_in": True}
    return server


@pytest.fixture
def teams(started: Shell, laptop: Installation) -> Iterator[Microsoft365Sandbox]:
    """Sato is signed in at Microsoft 365 for Teams, with a Google calendar in the sync."""
    with Microsoft365Sandbox() as sandbox:
        sandbox.add_account(EMAIL, "Sato")
        program = BrowsingProgram(laptop, ScriptedBrowser(account=EMAIL))
        added = in_browser(
            program, "accounts", "add", "teams", "--kind", "teams", "--client-id", MICROSOFT_CLIENT,
            "--api-endpoint", f"{sandbox.api_endpoint}/", "--authority", f"{sandbox.url}/",
        )  # fmt: skip # short values, several a line
        assert added.document["account"] == {"name": "teams", "kind": "teams", "identity": EMAIL, "signed_in": True}
        yield sandbox


def visit(world: World) -> str:
    return world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11)).id


def test_a_visit_gets_a_zoom_meeting_on_both_sides(zoom: ZoomServer, world: World, started: Shell) -> None:
    visit(world)
    started("sync", "work", "--once")
    made = started.json("meeting-link", "Visit", "--account", "zoom")
    assert made.code == 0
    address = made.document["link"]["url"]
    (activity,) = world.crm.activities()
    (event,) = world.google.events(EMAIL)
    assert (activity.content.location, event["location"]) == (address, address)
    assert len(zoom.meetings.known) == 1
    again = started.json("meeting-link", "Visit", "--account", "zoom")
    assert (again.code, again.document["error"]["code"]) == (2, "link_has_link_already")
    assert len(zoom.meetings.known) == 1


def test_a_visit_gets_a_teams_meeting_on_both_sides(teams: Microsoft365Sandbox, world: World, started: Shell) -> None:
    visit(world)
    started("sync", "work", "--once")
    made = started.json("meeting-link", "Visit", "--account", "teams")
    assert made.code == 0
    (room,) = teams.meetings.all
    (activity,) = world.crm.activities()
    (event,) = world.google.events(EMAIL)
    assert activity.content.location == event["location"] == made.document["link"]["url"] == room["joinWebUrl"]
    assert started.json("accounts", "test", "teams").document["ok"] is True
    assert teams.mails_sent == ()


def test_a_zoom_account_is_tested_like_every_other(zoom: ZoomServer, started: Shell) -> None:
    assert started.json("accounts", "test", "zoom").document["ok"] is True
    zoom.sign_in.revoke_user(next(iter(zoom.users)))
    zoom.sign_in.expire_access_tokens()
    refused = started.json("accounts", "test", "zoom")
    assert (refused.code, refused.document["ok"]) == (3, False)


def test_only_a_place_to_meet_makes_links(world: World, started: Shell) -> None:
    visit(world)
    started("sync", "work", "--once")
    refused = started.json("meeting-link", "Visit", "--account", "crm")
    assert (refused.code, refused.document["error"]["code"]) == (2, "not_a_place_to_meet")


def test_a_zoom_account_is_no_side_of_a_sync(zoom: ZoomServer, started: Shell) -> None:
    (account,) = [one for one in started.json("accounts", "list").document["accounts"] if one["name"] == "zoom"]
    assert account["side"] is None
    refused = started.json("syncs", "add", "other", "--crm", "crm", "--calendar", "zoom")
    assert refused.code == 2
