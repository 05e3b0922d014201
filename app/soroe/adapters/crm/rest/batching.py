"""Many writes in one request, in the shape of the contract's batch: each operation answers for itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, assert_never

from soroe.adapters.crm.documents import put
from soroe.adapters.crm.service import encoded
from soroe.ports.errors import ACCOUNT_TROUBLE, Gone, ItemRejected, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Result, Unsent, Update, Write, Written

from .contract import Contract
from .errors import AlreadyThere, Refusal, error_of, not_ours_to_take
from .occurrences import is_occurrence
from .profile_requests import EtagVersions, HeaderIdempotency, NotQuiet, Operation, OperationsBatch
from .reading import ItemReading, list_of
from .single import KEY_REUSED, Single

_MOST = 100
_ROOM = 1_000
"""Bytes of an operation without its texts."""
_GUEST = 100
_LONGEST_SPELLING = 6
"""Bytes that a character takes at most: `\\u001f`, or `&amp;` in HTML."""
Prepared = tuple[dict[str, Any] | None, Result | None]
"""A write's operation, or its result where it cannot be sent."""


class Batching:
    """Sends creates, changes and deletes together; what needs a look first goes alone (see `Single`)."""

    def __init__(
        self, contract: Contract, single: Single, reading: ItemReading, operation: Operation, shape: OperationsBatch
    ) -> None:
        self._contract = contract
        self._single = single
        self._reading = reading
        self._operation = operation
        self._most = min(shape.max_operations, _MOST)
        self._bytes = shape.max_bytes or 1_000_000
        profile = contract.profile
        versions = profile.versions
        self._quiet = not isinstance(profile.quiet, NotQuiet)
        self._repeatable = isinstance(profile.idempotency, HeaderIdempotency)
        self._conditional = isinstance(versions, EtagVersions) and versions.field is not None

    def first_of(self, writes: Sequence[Write]) -> Sequence[Write]:
        """The writes at the beginning that travel together: no more than the CRM takes, all of the plain kind."""
        size = 0
        for count, write in enumerate(writes[: self._most]):
            if not self._travels(write):
                return writes[:count]
            size += _ROOM if isinstance(write, Delete | Restore) else _room_for(write)
            if size > self._bytes:
                return writes[:count]
        return writes[: self._most]

    def send(self, writes: Sequence[Write]) -> Sequence[Result]:
        """One request for these writes, and the result of each."""
        prepared = [self._prepared(write) for write in writes]
        parts: list[Any] = []
        try:
            body = self._body_of(prepared)
        except ItemRejected:  # one of them is to blame: the others go on
            prepared = [self._unless_rejected(one) for one in prepared]
            body = self._body_of(prepared)
        try:
            if body is not None:
                parts = self._sent(body, sum(operation is not None for operation, _ in prepared))
        except PortError as error:
            return _all_failed(prepared, error)
        results: list[Result] = []
        left = iter(parts)
        stopped = False
        for write, (operation, refused) in zip(writes, prepared, strict=True):
            result = refused if operation is None else self._result(write, next(left, None))
            assert result is not None
            is_trouble = isinstance(result, Failed) and isinstance(result.error, ACCOUNT_TROUBLE)
            may_have_happened = isinstance(result, Failed) and getattr(result.error, "outcome_unknown", False)
            results.append(Unsent() if is_trouble and stopped and not may_have_happened else result)
            stopped = stopped or is_trouble
        return results

    def _travels(self, write: Write) -> bool:
        if not self._quiet:
            return False
        match write:
            case Create():
                return self._repeatable
            case Update(ref=ref, version=version, fields=fields):
                return (
                    not self._single.needs_a_look(fields)
                    and self._conditional
                    and version is not None
                    and self._reading.occurrences.theirs(ref.id) is not None
                )
            case Delete(ref=ref, version=version):
                return self._conditional and version is not None and not is_occurrence(ref.id)
            case Restore():
                return False
            case _:
                assert_never(write)

    def _prepared(self, write: Write) -> Prepared:
        """The operation of a write, or its result where it cannot even be put into words."""
        try:
            return self._operation_of(write), None
        except PortError as error:
            return None, Failed(error)

    def _operation_of(self, write: Write) -> dict[str, Any]:
        match write:
            case Create(seed=seed):
                return {"op": "create", "idempotency_key": seed, "activity": self._single.body_of(write)}
            case Update(ref=ref, version=version, content=content, fields=fields, stamp=stamp):
                own = self._reading.occurrences.theirs(ref.id)
                patch = self._single.patch_of(content, fields, stamp, write.particulars)
                return {"op": "update", "id": own, "if_match": version, "patch": patch}
            case Delete(ref=ref, version=version):
                return {"op": "delete", "id": str(ref.id), "if_match": version}
            case Restore():
                raise ItemRejected("restores_travel_alone")
            case _:
                assert_never(write)

    def _body_of(self, prepared: Sequence[Prepared]) -> bytes | None:
        """The whole body with these operations, None without any; raises `ItemRejected`."""
        operations = [operation for operation, _ in prepared if operation is not None]
        body: dict[str, Any] = {"operations": operations}
        if self._operation.wrap is not None:
            inner, body = body, {}
            put(body, self._operation.wrap, inner)
        return encoded(body) if operations else None

    def _unless_rejected(self, one: Prepared) -> Prepared:
        try:
            self._body_of((one,))
        except ItemRejected as error:
            return None, Failed(error)
        return one

    def _sent(self, body: bytes, operations: int) -> list[Any]:
        answer = self._contract.write(self._operation, "", body)
        parts = list_of(answer.document_or_none(), "results")
        if parts is None or len(parts) != operations:
            raise RetryLater("batch_answer_unreadable", outcome_unknown=True)
        return parts

    def _result(self, write: Write, part: object) -> Result:
        status = part.get("status") if type(part) is dict else None
        if type(part) is not dict or type(status) is not int:
            return Failed(RetryLater("batch_answer_unreadable", outcome_unknown=True))
        try:
            if 200 <= status < 300:
                if isinstance(write, Delete):
                    return Erased(write.ref)
                item = self._single.observed(part.get("activity"))
                own = self._reading.occurrences.theirs(write.ref.id) if isinstance(write, Update) else None
                return Written(item if own is None else self._single.still(own, item))
            return self._refused(write, status, part.get("problem"))
        except PortError as error:
            return Failed(error)

    def _refused(self, write: Write, status: int, problem: object) -> Result:
        profile, now = self._contract.profile, self._contract.clock()
        refusal = Refusal(status, problem, {}, json.dumps(problem, ensure_ascii=True)[:100_000])
        error = error_of(refusal, profile, now, writes=True)
        if isinstance(error, AlreadyThere) and isinstance(write, Create):
            return self._single.adopted(write, error.existing)
        if isinstance(error, ItemRejected) and error.code == KEY_REUSED and isinstance(write, Create):
            return self._single.create(write)
        if isinstance(error, Gone) and isinstance(write, Delete):
            return Erased(write.ref)
        return Failed(not_ours_to_take(error) if isinstance(error, AlreadyThere) else error)


def _room_for(write: Create | Update) -> int:
    """The most bytes that a write can take in a body: its texts in their longest spelling, and what stands around."""
    content, stamp = write.content, write.stamp or ""
    long = len(content.title) + len(content.description) + len(content.location) + len(stamp)
    if content.guests:
        long += sum(_GUEST + len(guest.email) + len(guest.name) for guest in content.guests)
    if content.recurrence is not None or write.particulars is not None:
        long += len(repr(content.recurrence)) + len(repr(write.particulars))
    return _ROOM + long * _LONGEST_SPELLING


def _all_failed(prepared: Sequence[Prepared], error: PortError) -> Sequence[Result]:
    """The whole request failed. Where it may have happened, each write may have; otherwise all after the first wait."""
    unknown = isinstance(error, RetryLater) and error.outcome_unknown
    results: list[Result] = []
    told = False
    for operation, refused in prepared:
        if operation is None and refused is not None:
            results.append(refused)
        elif unknown or not told or not isinstance(error, ACCOUNT_TROUBLE):
            results.append(Failed(error))
            told = True
        else:
            results.append(Unsent())
    return results
