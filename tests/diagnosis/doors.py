"""The real connectors on their sandboxes, each made to meet what a case says."""

from __future__ import annotations

import socket
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from soroe.adapters.exchange import errors as exchange_errors
from soroe.adapters.exchange.calendar import ExchangeCalendar
from soroe.adapters.exchange.settings import Auth, ExchangeSecret, ExchangeSettings
from soroe.adapters.google import errors as google_errors
from soroe.adapters.google.calendar import GoogleCalendar
from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret, GoogleSettings
from soroe.adapters.google.sign_in import GoogleSignIn
from soroe.adapters.microsoft365 import errors as microsoft_errors
from soroe.adapters.microsoft365.teams import TeamsMeetings
from soroe.adapters.net.oauth import Safe, Tokens
from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.redirect import LandingPlace, RedirectListener, RedirectPages
from soroe.adapters.zoom.meetings import ZoomMeetings
from soroe.adapters.zoom.settings import ZoomSettings
from soroe.core.event import ContainerId, Field, ItemId, ObservedItem, Ref
from soroe.ports.errors import PortError
from soroe.ports.meeting_links import LinkWanted
from soroe.ports.remote import Failed, Reader, Update, Writer
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.faults import Answer, DropAfterProcessing, Faults
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from tests.contracts.microsoft365_stand import Shelf, calendar_on, network_of, secret_of, settings_of
from tests.contracts.stand import WINDOW, at
from tests.fakes.clock import Clock
from tests.servers.zoom import CLIENT_ID as ZOOM_CLIENT
from tests.servers.zoom import ZoomServer

from .case import Ask, Case, Dropped, Http, NoToken, Raised, Soap, Stumble

SATO = "sato@example.com"
PAGES = RedirectPages(Path(__file__).parents[2] / "resources" / "sign-in")
PASSWORD = "correct horse"
WANTED = LinkWanted("Visit", Clock().now + timedelta(days=1), 30, "Asia/Tokyo", "seed")


class Door(ABC):
    """One service with one meeting in it; `paths` are those of its interface, `token` of its token endpoint."""

    paths = "/events"
    token = "/token"

    def __init__(self) -> None:
        self.clock = Clock()
        self.ahead = timedelta()
        self._stack = ExitStack()

    def now(self) -> datetime:
        """The time of this computer, which may be ahead of the server's."""
        return self.clock() + self.ahead

    def close(self) -> None:
        """Let go of the server."""
        self._stack.close()

    def _enter(self, sandbox: AbstractContextManager[Any]) -> Any:
        return self._stack.enter_context(sandbox)

    @property
    @abstractmethod
    def faults(self) -> Faults: ...

    @abstractmethod
    def meets(self, case: Case) -> PortError:
        """What the connector makes of it."""

    @abstractmethod
    def tokens_end(self) -> None:
        """Every access token has ended."""

    def arrange(self, case: Case) -> None:
        """Switch on what the case says, for every request from now on."""
        method = "POST|PATCH|PUT|DELETE" if case.ask is Ask.CHANGE else ".*"
        match case.wire:
            case Http(status, body, headers):
                kind = headers.get("Content-Type", "text/plain")
                rest = {name: text for name, text in headers.items() if name != "Content-Type"}
                self.faults.add(Answer(status, body, kind, rest), method, self.paths, times=-1)
            case NoToken(status, answer):
                self.tokens_end()
                self.faults.add(Answer.as_json(status, dict(answer)), "POST", self.token, times=-1)
            case Dropped():
                self.faults.add(DropAfterProcessing(), path=self.paths, times=-1)
            case Soap() | Raised() | Stumble():
                raise AssertionError(f"nobody here can say {case.wire}")


class CalendarDoor(Door):
    """A calendar, which lists and changes."""

    ref: Ref
    container: ContainerId

    @abstractmethod
    def opened(self) -> tuple[Reader, Writer]:
        """The connector, which remembers nothing of the case before."""

    @abstractmethod
    def translated(self, error: BaseException) -> PortError:
        """What the connector makes of an error that a library raises."""

    def meets(self, case: Case) -> PortError:
        if isinstance(case.wire, Raised):
            return self.translated(case.wire.error)
        reader, writer = self.opened()
        try:
            item = reader.read(self.ref)
            assert isinstance(item, ObservedItem)
            self.arrange(case)
            self.ahead = timedelta(minutes=30) if case.clock_off else timedelta()
            for _ in range(case.times - 1):
                self._asked(case.ask, reader, writer, item)
            return self._asked(case.ask, reader, writer, item)
        finally:
            self.ahead = timedelta()
            self.faults.clear()
            reader.close()  # type: ignore[attr-defined]  # every connector has it

    def _asked(self, ask: Ask, reader: Reader, writer: Writer, item: ObservedItem) -> PortError:
        if ask is Ask.CHANGE:
            changed = replace(item.content, title="Another title")
            (result,) = writer.write([Update(self.ref, item.version, changed, (Field.TITLE,))])
            assert isinstance(result, Failed), result
            return result.error
        try:
            list(reader.changes(self.container, None, WINDOW))
        except PortError as error:
            return error
        raise AssertionError("nothing was wrong")


class GoogleDoor(CalendarDoor):
    """Google Calendar."""

    paths = "/calendars/|/batch"

    def __init__(self) -> None:
        super().__init__()
        self.box: GoogleSandbox = self._enter(GoogleSandbox(clock=self.clock))
        self.box.add_account(SATO)
        given = self.box.give_permission(SATO)
        self._secret = GoogleSecret(
            given.refresh_token, CLIENT_ID, SATO, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE)
        ).text()
        when = at()
        times = {
            name: {"dateTime": time.isoformat(), "timeZone": when.zone}
            for name, time in (("start", when.start), ("end", when.end))
        }
        self.container = ContainerId(SATO)
        self.ref = Ref(self.container, ItemId(self.box.user_inserts(SATO, {"summary": "Visit", **times})["id"]))

    @property
    def faults(self) -> Faults:
        return self.box.faults

    def tokens_end(self) -> None:
        self.box.expire_access_tokens()

    def _settings(self) -> GoogleSettings:
        return GoogleSettings(
            CLIENT_ID,
            CLIENT_SECRET,
            api_endpoint=self.box.api_endpoint,
            authorization_endpoint=self.box.authorization_endpoint,
            token_endpoint=self.box.token_endpoint,
            revocation_endpoint=self.box.revocation_endpoint,
            userinfo_endpoint=self.box.userinfo_endpoint,
        )

    def meets(self, case: Case) -> PortError:
        if not isinstance(case.wire, Stumble):
            return super().meets(case)
        try:
            self._signs_in(case.wire)
        except PortError as error:
            return error
        raise AssertionError("nothing was wrong")

    def _signs_in(self, stumble: Stumble) -> None:
        if stumble is Stumble.PORT:
            with socket.create_server(("127.0.0.1", 0)) as other:
                RedirectListener(PAGES, LandingPlace(port=other.getsockname()[1]))
        browser = ScriptedBrowser(account=SATO, tick=["calendar.calendarlist.readonly"])

        def shown(address: str) -> bool:
            if stumble is Stumble.ONE_BOX:
                browser.open_in_background(address)
            return stumble is not Stumble.NO_BROWSER

        flow = GoogleSignIn(self._settings(), open_browser=shown, pages=PAGES, now=self.now)
        flow.run(timeout=90 if stumble is Stumble.ONE_BOX else 0.1)

    def opened(self) -> tuple[Reader, Writer]:
        pacer = Pacer(10_000, 600.0, clock=time.monotonic, wait=time.sleep)
        calendar = GoogleCalendar(self._settings(), lambda: self._secret, pacer, now=self.now)
        return calendar, calendar.writer

    def translated(self, error: BaseException) -> PortError:
        return google_errors.translate(error, self.clock())


class ExchangeDoor(CalendarDoor):
    """Exchange Server."""

    paths = ".*"

    def __init__(self) -> None:
        super().__init__()
        self.box: ExchangeSandbox = self._enter(ExchangeSandbox(clock=self.clock))
        self.box.add_account(SATO, PASSWORD, "Sato")
        self.container = ContainerId(self.box.calendar(SATO).id)
        start = self.clock() + timedelta(days=1)
        self.ref = Ref(self.container, ItemId(self.box.user_creates(SATO, "Visit", start, start + timedelta(hours=1))))

    @property
    def faults(self) -> Faults:
        return self.box.faults

    def tokens_end(self) -> None:
        raise AssertionError("a password has no token")

    def arrange(self, case: Case) -> None:
        self.box.clear_faults()
        match case.wire:
            case Soap(code, fault=True):
                self.box.fault_with(code, times=9)
            case Soap(code):
                self.box.answer_with(code, "SyncFolderItems" if case.ask is Ask.LISTING else "UpdateItem", times=9)
            case _:
                super().arrange(case)

    def opened(self) -> tuple[Reader, Writer]:
        self.box.clear_faults()
        settings = ExchangeSettings(SATO, endpoint=self.box.ews_url, auth=Auth.BASIC, zone="Asia/Tokyo")
        secret = ExchangeSecret(PASSWORD, self.box.ews_url, Auth.BASIC, "15.2.1544.4", SATO)
        calendar = ExchangeCalendar(settings, secret.text, now=self.clock)
        return calendar, calendar.writer

    def translated(self, error: BaseException) -> PortError:
        return exchange_errors.translate(error, self.clock())


class Microsoft365Door(CalendarDoor):
    """Microsoft 365, and Teams with it."""

    paths = "/me/|/calendars/|/events|calendarView"
    token = "oauth2/v2.0/token"

    def __init__(self) -> None:
        super().__init__()
        self.box: Microsoft365Sandbox = self._enter(Microsoft365Sandbox(clock=self.clock))
        self.box.add_account(SATO, "Sato")
        when = at()
        times = {
            name: {"dateTime": time.isoformat(), "timeZone": when.zone}
            for name, time in (("start", when.start), ("end", when.end))
        }
        self.container = ContainerId(self.box.calendar_id(SATO))
        self.ref = Ref(self.container, ItemId(str(self.box.user_creates(SATO, {"subject": "Visit", **times})["id"])))

    @property
    def faults(self) -> Faults:
        return self.box.faults

    def tokens_end(self) -> None:
        self.box.expire_access_tokens()

    def opened(self) -> tuple[Reader, Writer]:
        calendar = calendar_on(self.box, self.clock)
        return calendar, calendar.writer

    def translated(self, error: BaseException) -> PortError:
        return microsoft_errors.translate(error, self.clock())

    def meets(self, case: Case) -> PortError:
        if case.ask not in {Ask.LINK, Ask.TEAMS}:
            return super().meets(case)
        shelf = Shelf(secret_of(self.box))
        pacer = Pacer(10_000, 600.0, clock=time.monotonic, wait=time.sleep)
        teams = TeamsMeetings(
            settings_of(self.box), shelf.secret, shelf.keep, pacer, now=self.clock, network=network_of(self.box)
        )
        assert isinstance(case.wire, Http)
        path = "onlineMeetings" if case.ask is Ask.LINK else "/me/calendar"
        self.faults.add(Answer(case.wire.status, case.wire.body), path=path, times=-1)
        try:
            if case.ask is Ask.LINK:
                teams.create(WANTED)
            else:
                teams.identity()
        except PortError as error:
            return error
        finally:
            self.faults.clear()
            teams.close()
        raise AssertionError("nothing was wrong")


class ZoomDoor(Door):
    """Zoom."""

    paths = "/meetings"

    def __init__(self) -> None:
        super().__init__()
        self.box: ZoomServer = self._enter(ZoomServer(self.clock))
        self.box.add_user(SATO)
        self._ended = False

    @property
    def faults(self) -> Faults:
        return self.box.faults

    def tokens_end(self) -> None:
        self._ended = True

    def meets(self, case: Case) -> PortError:
        told = self.box.tokens(next(iter(self.box.users.values())))
        self.arrange(case)
        access = "one-that-has-ended" if self._ended else str(told["access_token"])
        kept = [Tokens(str(told["refresh_token"]), access).secret()]
        settings = ZoomSettings(
            ZOOM_CLIENT,
            api_endpoint=self.box.api_endpoint,
            authorization_endpoint=self.box.authorization_endpoint,
            token_endpoint=self.box.token_endpoint,
        )
        zoom = ZoomMeetings(settings, Safe(lambda: kept[-1], kept.append), now=self.clock)
        try:
            zoom.create(WANTED)
        except PortError as error:
            return error
        finally:
            self._ended = False
            self.faults.clear()
            zoom.close()
        raise AssertionError("nothing was wrong")
