"""The demo's CRM, one class a CRM: its server on loopback, and Sato's account on it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol

from soroe.ports.remote import Identity
from soroe.sandbox.demo.appointments import ZONE, Calendar
from soroe.sandbox.demo.remarks import Remark
from soroe.sandbox.demo.text_file import OwnFile
from soroe.settings.model import Account

from .sign_ins import SignIns


class DemoCrm(Protocol):
    """A CRM's server of the demo. `account` is its table in config.toml, `sync` what the sync's table says for it."""

    @property
    def account(self) -> str: ...

    @property
    def sync(self) -> str: ...

    def fill(self, calendar: Calendar) -> None:
        """Put the fortnight into it."""
        ...

    def load(self, file: OwnFile) -> list[Remark]:
        """Put the user's own exported activities into it; what could not be read, and why."""
        ...

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        """Sign in as a user would."""
        ...


class RestDemo:
    """A CRM over the generic contract, signed in to with a key."""

    sync = 'dialect = "generic"\nincoming_type = "meeting"'

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.crm import CrmSandbox

        self.box = stack.enter_context(CrmSandbox())

    @property
    def account(self) -> str:
        return f'kind = "rest"\nbase_url = "{self.box.base_url}"\nauth = "api_key"'

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_crm

        self.user = in_crm.fill_rest(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_csv import load_rest

        self.user, problems = load_rest(self.box, file)
        return problems

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        return signs.with_key(account, self.box.api_key_for(self.user))


class PipedriveDemo:
    """Pipedrive, signed in to with an API token."""

    sync = 'dialect = "pipedrive"\nincoming_type = "meeting"\nbackfill_from = 2000-01-01'

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.pipedrive import PipedriveSandbox

        self.box = stack.enter_context(PipedriveSandbox())

    @property
    def account(self) -> str:
        return f'kind = "pipedrive"\nbase_url = "{self.box.url}"'

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_crm

        self.user = in_crm.fill_pipedrive(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_csv import load_pipedrive

        self.user, problems = load_pipedrive(self.box, file)
        return problems

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        return signs.with_key(account, self.box.api_token_for(self.user))


class EsalesDemo:
    """eSales Manager, signed in to with an API token of the company's."""

    sync = 'guests = "both"'

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.esales import EsalesSandbox

        self.box = stack.enter_context(EsalesSandbox())

    @property
    def account(self) -> str:
        from soroe.sandbox.esales import TENANT

        company = f'tenant = "{TENANT}"\nemail = "{self.user.mail}"'
        return f'kind = "esales"\nbase_url = "{self.box.url}"\n{company}'

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_esales

        self.user = in_esales.fill(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_csv import load_esales

        self.user, problems = load_esales(self.box, file)
        return problems

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        return signs.with_key(account, self.box.api_token())


class SalesforceDemo:
    """Salesforce, signed in to in a browser, in an org with a field for our mark."""

    sync = 'dialect = "salesforce"\nguests = "both"\nincoming_type = "Meeting"'

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.salesforce import SalesforceSandbox

        self.ports = _free_ports(3)
        addresses = tuple(f"http://localhost:{port}/callback" for port in self.ports)
        self.box = stack.enter_context(SalesforceSandbox(redirects=addresses))

    @property
    def account(self) -> str:
        from soroe.sandbox.demo.in_salesforce import STAMP_FIELD
        from soroe.sandbox.salesforce import CLIENT_ID

        return f"""kind = "salesforce"
email = "{self.user.email}"
client_id = "{CLIENT_ID}"
login_url = "{self.box.url}/"
stamp_field = "{STAMP_FIELD}"
redirect_ports = {self.ports}
"""

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_salesforce

        self.user = in_salesforce.fill(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_csv import load_salesforce

        self.user, problems = load_salesforce(self.box, file)
        return problems

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        return signs.with_browser(account)


def _free_ports(count: int) -> list[int]:
    """Ports of this computer that nobody listens on now: Salesforce wants to know a program's address beforehand."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


class OracleDemo:
    """Oracle CRM On Demand, signed in to with a password."""

    sync = 'dialect = "oracle"\nincoming_type = "Meeting"'

    def __init__(self, stack: ExitStack) -> None:
        from soroe.sandbox.oracle import OracleSandbox

        self.box = stack.enter_context(OracleSandbox())

    @property
    def account(self) -> str:
        return f"""kind = "oracle"
base_url = "{self.box.url}"
username = "{self.user.sign_in}"
zone = "{ZONE}"
requests_per_minute = 10000  # the demo's server serves that many, so that nobody has to wait for it
"""

    def fill(self, calendar: Calendar) -> None:
        from soroe.sandbox.demo import in_oracle

        self.user = in_oracle.fill(self.box, calendar)

    def load(self, file: OwnFile) -> list[Remark]:
        from soroe.sandbox.demo.from_csv import load_oracle

        self.user, problems = load_oracle(self.box, file)
        return problems

    def sign_in(self, signs: SignIns, account: Account) -> Identity:
        from soroe.sandbox.oracle import FOR_PRACTICE

        return signs.with_password(account, FOR_PRACTICE)


CRMS: dict[str, Callable[[ExitStack], DemoCrm]] = {
    "rest": RestDemo,
    "pipedrive": PipedriveDemo,
    "salesforce": SalesforceDemo,
    "esales": EsalesDemo,
    "oracle": OracleDemo,
}
"""The CRMs that the demo can show."""
