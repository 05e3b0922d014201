"""A running sandbox CRM and the connector signed in to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soroe.adapters.crm.keys import ApiKey
from soroe.adapters.crm.rest.crm import RestCrm, RestSettings
from soroe.adapters.crm.rest.profile import Profile
from soroe.adapters.crm.rest.profile_file import load_profile
from soroe.adapters.crm.service import Line
from soroe.sandbox.crm import CrmSandbox, User
from tests.adapters.crm.builders import Clock

PROFILES = Path(__file__).parents[4] / "resources" / "crm" / "profiles"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[CrmSandbox]:
    with CrmSandbox(clock=clock) as server:
        yield server


@pytest.fixture
def sato(sandbox: CrmSandbox) -> User:
    return sandbox.add_user()


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile(PROFILES / "generic.toml")


@pytest.fixture
def crm(sandbox: CrmSandbox, sato: User, profile: Profile, clock: Clock) -> Iterator[RestCrm]:
    keys = ApiKey(sandbox.api_key_for(sato), "Authorization", "Bearer")
    account = RestCrm(RestSettings(sandbox.base_url), profile, keys, clock, Line())
    yield account
    account.close()
