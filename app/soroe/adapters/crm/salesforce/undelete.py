"""The one call that only Salesforce's SOAP interface has: bringing a record back from the recycle bin."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from soroe.ports.errors import RetryLater, ServiceFault, SignInRequired

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:urn="urn:partner.soap.sforce.com">'
    "<soapenv:Header><urn:SessionHeader><urn:sessionId>{token}</urn:sessionId></urn:SessionHeader></soapenv:Header>"
    "<soapenv:Body><urn:undelete><urn:ids>{own}</urn:ids></urn:undelete></soapenv:Body>"
    "</soapenv:Envelope>"
)
_SUCCESS = re.compile(rb"<(?:\w+:)?success>(true|false)</(?:\w+:)?success>")
_FAULT = re.compile(rb"<(?:\w+:)?faultcode>(?:\w+:)?(\w{1,80})</(?:\w+:)?faultcode>")


def undelete_envelope(token: str, own: str) -> bytes:
    """The request that brings back the record `own`; the token travels in the body, as SOAP wants it."""
    return _ENVELOPE.format(token=escape(token), own=escape(own)).encode("utf-8")


def was_undeleted(body: bytes) -> bool:
    """Whether the answer says that the record is back. Only its one word is looked for, so no XML is taken apart."""
    found = _SUCCESS.search(body)
    if found is None:
        raise RetryLater("undelete_answer_unreadable", outcome_unknown=True)
    return found.group(1) == b"true"


def fault_of(body: bytes) -> SignInRequired | ServiceFault | None:
    """What a SOAP fault says, where the body is one: it comes with the status 500 of a server out of order."""
    found = _FAULT.search(body)
    if found is None:
        return None
    code = found.group(1).decode("ascii")
    return SignInRequired(code) if code == "INVALID_SESSION_ID" else ServiceFault(code)
