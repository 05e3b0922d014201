"""A laptop of the benchmark: a home that is signed in at sandbox servers, and the programs that run in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.bench.child import Answer, Child, Cost, run

SYNC = "work"
_CONFIG = """
[accounts.calendar]
kind = "google"
email = "sato@example.com"
client_id = "{client_id}"
client_secret = "{client_secret}"
api_endpoint = "{api_endpoint}"
authorization_endpoint = "{authorization_endpoint}"
token_endpoint = "{token_endpoint}"

[accounts.crm]
kind = "{crm}"
base_url = "{crm_url}"
{auth}

[syncs.work]
crm = "crm"
calendar = "calendar"
dialect = "{dialect}"
incoming_type = "meeting"
zone = "Asia/Tokyo"
new_items_only = false
"""


class Laptop:
    """One laptop and the servers it talks to."""

    def __init__(self, folder: Path, crm: str = "rest") -> None:
        self.folder = folder
        self.servers = Child("tests.bench.servers")
        told = self.servers.ask("open", crm=crm)
        auth = 'auth = "api_key"' if crm == "rest" else ""
        dialect = "generic" if crm == "rest" else crm
        (folder / "config").mkdir(parents=True, exist_ok=True)
        config = _CONFIG.format(crm=crm, auth=auth, dialect=dialect, **told)
        (folder / "config" / "config.toml").write_text(config, encoding="utf-8")
        secrets = {"refresh_token": told["refresh_token"], "client_id": told["client_id"], "crm_key": told["crm_key"]}
        (folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")

    @property
    def database(self) -> Path:
        """The local database."""
        return self.folder / "data" / "soroe.db"

    def command(self, *words: str) -> Cost:
        """One command of the product, from the start of Python to its end."""
        return run([sys.executable, "-m", "tests.bench.command", str(self.folder), *words])

    def app(self) -> Child:
        """The product as it runs beside the tray, for one sync."""
        return Child("tests.bench.app", str(self.folder))

    def in_step(self, expected: int) -> Answer:
        """What the servers counted; raises `AssertionError` unless both sides hold everything."""
        counts = self.servers.ask("counts")
        if {counts["events"], counts["activities"]} != {expected}:
            raise AssertionError(f"the sync left {counts} of {expected} meetings")
        return counts

    def close(self) -> None:
        """End the servers."""
        self.servers.close()
