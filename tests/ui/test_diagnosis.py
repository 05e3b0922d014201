"""Every code of trouble is told in words in both languages: what happened, what it means, what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from soroe.engine.health import Health, HealthState
from soroe.ui.texts import (
    Subject,
    Texts,
    diagnose,
    diagnosis_of,
    message_for_it,
    notice_words,
    permission_name,
    refusal_words,
)
from soroe.ui.texts.diagnosis import DIAGNOSES, for_it, is_worded
from tests.fakes.desk import NOW, ZONE

CODE = Path(__file__).parents[2] / "app" / "soroe"
OF_ACCOUNTS = frozenset({"SignInRequired", "AdminRequired", "LocalTrouble", "LimitReached", "RetryLater"})
"""The errors that a person is told of with their code. `ConsentMissing` names a permission, as the service does."""
OF_PERSONS = re.compile("ADMIN|PASSWORD|CLIENT_CODES")
"""Names of tables in the adapters' errors.py, whose codes are raised one by one."""
TOLD_APART = (
    "wrong_password",
    "password_refused",
    "app_password_needed",
    "two_factor",
    "account_locked",
    "password_expired",
    "server_unreachable",
    "server_not_found",
    "certificate",
    "proxy",
    "captive_portal",
    "ews_switched_off",
    "exchange_online",
    "admin_consent",
    "conditional_access",
    "no_mailbox",
    "clock_wrong",
)
BROKEN = (HealthState.SIGN_IN_NEEDED, HealthState.BLOCKED_BY_IT, HealthState.LOCAL_TROUBLE, HealthState.RETRYING)


def constants_of(tree: ast.Module) -> dict[str, set[str]]:
    """The texts that a module gives names to: single ones, and those of sets, tuples and dictionaries."""
    found: dict[str, set[str]] = {}
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        if value is not None and all(isinstance(target, ast.Name) for target in targets):
            told = {str(part.value) for part in texts_in(value)}
            found |= {target.id: told for target in targets if isinstance(target, ast.Name)}
    return found


def texts_in(value: ast.AST) -> Iterator[ast.Constant]:
    """The plain texts of an expression, but those of a dictionary's keys."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value
    elif isinstance(value, ast.Call) and ast.unparse(value.func) == "_names":
        for names in texts_in(value.args[0]):
            yield from (ast.Constant(word) for word in str(names.value).split())
    elif isinstance(value, ast.Dict):
        for held in value.values:
            yield from texts_in(held)
    else:
        for inner in ast.iter_child_nodes(value):
            yield from texts_in(inner)


@cache
def codes_raised() -> set[str]:
    """The codes in every call that makes an account's error: written there, or named in the module it is in."""
    codes: set[str] = set()
    for path in CODE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = constants_of(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OF_ACCOUNTS):
                continue
            for argument in node.args[:1]:
                codes |= {str(part.value) for part in given(argument)}
                for part in ast.walk(argument):
                    if isinstance(part, ast.Name):
                        codes |= named.get(part.id, set())
        if path.name.endswith("errors.py"):
            codes |= {code for name, told in named.items() if OF_PERSONS.search(name) for code in told}
    return {code for code in codes if code}


def given(argument: ast.expr) -> Iterator[ast.Constant]:
    """The codes that an argument may be: plain, chosen between two, or the last resort after an `or`."""
    match argument:
        case ast.Constant(value=str()):
            yield argument
        case ast.IfExp(body=body, orelse=orelse):
            yield from given(body)
            yield from given(orelse)
        case ast.BoolOp(values=values):
            for value in values:
                yield from given(value)
        case ast.JoinedStr(values=[ast.Constant() as first, *_]) if str(first.value).endswith(":"):
            yield first


def test_every_code_that_is_raised_has_words(texts: Texts) -> None:
    codes = codes_raised()
    assert len(codes) > 50
    assert {"invalid_grant", "offline"} & codes
    assert sorted(code for code in codes if not is_worded(texts, code.removesuffix(":"))) == []


@pytest.mark.parametrize("name", sorted(set(DIAGNOSES.values())))
def test_every_diagnosis_says_what_happened_what_it_means_and_what_to_do(texts: Texts, name: str) -> None:
    code = next(code for code, diagnosis in DIAGNOSES.items() if diagnosis == name)
    for state in BROKEN:
        found = diagnose(texts, Health(state, NOW, code, NOW), NOW, ZONE, "mail.example.com")
        assert all((found.what, found.means, found.do))
        assert "{" not in f"{found.what}{found.means}{found.do}"


def test_no_two_troubles_are_told_alike(texts: Texts) -> None:
    told = [diagnose(texts, Health(HealthState.SIGN_IN_NEEDED, NOW, code), NOW, ZONE) for code in TOLD_APART]
    assert len({found.what for found in told}) == len(TOLD_APART)
    assert all(diagnosis_of(code) == code for code in TOLD_APART)


def test_entras_own_codes_stay_readable_for_it(texts: Texts) -> None:
    for code in ("AADSTS53003", "AADSTS50105", "AADSTS90094", "AADSTS50076"):
        found = diagnose(texts, Health(HealthState.BLOCKED_BY_IT, NOW, code), NOW, ZONE)
        assert code in found.what
    assert for_it(texts, Health(HealthState.BLOCKED_BY_IT, NOW, "AADSTS53003")) == texts(
        "diagnosis.conditional_access.it"
    )
    assert for_it(texts, Health(HealthState.BLOCKED_BY_IT, NOW, "unheard_of")) == texts("health.do.general.it")


def test_pd_11_a_permission_is_named_as_the_consent_page_means_it(texts: Texts) -> None:
    scope = "https://www.googleapis.com/auth/calendar.events"
    found = diagnose(texts, Health(HealthState.PERMISSION_MISSING, NOW, scope), NOW, ZONE)
    assert texts("permission.calendar.events") in found.what
    assert "calendar.events" in found.what and "googleapis" not in found.what
    assert permission_name(texts, "crm:everything") == "crm:everything"


def test_the_server_that_refused_is_named_where_it_is_known(english: Texts) -> None:
    health = Health(HealthState.SIGN_IN_NEEDED, NOW, "wrong_password")
    assert diagnose(english, health, NOW, ZONE, "mail.example.com").what.startswith("mail.example.com refused")
    assert diagnose(english, health, NOW, ZONE).what.startswith("The server refused")


@pytest.mark.parametrize("code", ["RuntimeError", "KeyError('x')", "nobody_knows_this"])
def test_a_code_that_nobody_knows_stands_in_a_sentence_and_never_alone(texts: Texts, code: str) -> None:
    found = diagnose(texts, Health(HealthState.SIGN_IN_NEEDED, NOW, code), NOW, ZONE)
    assert found.what != code and found.do
    assert refusal_words(texts, "Google", code) != code


def test_a_notification_says_what_is_known_in_particular(english: Texts) -> None:
    said = notice_words(english, "Work", Health(HealthState.BLOCKED_BY_IT, NOW, "AADSTS53003"))
    assert said is not None and "conditional access" in said.body
    said = notice_words(english, "Mail", Health(HealthState.SIGN_IN_NEEDED, NOW, "password_expired"))
    assert said is not None and "expired or was changed" in said.body


def test_a_code_told_apart_by_an_adapter_keeps_entras_number_for_it(english: Texts) -> None:
    health = Health(HealthState.BLOCKED_BY_IT, NOW, "conditional_access:AADSTS53003")
    assert "(AADSTS53003)" in diagnose(english, health, NOW, ZONE).what
    message = message_for_it(english, Subject("sato@example.com", "Microsoft 365"), health)
    assert "Code: AADSTS53003" in message.body
    locked = Health(HealthState.PAUSED_BY_LIMIT, NOW, "account_locked:AADSTS50053", NOW)
    assert "is locked" in diagnose(english, locked, NOW, ZONE).what


def test_a_refused_sign_in_names_the_unticked_permission(english: Texts) -> None:
    said = refusal_words(english, "Google", "scope_unticked:https://www.googleapis.com/auth/calendar.events")
    assert "see and edit events on your calendars" in said and "tick" in said
