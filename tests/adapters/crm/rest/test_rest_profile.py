"""Profiles: what they say is checked, and what is wrong is named by file and key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from soroe.adapters.crm.rest import profile, profile_requests
from soroe.adapters.crm.rest.crm import dialect_of
from soroe.adapters.crm.rest.profile_file import load_profile, parse_profile
from soroe.adapters.crm.rest.table import ProfileInvalid
from soroe.core.dialect import RecurrenceSupport
from tests.adapters.crm.rest.conftest import PROFILES

GENERIC = (PROFILES / "generic.toml").read_text(encoding="utf-8")

WRONG = [
    ('name = "generic"', 'name = "Not A Name"', "name"),
    ("format = 1", "format = 2", "format"),
    ("[paging]\n", "[paging]\ncolour = 1\n", "paging.colour"),
    ('kind = "cursor"\nparameter', 'kind = "spiral"\nparameter', "paging.kind"),
    ("size = 500", 'size = "500"', "paging.size"),
    ("size = 500", "size = 0", "paging.size"),
    ("size = 500", "size = true", "paging.size"),
    ("max_operations = 100", "max_operations = 0", "batch.max_operations"),
    ("parallel = 4", "parallel = 99", "pace.parallel"),
    ('next_at = "next_cursor"', "", "paging.next_at"),
    ('path = "me"', 'path = "/me"', "operations.me.path"),
    ('method = "GET"\npath = "me"', 'method = "FETCH"\npath = "me"', "operations.me.method"),
    ("pkce = true", "pkce = false", "auth.oauth2.pkce"),
    ('id = { at = "id", write = "never" }', 'id = { write = "never" }', "fields.id"),
    ('free = "free"', 'free = "busy"', "fields.show_as.values"),
    ('start_at = "start.date_time"', 'start_at = "start..date"', "times.timed.start_at"),
    ('start_zone_at = "start.time_zone"', "", "times.timed.start_zone_at"),
    ('end_at = "end.date_time"', "", "times.timed"),
    ('code = "token_expired"\n', "", "errors.0"),
    ('means = "admin_required"', 'means = "panic"', "errors.2.means"),
]


@pytest.mark.parametrize(("good", "bad", "key"), WRONG)
def test_a_wrong_key_is_named(good: str, bad: str, key: str) -> None:
    assert good in GENERIC
    with pytest.raises(ProfileInvalid) as raised:
        parse_profile(GENERIC.replace(good, bad, 1), "their.toml")
    assert raised.value.key == key
    assert "their.toml" in str(raised.value)


def test_a_file_that_is_not_toml_is_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text("format = 1\nname = = 2\n", encoding="utf-8")
    with pytest.raises(ProfileInvalid, match=r"broken\.toml.*line 2"):
        load_profile(file)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileInvalid, match="UTF-8"):
        load_profile(file)


@pytest.mark.parametrize("file", sorted(PROFILES.glob("*.toml")), ids=lambda file: file.stem)
def test_every_profile_we_ship_is_valid(file: Path) -> None:
    assert load_profile(file).name == file.stem


def test_the_profile_tells_the_limits_of_its_crm() -> None:
    dialect = dialect_of(parse_profile(GENERIC))
    assert (dialect.title_limit, dialect.description_limit) == (255, 32_000)
    assert dialect.recurrence is RecurrenceSupport.NATIVE
    assert dialect.privacy_flag and dialect.keeps_zones


def test_the_published_schema_and_the_loader_know_the_same_keys() -> None:
    schema = json.loads((PROFILES.parent / "profile.schema.json").read_text(encoding="utf-8"))
    tables = [kind for module in (profile, profile_requests) for kind in vars(module).values() if is_dataclass(kind)]
    assert set(_properties(schema)) == {part.name for table in tables for part in fields(table)}


def _properties(schema: object) -> Iterator[str]:
    """The keys of every table that the schema describes."""
    if isinstance(schema, list):
        for entry in schema:
            yield from _properties(entry)
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"]
        for entry in schema.values():
            yield from _properties(entry)
