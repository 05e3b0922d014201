"""The one call of the SOAP interface that has no sister in REST: taking records out of the recycle bin."""

from __future__ import annotations

import threading
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from flask import Flask, Response, request

from soroe.sandbox.exchange.soap import SOAP, NotXml, parse
from soroe.sandbox.salesforce import events
from soroe.sandbox.salesforce.access import Access
from soroe.sandbox.salesforce.budget import Budget
from soroe.sandbox.salesforce.ids import known_id
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.refusals import Refusal, no_access

PARTNER = "{urn:partner.soap.sforce.com}"
MOST = 200
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


class Soap:
    """POST /services/Soap/u/<version>: `undelete`, with the session in the header of the envelope.

    At most 200 ids in a call, each with a result of its own. A refusal of the whole call is a fault with the status
    500, an ended session too.
    """

    def __init__(self, org: Org, access: Access, budget: Budget, lock: threading.RLock) -> None:
        self._org = org
        self._access = access
        self._budget = budget
        self._lock = lock

    def install(self, app: Flask) -> None:
        app.add_url_rule("/services/Soap/u/<version>", "soap", self._call, methods=["POST"])

    def _call(self, version: str) -> Response:
        with self._lock:
            try:
                if "SOAPAction" not in request.headers:
                    raise Refusal("UNKNOWN_EXCEPTION", "SOAPAction HTTP header missing")
                envelope = _envelope(request.get_data())
                session = envelope.findtext(f"{SOAP}Header/{PARTNER}SessionHeader/{PARTNER}sessionId", "")
                user = self._access.caller(f"Bearer {session.strip()}")
                self._budget.take()
                call = envelope.find(f"{SOAP}Body/{PARTNER}undelete")
                if call is None:
                    raise Refusal("UNKNOWN_EXCEPTION", "No operation available for request")
                wanted = [(each.text or "").strip() for each in call.findall(f"{PARTNER}ids")]
                if len(wanted) > MOST:
                    raise Refusal("EXCEEDED_MAX_SIZE_REQUEST", f"record limit reached. cannot submit more than {MOST}")
                results = "".join(self._undelete(user, text) for text in wanted)
            except Refusal as refusal:
                return _fault(refusal)
        return _answer(f'<undeleteResponse xmlns="urn:partner.soap.sforce.com">{results}</undeleteResponse>', 200)

    def _undelete(self, user: User, text: str) -> str:
        own = known_id(text)
        row = self._org.tables["Event"].get(own or "")
        try:
            if own is None:
                raise Refusal("MALFORMED_ID", f"malformed id {text}")
            if row is None or not self._org.sees(user, row):
                raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            if row["OwnerId"] != user.id and not user.sees_all:
                raise no_access(own)
            events.restore(self._org, row, user.id)
        except Refusal as refusal:
            told = f"<message>{escape(refusal.message)}</message><statusCode>{refusal.code}</statusCode>"
            return f'<result><errors>{told}</errors><id xsi:nil="true"/><success>false</success></result>'
        return f"<result><id>{own}</id><success>true</success></result>"


def _envelope(body: bytes) -> Element:
    try:
        envelope = parse(body)
    except NotXml:
        raise Refusal("UNKNOWN_EXCEPTION", "The envelope cannot be read") from None
    if envelope.tag != f"{SOAP}Envelope":
        raise Refusal("UNKNOWN_EXCEPTION", "The request is no SOAP envelope")
    return envelope


def _fault(refusal: Refusal) -> Response:
    told = f"<faultcode>sf:{refusal.code}</faultcode><faultstring>{escape(refusal.message)}</faultstring>"
    return _answer(f"<soapenv:Fault>{told}</soapenv:Fault>", 500)


def _answer(body: str, status: int) -> Response:
    return Response(_ENVELOPE.format(body=body), status, content_type="text/xml;charset=UTF-8")
