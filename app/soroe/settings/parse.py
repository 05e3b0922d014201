"""From the text of config.toml, and what IT has set above it, to checked settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping

from .accounts import AVAILABLE_KINDS, read_accounts
from .lines import lines_of
from .model import AppSettings, Language, Settings
from .overlay import NO_POLICY, Overlay
from .problems import Problem, SettingsError
from .syncs import read_syncs
from .table import Origin, Table

_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def parse(
    text: str, file: str = "config.toml", *, policy: Overlay = NO_POLICY, available: Collection[str] = AVAILABLE_KINDS
) -> Settings:
    """The settings of a text; raises `SettingsError` with everything that is wrong, not only the first.

    `file` is the name used in errors. `policy` is laid over the user's choices before they are checked. `available`
    are the kinds of accounts that can be connected.
    """
    tree = _tree(text, file)
    merged = policy.over(tree)
    origin = Origin(file, lines_of(text), merged.sources)
    root = Table(origin, (), merged.tree)
    accounts = read_accounts(root.table("accounts"), available)
    syncs = read_syncs(root.table("syncs"), _of_accounts(merged.tree, "kind"), _of_accounts(merged.tree, "profile"))
    app = _app(root.table("app"))
    root.close()
    if origin.problems:
        raise SettingsError(origin.problems)
    return Settings(accounts, syncs, app)


def _tree(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        at = _LINE.search(message)
        line = int(at.group(1)) if at else text.count("\n") + 1
        raise SettingsError([Problem(file, line, "", "syntax", _LINE.sub("", message).strip())]) from error
    except RecursionError as error:
        raise SettingsError([Problem(file, 0, "", "syntax", "too many brackets within each other")]) from error


def _of_accounts(tree: Mapping[str, object], key: str) -> dict[str, str]:
    """A text of every account by its name, also of those with faults of their own ("" where it is not told)."""
    accounts = tree.get("accounts")
    if not isinstance(accounts, dict):
        return {}
    return {
        name: told if isinstance(table, dict) and isinstance(told := table.get(key), str) else ""
        for name, table in accounts.items()
    }


def _app(table: Table) -> AppSettings:
    usual = AppSettings()
    app = AppSettings(
        language=table.choice("language", Language, usual.language),
        start_at_login=table.flag("start_at_login", default=usual.start_at_login),
        notifications=table.flag("notifications", default=usual.notifications),
    )
    table.close()
    return app
