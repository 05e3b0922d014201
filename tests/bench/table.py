"""The table that the benchmark prints: what was measured, what is to be reached, and whether it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from unicodedata import east_asian_width


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `reached` None: there is no verdict, and `measured` says why."""

    row: str
    what: str
    target: str
    measured: str
    reached: bool | None


def at_most(row: str, what: str, value: float, limit: float, unit: str, note: str = "") -> Line:
    """A figure that must not exceed a limit."""
    told = f"{_number(value)} {unit}{f' ({note})' if note else ''}"
    return Line(row, what, f"≤ {_number(limit)} {unit}", told, value <= limit)


def at_least(row: str, what: str, value: float, limit: float, unit: str, note: str = "") -> Line:
    """A figure that must reach a limit."""
    told = f"{_number(value)} {unit}{f' ({note})' if note else ''}"
    return Line(row, what, f"≥ {_number(limit)} {unit}", told, value >= limit)


def not_measured(row: str, what: str, why: str) -> Line:
    """A figure that could not be measured here."""
    return Line(row, what, "", f"not measured: {why}", None)


def middle(values: Sequence[float]) -> float:
    """The median."""
    return float(median(values))


def printed(lines: Sequence[Line]) -> str:
    """The lines as a table of columns."""
    head = ("", "what", "to reach", "measured", "")
    cells = [head, *((line.row, line.what, line.target, line.measured, _verdict(line)) for line in lines)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(head))]
    told = []
    for place, row in enumerate(cells):
        told.append("  ".join(cell + " " * (widths[at] - _width(cell)) for at, cell in enumerate(row)).rstrip())
        if place == 0:
            told.append("  ".join("─" * width for width in widths))
    return "\n".join(told)


def _verdict(line: Line) -> str:
    return "—" if line.reached is None else "reached" if line.reached else "MISSED"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
