"""Faults a test switches on: what goes wrong, for which requests, how often."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """The server answers this. With `processed` the request is carried out first and its true answer is replaced."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    processed: bool = False

    @classmethod
    def as_json(
        cls, status: int, value: object, headers: Mapping[str, str] | None = None, *, processed: bool = False
    ) -> Answer:
        return cls(status, json.dumps(value).encode(), headers=dict(headers or {}), processed=processed)

    @classmethod
    def as_html(cls, status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
        """A web page where the program expects data: a captive portal, a proxy's notice."""
        return cls(status, text.encode(), "text/html; charset=utf-8", dict(headers or {}))


@dataclass(frozen=True, slots=True)
class DropConnectionBefore:
    """The connection is closed before the request is carried out."""


@dataclass(frozen=True, slots=True)
class DropAfterProcessing:
    """The request is carried out, then the connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class TruncateBody:
    """The true answer is announced in full, but only `keep` bytes of its body are sent before the connection closes."""

    keep: int = 20


@dataclass(frozen=True, slots=True)
class Delay:
    """The request is carried out `seconds` late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class HugeBody:
    """The request is not carried out; the answer is well-formed JSON of about `size` bytes."""

    size: int = 64 * 1024 * 1024
    status: int = 200


@dataclass(frozen=True, slots=True)
class MalformedJson:
    """The request is carried out; the answer has the right type and length but is not JSON."""

    body: bytes = b'{"kind": "calendar#events", "items": [{"id": '


Effect = Answer | DropConnectionBefore | DropAfterProcessing | TruncateBody | Delay | HugeBody | MalformedJson


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: the next `times` requests that match, after the first `skip` of them, meet `effect`.

    `method` and `path` are regular expressions; `method` must match whole, `path` is searched for in the request target
    (path and query string, percent-encoded as it came). `times` below zero means until cleared.
    """

    effect: Effect
    method: str = ".*"
    path: str = ""
    times: int = 1
    skip: int = 0

    def matches(self, method: str, target: str) -> bool:
        return re.fullmatch(self.method, method) is not None and re.search(self.path, target) is not None


class Faults:
    """The switched-on faults, consumed request by request; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []

    def add(self, effect: Effect, method: str = ".*", path: str = "", times: int = 1, skip: int = 0) -> None:
        """Switches a fault on. Rules are tried in the order they were added; one request meets one fault at most."""
        with self._lock:
            self._rules.append(_Rule(Fault(effect, method, path, times, skip), times, skip))

    def clear(self) -> None:
        """Switches everything off."""
        with self._lock:
            self._rules.clear()

    def pending(self) -> list[Fault]:
        """Returns the rules that have not been used up, so that a test can assert that its fault really happened."""
        with self._lock:
            return [rule.fault for rule in self._rules]

    def take(self, method: str, target: str) -> Effect | None:
        """Returns the fault this request meets, and counts it as used."""
        if not self._rules:
            return None
        with self._lock:
            for rule in self._rules:
                if not rule.fault.matches(method, target):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                rule.left -= 1
                if rule.left == 0:
                    self._rules.remove(rule)
                return rule.fault.effect
        return None


@dataclass(slots=True)
class _Rule:
    fault: Fault
    left: int
    skip: int
