"""The published schema of config.toml says the same as the parser."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from soroe.core.guard import Limits
from soroe.settings.model import KINDS, Account, AppSettings, SyncSettings
from soroe.settings.parse import parse
from soroe.settings.policies import POLICIES, Form
from tests.settings.test_parse import DOCUMENTED, EVERY_KIND, PAIR, SYNC, WRONG

SCHEMA = json.loads((Path(__file__).parents[2] / "resources" / "config.schema.json").read_text("utf-8"))

BEYOND_A_SCHEMA = {
    "a zone that is a path",
    "an unknown zone",
    "a broken address",
    "a password in an address",
    "a backfill that changes nothing",
    "a missing account",
    "a calendar as CRM",
    "a CRM as calendar",
    "full privacy without a flag",
    "a dialect of another kind",
    "the same pair twice",
    "broken TOML",
    "a table twice",
}
"""What needs more than one table, the time zones of this computer, or a parser of its own."""


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: plain(below) for key, below in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def accepts(text: str) -> bool:
    return bool(Draft202012Validator(SCHEMA).is_valid(plain(tomllib.loads(text))))


def properties(name: str) -> set[str]:
    found: dict[str, Any] = SCHEMA["$defs"][name]["properties"]
    return set(found)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", KINDS, ids=KINDS.get)
def test_the_schema_knows_every_key_of_every_kind_of_account(kind: type[Account]) -> None:
    keys = {field.name for field in fields(kind)} - {"name"} | {"kind"}
    assert properties(KINDS[kind]) == keys


def test_the_schema_knows_every_key_of_a_sync_and_of_the_app() -> None:
    assert properties("sync") == {field.name for field in fields(SyncSettings)} - {"name"}
    assert properties("app") == {field.name for field in fields(AppSettings)}
    shares = {field.name.replace("_share", "_percent") for field in fields(Limits)}
    assert properties("guard") == shares


def test_the_schema_offers_the_choices_of_the_parser() -> None:
    for policy in POLICIES:
        if policy.form is Form.CHOICE:
            place = policy.target.removeprefix("accounts.").replace("syncs", "sync")
            assert SCHEMA["$defs"][place]["properties"][policy.key]["enum"] == list(policy.choices)


@pytest.mark.parametrize(
    "text",
    [
        "",
        DOCUMENTED,
        PAIR + SYNC + "new_items_only = true\nbackfill_from = 2026-04-01\nguard = { deletes = 3 }\n",
        '[accounts.a]\nkind = "rest"\nbase_url = "http://127.0.0.1:80/x"\n[app]\nlanguage = "ja"\n',
    ],
)
def test_what_the_parser_takes_the_schema_takes(text: str) -> None:
    parse(text, available=EVERY_KIND)
    assert accepts(text)


@pytest.mark.parametrize("case", [case for case in WRONG if case[0] not in BEYOND_A_SCHEMA], ids=lambda case: case[0])
def test_what_the_parser_refuses_the_schema_refuses(case: tuple[str, str, int, str, str]) -> None:
    assert not accepts(case[1])
