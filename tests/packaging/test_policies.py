"""The guide for IT names every policy as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from soroe.settings.policies import POLICIES, Policy
from soroe.settings.policy_sources import LINUX_FOLDER, MACOS_FILE, MACOS_MANAGED, MACOS_RECOMMENDED, WINDOWS_KEY

GUIDE = Path(__file__).resolve().parents[2] / "packaging" / "policies.md"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_policy_stands_in_the_guide_with_its_key_and_all_its_choices(policy: Policy) -> None:
    rows = [line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith(f"| `{policy.name}` |")]
    assert len(rows) == 1
    assert f"| `{policy.target}.{policy.key}` |" in rows[0]
    assert all(f"`{choice}`" in rows[0] for choice in policy.choices)
    if policy.most:
        assert f"{policy.least:,} to {policy.most:,}" in rows[0]


def test_no_policy_in_the_guide_is_unknown() -> None:
    named = {line.split("`")[1] for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| `")}
    assert named == {policy.name for policy in POLICIES}


def test_the_guide_names_the_places_that_are_looked_at() -> None:
    guide = GUIDE.read_text("utf-8")
    folders = (LINUX_FOLDER, MACOS_MANAGED, MACOS_RECOMMENDED)
    for place in (*(folder.as_posix() for folder in folders), WINDOWS_KEY, MACOS_FILE):
        assert f"`{place}" in guide or f"{place}`" in guide
