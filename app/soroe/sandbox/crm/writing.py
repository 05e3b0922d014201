"""Carries out creates, changes, deletes, restores and batches, one request or operation at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.crm.activity import Activity, User, activity_json
from soroe.sandbox.crm.problems import Problem, invalid
from soroe.sandbox.crm.store import Store
from soroe.sandbox.crm.validation import ID, PRINTABLE, members, new_activity, patched

REMEMBERED = timedelta(hours=24)
LONGEST_TAG = 255
_SHAPES = {
    "create": ("idempotency_key", "activity"),
    "update": ("id", "if_match", "patch"),
    "delete": ("id", "if_match"),
}


@dataclass(frozen=True, slots=True)
class _Remembered:
    body: str
    answer: dict[str, Any]
    at: datetime


class Writing:
    """The writes of the contract; the caller holds the lock and has checked the permission."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._answers: dict[tuple[str, str], _Remembered] = {}

    def create(self, user: User, key: str | None, body: object, notify: bool) -> tuple[dict[str, Any], bool]:
        """Returns the new activity and whether it is a repeated answer."""
        if key is None:
            raise Problem(400, "idempotency_key_missing", "A create needs an idempotency key.", "Idempotency-Key")
        if len(key) < 8 or PRINTABLE.fullmatch(key) is None:
            raise invalid("Idempotency-Key", "8 to 255 printable ASCII characters are needed.")
        wanted = json.dumps([body, notify], sort_keys=True)
        known = self._answers.get((user.id, key))
        if known is not None and self.store.clock() - known.at <= REMEMBERED:
            if known.body != wanted:
                detail = "This idempotency key was used for another activity."
                raise Problem(422, "idempotency_key_reused", detail, "Idempotency-Key")
            return known.answer, True
        activity = self.store.create(user, new_activity(body, self.store.active_types()), notify)
        answer = activity_json(activity, user.id)
        self._answers[user.id, key] = _Remembered(wanted, answer, self.store.clock())
        return answer, False

    def change(self, user: User, activity_id: str, if_match: str | None, patch: object, notify: bool) -> Activity:
        activity = self._writable(user, activity_id, if_match)
        return self.store.change(activity, patched(activity.content, patch, self.store.active_types()), notify)

    def delete(self, user: User, activity_id: str, if_match: str | None, notify: bool) -> None:
        self.store.delete(self._writable(user, activity_id, if_match), notify)

    def restore(self, user: User, activity_id: str, notify: bool) -> Activity:
        return self.store.restore(user.id, activity_id, notify)

    def batch(self, user: User, body: object, notify: bool) -> list[dict[str, Any]]:
        """Returns one result per operation; an operation that fails leaves the others alone."""
        operations = members(body, ("operations",)).get("operations")
        if not isinstance(operations, list) or not 1 <= len(operations) <= 100:
            raise invalid("operations", "A list of 1 to 100 operations is needed.")
        return [self._result(user, operation, notify) for operation in operations]

    def _result(self, user: User, operation: object, notify: bool) -> dict[str, Any]:
        try:
            return self._operate(user, _operation(operation), notify)
        except Problem as problem:
            return {"status": problem.status, "problem": problem.document()}

    def _operate(self, user: User, operation: Mapping[str, Any], notify: bool) -> dict[str, Any]:
        match operation["op"]:
            case "create":
                answer, _ = self.create(user, operation["idempotency_key"], operation["activity"], notify)
                return {"status": 201, "activity": answer}
            case "update":
                changed = self.change(user, operation["id"], operation["if_match"], operation["patch"], notify)
                return {"status": 200, "activity": activity_json(changed, user.id)}
            case _:
                self.delete(user, operation["id"], operation["if_match"], notify)
                return {"status": 204}

    def _writable(self, user: User, activity_id: str, if_match: str | None) -> Activity:
        activity = self.store.get(activity_id)
        self.store.check_writable(activity, user)
        if if_match is None or if_match.strip() in ("", "*"):
            raise Problem(428, "if_match_missing", "The version that was last read is needed.", "If-Match")
        if len(if_match) > LONGEST_TAG:
            raise invalid("If-Match", f"A version has {LONGEST_TAG} characters at most.")
        if activity.etag not in [tag.strip() for tag in if_match.split(",")]:
            raise Problem(412, "version_mismatch", "The activity has changed since.", "If-Match")
        return activity


def _operation(operation: object) -> Mapping[str, Any]:
    kind = operation.get("op") if isinstance(operation, dict) else None
    if not isinstance(kind, str) or kind not in _SHAPES:
        raise invalid("op", "create, update or delete is needed.")
    fields = members(operation, ("op", *_SHAPES[kind]))
    for name in _SHAPES[kind]:
        if name not in fields:
            raise invalid(name, f"{name} is missing.")
    for name in ("idempotency_key", "if_match"):
        if name in fields and not isinstance(fields[name], str):
            raise invalid(name, "A text is needed.")
    if "id" in fields and (not isinstance(fields["id"], str) or ID.fullmatch(fields["id"]) is None):
        raise invalid("id", "The id of an activity is needed.")
    return fields
