"""A home of its own, signed in at sandbox servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret
from soroe.bootstrap.connectors import SECRET
from soroe.bootstrap.program import Program
from soroe.ports.store import Store
from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET
from soroe.sandbox.keychain import MemoryKeychain
from soroe.settings.homes import homes

EMAIL = "sato@example.com"


@dataclass
class World:
    """A CRM and a Google, each with Sato in it."""

    crm: CrmSandbox
    google: GoogleSandbox

    def __post_init__(self) -> None:
        self.user = self.crm.add_user(EMAIL, "Sato")
        self.google.add_account(EMAIL)

    def config(self, **sync: object) -> str:
        """A config.toml for both accounts and one sync."""
        choices = "\n".join(f"{key} = {_toml(value)}" for key, value in sync.items())
        return f"""
[accounts.calendar]
kind = "google"
email = "{EMAIL}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
api_endpoint = "{self.google.api_endpoint}"
authorization_endpoint = "{self.google.authorization_endpoint}"
token_endpoint = "{self.google.token_endpoint}"

[accounts.crm]
kind = "rest"
base_url = "{self.crm.base_url}"
auth = "api_key"

[syncs.work]
crm = "crm"
calendar = "calendar"
incoming_type = "meeting"
zone = "Asia/Tokyo"
{choices}
"""


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


@dataclass
class Installation:
    """One laptop: a folder, a keychain, a program."""

    world: World
    folder: Path
    choices: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keychain = MemoryKeychain()
        environment = {"SOROE_HOME": str(self.folder), "LANG": "en_US.UTF-8"}
        self.program = Program(homes(environment), self.keychain, environment)
        self.program.homes.make()
        self.program.homes.config_file.write_text(self.world.config(**self.choices), encoding="utf-8")
        permission = self.world.google.give_permission(EMAIL)
        secret = GoogleSecret(permission.refresh_token, CLIENT_ID, EMAIL, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE))
        self.keychain.set("calendar", SECRET, secret.text())
        self.keychain.set("crm", SECRET, self.world.crm.api_key_for(self.world.user))
        self.store: Store = self.program.open_store()

    def close(self) -> None:
        """Let go of everything."""
        self.store.close()


TOKYO = ZoneInfo("Asia/Tokyo")


def tomorrow(hour: int) -> datetime:
    day = datetime.now(TOKYO) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def google_event(title: str, start: datetime, **more: object) -> dict[str, object]:
    """An hour in Tokyo, as Google takes it."""
    end = start + timedelta(hours=1)
    return {
        "summary": title,
        "start": {"dateTime": start.isoformat(), "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": end.isoformat(), "timeZone": "Asia/Tokyo"},
        **more,
    }
