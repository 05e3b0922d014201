"""The played Salesforce as a library of others meets it: simple-salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import HOUR


class Unencrypted(HTTPAdapter):
    """Sends what is meant for https over http: the library knows no other address."""

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **options)


@pytest.fixture
def library(salesforce: SalesforceSandbox, sato: User) -> Iterator[Salesforce]:
    with Session() as session:
        session.trust_env = False
        session.mount("https://", Unencrypted())
        session_id = salesforce.session_for(sato)
        yield Salesforce(instance_url=salesforce.url, session_id=session_id, session=session, version="65.0")


@pytest.fixture
def event(library: Salesforce) -> SFType:
    found = library.Event
    assert isinstance(found, SFType)
    return found


def test_it_makes_reads_changes_and_deletes(event: SFType) -> None:
    made = event.create({"Subject": "Review", **HOUR})
    assert made["success"] is True
    assert event.get(made["id"])["DurationInMinutes"] == 60
    assert event.update(made["id"], {"Subject": "Renamed"}) == 204
    assert event.get(made["id"])["Subject"] == "Renamed"
    assert event.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        event.get(made["id"])


def test_it_queries_through_all_pages(salesforce: SalesforceSandbox, library: Salesforce, sato: User) -> None:
    salesforce.page_size(2)
    for name in ("O'Hara", "B", "C"):
        salesforce.user_creates(sato, name, datetime(2026, 5, 11, 10), timedelta(hours=1))
    found = library.query_all("SELECT Subject, Owner.Name FROM Event ORDER BY Subject")
    assert [(row["Subject"], row["Owner"]["Name"]) for row in found["records"]] == [
        ("B", "Sato"),
        ("C", "Sato"),
        ("O'Hara", "Sato"),
    ]
    quoted = format_soql("SELECT Id FROM Event WHERE Subject = {}", "O'Hara")
    assert library.query(quoted)["totalSize"] == 1
    assert library.query_all("SELECT Id FROM Event", include_deleted=True)["totalSize"] == 3


def test_it_asks_for_changes_and_deletions(event: SFType, clock: Clock) -> None:
    kept, gone = (event.create({"Subject": name, **HOUR})["id"] for name in ("A", "B"))
    event.delete(gone)
    clock.moves_on(minutes=5)
    span = (clock.now - timedelta(minutes=10), clock.now.astimezone(UTC))
    assert event.updated(*span)["ids"] == [kept]
    assert [one["id"] for one in event.deleted(*span)["deletedRecords"]] == [gone]


def test_it_finds_by_external_id(salesforce: SalesforceSandbox, event: SFType) -> None:
    salesforce.add_external_id("Key__c", unique=False)
    assert event.upsert("Key__c/abc", {"Subject": "A", **HOUR}) == 201
    assert event.upsert("Key__c/abc", {"Subject": "B"}) == 200
    assert event.get_by_custom_id("Key__c", "abc")["Subject"] == "B"
    event.create({"Subject": "C", "Key__c": "abc", **HOUR})
    with pytest.raises(SalesforceMoreThanOneRecord):
        event.get_by_custom_id("Key__c", "abc")


def test_it_describes_and_reads_the_budget(library: Salesforce, event: SFType) -> None:
    fields = {field["name"]: field for field in event.describe()["fields"]}
    assert fields["Subject"]["length"] == 255
    assert library.limits()["DailyApiRequests"]["Max"] == 15_000
    usage = library.api_usage["api-usage"]
    assert (usage.used, usage.total) == (2, 15_000)


def test_it_understands_the_refusals(salesforce: SalesforceSandbox, library: Salesforce, event: SFType) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="STRING_TOO_LONG"):
        event.create({"Subject": "x" * 256, **HOUR})
    with pytest.raises(SalesforceMalformedRequest, match="unexpected token"):
        library.query("SELECT Id FORM Event")
    salesforce.allow_requests(1)
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        library.limits()
    salesforce.expire_access_tokens()
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        library.limits()
