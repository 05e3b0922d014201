"""The fortnight's series in a form that every calendar can be told in: so many times, every so many weeks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """A series every `weeks` weeks, `count` times, on the weekday of its start."""

    weeks: int
    count: int


def weekly_rule(rule: str) -> WeeklyRule:
    """The rule behind one of the fortnight's RRULE lines; raises `ValueError` for any other kind of series."""
    parts = dict(part.split("=", 1) for part in rule.removeprefix("RRULE:").split(";"))
    if parts.pop("FREQ", "") != "WEEKLY" or set(parts) - {"INTERVAL", "COUNT"}:
        raise ValueError(f"not a plain weekly series: {rule}")
    return WeeklyRule(int(parts.get("INTERVAL", "1")), int(parts["COUNT"]))
