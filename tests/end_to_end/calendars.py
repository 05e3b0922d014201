"""The calendars of the whole-run tests, with the same handles on each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from soroe.adapters.exchange.settings import Auth, ExchangeSecret
from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret
from soroe.adapters.microsoft365.settings import Microsoft365Settings
from soroe.adapters.microsoft365.sign_in import Microsoft365SignIn
from soroe.adapters.net.redirect import RedirectPages
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.faults import Faults
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET
from soroe.sandbox.microsoft365.sandbox import CLIENT_ID as MICROSOFT_CLIENT
from soroe.sandbox.microsoft365.sandbox import Microsoft365Sandbox
from soroe.sandbox.request_log import RecordedRequest, RequestLog
from soroe.sandbox.server import LoopbackServer
from tests.end_to_end.crms import EMAIL, google_event
from tests.end_to_end.played import Lie, Played, feed_lies

PASSWORD = "correct horse"
SIGN_IN_PAGES = Path(__file__).parents[2] / "resources" / "sign-in"


class Calendar(Protocol):
    """What every calendar can do in the hands of its user, and how it goes wrong."""

    account: str

    @property
    def server(self) -> LoopbackServer: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def requests(self) -> RequestLog: ...
    def secret(self) -> str: ...
    def creates(self, title: str, start: datetime) -> str: ...
    def renames(self, item: str, title: str) -> None: ...
    def moves(self, item: str, place: str) -> None: ...
    def deletes(self, item: str) -> None: ...
    def titles(self) -> list[str]: ...
    def ids(self) -> dict[str, str]: ...
    def mails(self) -> int: ...
    def deletions(self) -> list[str]: ...
    def lies(self, number: int) -> dict[str, Lie]: ...
    def close(self) -> None: ...


class GoogleSide(Played[GoogleSandbox]):
    """Google Calendar; the sandbox itself is in `box`."""

    def __init__(self, box: GoogleSandbox | None = None) -> None:
        super().__init__(box, GoogleSandbox)
        self.box.add_account(EMAIL)
        self.account = f"""kind = "google"
email = "{EMAIL}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
api_endpoint = "{self.box.api_endpoint}"
authorization_endpoint = "{self.box.authorization_endpoint}"
token_endpoint = "{self.box.token_endpoint}"
revocation_endpoint = "{self.box.revocation_endpoint}"
"""

    def secret(self) -> str:
        permission = self.box.give_permission(EMAIL)
        return GoogleSecret(permission.refresh_token, CLIENT_ID, EMAIL, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE)).text()

    def creates(self, title: str, start: datetime) -> str:
        return str(self.box.user_inserts(EMAIL, google_event(title, start))["id"])

    def renames(self, item: str, title: str) -> None:
        self.box.user_patches(EMAIL, item, {"summary": title})

    def moves(self, item: str, place: str) -> None:
        self.box.user_patches(EMAIL, item, {"location": place})

    def deletes(self, item: str) -> None:
        self.box.user_deletes(EMAIL, item)

    def titles(self) -> list[str]:
        return sorted(str(event.get("summary")) for event in self.box.events(EMAIL, deleted=False))

    def ids(self) -> dict[str, str]:
        return {str(event["summary"]): str(event["id"]) for event in self.box.events(EMAIL, deleted=False)}

    def mails(self) -> int:
        return len(self.box.mails_sent)

    def deletions(self) -> list[str]:
        return [request.path for request in self.requests.all("DELETE")]

    def lies(self, number: int) -> dict[str, Lie]:
        return feed_lies(self.box.lies, self.box.expire_sync_tokens, number)


class Microsoft365Side(Played[Microsoft365Sandbox]):
    """Microsoft 365; the sandbox itself is in `box`."""

    def __init__(self) -> None:
        super().__init__(None, Microsoft365Sandbox)
        self.box.add_account(EMAIL, "Sato")
        self.account = f"""kind = "microsoft365"
email = "{EMAIL}"
client_id = "{MICROSOFT_CLIENT}"
api_endpoint = "{self.box.api_endpoint}/"
authority = "{self.box.url}/"
"""

    def secret(self) -> str:
        """What a sign-in in the browser brings."""
        browser = ScriptedBrowser(account=EMAIL)
        flow = Microsoft365SignIn(
            Microsoft365Settings(MICROSOFT_CLIENT, api_endpoint=self.box.api_endpoint, authority=self.box.url),
            open_browser=lambda address: browser.open_in_background(address) is not None,
            pages=RedirectPages(SIGN_IN_PAGES),
            now=lambda: datetime.now(UTC),
        )
        return flow.run().secret

    def creates(self, title: str, start: datetime) -> str:
        return str(self.box.user_creates(EMAIL, graph_event(title, start))["id"])

    def renames(self, item: str, title: str) -> None:
        self.box.user_renames(EMAIL, item, title)

    def moves(self, item: str, place: str) -> None:
        self.box.user_changes(EMAIL, item, {"location": {"displayName": place}})

    def deletes(self, item: str) -> None:
        self.box.user_deletes(EMAIL, item)

    def titles(self) -> list[str]:
        return sorted(str(event["subject"]) for event in self.box.events(EMAIL))

    def ids(self) -> dict[str, str]:
        return {str(event["subject"]): str(event["id"]) for event in self.box.events(EMAIL)}

    def mails(self) -> int:
        return len(self.box.mails_sent)

    def deletions(self) -> list[str]:
        parts = [
            part
            for request in self.requests.all("POST")
            if request.path.endswith("/$batch")
            for part in _parts(request)
        ]
        return [request.path for request in self.requests.all("DELETE")] + [
            str(part["url"]) for part in parts if part["method"] == "DELETE"
        ]

    def lies(self, number: int) -> dict[str, Lie]:
        return feed_lies(self.box.lies, self.box.expire_delta_links, number)


class ExchangeSide(Played[ExchangeSandbox]):
    """Exchange Server; the sandbox itself is in `box`."""

    def __init__(self) -> None:
        super().__init__(None, ExchangeSandbox)
        self.box.add_account(EMAIL, PASSWORD, "Sato")
        self.account = f"""kind = "exchange"
email = "{EMAIL}"
username = "{EMAIL}"
server = "{self.box.ews_url}"
auth = "basic"
"""

    def secret(self) -> str:
        return ExchangeSecret(PASSWORD, self.box.ews_url, Auth.BASIC, "15.2.1544.4", EMAIL).text()

    def creates(self, title: str, start: datetime) -> str:
        return self.box.user_creates(EMAIL, title, start, start + timedelta(hours=1))

    def renames(self, item: str, title: str) -> None:
        self.box.user_changes(item, subject=title)

    def moves(self, item: str, place: str) -> None:
        self.box.user_changes(item, location=place)

    def deletes(self, item: str) -> None:
        self.box.user_deletes(item)

    def titles(self) -> list[str]:
        return sorted(item.subject for item in self.box.items(EMAIL).values())

    def ids(self) -> dict[str, str]:
        return {item.subject: identity for identity, item in self.box.items(EMAIL).items()}

    def mails(self) -> int:
        return len(self.box.mails_sent)

    def deletions(self) -> list[str]:
        return [one.name for name in ("DeleteItem", "MoveItem") for one in self.box.operations(name)]

    def lies(self, number: int) -> dict[str, Lie]:
        return feed_lies(self.box.lies, self.box.expire_sync_states, number)


def graph_event(title: str, start: datetime) -> dict[str, Any]:
    """An hour in the shape of Graph's event resource."""
    end = start + timedelta(hours=1)
    return {
        "subject": title,
        "start": {"dateTime": f"{start:%Y-%m-%dT%H:%M:%S}", "timeZone": "Tokyo Standard Time"},
        "end": {"dateTime": f"{end:%Y-%m-%dT%H:%M:%S}", "timeZone": "Tokyo Standard Time"},
    }


def _parts(request: RecordedRequest) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = json.loads(request.body)["requests"]
    return parts


CALENDARS: dict[str, Callable[[], Calendar]] = {
    "google": GoogleSide,
    "exchange": ExchangeSide,
    "microsoft365": Microsoft365Side,
}
WORLDS = ("rest", "pipedrive", "salesforce", "esales", "oracle", "rest-exchange", "rest-microsoft365")
"""What whole runs are tried on: a CRM, and a calendar unless it is Google."""
