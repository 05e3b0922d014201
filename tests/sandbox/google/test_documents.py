"""The sandbox against Google's own description of the API, the discovery document in its client library."""

from __future__ import annotations

import inspect
import json
from importlib import resources
from typing import Any

import pytest

from soroe.sandbox.google import api, query
from soroe.sandbox.google.bodies import EVENT_TYPES, WRITABLE
from soroe.sandbox.google.model import AccessRole
from soroe.sandbox.google.scopes import ACCEPTED, ENGLISH, JAPANESE, SIGN_IN

# Scopes for things the sandbox does not have: calendars an app made for itself, free/busy only, public calendars.
NOT_PLAYED = {"calendar.app.created", "calendar.events.freebusy", "calendar.events.public.readonly"}


@pytest.fixture(scope="module")
def discovery() -> dict[str, Any]:
    folder = resources.files("googleapiclient.discovery_cache.documents")
    document = json.loads((folder / "calendar.v3.json").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def _method(discovery: dict[str, Any], name: str) -> dict[str, Any]:
    resource, verb = name.split(".")
    found = discovery["resources"][resource[0].lower() + resource[1:]]["methods"][verb.lower()]
    assert isinstance(found, dict)
    return found


def test_each_method_accepts_the_documented_scopes(discovery: dict[str, Any]) -> None:
    prefix = "https://www.googleapis.com/auth/"
    for name, accepted in ACCEPTED.items():
        documented = set(_method(discovery, name)["scopes"]) - {prefix + scope for scope in NOT_PLAYED}
        assert set(accepted) == documented, name


def test_each_method_is_served_at_its_documented_place(discovery: dict[str, Any]) -> None:
    served = {(method, pattern.pattern.replace("([^/]+)", "{}"), name) for method, pattern, name, _ in api.ROUTES}
    documented = set()
    for name in ACCEPTED:
        described = _method(discovery, name)
        path = described["path"]
        for part in described.get("parameterOrder", ()):
            path = path.replace("{" + part + "}", "{}")
        documented.add((described["httpMethod"], path, name))
    assert served == documented


def test_an_event_has_the_documented_fields(discovery: dict[str, Any]) -> None:
    schemas = discovery["schemas"]
    assert set(schemas["Event"]["properties"]) == api.EVENT
    assert set(schemas["Events"]["properties"]) == api.LIST


def test_what_the_document_calls_read_only_is_not_writable(discovery: dict[str, Any]) -> None:
    for name, described in discovery["schemas"]["Event"]["properties"].items():
        if described.get("readOnly") or described.get("description", "").rstrip(".").endswith("Read-only"):
            assert name not in WRITABLE, name


def test_event_types_and_roles_are_the_documented_ones(discovery: dict[str, Any]) -> None:
    assert set(EVENT_TYPES) == set(_method(discovery, "Events.List")["parameters"]["eventTypes"]["enum"])
    roles = _method(discovery, "CalendarList.List")["parameters"]["minAccessRole"]["enum"]
    assert {role.name for role in AccessRole} == set(roles)


def test_every_documented_parameter_of_a_listing_is_understood(discovery: dict[str, Any]) -> None:
    source = inspect.getsource(query)
    documented = set(_method(discovery, "Events.List")["parameters"]) - {"calendarId", "alwaysIncludeEmail"}
    for name in documented:
        assert name in source or name.removesuffix("ExtendedProperty") in ("private", "shared"), name


def test_what_the_document_forbids_beside_a_sync_token_is_forbidden(discovery: dict[str, Any]) -> None:
    text = _method(discovery, "Events.List")["parameters"]["syncToken"]["description"]
    listed = [line.removeprefix("- ").strip() for line in text.splitlines() if line.startswith("- ")]
    named = {line.split()[0] for line in listed}
    assert named == set(query.NOT_WITH_SYNC_TOKEN)


def test_every_permission_has_a_sentence_in_both_languages() -> None:
    permissions = {scope for scopes in ACCEPTED.values() for scope in scopes} - set(SIGN_IN.values())
    assert set(ENGLISH) == set(JAPANESE) == permissions
