"""Many writes in one request, in the shape of the contract's batch: each operation answers for itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, assert_never

from soroe.adapters.crm.documents import at
from soroe.ports.errors import ACCOUNT_TROUBLE, Gone, ItemRejected, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Result, Unsent, Update, Write, Written

from .contract import Contract
from .errors import AlreadyThere, Refusal, error_of, not_ours_to_take
from .occurrences import is_occurrence
from .profile_requests import EtagVersions, HeaderIdempotency, NotQuiet, Operation, OperationsBatch
from .reading import ItemReading, list_of
from .single import KEY_REUSED, Single

_MOST = 100
_ROOM = 64


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

    def first_of(self, writes: Sequence[Write]) -> Sequence[Write]:
        """The writes at the beginning that travel together: no more than the CRM takes, all of the plain kind."""
        size = 0
        for count, write in enumerate(writes[: self._most]):
            if not self._travels(write):
                return writes[:count]
            size += _ROOM + len(repr(write).encode("utf-8", "replace")) * 2
            if size > self._bytes:
                return writes[:count]
        return writes[: self._most]

    def send(self, writes: Sequence[Write]) -> Sequence[Result]:
        """One request for these writes, and the result of each."""
        prepared: list[tuple[dict[str, Any] | None, Result | None]] = [self._prepared(write) for write in writes]
        operations = [operation for operation, _ in prepared if operation is not None]
        parts: list[Any] = []
        if operations:
            try:
                parts = self._sent(operations)
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
        if isinstance(self._contract.profile.quiet, NotQuiet):
            return False
        match write:
            case Create():
                return isinstance(self._contract.profile.idempotency, HeaderIdempotency)
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

    @property
    def _conditional(self) -> bool:
        versions = self._contract.profile.versions
        return isinstance(versions, EtagVersions) and versions.field is not None

    def _prepared(self, write: Write) -> tuple[dict[str, Any] | None, Result | None]:
        """The operation of a write, or its result where it cannot even be put into words."""
        try:
            operation = self._operation_of(write)
            json.dumps(operation, ensure_ascii=False).encode("utf-8")
        except PortError as error:
            return None, Failed(error)
        except UnicodeEncodeError:
            return None, Failed(ItemRejected("text_is_not_unicode"))
        return operation, None

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

    def _sent(self, operations: list[dict[str, Any]]) -> list[Any]:
        answer = self._contract.write(self._operation, "", {"operations": operations})
        parts = list_of(answer.document_or_none(), "results")
        if parts is None or len(parts) != len(operations):
            raise RetryLater("batch_answer_unreadable", outcome_unknown=True)
        return parts

    def _result(self, write: Write, part: object) -> Result:
        status = at(part, "status")
        if not isinstance(status, int) or isinstance(status, bool):
            return Failed(RetryLater("batch_answer_unreadable", outcome_unknown=True))
        try:
            if 200 <= status < 300:
                if isinstance(write, Delete):
                    return Erased(write.ref)
                return Written(self._single.observed(at(part, "activity")))
            return self._refused(write, status, at(part, "problem"))
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


def _all_failed(prepared: Sequence[tuple[dict[str, Any] | None, Result | None]], error: PortError) -> Sequence[Result]:
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
