"""Taking events out of the recycle bin over SOAP."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import EVENTS, Caller

NAMES = {"s": "http://schemas.xmlsoap.org/soap/envelope/", "p": "urn:partner.soap.sforce.com"}
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com">'
    "<s:Header><p:SessionHeader><p:sessionId>{session}</p:sessionId></p:SessionHeader></s:Header>"
    "<s:Body>{call}</s:Body></s:Envelope>"
)


def undelete(salesforce: SalesforceSandbox, session: str, *ids: str, call: str = "undelete") -> tuple[int, Element]:
    wanted = "".join(f"<p:ids>{each}</p:ids>" for each in ids)
    body = ENVELOPE.format(session=session, call=f"<p:{call}>{wanted}</p:{call}>")
    headers = {"SOAPAction": '""', "Content-Type": "text/xml; charset=UTF-8"}
    response = httpx.post(
        f"{salesforce.url}/services/Soap/u/65.0", content=body, headers=headers, verify=False, timeout=60
    )
    return response.status_code, fromstring(response.text)


def told(answer: tuple[int, Element], path: str) -> list[str | None]:
    return [each.text for each in answer[1].iterfind(f".//{path}", NAMES)]


def test_sf_20_an_event_comes_back_under_its_id(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    """SF-20"""
    session = salesforce.session_for(sato)
    event_id, living = call.create(Description="Agenda"), call.create()
    call("DELETE", f"{EVENTS}/{event_id}")
    answer = undelete(salesforce, session, event_id[:15], living, "00U0000000000zz", "nonsense")
    assert answer[0] == 200
    assert told(answer, "p:success") == ["true", "false", "false", "false"]
    assert told(answer, "p:statusCode") == ["UNDELETE_FAILED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"]
    assert call.read(event_id)["Description"] == "Agenda"


def test_what_left_the_recycle_bin_does_not_come_back(
    salesforce: SalesforceSandbox, sato: User, call: Caller, clock: Clock
) -> None:
    session = salesforce.session_for(sato)
    event_id = call.create()
    call("DELETE", f"{EVENTS}/{event_id}")
    clock.moves_on(days=15)
    assert told(undelete(salesforce, session, event_id), "p:success") == ["false"]


def test_somebody_else_s_event_does_not_come_back(salesforce: SalesforceSandbox, suzuki: User, call: Caller) -> None:
    event_id = call.create()
    call("DELETE", f"{EVENTS}/{event_id}")
    answer = undelete(salesforce, salesforce.session_for(suzuki), event_id)
    assert told(answer, "p:statusCode") == ["INVALID_CROSS_REFERENCE_KEY"]


@pytest.mark.parametrize(
    ("session", "name", "code"),
    [("wrong", "undelete", "sf:INVALID_SESSION_ID"), (None, "emptyRecycleBin", "sf:UNKNOWN_EXCEPTION")],
)
def test_a_call_that_is_refused_whole_is_a_fault(
    salesforce: SalesforceSandbox, sato: User, session: str | None, name: str, code: str
) -> None:
    answer = undelete(salesforce, session or salesforce.session_for(sato), call=name)
    assert (answer[0], told(answer, "faultcode")) == (500, [code])


@pytest.mark.parametrize("body", ["<s:Envelope", "<other/>", "<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>"])
def test_what_is_no_envelope_is_a_fault(salesforce: SalesforceSandbox, body: str) -> None:
    response = httpx.post(
        f"{salesforce.url}/services/Soap/u/65.0", content=body, headers={"SOAPAction": '""'}, verify=False, timeout=60
    )
    assert (response.status_code, "faultstring" in response.text) == (500, True)


def test_a_call_names_at_most_two_hundred(salesforce: SalesforceSandbox, sato: User) -> None:
    answer = undelete(salesforce, salesforce.session_for(sato), *["00U0000000000zz"] * 201)
    assert told(answer, "faultcode") == ["sf:EXCEEDED_MAX_SIZE_REQUEST"]
