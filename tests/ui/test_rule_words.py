"""Every rule that a finding may name, and every cause of an alteration, has words in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from soroe.core import notes
from soroe.core.dialect import DIALECTS
from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.ui.texts import Texts, finding_words
from soroe.ui.texts.reasons import CAUSES

SOURCES = Path(__file__).parents[2] / "app" / "soroe"
RULE = re.compile(r'"((?:SF|ESM|OD|PD|S)-[A-Za-z0-9-]+)"')
NAMED = sorted(
    {
        name
        for part in ("core", "engine")
        for file in (SOURCES / part).rglob("*.py")
        for name in RULE.findall(file.read_text("utf-8"))
    }
)
TOLD = sorted({*notes.USUAL_RULES, *(cause for dialect in DIALECTS.values() for cause, _ in dialect.rules)})


@pytest.mark.parametrize("rule", NAMED)
def test_every_rule_that_a_finding_names_says_what_it_is(texts: Texts, rule: str) -> None:
    finding = Finding(FindingKind.ALTERED, rule, Severity.INFO, "cut")
    assert len(finding_words(texts, finding).rule) > len(texts("finding.rule", rule=rule))


@pytest.mark.parametrize("cause", TOLD)
def test_every_cause_that_a_dialect_knows_is_a_sentence(texts: Texts, cause: str) -> None:
    assert cause in CAUSES or texts.has(f"cause.{cause}")


def test_esm_il2_what_is_said_of_a_whole_sync_does_not_speak_of_one_event(texts: Texts) -> None:
    (finding,) = notes.about_the_sync(DIALECTS["esales"])
    words = finding_words(texts, finding)
    assert words.what == texts("finding.what.private.sync") != texts("finding.what.private")
    assert FindingAction.DISMISS in finding.actions
