"""The audit of the locks never takes silence for a clean bill."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
from packaging.version import Version
from pip_audit._format.json import JsonFormat  # type: ignore[import-untyped]  # it publishes no types
from pip_audit._service.interface import (  # type: ignore[import-untyped]  # it publishes no types
    ResolvedDependency,
    SkippedDependency,
    VulnerabilityID,
    VulnerabilityResult,
)

ROOT = Path(__file__).parents[2]
CLEAN = {"name": "attrs", "version": "25.1.0", "vulns": []}
BAD = {"name": "flask", "version": "0.1", "vulns": [{"id": "PYSEC-2018-66"}, {"id": "PYSEC-2019-179"}]}
UNASKED = {"name": "jeepney", "skip_reason": "Dependency not found on the index"}


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "packaging" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_vulnerable_release_fails_and_every_advisory_is_named(audit: ModuleType) -> None:
    lines, code = audit.verdict(told(CLEAN, BAD), "")
    assert code == 1
    assert [line for line in lines if line.startswith("VULNERABLE")] == [
        "VULNERABLE: flask 0.1: PYSEC-2018-66",
        "VULNERABLE: flask 0.1: PYSEC-2019-179",
    ]
    assert "2 of 2 releases asked about, 2 advisories" in lines[-1]


def test_a_vulnerable_release_fails_also_where_others_could_not_be_asked_about(audit: ModuleType) -> None:
    lines, code = audit.verdict(told(UNASKED, BAD), "")
    assert code == 1
    assert any(line.startswith("AUDIT NOT DONE for 1 of 2") for line in lines)
    assert "1 of 2 releases asked about" in lines[-1]


def test_a_lock_without_advisories_passes(audit: ModuleType) -> None:
    assert audit.verdict(told(CLEAN), "") == (["Audit: 1 of 1 releases asked about, 0 advisories"], 0)


@pytest.mark.parametrize(
    "printed",
    ["", "no network", "[]", "null", "{}", told(), told(UNASKED), told(UNASKED, UNASKED)],
)
def test_what_was_not_asked_is_never_called_clean(audit: ModuleType, printed: str) -> None:
    lines, code = audit.verdict(printed, "ERROR: the index did not answer")
    assert code == 0
    assert len(lines) == 1
    assert lines[0].startswith("AUDIT NOT DONE")


def test_the_last_complaint_says_why_nothing_could_be_asked(audit: ModuleType) -> None:
    lines, _ = audit.verdict("", "first\nthe index did not answer\n")
    assert lines == ["AUDIT NOT DONE: the advisory service could not be asked (the index did not answer)"]


def test_it_reads_what_the_audit_tool_really_writes(audit: ModuleType) -> None:
    flask, jeepney = ResolvedDependency("flask", Version("0.1")), SkippedDependency("jeepney", "not on the index")
    found = VulnerabilityResult(VulnerabilityID("PYSEC-2018-66"), "", [Version("0.12.3")], set())
    written = JsonFormat(output_desc=False, output_aliases=False).format({flask: [found], jeepney: []}, [])
    lines, code = audit.verdict(written, "")
    assert code == 1
    assert lines[0] == "VULNERABLE: flask 0.1: PYSEC-2018-66"
    assert lines[1].startswith("AUDIT NOT DONE for 1 of 2 releases (not on the index)")
