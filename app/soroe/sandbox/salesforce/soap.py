"""The one call of the SOAP interface that has no sister in REST: taking records out of the recycle bin."""

from __future__ import annotations

import re
import threading
from xml.sax.saxutils import escape

from flask import Flask, Response, request

from soroe.sandbox.salesforce import events
from soroe.sandbox.salesforce.access import Access
from soroe.sandbox.salesforce.budget import Budget
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.refusals import Refusal

_SESSION = re.compile(r"<(?:\w+:)?sessionId>([^<]{1,4000})</(?:\w+:)?sessionId>")
_IDS = re.compile(r"<(?:\w+:)?ids>([A-Za-z0-9]{15,18})</(?:\w+:)?ids>")
_CALL = re.compile(r"<(?:\w+:)?Body>\s*<(?:\w+:)?(\w+)[\s>]")
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


class Soap:
    """POST /services/Soap/u/<version>: `undelete`, with the session in the header of the envelope."""

    def __init__(self, org: Org, access: Access, budget: Budget, lock: threading.RLock) -> None:
        self._org = org
        self._access = access
        self._budget = budget
        self._lock = lock

    def install(self, app: Flask) -> None:
        app.add_url_rule("/services/Soap/u/<version>", "soap", self._call, methods=["POST"])

    def _call(self, version: str) -> Response:
        text = request.get_data().decode()
        session, call = _SESSION.search(text), _CALL.search(text)
        with self._lock:
            try:
                user = self._access.caller(f"Bearer {session.group(1) if session else ''}")
                self._budget.take()
                if call is None or call.group(1) != "undelete":
                    raise Refusal("UNKNOWN_EXCEPTION", "No operation available for request")
                results = "".join(self._undelete(user, own) for own in _IDS.findall(text))
            except Refusal as refusal:
                return _fault(refusal)
        return _answer(f"<undeleteResponse>{results}</undeleteResponse>", 200)

    def _undelete(self, user: User, own: str) -> str:
        row = self._org.tables["Event"].get(own)
        try:
            if row is None or row["OwnerId"] != user.id:
                raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
            events.restore(self._org, row, user.id)
        except Refusal as refusal:
            told = f"<message>{escape(refusal.message)}</message><statusCode>{refusal.code}</statusCode>"
            return f"<result><errors>{told}</errors><id xsi:nil='true'/><success>false</success></result>"
        return f"<result><id>{own}</id><success>true</success></result>"


def _fault(refusal: Refusal) -> Response:
    told = f"<faultcode>sf:{refusal.code}</faultcode><faultstring>{escape(refusal.message)}</faultstring>"
    return _answer(f"<soapenv:Fault>{told}</soapenv:Fault>", 500)


def _answer(body: str, status: int) -> Response:
    return Response(_ENVELOPE.format(body=body), status, content_type="text/xml;charset=UTF-8")
