"""Zoom and Teams in the window: signed in from it, and a link for a visit by the sync's own thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Thread

import pytest

from soroe.core.event import CRM_LIST, ItemId, Ref, Side
from soroe.engine.health import HealthState
from soroe.engine.messages import AddLink, CommandDone, RunFinished, Start
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.sandbox import CLIENT_ID as MICROSOFT_CLIENT
from soroe.settings.edit import Value, with_account
from soroe.ui.ports import Role, SignInEnded, Way
from tests.end_to_end.crms import tomorrow
from tests.end_to_end.homes import EMAIL, SYNC, Installation, World
from tests.servers.zoom import CLIENT_ID, ZoomServer

from .test_window_sign_ins import Desk

Install = Callable[..., Installation]
Table = dict[str, Value | None]


@contextmanager
def zoom() -> Iterator[Table]:
    with ZoomServer() as server:
        server.add_user(EMAIL)
        yield {
            "kind": "zoom",
            "client_id": CLIENT_ID,
            "api_endpoint": server.api_endpoint,
            "authorization_endpoint": server.authorization_endpoint,
            "token_endpoint": server.token_endpoint,
        }


@contextmanager
def teams() -> Iterator[Table]:
    with Microsoft365Sandbox() as sandbox:
        sandbox.add_account(EMAIL, "Sato")
        yield {
            "kind": "teams",
            "client_id": MICROSOFT_CLIENT,
            "api_endpoint": f"{sandbox.api_endpoint}/",
            "authority": f"{sandbox.url}/",
        }


@pytest.mark.parametrize("place", [zoom, teams])
def test_a_place_is_signed_in_from_the_window_and_gives_a_visit_its_link(
    install: Install, world: World, place: Callable[[], AbstractContextManager[Table]]
) -> None:
    laptop, tabs = install(), list[Thread]()
    visit = world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
    laptop.run()
    with place() as table:
        laptop.program.config.change(lambda text: with_account(text, "room", table))
        desk = Desk(laptop, lambda address: tabs.append(ScriptedBrowser(account=EMAIL).open_in_background(address)))
        (shown,) = [one for one in desk.accounts.accounts() if one.name == "room"]
        assert (shown.health.state, shown.way) == (HealthState.NOT_CONNECTED, Way.BROWSER)
        assert shown.kind.role is Role.LOCATION
        desk.accounts.reconnect("room")
        assert desk.ended() == SignInEnded("room")
        assert desk.shown("room").state is HealthState.CONNECTED
        desk.workers.start()
        desk.workers.send(Start(SYNC))
        desk.hears(RunFinished)
        command = AddLink(SYNC, Side.CRM, Ref(CRM_LIST, ItemId(visit.id)), "room")
        desk.workers.send(command)
        assert desk.hears(CommandDone) == [CommandDone(command)]
        desk.hears(RunFinished, 2)
        assert desk.workers.stop()
    (activity,) = world.crm.activities()
    (event,) = world.google.events(EMAIL)
    assert event["location"].startswith("https://")
    assert activity.content.location == event["location"]
    for tab in tabs:
        tab.join()
