"""What a CRM's error answer means, after the profile's own rules (`[[errors]]`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, assert_never

from soroe.adapters.crm.documents import at
from soroe.adapters.net.exchange import Answer
from soroe.adapters.net.failures import retry_after
from soroe.core.event import ReadOnlyCause
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    ConsentMissing,
    CursorExpired,
    Gone,
    ItemRejected,
    LimitReached,
    PortError,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .profile import ErrorRule, Means, Profile
from .profile_requests import FieldStamp

_LONGEST_WAIT = 24 * 3600.0
_LOST = frozenset({408, 500, 502, 503, 504})
_MISUSES = frozenset({405, 406, 411, 415})
_CAUSES = {
    "foreign_organizer": ReadOnlyCause.FOREIGN_ORGANISER,
    "mirrored": ReadOnlyCause.SPECIAL_KIND,
}


class AlreadyThere(PortError):
    """A create found its item made before; `existing` is that item's id where the CRM tells it."""

    def __init__(self, existing: str | None) -> None:
        super().__init__("already_there")
        self.existing = existing


def not_ours_to_take(error: AlreadyThere) -> ItemRejected:
    """What it means when a change, not a create, meets another item that carries its stamp."""
    return ItemRejected(str(error), "stamp")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer, or the failed part of a batch: its status, its document, its headers, its raw text."""

    status: int
    document: object
    headers: Mapping[str, str]
    raw: str

    @classmethod
    def of(cls, answer: Answer) -> Refusal:
        """The refusal that an answer is."""
        return cls(
            answer.status, answer.document_or_none(), answer.headers, answer.body[:100_000].decode("utf-8", "replace")
        )


def is_refusal(answer: Answer, profile: Profile) -> bool:
    """Whether a rule of the profile calls an answer an error although its status says success."""
    rules = [rule for rule in profile.errors if rule.status == answer.status]
    if not rules:
        return False
    refusal = Refusal.of(answer)
    code = _text(refusal.document, profile.error_body.code_at)
    return any(_fits(rule, refusal, code) for rule in rules)


def port_error(answer: Answer, profile: Profile, now: datetime, *, writes: bool) -> PortError:
    """The port's error for an answer that is no success; `now` is UTC. `writes`: the call could change something."""
    if answer.is_page:
        return RetryLater("web_page_instead_of_answer", outcome_unknown=writes)
    return error_of(Refusal.of(answer), profile, now, writes=writes)


def error_of(refusal: Refusal, profile: Profile, now: datetime, *, writes: bool) -> PortError:
    """The port's error for a refusal, after the first rule of the profile that fits."""
    code = _text(refusal.document, profile.error_body.code_at) or f"http_{refusal.status}"
    means = _means(refusal, profile, code)
    if means == "retry_later" or means == "limit_reached":
        return _pause(means, refusal, profile, now, code, writes=writes)
    if means == "item_rejected" or means == "read_only" or means == "already_there":
        return _of_one_item(means, refusal, profile, code)
    match means:
        case "sign_in_required":
            return SignInRequired(code)
        case "consent_missing":
            return ConsentMissing(_text(refusal.document, profile.error_body.permission_at) or code)
        case "admin_required":
            return AdminRequired(code)
        case "changed_meanwhile":
            return ChangedMeanwhile(code)
        case "gone":
            return Gone(code)
        case "cursor_expired":
            return CursorExpired(code)
        case _:
            assert_never(means)


def _pause(
    means: Literal["retry_later", "limit_reached"],
    refusal: Refusal,
    profile: Profile,
    now: datetime,
    code: str,
    *,
    writes: bool,
) -> PortError:
    wait = _wait(refusal, profile, now)
    if means == "limit_reached":
        return LimitReached(code, now + timedelta(seconds=wait) if wait else _next_midnight(now))
    return RetryLater(code, wait, outcome_unknown=writes and refusal.status in _LOST)


def _of_one_item(
    means: Literal["item_rejected", "read_only", "already_there"], refusal: Refusal, profile: Profile, code: str
) -> PortError:
    body = profile.error_body
    if means == "read_only":
        return ReadOnly(_CAUSES.get(_text(refusal.document, body.cause_at), ReadOnlyCause.LOCKED).value)
    if means == "already_there":
        path = profile.stamp.existing_id_at if isinstance(profile.stamp, FieldStamp) else None
        return AlreadyThere(_text(refusal.document, path) or None)
    if refusal.status in _MISUSES:
        return ServiceFault(code)
    field = _text(refusal.document, body.field_at) or None
    return ItemRejected(code, field, _text(refusal.document, body.reason_at))


def _means(refusal: Refusal, profile: Profile, code: str) -> Means:
    for rule in profile.errors:
        if _fits(rule, refusal, code):
            return rule.means
    if refusal.status >= 500 or refusal.status in {408, 429}:
        return "retry_later"
    return "sign_in_required" if refusal.status == 401 else "item_rejected"


def _fits(rule: ErrorRule, refusal: Refusal, code: str) -> bool:
    if rule.status is not None and rule.status not in {refusal.status, f"{refusal.status // 100}xx"}:
        return False
    if rule.code is not None and rule.code != code:
        return False
    return rule.text is None or rule.text.casefold() in refusal.raw.casefold()


def _wait(refusal: Refusal, profile: Profile, now: datetime) -> float | None:
    """Seconds to wait as the CRM says, in its header or, for the part of a batch, in its document."""
    found = at(refusal.document, "retry_after")
    if isinstance(found, int | float) and not isinstance(found, bool) and found >= 0:
        return float(min(found, _LONGEST_WAIT))
    name = (profile.error_body.retry_after_header or "Retry-After").lower()
    return retry_after({"retry-after": refusal.headers.get(name, "")}, now)


def _next_midnight(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _text(document: object, path: str | None) -> str:
    value = at(document, path) if path is not None else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:2_000]
