"""What a person should know or decide: kinds, ids, rule ids and numbers; `ui.texts` finds the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NewType

from .event import Ref, Side
from .stamp import token

FindingId = NewType("FindingId", str)


class FindingKind(StrEnum):
    """The lists of the Findings page."""

    DUPLICATE = "duplicate"
    PRIVATE = "private"
    ONE_WAY = "one-way"
    REJECTED = "rejected"
    ALTERED = "altered"
    CONFLICT = "conflict"
    HELD = "held"
    CONNECTION = "connection"
    PERMISSION = "permission"


class Severity(StrEnum):
    """How much it matters: nothing to do, worth a look, or something does not sync until a person acts."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class FindingAction(StrEnum):
    """What a person can do about a finding (`soroe resolve FINDING ACTION`)."""

    KEEP_ONE = "keep-one"
    MERGE = "merge"
    NOT_A_DUPLICATE = "not-a-duplicate"
    CHANGE_PRIVACY = "change-privacy"
    SHOW_SETTING = "show-setting"
    TAKE_CRM = "take-crm"
    TAKE_CALENDAR = "take-calendar"
    ALLOW = "allow"
    DROP = "drop"
    RETRY = "retry"
    RECONNECT = "reconnect"
    DISMISS = "dismiss"


@dataclass(frozen=True, slots=True)
class Finding:
    """One entry: about which items, after which rule, why, and what can be done.

    `cause` is a code, a value of `Why` or of `ReadOnlyCause`. `others` are further items of a group of duplicates.
    `numbers` are counts and limits by name, for the wording. `service_message` holds the service's own words on a
    rejection (SF-18); it is shown to the user and kept in the encrypted database, and never logged. `account` names the
    account of connection and permission findings.
    """

    kind: FindingKind
    rule: str
    severity: Severity
    cause: str
    crm: Ref | None = None
    calendar: Ref | None = None
    others: tuple[tuple[Side, Ref], ...] = ()
    fields: tuple[str, ...] = ()
    numbers: tuple[tuple[str, int], ...] = ()
    actions: tuple[FindingAction, ...] = ()
    service_message: str = ""
    account: str = ""

    def group(self) -> tuple[tuple[Side, Ref], ...]:
        """Every item that the entry is about."""
        about = ((Side.CALENDAR, self.calendar), (Side.CRM, self.crm))
        return (*((side, ref) for side, ref in about if ref is not None), *self.others)

    def with_item(self, side: Side, ref: Ref) -> Finding:
        """The entry, naming this item of a side."""
        return replace(self, crm=ref) if side is Side.CRM else replace(self, calendar=ref)

    @property
    def id(self) -> FindingId:
        """The same finding has the same id in every run, so that a dismissal stays, also once a twin was made."""
        about = self.calendar or self.crm
        refs = f"{about.container}/{about.id};" if about else "-;"
        group = "".join(sorted(f"{side}:{ref.container}/{ref.id};" for side, ref in self.others))
        return FindingId(token(f"{self.kind}|{self.rule}|{self.cause}|{self.account}|{refs}|{group}", 8))
