"""One HTTP conversation with a CRM: sends a call, bounds and reads the answer, and names what went wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from soroe.adapters.net.allowance import DailyAllowance
from soroe.adapters.net.exchange import READING, Answer, exchange
from soroe.adapters.net.json_text import json_writer
from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.ports.errors import ItemRejected, ServiceFault


class Keys(Protocol):
    """What proves to the CRM who we are."""

    def headers(self) -> Mapping[str, str]:
        """The headers of a call; raises `SignInRequired` when there is nothing to prove it with."""
        ...

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Called after a 401 to these headers: True when other headers can be tried now."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `target` lies below the service's address, already percent-encoded; `body` is sent as JSON, or,
    where it is bytes, as it stands.

    `reads` says that a call changes nothing even though its method could, so that a lost answer leaves no doubt.
    """

    method: str
    target: str
    query: tuple[tuple[str, str], ...] = ()
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """How to reach the outside, handed in: the network's settings, the request counter, and the quotas to keep."""

    count: RequestCount = field(default_factory=RequestCount)
    network: Network | None = None
    pacer: Pacer | None = None
    allowance: DailyAllowance | None = None

    def turn(self) -> AbstractContextManager[None]:
        """The place of one request within the quota; raises `LimitReached` when the day's is used up."""
        if self.allowance is not None:
            self.allowance.take()
        return nullcontext() if self.pacer is None else self.pacer.turn()


class Service:
    """Talks to one CRM at `address`. One per account; safe to use from several threads. Connects at the first call."""

    def __init__(self, address: str, keys: Keys, line: Line) -> None:
        self._address = address.rstrip("/") + "/"
        self._keys = keys
        self._line = line
        self._client = LibraryClient(line.count, line.network)

    @property
    def requests_sent(self) -> int:
        """Requests that left since the counter was made."""
        return self._line.count.sent

    def send(self, call: Call) -> Answer:
        """The answer, whatever its status; a refused key is renewed once (R3). Raises port errors."""
        proof = self._keys.headers()
        answer = self._once(call, proof)
        if answer.status == 401 and self._keys.renew(proof):
            answer = self._once(call, self._keys.headers())
        return answer

    def proof(self) -> Mapping[str, str]:
        """The headers that prove who we are, for a call that wants the proof in its body."""
        return self._keys.headers()

    def close(self) -> None:
        """Ends the connections; a later call opens new ones."""
        self._client.close()

    def address_of(self, target: str) -> str:
        """The full address of a call; `ServiceFault` when the CRM points away from its own host."""
        return _joined(self._address, target)

    def _once(self, call: Call, proof: Mapping[str, str]) -> Answer:
        address = self.address_of(call.target)
        content = call.body if call.body is None or isinstance(call.body, bytes) else encoded(call.body)
        headers = {"Accept": "application/json", **call.headers, **proof}
        if content is not None:
            headers["Content-Type"] = call.content_type
        writes = call.method not in READING and not call.reads
        with self._line.turn():
            return exchange(self._client, call.method, address, call.query, headers, content, writes=writes)


@lru_cache(maxsize=64)  # most calls go to the same few targets
def _joined(address: str, target: str) -> str:
    full = urljoin(address, target)
    if urlsplit(full)[:2] != urlsplit(address)[:2]:
        raise ServiceFault("address_on_another_host")
    return full


_written = json_writer(
    json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
)


def encoded(body: object) -> bytes:
    """A body as JSON; `ItemRejected` for one with a text that is not Unicode."""
    try:
        return _written(body).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ItemRejected("text_is_not_unicode") from error
