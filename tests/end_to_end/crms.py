"""The CRMs of the whole-run tests, with the same handles on each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from soroe.adapters.net.oauth import Tokens
from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.crm.activity import Activity
from soroe.sandbox.esales import TENANT, EsalesSandbox
from soroe.sandbox.faults import Faults
from soroe.sandbox.oracle import FOR_PRACTICE, OracleSandbox
from soroe.sandbox.pipedrive import PipedriveSandbox
from soroe.sandbox.request_log import RequestLog
from soroe.sandbox.salesforce import SalesforceSandbox
from soroe.sandbox.salesforce.sandbox import CLIENT_ID
from soroe.sandbox.server import LoopbackServer
from tests.end_to_end.played import Played
from tests.ports import port_of_our_own

EMAIL = "sato@example.com"
TOKYO = ZoneInfo("Asia/Tokyo")
ITEMS = "activities|Appointments|schedules|queryAll|composite/sobjects|sobjects/Event/00U"
"""The addresses of activities, in any CRM."""


def tomorrow(hour: int, days: int = 1) -> datetime:
    """A full hour of tomorrow, or of `days` from now, in Tokyo."""
    day = datetime.now(TOKYO) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def google_event(title: str, start: datetime, **more: object) -> dict[str, Any]:
    """An hour in the shape of Google's event resource."""
    end = start + timedelta(hours=1)
    return {
        "summary": title,
        "start": {"dateTime": start.isoformat(), "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": end.isoformat(), "timeZone": "Asia/Tokyo"},
        **more,
    }


class Crm(Protocol):
    """What both CRMs can do in the hands of their user."""

    account: str
    choices: dict[str, object]
    deletions_are_told: bool

    @property
    def server(self) -> LoopbackServer: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def requests(self) -> RequestLog: ...
    def key(self) -> str: ...
    def creates(self, title: str, start: datetime, notes: str = "") -> str: ...
    def renames(self, item: str, title: str) -> None: ...
    def deletes(self, item: str) -> None: ...
    def titles(self) -> list[str]: ...
    def ids(self) -> dict[str, str]: ...
    def close(self) -> None: ...


class RestCrm(Played[CrmSandbox]):
    """A CRM over the generic contract; the sandbox itself is in `box`."""

    deletions_are_told = True

    def __init__(self, box: CrmSandbox | None = None) -> None:
        super().__init__(box, CrmSandbox)
        self.user = self.box.add_user(EMAIL, "Sato")
        self.account = f'kind = "rest"\nbase_url = "{self.box.base_url}"\nauth = "api_key"'
        self.choices: dict[str, object] = {}

    def key(self) -> str:
        return self.box.api_key_for(self.user)

    def creates(self, title: str, start: datetime, notes: str = "") -> str:
        return self.put(title, start, description=notes).id

    def put(self, title: str, start: datetime, **fields: Any) -> Activity:
        """An hour, with any further field."""
        return self.box.user_creates(self.user, title, start, start + timedelta(hours=1), **fields)

    def renames(self, item: str, title: str) -> None:
        self.box.user_changes(item, subject=title)

    def deletes(self, item: str) -> None:
        self.box.user_deletes(item)

    def titles(self) -> list[str]:
        return sorted(activity.content.subject for activity in self.box.activities())

    def ids(self) -> dict[str, str]:
        return {activity.content.subject: activity.id for activity in self.box.activities()}


class PipedriveCrm(Played[PipedriveSandbox]):
    """Pipedrive: no conditional writes, no hidden stamp, no tombstone that can be trusted."""

    deletions_are_told = False  # the hourly look finds them

    def __init__(self) -> None:
        super().__init__(None, PipedriveSandbox)
        self.user = self.box.add_user(EMAIL, "Sato")
        self.account = f'kind = "pipedrive"\nbase_url = "{self.box.url}"'
        self._key = ""
        self.choices: dict[str, object] = {"dialect": "pipedrive", "backfill_from": "2000-01-01"}

    def key(self) -> str:
        self._key = self._key or self.box.api_token_for(self.user)  # a new one would end the old
        return self._key

    def creates(self, title: str, start: datetime, notes: str = "") -> str:
        more = {"public_description": notes} if notes else {}
        return str(self.box.user_creates(self.user, title, start, timedelta(hours=1), busy=True, **more).id)

    def renames(self, item: str, title: str) -> None:
        self.box.user_changes(int(item), subject=title)

    def deletes(self, item: str) -> None:
        self.box.user_deletes(int(item))

    def titles(self) -> list[str]:
        return sorted(activity.fields.subject for activity in self.box.activities())

    def ids(self) -> dict[str, str]:
        return {activity.fields.subject: str(activity.id) for activity in self.box.activities()}


class EsalesCrm(Played[EsalesSandbox]):
    """eSales Manager: no conditional writes, no hidden stamp, no word of deletions, and times without a zone."""

    deletions_are_told = False  # the hourly listing finds them

    def __init__(self) -> None:
        super().__init__(None, EsalesSandbox)
        self.user = self.box.add_employee(EMAIL, "佐藤 健")
        self.account = f'kind = "esales"\nbase_url = "{self.box.url}"\ntenant = "{TENANT}"\nemail = "{EMAIL}"'
        self.choices: dict[str, object] = {"incoming_type": "訪問"}

    def key(self) -> str:
        return self.box.api_token()

    def creates(self, title: str, start: datetime, notes: str = "") -> str:
        return self.put(title, start, detail=notes)

    def put(self, title: str, start: datetime, **fields: Any) -> str:
        """An hour, with any further field."""
        return str(self.box.user_creates(self.user, title, start, **fields).id)

    def renames(self, item: str, title: str) -> None:
        self.box.user_changes(int(item), subject=title)

    def deletes(self, item: str) -> None:
        self.box.user_deletes(int(item))

    def titles(self) -> list[str]:
        return sorted(schedule.fields.subject for schedule in self.box.schedules())

    def ids(self) -> dict[str, str]:
        return {schedule.fields.subject: str(schedule.id) for schedule in self.box.schedules()}


class OracleCrm(Played[OracleSandbox]):
    """Oracle CRM On Demand: no conditional writes, no stamp, no tombstones, and times in the user's own zone."""

    deletions_are_told = False  # the sweep finds them

    def __init__(self) -> None:
        super().__init__(None, OracleSandbox)
        self.box.lift_limit()
        self.user = self.box.add_user(EMAIL, "Takeshi Sato")
        self.account = f"""kind = "oracle"
base_url = "{self.box.url}"
username = "{self.user.sign_in}"
zone = "Asia/Tokyo"
requests_per_minute = 10000"""
        self.choices: dict[str, object] = {"incoming_type": "Meeting"}

    def key(self) -> str:
        return FOR_PRACTICE

    def creates(self, title: str, start: datetime, notes: str = "") -> str:
        more = {"Description": notes} if notes else {}
        return self.box.user_creates(self.user, title, start, start + timedelta(hours=1), **more).id

    def renames(self, item: str, title: str) -> None:
        self.box.user_changes(self.user, item, Subject=title)

    def deletes(self, item: str) -> None:
        self.box.user_deletes(self.user, item)

    def titles(self) -> list[str]:
        return sorted(record.title for record in self.box.appointments())

    def ids(self) -> dict[str, str]:
        return {record.title: record.id for record in self.box.appointments()}


class SalesforceCrm(Played[SalesforceSandbox]):
    """Salesforce without a field for our stamp, as it usually is."""

    deletions_are_told = True

    def __init__(self) -> None:
        port = port_of_our_own()
        super().__init__(None, lambda: SalesforceSandbox(redirects=(f"http://localhost:{port}/callback",)))
        self.user = self.box.add_user(EMAIL, "Sato")
        self.account = f"""kind = "salesforce"
login_url = "{self.box.url}"
client_id = "{CLIENT_ID}"
redirect_ports = [{port}]"""
        self.choices: dict[str, object] = {"incoming_type": "Meeting"}

    def key(self) -> str:
        given = self.box.permission_for(self.user, ("api", "refresh_token", "openid"))
        return Tokens(str(given["refresh_token"]), str(given["access_token"]), site=self.box.url).secret()

    def creates(self, title: str, start: datetime, notes: str = "") -> str:
        return self.put(title, start, **({"Description": notes} if notes else {}))

    def put(self, title: str, start: datetime, **fields: Any) -> str:
        """An hour, with any further field."""
        return str(self.box.user_creates(self.user, title, start, timedelta(hours=1), **fields)["Id"])

    def renames(self, item: str, title: str) -> None:
        self.box.user_changes(item, Subject=title)

    def deletes(self, item: str) -> None:
        self.box.user_deletes(item)

    def titles(self) -> list[str]:
        return sorted(str(row["Subject"] or "") for row in self.shown())

    def ids(self) -> dict[str, str]:
        return {str(row["Subject"]): str(row["Id"]) for row in self.shown()}

    def shown(self) -> list[dict[str, Any]]:
        """The user's events: a series once, and those of its meetings that have a title of their own."""
        rows = [dict(row) for row in self.box.events(self.user)]
        whole = {row["Id"]: row["Subject"] for row in rows if row["IsRecurrence"]}
        return [
            row for row in rows if row["Id"] in whole or whole.get(row["RecurrenceActivityId"], "") != row["Subject"]
        ]


CRMS: dict[str, type[RestCrm | PipedriveCrm | EsalesCrm | OracleCrm | SalesforceCrm]] = {
    "rest": RestCrm,
    "pipedrive": PipedriveCrm,
    "esales": EsalesCrm,
    "oracle": OracleCrm,
    "salesforce": SalesforceCrm,
}
