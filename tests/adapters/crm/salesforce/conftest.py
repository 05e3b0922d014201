"""Salesforce's connector on the played Salesforce: without a field for our stamp, as it usually is, and with one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.salesforce_stand import SalesforceStand, salesforce


@pytest.fixture
def stand() -> Iterator[SalesforceStand]:
    with salesforce("") as ready:
        yield ready


@pytest.fixture
def stamped() -> Iterator[SalesforceStand]:
    with salesforce() as ready:
        yield ready
