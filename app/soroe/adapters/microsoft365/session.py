"""Sends calls to Graph for one account: signed in, paced and counted, one by one or many in one request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from soroe.adapters.net.failures import clock_is_wrong
from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.reading import Json
from soroe.adapters.net.transport import LibraryClient, Network, RequestCount
from soroe.core.event import Version
from soroe.ports.errors import AdminRequired, PortError, RetryLater

from .errors import Refused, WebPage, check_page, translate
from .settings import CALENDARS_SCOPE, Microsoft365Settings
from .tokens import Tokens

LARGEST = 20
"""Calls a batch may hold, by Graph's guide."""
_LANES = 4
"""Calls of one application that a mailbox carries out at a time; the fifth would be refused."""
_PAGES_BEFORE_BLAME = 5
_MOST_TOKENS = 3
# Ids that stay when an item is moved, bodies as plain text; times come in UTC unless something else is asked for.
_PREFER = 'IdType="ImmutableId", outlook.body-content-type="text"'


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API. `path` and `query` are encoded; `calendar` says that it is about a whole calendar."""

    method: str
    path: str
    query: str = ""
    body: Json | None = None
    if_match: Version | None = None
    calendar: bool = False
    prefer: str = ""
    scope: str = CALENDARS_SCOPE

    @property
    def target(self) -> str:
        """Path and query, relative to the API's base."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def writing(self) -> bool:
        """Whether the call changes something."""
        return self.method != "GET"

    def headers(self) -> dict[str, str]:
        """The headers of this call's own."""
        headers = {"Prefer": f"{_PREFER}, {self.prefer}" if self.prefer else _PREFER}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        return headers | ({"If-Match": self.if_match} if self.if_match is not None else {})

    def content(self) -> bytes | None:
        """The body's bytes."""
        return None if self.body is None else json.dumps(self.body, separators=(",", ":")).encode("ascii")


@dataclass(frozen=True, slots=True)
class Answer:
    """Graph's answer to one call; headers have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return 200 <= self.status < 300

    def json(self, call: Call) -> Json:
        """The JSON object in the answer to a call that succeeded; `RetryLater` for a garbled one."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise RetryLater("garbled_answer", outcome_unknown=call.writing) from error
        if not isinstance(value, dict):
            raise RetryLater("garbled_answer", outcome_unknown=call.writing)
        return value


class Session:
    """One signed-in account. Safe to share between threads; every public method raises errors of the port only."""

    def __init__(
        self,
        settings: Microsoft365Settings,
        secret: Callable[[], str],
        keep: Callable[[str], None],
        pacer: Pacer,
        *,
        now: Callable[[], datetime],
        network: Network | None = None,
    ) -> None:
        self.settings = settings
        self.pacer = pacer
        self.now = now
        self.requests = RequestCount()
        self._client = LibraryClient(self.requests, network)
        self.tokens = Tokens(settings, secret, keep, self._client, now=now)
        # A batch alone fills the four places that a mailbox has: a second request beside it would be refused.
        self._one_at_a_time = threading.Lock()
        self._pages = 0
        self.tells_cancelled = True
        """Whether the service knows how to name the occurrences that a series has lost; it is asked once."""

    def close(self) -> None:
        """Drop the kept connections, for example after the machine slept or changed networks."""
        self._client.close()

    def send(self, call: Call) -> Answer:
        """Carry out one call; a token that Graph refuses is renewed once and the call repeated once (R3)."""
        return self._post(call, self.settings.api_base + call.target, call.content(), 1)

    def json(self, call: Call) -> Json:
        """Like `send`, for calls of which only a success is of use."""
        answer = self.send(call)
        if not answer.ok:
            refused = self.refusal(call, answer)
            raise self.trouble(refused) from refused
        return answer.json(call)

    def together(self, calls: Sequence[Call]) -> list[Answer | None]:
        """The answer to each call, in order, of as many requests as it takes; None where no outcome was told.

        Within a batch at most four calls run at a time. What was not carried out because the one before it in its lane
        failed is sent again. Raises the port's errors for a batch as a whole.
        """
        answers: list[Answer | None] = [None] * len(calls)
        waiting = list(range(len(calls)))
        while waiting:
            turn, waiting = waiting[:LARGEST], waiting[LARGEST:]
            if len(turn) == 1:
                answers[turn[0]] = self.send(calls[turn[0]])
                continue
            told = self._batch([calls[number] for number in turn])
            again = []
            for number, answer in zip(turn, told, strict=True):
                if answer is not None and answer.status == 424:
                    again.append(number)
                elif answer is not None and answer.status == 401:
                    answers[number] = self.send(calls[number])
                else:
                    answers[number] = answer
            waiting = again + waiting
        return answers

    def refusal(self, call: Call, answer: Answer) -> Refused:
        """What an answer that is not a success says."""
        return Refused(
            answer.status,
            answer.headers,
            answer.body,
            calendar=call.calendar,
            writing=call.writing,
            scope=call.scope,
            granted=self.tokens.granted(call.scope),
        )

    def trouble(self, error: BaseException) -> PortError:
        """What an error means for the engine."""
        wrong = isinstance(error, Refused) and clock_is_wrong(error.headers, self.now())
        return translate(error, self.now(), clock_wrong=wrong)

    def trouble_of(self, call: Call, answer: Answer) -> PortError:
        """What an answer that is not a success means for the engine."""
        return self.trouble(self.refusal(call, answer))

    def link(self, address: object) -> str | None:
        """The part of an absolute link behind the API's base; None for no link, and for one that leads elsewhere.

        With every call goes the token: it must not travel to an address that only an answer has named.
        """
        if not isinstance(address, str) or not address.startswith(self.settings.api_base):
            return None
        return address.removeprefix(self.settings.api_base)

    def _batch(self, calls: Sequence[Call]) -> list[Answer | None]:
        requests: list[Json] = []
        for number, call in enumerate(calls):
            part: Json = {"id": str(number), "method": call.method, "url": f"/{call.target}", "headers": call.headers()}
            if call.body is not None:
                part["body"] = call.body
            if number >= _LANES:
                part["dependsOn"] = [str(number - _LANES)]
            requests.append(part)
        writes = any(call.writing for call in calls)
        outer = Call("POST" if writes else "GET", "$batch", body={"requests": requests})
        answer = self._post(outer, f"{self.settings.api_base}$batch", outer.content(), len(calls), method="POST")
        if not answer.ok:
            raise self.trouble_of(outer, answer)
        return _parts(answer.json(outer), len(calls))

    def _post(self, call: Call, address: str, body: bytes | None, cost: int, method: str = "") -> Answer:
        try:
            answer = self._signed(call, address, body, cost, method or call.method)
            check_page(answer.status, answer.headers, answer.body)
            self._pages = 0
        except WebPage as page:
            self._pages += 1
            if self._pages >= _PAGES_BEFORE_BLAME:
                raise AdminRequired("web_page") from page
            trouble = self.trouble(page)
            if isinstance(trouble, RetryLater) and call.writing:  # a gateway's page: the write may be done (R2)
                trouble = RetryLater(trouble.reason, trouble.after, outcome_unknown=True)
            raise trouble from page
        except (Refused, OSError, ValueError) as error:
            trouble = self.trouble(error)
            if isinstance(trouble, RetryLater) and not call.writing:
                trouble = RetryLater(trouble.reason, trouble.after)
            raise trouble from error
        return answer

    def _signed(self, call: Call, address: str, body: bytes | None, cost: int, method: str) -> Answer:
        """One call with a token that Graph takes; raises `Refused` where it takes none."""
        token = self.tokens.access()
        answer = self._once(method, address, body, call.headers(), cost, token)
        renewals = self.tokens.renewals
        refused = self.refusal(call, answer)
        # A token that another process got may be no good any more either: then ours is renewed after all.
        for _ in range(_MOST_TOKENS):
            if self.tokens.renewals > renewals or not (answer.status == 401 or refused.claims):
                break
            token = self.tokens.access(refused=token, claims=refused.claims)
            answer = self._once(method, address, body, call.headers(), cost, token)
            refused = self.refusal(call, answer)
        if refused.claims:
            self.tokens.note_claims(refused.claims)
        if answer.status == 401 or refused.claims:
            raise refused
        return answer

    def _once(
        self, method: str, address: str, body: bytes | None, headers: dict[str, str], cost: int, token: str
    ) -> Answer:
        signed = {"accept": "application/json", **headers, "authorization": f"Bearer {token}"}
        with self._one_at_a_time, self.pacer.turn(cost):
            response, content = self._client.request(address, method, body, signed)
        return Answer(response.status, response, content)


def _parts(told: Json, count: int) -> list[Answer | None]:
    """The numbered answers in a batch's answer; what cannot be read is left out."""
    answers: list[Answer | None] = [None] * count
    parts: Any = told.get("responses")
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, dict):
            continue
        number, status, headers = part.get("id"), part.get("status"), part.get("headers")
        if not (isinstance(number, str) and number.isascii() and number.isdigit() and int(number) < count):
            continue
        if not isinstance(status, int):
            continue
        names = headers.items() if isinstance(headers, dict) else ()
        lower = {str(name).lower(): str(value) for name, value in names}
        body = part.get("body")
        answers[int(number)] = Answer(status, lower, b"" if body is None else json.dumps(body).encode("ascii"))
    return answers
