"""No rule without a test: the table of rules, held against the tests that bear their ids."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from soroe.core.dialect import DIALECTS
from tests.fakes.desk import RESOURCES

TESTS = Path(__file__).parents[1]
TABLE = tomllib.loads((TESTS / "rules" / "rules.toml").read_text(encoding="utf-8"))
FAMILIES = {
    "PD": 12, "SF": 26, "OD": 9, "ESM-G": 5, "ESM-S": 6, "ESM-O": 16, "ESM-OL": 2, "ESM-I": 26, "ESM-IL": 3, "T": 13,
}  # fmt: skip # short values, several a line
"""How many rules each family has."""
ALL = [
    f"{family}{'' if '-' in family or family == 'T' else '-'}{n + 1}"
    for family, of in FAMILIES.items()
    for n in range(of)
]


@cache
def bearers(where: str) -> dict[str, str]:
    """The tests of one file, as the table names them, each with its docstring; none if there is no such file."""
    path = TESTS / where
    if not path.is_file():
        return {}
    tests = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return {f"{where}::{test.name}": ast.get_docstring(test) or "" for test in tests}


def test_the_table_has_every_rule_of_the_documents_and_no_other() -> None:
    assert list(TABLE) == ALL


@pytest.mark.parametrize("rule", ALL)
def test_the_rule_is_shown_by_tests_that_bear_its_id(rule: str) -> None:
    named = TABLE[rule]["tests"]
    assert named, f"{rule} ({TABLE[rule]['says']}) is shown by no test"
    told = {
        test: docstring
        for where in {test.partition("::")[0] for test in named}
        for test, docstring in bearers(where).items()
    }
    assert [test for test in named if test not in told] == []
    slug = re.compile(rf"(^|_){re.escape(rule.lower().replace('-', '_'))}(_|$)")
    word = re.compile(rf"\b{re.escape(rule)}\b")
    strangers = [test for test in named if not slug.search(test.partition("::")[2]) and not word.search(told[test])]
    assert strangers == [], "neither the name nor the docstring bears the id"


def test_every_rule_that_the_window_words_is_in_the_table() -> None:
    words = (RESOURCES / "translations" / "en.json").read_text(encoding="utf-8")
    worded = set(re.findall(r'"rule\.((?:PD|SF|OD|ESM)-[A-Z]*\d+)"', words))
    assert worded
    assert worded <= set(TABLE)


def test_every_rule_that_a_dialect_names_is_in_the_table() -> None:
    named = set(re.findall(r"'((?:PD|SF|OD|ESM)-[A-Z]*\d+)'", repr(DIALECTS)))
    assert named
    assert named <= set(TABLE)
