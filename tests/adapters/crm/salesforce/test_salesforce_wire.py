"""Records in forms that nobody expects: each is named with its field, or does no harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soroe.adapters.crm.documents import Malformed
from soroe.adapters.crm.salesforce.pattern import pattern_fields, series_time
from soroe.adapters.crm.salesforce.settings import SalesforceSettings
from soroe.adapters.crm.salesforce.shape import Shape
from soroe.adapters.crm.salesforce.undelete import fault_of, undelete_envelope, was_undeleted
from soroe.adapters.crm.salesforce.usage import Usage
from soroe.adapters.crm.salesforce.wire import modified_at, new_event, read_event, version_of
from soroe.adapters.crm.salesforce.words import is_record_id, quoted
from soroe.core.event import ObservedItem, Recurrence, ShowAs, Unreadable
from soroe.ports.errors import AdminRequired, ItemRejected, LimitReached, RetryLater, ServiceFault, SignInRequired
from tests.contracts.stand import at, meeting
from tests.fakes.clock import Clock

NAMES = (
    "Id",
    "OwnerId",
    "Subject",
    "StartDateTime",
    "EndDateTime",
    "LastModifiedDate",
    "SystemModstamp",
    "IsAllDayEvent",
)
ALL = Shape.described(
    {"fields": [{"name": name, "createable": True, "updateable": True, "length": 255} for name in NAMES]}, ""
)


def record(**changes: object) -> dict[str, Any]:
    return {
        "Id": "00U000000000001AAA",
        "OwnerId": "005000000000001AAA",
        "Subject": "Visit",
        "StartDateTime": "2026-05-12T01:00:00.000+0000",
        "EndDateTime": "2026-05-12T02:00:00.000+0000",
        "LastModifiedDate": "2026-05-11T00:00:00.000+0000",
        "SystemModstamp": "2026-05-11T00:00:00.000+0000",
        **changes,
    }


def series(**changes: object) -> dict[str, Any]:
    return record(
        **{
            "IsRecurrence": True,
            "RecurrenceStartDateTime": "2026-05-12T01:00:00.000+0000",
            "RecurrenceEndDateOnly": "2026-06-16",
            "RecurrenceTimeZoneSidKey": "Asia/Tokyo",
            "RecurrenceType": "RecursWeekly",
            "RecurrenceInterval": 1,
            "RecurrenceDayOfWeekMask": 4,
            "DurationInMinutes": 60,
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Id": None}, "Id"),
        ({"Id": "../../etc/passwd"}, "Id"),
        ({"Id": "x" * 300}, "Id"),
        ({"Subject": 7}, "Subject"),
        ({"Subject": "x" * 200_000}, "Subject"),
        ({"Subject": "cut \ud83d off"}, "Subject"),
        ({"StartDateTime": None}, "StartDateTime"),
        ({"StartDateTime": "soon"}, "StartDateTime"),
        ({"StartDateTime": "0001-01-01T00:00:00Z"}, "StartDateTime"),
        ({"EndDateTime": "2026-05-11T00:00:00Z"}, "EndDateTime"),
        ({"EndDateTime": None}, "EndDateTime"),
        ({"EndDateTime": None, "DurationInMinutes": -5}, "EndDateTime"),
        ({"EndDateTime": None, "DurationInMinutes": 10**12}, "EndDateTime"),
        ({"IsAllDayEvent": "yes"}, "IsAllDayEvent"),
        ({"IsAllDayEvent": True, "ActivityDate": "12 May"}, "ActivityDate"),
        ({"IsPrivate": 1}, "IsPrivate"),
        ({"LastModifiedDate": []}, "LastModifiedDate"),
        ({"EventRelations": {"records": "none"}}, "EventRelations"),
        ({"EventRelations": {"records": [{}] * 2_001}}, "EventRelations"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_field_is_named(changes: dict[str, object], field: str) -> None:
    found = read_event(record(**changes), "")
    assert isinstance(found, Unreadable) and found.field == field and found.reason


@pytest.mark.parametrize("document", [None, [], "text", 7, {}], ids=repr)
def test_what_is_no_record_is_no_event(document: object) -> None:
    assert isinstance(read_event(document, ""), Unreadable)


def test_an_unknown_word_for_how_time_counts_is_busy_and_lines_end_as_ours_do() -> None:
    found = read_event(record(ShowAs="Elsewhere", Description="one\r\ntwo"), "")
    assert isinstance(found, ObservedItem)
    assert (found.content.show_as, found.content.description) == (ShowAs.BUSY, "one\ntwo")


def test_a_version_tells_changes_within_a_second_and_when_it_was_written() -> None:
    first, second = version_of(record()), version_of(record(Subject="Later"))
    assert first != second and modified_at(first) == datetime(2026, 5, 11, tzinfo=UTC)
    assert version_of(record(SystemModstamp="2026-05-12T00:00:00Z")) == first


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"RecurrenceType": "RecursNever"}, "RecurrenceType"),
        ({"RecurrenceType": None}, "RecurrenceType"),
        ({"RecurrenceInterval": 0}, "RecurrenceInterval"),
        ({"RecurrenceInterval": True}, "RecurrenceInterval"),
        ({"RecurrenceDayOfWeekMask": 128}, "RecurrenceDayOfWeekMask"),
        ({"RecurrenceEndDateOnly": "2026-05-01"}, "RecurrenceEndDateOnly"),
        ({"RecurrenceTimeZoneSidKey": "Mars/Olympus"}, "RecurrenceTimeZoneSidKey"),
        ({"RecurrenceType": "RecursMonthlyNth", "RecurrenceInstance": "Sixth"}, "RecurrenceInstance"),
        ({"DurationInMinutes": None}, "DurationInMinutes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pattern_that_nobody_can_say_is_named(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Malformed) as caught:
        series_time(series(**changes))
    assert caught.value.field == field


def test_a_series_begins_with_its_first_meeting_and_not_with_the_start_of_its_pattern() -> None:
    when, _ = series_time(series(RecurrenceStartDateTime="2026-05-10T01:00:00.000+0000"))
    assert when == at()


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3;COUNT=4",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=6",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU;COUNT=3",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=8;COUNT=3",
        "FREQ=YEARLY;BYMONTH=5;BYDAY=2TU;COUNT=3",
    ],
)
def test_a_rule_goes_to_salesforce_and_comes_back_or_is_refused(rule: str) -> None:
    content = meeting(recurrence=Recurrence((rule,)))
    try:
        fields = pattern_fields(content)
    except ItemRejected:
        assert "BYSETPOS=8" in rule
        return
    when, recurrence = series_time({**series(), **fields})
    assert when == content.when
    plain = {part for part in rule.split(";") if not part.startswith("COUNT")}
    assert {part for part in recurrence.rules[0].split(";") if not part.startswith("UNTIL")} == plain


def test_nothing_gets_into_a_query_that_could_end_it() -> None:
    assert quoted("O'Neil\\ OR Id != ''\n") == r"'O\'Neil\\ OR Id != \'\'\n'"
    assert not any(
        is_record_id(text) for text in ("", "' OR ''='", "00U000000000001AA", "00U00000000000'AAA", "日本" * 9)
    )


@pytest.mark.parametrize("document", [None, {}, {"fields": "none"}, []], ids=repr)
def test_a_description_that_is_none_is_the_services_fault(document: object) -> None:
    with pytest.raises(ServiceFault):
        Shape.described(document, "")


def test_a_description_without_a_field_that_is_needed_is_for_it() -> None:
    with pytest.raises(AdminRequired, match="field_not_visible:Id"):
        Shape.described({"fields": [{"name": "Subject"}, 7, None]}, "")


def test_only_what_may_be_set_is_written() -> None:
    fields = new_event(meeting(location="Osaka"), ALL, "Meeting", "stamp")
    assert set(fields) == {"Subject", "StartDateTime", "EndDateTime", "IsAllDayEvent"}


def test_the_answer_to_bringing_back_is_read_by_its_one_word() -> None:
    assert was_undeleted(b"<result><id>1</id><success>true</success></result>")
    assert not was_undeleted(b"<x:success>false</x:success>")
    with pytest.raises(RetryLater):
        was_undeleted(b"<html>Welcome to the hotel</html>")
    assert isinstance(fault_of(b"<faultcode>sf:INVALID_SESSION_ID</faultcode>"), SignInRequired)
    assert isinstance(fault_of(b"<faultcode>UNKNOWN</faultcode>"), ServiceFault) and fault_of(b"{}") is None
    assert b"<urn:sessionId>a&lt;b</urn:sessionId>" in undelete_envelope("a<b", "00U")


def test_the_requests_of_the_organisation_are_spared_for_others() -> None:
    clock = Clock()
    usage = Usage(clock)
    usage.check()
    usage.take_note({"sforce-limit-info": "nonsense"})
    assert usage.budget() is None and usage.polling_interval() is None
    usage.take_note({"sforce-limit-info": "api-usage=25/15000"})
    assert usage.polling_interval() == timedelta(days=1) / 1_500
    usage.take_note({"sforce-limit-info": "api-usage=12000/15000"})
    assert usage.polling_interval() == timedelta(minutes=5)
    usage.take_note({"sforce-limit-info": "api-usage=14250/15000"})
    with pytest.raises(LimitReached):
        usage.check()
    clock.later(hours=1, minutes=1)
    usage.check()


def test_the_addresses_follow_the_sign_in_page() -> None:
    client = SalesforceSettings("https://aoki.my.salesforce.com", "id").client()
    assert client.authorization_endpoint == "https://aoki.my.salesforce.com/services/oauth2/authorize"
    assert client.token_endpoint == "https://aoki.my.salesforce.com/services/oauth2/token"
    assert client.redirect_ports and client.redirect_host == "localhost" and not client.client_secret
