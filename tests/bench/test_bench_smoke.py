"""The benchmark itself works: every row is measured once at sizes that take seconds. No figure is judged here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import growing, limits, peer, syncing
from tests.bench.__main__ import MEASURES
from tests.bench.sizes import TINY, Bench
from tests.bench.table import Line, at_least, at_most, not_measured, printed

pytestmark = pytest.mark.slow
TARGETS = {f"P-{number}" for number in range(1, 12)}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The smallest benchmark, without the peer where it is not installed."""
    return Bench(TINY, tmp_path, peer.version())


def test_every_target_has_its_measurement() -> None:
    assert {row for rows in MEASURES for row in rows} == TARGETS


@pytest.mark.parametrize(
    "measure",
    [syncing.nothing_changed, syncing.at_ten_thousand, limits.budget, growing.growth],
    ids=lambda one: str(one.__name__),
)
def test_a_row_is_measured(bench: Bench, measure: object) -> None:
    assert callable(measure)
    lines: list[Line] = measure(bench)
    assert lines
    assert {line.row for line in lines} <= TARGETS
    assert all(line.measured for line in lines)


def test_the_first_sync_is_measured_with_and_without_bulk_writes(bench: Bench) -> None:
    assert len(syncing.initial(bench)) == 2


def test_a_sync_that_stays_within_the_quota_is_not_refused(bench: Bench) -> None:
    refusals = [line for line in limits.paced(bench) if "refusals" in line.what]
    assert len(refusals) == 2
    assert all(line.reached for line in refusals)


def test_a_missed_target_is_told_as_missed() -> None:
    lines = [
        at_most("P-1", "CPU", 3.5, 3, "ms"),
        at_least("P-3", "軽さ", 9, 5, "×"),
        not_measured("P-8", "start", "no panel"),
    ]
    told = printed(lines).splitlines()
    assert [line.split()[-1] for line in told[2:]] == ["MISSED", "reached", "—"]
