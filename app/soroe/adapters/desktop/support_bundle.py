"""A file for the support (PD-12): versions, settings, logs and counts, without secrets and without anybody's words."""

from __future__ import annotations

import json
import os
import platform
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from tempfile import mkstemp
from urllib.parse import urlsplit

from soroe.ports.errors import LocalTrouble
from soroe.ports.log import Code

from .log import safe_line

CHOICES = frozenset(
    {"kind", "direction", "privacy", "conflicts", "guests", "dialect", "auth", "language", "zone", "profile"}
)
"""Settings whose values come from a list. Those of all others are shown as marks."""
KNOWN_HOSTS = (
    "googleapis.com",
    "google.com",
    "microsoft.com",
    "microsoftonline.com",
    "office365.com",
    "pipedrive.com",
    "salesforce.com",
    "softbrain.com",
)
"""Services' own hosts tell nothing of the user; the company's part before them is left out."""
PACKAGES = (
    "apsw-sqlite3mc",
    "desktop-notifier",
    "google-api-python-client",
    "google-auth",
    "httpx",
    "keyring",
    "platformdirs",
    "PySide6-Essentials",
    "tomlkit",
    "truststore",
    "tzdata",
)


@dataclass(frozen=True, slots=True)
class SupportContents:
    """What goes in. `settings` is the tree of config.toml, `policies` the names of the policies in force.

    `counts` are rows by table, `checks` the doctor's findings by code. Everything is filtered again on its way out.
    """

    version: str
    settings: Mapping[str, object]
    policies: Sequence[str]
    counts: Mapping[str, int]
    checks: Mapping[str, str]
    logs: Sequence[Path]


def write_support_bundle(
    target: Path, contents: SupportContents, mark: Callable[[str], str], clock: Callable[[], datetime]
) -> None:
    """Write the bundle, readable by its owner only; raises `LocalTrouble("bundle_not_written")`.

    `mark` stands for ids as in the log, so that both can be read together. Log lines that are not of our log's making
    are left out and counted.
    """
    left_out = 0
    files: dict[str, str] = {}
    for path in contents.logs:
        kept, dropped = _log_lines(path)
        left_out += dropped
        files[f"logs/{path.name}"] = kept
    summary = {
        "made": clock().astimezone(UTC).isoformat(timespec="seconds"),
        "versions": versions(contents.version),
        "policies": [str(Code(name)) for name in contents.policies],
        "counts": {str(Code(name)): int(count) for name, count in contents.counts.items()},
        "checks": {str(Code(name)): str(Code(result)) for name, result in contents.checks.items()},
        "log_lines_left_out": left_out,
    }
    files["summary.json"] = _json(summary)
    files["settings.json"] = _json(without_words(contents.settings, mark))
    try:
        _write_zip(target, files)
    except OSError as error:
        raise LocalTrouble("bundle_not_written") from error


def versions(app: str) -> dict[str, str]:
    """The versions of the app, the system, Python and the libraries that matter."""
    found = {
        "soroe": app,
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return {name: str(Code(version)) for name, version in found.items()}


def without_words(settings: Mapping[str, object], mark: Callable[[str], str]) -> dict[str, object]:
    """The tree of the settings with every word in it replaced, but for choices from lists, numbers and dates.

    Names of accounts and syncs are marks too; keys that no setting of ours has are counted only.
    """
    plain: dict[str, object] = {}
    for section, tables in settings.items():
        if section not in {"accounts", "syncs", "app"} or not isinstance(tables, dict):
            plain["unknown_sections"] = int(str(plain.get("unknown_sections", 0))) + 1
        elif section == "app":
            plain[section] = _table(tables, mark)
        else:
            named = {mark(name): _table(table, mark) for name, table in tables.items() if isinstance(table, dict)}
            plain[section] = named
    return plain


def _table(table: Mapping[str, object], mark: Callable[[str], str]) -> dict[str, object]:
    return {str(Code(key)): _value(key, value, mark) for key, value in table.items()}


def _value(key: str, value: object, mark: Callable[[str], str]) -> object:
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return _table(value, mark)
    if isinstance(value, list):
        return [_value(key, entry, mark) for entry in value]
    text = str(value)
    if key in CHOICES and "/" not in text and "\\" not in text:
        return str(Code(text))
    if key == "zone":
        return (
            text if all(part.isascii() and part.replace("_", "").isalnum() for part in text.split("/")) else "unclear"
        )
    return _service(text) or mark(text)


def _service(text: str) -> str | None:
    """Which well-known service an address leads to, or None."""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return None
    return next((known for known in KNOWN_HOSTS if host == known or host.endswith(f".{known}")), None)


def _log_lines(path: Path) -> tuple[str, int]:
    try:
        lines: Iterable[str] = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return "", 1
    safe = [safe_line(line) for line in lines]
    kept = [line for line in safe if line is not None]
    return "".join(f"{line}\n" for line in kept), len(safe) - len(kept)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def _write_zip(target: Path, files: Mapping[str, str]) -> None:
    descriptor, temporary = mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in sorted(files.items()):
                bundle.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
