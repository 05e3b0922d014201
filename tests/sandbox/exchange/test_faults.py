"""What goes wrong on demand: throttling, dropped connections, portals, and every response code."""

from __future__ import annotations

import threading
import time

import httpx
import pytest

from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.faults import (
    Answer,
    Delay,
    DropAfterProcessing,
    DropConnectionBefore,
    HugeBody,
    MalformedJson,
    TruncateBody,
)
from tests.sandbox.exchange.caller import SATO, Caller, envelope, item_id

SYNC = (
    "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>"
    '<t:DistinguishedFolderId Id="calendar"/></m:SyncFolderId><m:MaxChangesReturned>9</m:MaxChangesReturned>'
    "</m:SyncFolderItems>"
)


def test_throttling_says_how_long(exchange: ExchangeSandbox, sato: Caller) -> None:
    exchange.throttle("SyncFolderItems", back_off=12_000)
    answer = sato.ask(SYNC)
    assert (answer.status, answer.code) == (500, "ErrorServerBusy")
    assert [one.text for one in answer.root.iter() if one.get("Name") == "BackOffMilliseconds"] == ["12000"]
    assert sato.ask(SYNC).code == "NoError"


@pytest.mark.parametrize("status", [429, 503])
def test_http_can_say_it_too(exchange: ExchangeSandbox, sato: Caller, status: int) -> None:
    exchange.answer_http(status, retry_after=30)
    response = sato.post(envelope(SYNC))
    assert (response.status_code, response.headers["retry-after"]) == (status, "30")
    assert sato.post(envelope(SYNC)).status_code == 200


def test_every_code_can_be_had_for_each_item(exchange: ExchangeSandbox, sato: Caller) -> None:
    identity = sato.created()
    exchange.answer_with("ErrorMailboxMoveInProgress", "GetItem")
    assert sato.sync().codes == ["NoError"]
    assert sato.get(item_id(identity), item_id(identity)).codes == ["ErrorMailboxMoveInProgress"] * 2
    exchange.answer_with("ErrorQuotaExceeded", times=2)
    assert sato.delete(identity).code == sato.delete(identity).code == "ErrorQuotaExceeded"
    assert list(exchange.items(SATO)) == [identity[0]]
    exchange.fault_with("ErrorInternalServerError")
    assert sato.ask(SYNC).status == 500
    exchange.answer_with("ErrorTimeoutExpired")
    exchange.clear_faults()
    assert sato.ask(SYNC).code == "NoError"


def test_a_connection_breaks_before_or_after_the_work(exchange: ExchangeSandbox, sato: Caller) -> None:
    exchange.operation_faults.add(DropConnectionBefore(), path="CreateItem")
    with pytest.raises(httpx.RemoteProtocolError):
        sato.created()
    assert not exchange.items(SATO)
    exchange.operation_faults.add(DropAfterProcessing(), path="CreateItem")
    with pytest.raises(httpx.RemoteProtocolError):
        sato.created()
    assert len(exchange.items(SATO)) == 1
    assert [operation.status for operation in exchange.operations("CreateItem")] == [0, 0]


def test_answers_can_be_replaced_cut_spoilt_or_huge(exchange: ExchangeSandbox, sato: Caller) -> None:
    def answer_to(effect: Answer | TruncateBody | MalformedJson | HugeBody) -> httpx.Response:
        exchange.operation_faults.add(effect)
        return sato.post(envelope(SYNC))

    portal = answer_to(Answer.as_html(200, "<html>Sign in to the hotel</html>"))
    assert portal.headers["content-type"].startswith("text/html")
    assert len(answer_to(TruncateBody(20)).content) == 20
    assert b"</" not in answer_to(MalformedJson()).content[:400]
    assert len(answer_to(HugeBody(100_000)).content) > 100_000
    exchange.operation_faults.add(Delay(0.05))
    before = time.monotonic()
    assert sato.ask(SYNC).code == "NoError"
    assert time.monotonic() - before >= 0.05


def test_a_replaced_answer_may_hide_that_the_work_was_done(exchange: ExchangeSandbox, sato: Caller) -> None:
    exchange.operation_faults.add(Answer(504, processed=True), path="CreateItem")
    with pytest.raises(SyntaxError):
        sato.create("<t:Subject>x</t:Subject>")
    assert exchange.operations("CreateItem")[0].attributes == {"SendMeetingInvitations": "SendToNone"}
    assert exchange.requests.all()[-1].status == 504


def test_too_many_connections_of_one_person_are_refused(exchange: ExchangeSandbox, sato: Caller) -> None:
    exchange.web.most_at_once = 1
    # On a busy machine the second one may come only when the first is done: then it lasts longer.
    assert "ErrorExceededConnectionCount" in (_beside_another(exchange, sato, seconds) for seconds in (0.3, 3.0, 20.0))


def _beside_another(exchange: ExchangeSandbox, sato: Caller, seconds: float) -> str:
    """What a second connection of a person is told while the first waits so long for its answer."""
    exchange.operation_faults.add(Delay(seconds))
    answers: list[httpx.Response] = []
    slow = threading.Thread(target=lambda: answers.append(sato.post(envelope(SYNC))))
    slow.start()
    other = Caller(exchange)
    with other.http:
        while exchange.operation_faults.pending():
            time.sleep(0.005)
        code = other.ask(SYNC).code
    slow.join()
    assert answers[0].status_code == 200
    return code


def test_a_request_beyond_the_limit_is_refused(exchange: ExchangeSandbox, sato: Caller) -> None:
    response = sato.post(b" " * (35 * 1024 * 1024 + 1))
    assert b"ErrorMessageSizeExceeded" in response.content
