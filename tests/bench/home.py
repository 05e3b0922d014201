"""The program in a home of the benchmark, for the processes that are measured."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soroe.bootstrap.program import Program


class PaperKeychain:
    """A keychain in a file: what the system's own keychain costs is left out, for the peer has none either."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "keychain.json"
        self._kept: dict[str, str] = json.loads(self._file.read_bytes()) if self._file.exists() else {}

    def get(self, account: str, item: str) -> str | None:
        """See `Keychain.get`."""
        return self._kept.get(f"{account}/{item}")

    def set(self, account: str, item: str, value: str) -> None:
        """See `Keychain.set`."""
        self._kept[f"{account}/{item}"] = value
        self._file.write_text(json.dumps(self._kept), encoding="utf-8")

    def delete(self, account: str, item: str) -> None:
        """See `Keychain.delete`."""
        self._kept.pop(f"{account}/{item}", None)
        self._file.write_text(json.dumps(self._kept), encoding="utf-8")


QUOTA = "SOROE_BENCH_QUOTA"
"""The variable that says how many calls a minute the program may send; without it, as many as it can."""
NOT_OURS = ("rich", "pygments")
"""Packages of the developers' tools that a library loads where it finds them; an installation has none of them."""


def program_in(folder: Path) -> Program:
    """The program of this home, signed in at the first start."""
    sys.modules.update(dict.fromkeys(NOT_OURS))  # type: ignore[arg-type]  # None is how Python notes a missing module
    from soroe.bootstrap import connectors

    connectors.GOOGLE_QUOTA = int(os.environ.get(QUOTA, "1_000_000"))
    from soroe.bootstrap.connectors import SECRET
    from soroe.bootstrap.program import Program
    from soroe.settings.homes import homes

    keychain = PaperKeychain(folder)
    if keychain.get("crm", SECRET) is None:
        from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret

        told = json.loads((folder / "secrets.json").read_bytes())
        scopes = (EVENTS_SCOPE, CALENDAR_LIST_SCOPE)
        secret = GoogleSecret(told["refresh_token"], told["client_id"], "sato@example.com", "", scopes)
        keychain.set("calendar", SECRET, secret.text())
        keychain.set("crm", SECRET, told["crm_key"])
    variables = {**os.environ, "SOROE_HOME": str(folder), "LANG": "en_US.UTF-8", "TZ": "Asia/Tokyo"}
    program = Program(homes(variables), keychain, variables)
    program.homes.make()
    return program


def started(argv: list[str]) -> tuple[Path, list[str]]:
    """The home and the words that follow it on a command line of the benchmark."""
    if not argv:
        sys.exit("Say which home to run in.")
    return Path(argv[0]), argv[1:]
