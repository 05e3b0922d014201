"""The published documents are valid, and the server and the document refuse the same bodies."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

RESOURCES = Path(__file__).parents[3] / "resources" / "crm"


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((RESOURCES / "activities.openapi.yaml").read_text(encoding="utf-8"))
    return loaded


def profile() -> dict[str, Any]:
    return tomllib.loads((RESOURCES / "profiles" / "generic.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def profile_schema() -> Draft202012Validator:
    schema = json.loads((RESOURCES / "profile.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_contract_is_a_valid_openapi_document() -> None:
    validate(document())


def test_the_generic_profile_fits_the_profile_schema(profile_schema: Draft202012Validator) -> None:
    profile_schema.validate(profile())


def test_a_profile_of_another_shape_fits_the_schema_too(profile_schema: Draft202012Validator) -> None:
    profile_schema.validate(tomllib.loads((Path(__file__).parent / "other_crm.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("paging", "kind", "guess"),
        ("paging", "size", 0),
        ("quiet", "parameter", ""),
        ("times", "zone", "header"),
        ("stamp", "max_length", 10),
        ("auth", "methods", ["password"]),
        ("fields", "colour", {"at": "colour"}),
        ("operations", "purge", {"method": "POST", "path": "purge"}),
    ],
)
def test_a_wrong_profile_is_refused(
    profile_schema: Draft202012Validator, section: str, key: str, value: object
) -> None:
    wrong = profile()
    wrong[section][key] = value
    assert not profile_schema.is_valid(wrong)


@pytest.mark.parametrize("section", ["auth", "paging", "quiet", "times", "errors", "stamp"])
def test_a_profile_without_a_needed_section_is_refused(profile_schema: Draft202012Validator, section: str) -> None:
    wrong = profile()
    del wrong[section]
    assert not profile_schema.is_valid(wrong)


def test_the_generic_profile_names_only_paths_of_the_contract() -> None:
    paths = document()["paths"]
    for name, operation in profile()["operations"].items():
        assert operation["method"].lower() in paths["/" + operation["path"]], name


def test_the_generic_profile_names_only_members_of_the_contract() -> None:
    schemas = document()["components"]["schemas"]
    for name, field in profile()["fields"].items():
        assert field["at"].split(".")[0] in schemas["Activity"]["properties"], name
    assert profile()["paging"]["next_at"] in schemas["ActivityPage"]["properties"]
    assert profile()["deletions"]["items_at"] in schemas["ActivityPage"]["properties"]


def test_the_generic_profile_says_in_every_write_that_nobody_is_mailed() -> None:
    paths, generic = document()["paths"], profile()
    assert generic["quiet"] == {"kind": "query", "parameter": "notify_guests", "value": "false"}
    for name in ("create", "update", "delete", "restore", "batch"):
        operation = generic["operations"][name]
        described = paths["/" + operation["path"]][operation["method"].lower()]
        assert {"$ref": "#/components/parameters/NotifyGuests"} in described["parameters"], name


def test_the_examples_of_the_guide_fit_the_profile_schema(profile_schema: Draft202012Validator) -> None:
    guide = (RESOURCES / "README.md").read_text(encoding="utf-8")
    account, differences, esales = (tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL))
    assert account["accounts"]["crm"]["profile"] == "generic"
    assert esales["accounts"]["crm"]["kind"] == "esales"
    times = profile()["times"] | differences.pop("times")
    profile_schema.validate(profile() | differences | {"times": times})


def test_the_guide_explains_every_section_of_the_profile() -> None:
    schema = json.loads((RESOURCES / "profile.schema.json").read_text(encoding="utf-8"))
    guide = (RESOURCES / "README.md").read_text(encoding="utf-8")
    missing = [name for name in schema["properties"] if not re.search(rf"`\[?\[?{name}[\].`]", guide)]
    assert missing == []
    for means in schema["$defs"]["error_rule"]["properties"]["means"]["enum"]:
        assert f"| `{means}` |" in guide


def test_every_error_code_of_the_contract_has_a_rule_in_the_generic_profile() -> None:
    problem = document()["components"]["schemas"]["Problem"]["properties"]["code"]
    rules = profile()["errors"]
    by_code = {rule["code"] for rule in rules if "code" in rule}
    assert by_code <= set(problem["enum"])
    statuses = {rule.get("status") for rule in rules}
    assert {401, 402, 403, 404, 409, 410, 412, 429, "4xx", "5xx"} <= statuses
