"""The addresses of the sandbox, the sign-in before them, and what goes wrong on the way."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, assert_never

from soroe.sandbox.exchange.errors import EwsError, SoapFault
from soroe.sandbox.exchange.model import Account
from soroe.sandbox.exchange.page import Page
from soroe.sandbox.exchange.service import Request, Service
from soroe.sandbox.exchange.sign_in import Refusal, SignIn
from soroe.sandbox.exchange.soap import fault
from soroe.sandbox.faults import (
    Answer,
    Delay,
    DropAfterProcessing,
    DropConnectionBefore,
    Effect,
    Faults,
    HugeBody,
    MalformedJson,
    TruncateBody,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

XML = "text/xml; charset=utf-8"
EWS = "/ews/exchange.asmx"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation that reached the service: who asked, its element's attributes, and the HTTP status."""

    name: str
    email: str
    attributes: dict[str, str]
    status: int


@dataclass(slots=True)
class Refusing:
    """An operation to be answered with a response code or a fault, `left` times."""

    operation: str
    error: EwsError | SoapFault
    left: int


@dataclass(slots=True)
class Web:
    """Serves the service behind the sign-in; `faults` match operations by name, `refusing` answers with codes."""

    service: Service
    sign_in: SignIn
    others: dict[str, Callable[[Account, bytes], Page]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    refusing: list[Refusing] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    switched_off: bool = False
    most_at_once: int = 27
    _at_once: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def application(self) -> WSGIApplication:
        """The WSGI application."""

        def serve(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            page = self._page(environ)
            kind = [] if any(name == "Content-Type" for name, _ in page.headers) else [("Content-Type", XML)]
            headers = [*kind, ("X-FEServer", "EXCHANGE1"), *page.headers]
            start(f"{page.status} {HTTPStatus(page.status).phrase}", headers)
            return [page.body]

        return serve

    def _page(self, environ: WSGIEnvironment) -> Page:
        path = str(environ["PATH_INFO"]).lower()
        if path != EWS and path not in self.others:
            return Page(404)
        who = self.sign_in.account(str(environ.get("HTTP_AUTHORIZATION", "")))
        body = environ["wsgi.input"].read()
        if isinstance(who, Refusal):
            return Page(who.status, who.body, who.headers)
        if environ["REQUEST_METHOD"] != "POST":
            return Page(405, headers=(("Allow", "POST"),))
        if not str(environ["CONTENT_TYPE"]).startswith("text/xml"):
            return Page(415)
        if path != EWS:
            return self.others[path](who, body)
        if self.switched_off or not who.ews_enabled:
            return Page(403)
        return self._limited(who, body)

    def _limited(self, account: Account, body: bytes) -> Page:
        with self._lock:
            self._at_once[account.email] += 1
            many = self._at_once[account.email]
        try:
            if many > self.most_at_once:
                return _refused(SoapFault("ErrorExceededConnectionCount", "You have exceeded the connection limit."))
            return self._served(account, body)
        finally:
            with self._lock:
                self._at_once[account.email] -= 1

    def _served(self, account: Account, body: bytes) -> Page:
        try:
            request = self.service.read(body)
        except SoapFault as error:
            return _refused(error)
        page = self._with_fault(self.faults.take("POST", request.name), account, request)
        operation = Operation(request.name, account.email, dict(request.operation.attrib), page.status if page else 0)
        with self._lock:
            self.operations.append(operation)
        if page is None:
            raise ConnectionAbortedError("The sandbox was told to drop this connection.")
        return page

    def _with_fault(self, effect: Effect | None, account: Account, request: Request) -> Page | None:
        """Meets the fault switched on for this operation; nothing when the connection is to be dropped."""
        match effect:
            case None:
                return self._answered(account, request)
            case Delay(seconds):
                time.sleep(seconds)
                return self._answered(account, request)
            case Answer(status, text, content_type, headers, processed):
                if processed:
                    self._answered(account, request)
                return Page(status, text, (("Content-Type", content_type), *headers.items()))
            case DropConnectionBefore():
                return None
            case DropAfterProcessing():
                self._answered(account, request)
                return None
            case TruncateBody(keep):
                page = self._answered(account, request)
                return Page(page.status, page.body[:keep], page.headers)
            case HugeBody(size, status):
                return Page(status, b'<?xml version="1.0"?><huge>' + b"x" * size + b"</huge>")
            case MalformedJson():
                page = self._answered(account, request)
                return Page(page.status, page.body.replace(b"</", b"<", 3), page.headers)
            case _:
                assert_never(effect)

    def _answered(self, account: Account, request: Request) -> Page:
        error = self._refusal(request.name)
        try:
            if isinstance(error, EwsError):
                return Page(200, self.service.refusing(account, request, error))
            if error is not None:
                raise error
            return Page(200, self.service.answer(account, request))
        except SoapFault as refusal:
            return _refused(refusal)

    def _refusal(self, name: str) -> EwsError | SoapFault | None:
        with self._lock:
            for one in self.refusing:
                if one.operation in ("", name):
                    one.left -= 1
                    if one.left == 0:
                        self.refusing.remove(one)
                    return one.error
        return None


def _refused(error: SoapFault) -> Page:
    return Page(error.status, fault(error.code, error.message, error.values, error.violation))
