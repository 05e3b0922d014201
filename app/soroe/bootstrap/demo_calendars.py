"""The demo's calendar, one class a provider: its server on loopback, and Sato's account on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol

from soroe.ports.remote import Identity
from soroe.sandbox.demo.appointments import COLLEAGUE, ME, Calendar
from soroe.sandbox.demo.remarks import Remark
from soroe.sandbox.demo.text_file import OwnFile
from soroe.settings.model import Account

from .sign_ins import SignIns


class DemoCalendar(Protocol):
    """A calendar server of the demo. `account` is its table in config.toml; `colleagues` is the id of the calendar that
    a colleague shares, where the account lists such."""

    @property
    def account(self) -> str: ...

    colleagues: str

    def fill(self, calendar: Calendar) -> None:
        """Put the fortnight into it."""
        ...

    def load(self, file: OwnFile) -> list[Remark]:
        """Put the user's own exported calendar into it; what could not be read, and why."""
        ...

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        """Sign in as a user would."""
        ...


class GoogleDemo:
    """Google Calendar, signed in to in a browser."""

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.demo import in_google
        from soroe.sandbox.google import GoogleSandbox

        self.box = stack.enter_context(GoogleSandbox())
        in_google.people(self.box)
        self.colleagues = COLLEAGUE

    @property
    def account(self) -> str:
        from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET

        return f"""kind = "google"
email = "{ME}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
api_endpoint = "{self.box.api_endpoint}"
authorization_endpoint = "{self.box.authorization_endpoint}"
token_endpoint = "{self.box.token_endpoint}"
revocation_endpoint = "{self.box.revocation_endpoint}"
"""

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_google

        in_google.fill(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_ics import load_calendar
        from soroe.sandbox.demo.in_google import GoogleShelf

        return load_calendar(GoogleShelf(self.box), file)

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        return signs.with_browser(account)


class Microsoft365Demo:
    """A Microsoft 365 calendar, signed in to in a browser."""

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.demo import in_microsoft365
        from soroe.sandbox.microsoft365.sandbox import Microsoft365Sandbox

        self.box = stack.enter_context(Microsoft365Sandbox())
        in_microsoft365.people(self.box)
        self.colleagues = self.box.calendar_id(COLLEAGUE)

    @property
    def account(self) -> str:
        from soroe.sandbox.microsoft365.sandbox import CLIENT_ID

        return f"""kind = "microsoft365"
email = "{ME}"
client_id = "{CLIENT_ID}"
api_endpoint = "{self.box.api_endpoint}/"
authority = "{self.box.url}/"
"""

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_microsoft365

        in_microsoft365.fill(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_ics import load_calendar

        from .own_calendar import GraphShelf

        return load_calendar(GraphShelf(self.box), file)

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        return signs.with_browser(account)


class ExchangeDemo:
    """A mailbox on Exchange Server, signed in to with a password."""

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.demo import in_exchange
        from soroe.sandbox.exchange import ExchangeSandbox

        self.box = stack.enter_context(ExchangeSandbox())
        in_exchange.people(self.box)
        self.colleagues = ""  # Exchange Server lists nobody else's calendars

    @property
    def account(self) -> str:
        return f"""kind = "exchange"
email = "{ME}"
username = "{ME}"
server = "{self.box.ews_url}"
auth = "ntlm"
"""

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_exchange

        in_exchange.fill(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_ics import load_calendar

        from .own_calendar import ExchangeShelf

        return load_calendar(ExchangeShelf(self.box), file)

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        from soroe.sandbox.demo.in_exchange import PASSWORD

        return signs.with_password(account, PASSWORD)


CALENDARS: dict[str, Callable[[ExitStack], DemoCalendar]] = {
    "google": GoogleDemo,
    "exchange": ExchangeDemo,
    "microsoft365": Microsoft365Demo,
}
"""The providers that the demo can show."""
