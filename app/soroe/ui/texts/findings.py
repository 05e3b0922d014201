"""What a finding says: what happened, why, after which rule, and what its buttons are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.engine.connection_findings import SIGN_IN_ENDS

from .catalogue import Texts
from .diagnosis import code_words, diagnosis_of, diagnosis_words, permission_name
from .items import field_name
from .reasons import cause_of, why_sentence

_CODE = re.compile(r"[A-Za-z]+[A-Z_]\w+(?::\S{1,200})?")
"""A code, with or without a detail, and no word of a sentence: it has a capital letter or a low line within."""


@dataclass(frozen=True, slots=True)
class FindingWords:
    """A finding in one language. `rule` is a sentence that opens with the rule's id."""

    kind: str
    severity: str
    what: str
    why: str
    rule: str


def finding_words(texts: Texts, finding: Finding) -> FindingWords:
    """The words for a finding; titles and times are read from both sides by whoever shows it."""
    return FindingWords(
        kind_name(texts, finding.kind),
        texts(f"severity.{finding.severity.value}"),
        _what(texts, finding),
        _why(texts, finding),
        _rule(texts, finding.rule),
    )


def kind_name(texts: Texts, kind: FindingKind) -> str:
    """The name of a list of findings."""
    return texts(f"finding.kind.{kind.value}")


def action_name(texts: Texts, action: FindingAction) -> str:
    """What the button says."""
    return texts(f"action.{action.value}")


def action_done(texts: Texts, action: FindingAction) -> str:
    """What is said once it was done."""
    return texts(f"action.done.{action.value}")


def severity_name(texts: Texts, severity: Severity) -> str:
    """How much it matters."""
    return texts(f"severity.{severity.value}")


def _what(texts: Texts, finding: Finding) -> str:
    fields = texts.listed(field_name(texts, name) for name in finding.fields)
    match finding.kind:
        case FindingKind.DUPLICATE:
            return texts.count("finding.what.duplicate", max(1, _group_size(finding)))
        case FindingKind.ALTERED | FindingKind.CONFLICT:
            key = f"finding.what.{finding.kind.value}"
            return texts(f"{key}.fields", fields=fields) if fields else texts(key)
        case FindingKind.HELD:
            about_item = finding.crm is not None or finding.calendar is not None
            return texts("finding.what.held.item" if about_item else "finding.what.held")
        case FindingKind.CONNECTION | FindingKind.PERMISSION:
            return _of_account(texts, finding, "what") or texts(
                f"finding.what.{finding.kind.value}", account=finding.account
            )
        case FindingKind.PRIVATE if finding.crm is None and finding.calendar is None:
            return texts("finding.what.private.sync")
        case FindingKind.PRIVATE | FindingKind.ONE_WAY | FindingKind.REJECTED:
            return texts(f"finding.what.{finding.kind.value}")
        case _:
            assert_never(finding.kind)


def _group_size(finding: Finding) -> int:
    return len(finding.others) + sum(1 for ref in (finding.crm, finding.calendar) if ref is not None)


def _why(texts: Texts, finding: Finding) -> str:
    cause = cause_of(finding.cause)
    todo = _of_account(texts, finding, "do")
    if todo:
        return texts.sentences([texts(f"finding.means.{finding.severity.value}"), todo])
    reason = why_sentence(texts, cause) if cause is not None else _other_cause(texts, finding.cause)
    message = _message(texts, finding.service_message)
    says = texts("finding.service_says", message=message) if message else ""
    numbers = " · ".join(_number(texts, name, n) for name, n in finding.numbers)
    return texts.sentences([reason, says, f"({numbers})" if numbers else ""])


def _message(texts: Texts, message: str) -> str:
    """What the service said; a bare code in words as far as there are any, and named as what it is where not."""
    if not _CODE.fullmatch(message):
        return message
    name = diagnosis_of(message)
    if name is not None:
        server = texts("diagnosis.the_server")
        return diagnosis_words(texts, name, "what", code=message, server=server, permission=message)
    words = code_words(texts, message)
    return texts("code.unexpected", code=message) if words == message else words


def _of_account(texts: Texts, finding: Finding, part: str) -> str:
    """What happened to a connection, or what to do; empty for a cause that nothing particular is known about."""
    if finding.kind not in {FindingKind.CONNECTION, FindingKind.PERMISSION} or cause_of(finding.cause) is not None:
        return ""
    name, permission = diagnosis_of(finding.cause), ""
    if finding.cause == SIGN_IN_ENDS:
        name = "sign_in_ends"
    if name is None and finding.kind is FindingKind.PERMISSION and FindingAction.RECONNECT in finding.actions:
        name, permission = "scope_unticked", permission_name(texts, finding.cause)
    if name is None:
        return ""
    values = {
        "code": finding.cause,
        "server": texts("diagnosis.the_server"),
        "permission": permission or finding.cause,
    }
    words = diagnosis_words(texts, name, part, **values)
    return f"{finding.account}: {words}" if part == "what" and finding.account else words


def _other_cause(texts: Texts, cause: str) -> str:
    """The causes of altered fields and of held runs, and the codes of services, which stand for themselves."""
    key = f"cause.{cause}"
    if not cause or texts.has(key):
        return texts(key) if cause else ""
    return texts("why.unknown", cause=code_words(texts, cause))


def _number(texts: Texts, name: str, n: int) -> str:
    key = f"number.{name}"
    return texts("finding.number", name=texts(key) if texts.has(key) else name, n=texts.number(n))


def _rule(texts: Texts, rule: str) -> str:
    if not rule:
        return ""
    name, key = texts("finding.rule", rule=rule), f"rule.{rule}"
    return f"{name} · {texts(key)}" if texts.has(key) else name
