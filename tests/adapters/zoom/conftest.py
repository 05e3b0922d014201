"""A Zoom on loopback, and Sato signed in at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from soroe.adapters.net.oauth import Safe, Tokens
from soroe.adapters.zoom.meetings import ZoomMeetings
from soroe.adapters.zoom.settings import ZoomSettings
from tests.fakes.clock import Clock
from tests.servers.zoom import CLIENT_ID, ZoomServer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[ZoomServer]:
    with ZoomServer(clock) as server:
        server.add_user("sato@example.com")
        yield server


@pytest.fixture
def settings(server: ZoomServer) -> ZoomSettings:
    return ZoomSettings(
        CLIENT_ID,
        api_endpoint=server.api_endpoint,
        authorization_endpoint=server.authorization_endpoint,
        token_endpoint=server.token_endpoint,
    )


@pytest.fixture
def kept(server: ZoomServer) -> list[str]:
    """The secrets that were kept, the newest last; the first is the sign-in's."""
    told = server.tokens(next(iter(server.users.values())))
    return [Tokens(str(told["refresh_token"]), str(told["access_token"])).secret()]


@pytest.fixture
def zoom(settings: ZoomSettings, kept: list[str], clock: Clock) -> Iterator[ZoomMeetings]:
    with closing(ZoomMeetings(settings, Safe(lambda: kept[-1], kept.append), now=clock)) as zoom:
        yield zoom
