"""The two services that a laptop of the desktop tests is signed in at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret
from soroe.core.route import SyncName
from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET

EMAIL = "sato@example.com"
SYNC = SyncName("work")
TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass
class Services:
    """A CRM and a Google, each with Sato in it."""

    crm: CrmSandbox
    google: GoogleSandbox

    def __post_init__(self) -> None:
        self.user = self.crm.add_user(EMAIL, "Sato")
        self.google.add_account(EMAIL)

    @property
    def crm_key(self) -> str:
        """A key that signs Sato in to the CRM."""
        return str(self.crm.api_key_for(self.user))

    @property
    def google_secret(self) -> str:
        """What is in the keychain after Sato has signed in to Google."""
        granted = self.google.give_permission(EMAIL)
        return GoogleSecret(granted.refresh_token, CLIENT_ID, EMAIL, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE)).text()

    def calendar_table(self) -> dict[str, str]:
        """Google, as IT configures it."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "api_endpoint": self.google.api_endpoint,
            "authorization_endpoint": self.google.authorization_endpoint,
            "token_endpoint": self.google.token_endpoint,
            "revocation_endpoint": self.google.revocation_endpoint,
        }

    def config(self) -> str:
        """A config.toml for both accounts and one sync."""
        calendar = "\n".join(f'{key} = "{value}"' for key, value in self.calendar_table().items())
        return f"""
[accounts.calendar]
kind = "google"
email = "{EMAIL}"
{calendar}

[accounts.crm]
kind = "rest"
base_url = "{self.crm.base_url}"
auth = "api_key"

[syncs.{SYNC}]
crm = "crm"
calendar = "calendar"
incoming_type = "meeting"
zone = "Asia/Tokyo"
"""

    # --- what people do, and what there is ---
    def visit(self, title: str, hour: int, days: int = 1) -> str:
        """A colleague books a visit in the CRM; returns its id."""
        start = on(days, hour)
        return str(self.crm.user_creates(self.user, title, start, start + timedelta(hours=1)).id)

    def appointment(self, title: str, hour: int, days: int = 1) -> str:
        """The salesperson enters an appointment in Google; returns its id."""
        start = on(days, hour)
        body: dict[str, Any] = {"summary": title}
        for key, moment in (("start", start), ("end", start + timedelta(hours=1))):
            body[key] = {"dateTime": moment.isoformat(), "timeZone": "Asia/Tokyo"}
        return str(self.google.user_inserts(EMAIL, body)["id"])

    def in_calendar(self) -> list[str]:
        """The titles in Google's calendar, sorted."""
        live = [event for event in self.google.events(EMAIL) if event["status"] != "cancelled"]
        return sorted(str(event.get("summary")) for event in live)

    def in_crm(self) -> list[str]:
        """The titles in the CRM, sorted."""
        return sorted(str(activity.content.subject) for activity in self.crm.activities())

    def in_step(self, *titles: str) -> bool:
        """Whether both sides have exactly these, once each."""
        return self.in_calendar() == self.in_crm() == sorted(titles)


def on(days: int, hour: int) -> datetime:
    """A full hour of a coming day, in Tokyo."""
    day = datetime.now(TOKYO) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)
