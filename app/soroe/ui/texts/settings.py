"""What is wrong with the settings, in words."""

from __future__ import annotations

from collections.abc import Iterable

from soroe.settings.problems import Problem

from .catalogue import Texts


def problem_words(texts: Texts, problem: Problem) -> str:
    """One problem in one line: the file and line, the key, and why."""
    where = f"{problem.file}:{problem.line}" if problem.line else problem.file
    parts = (where, problem.key, texts(f"settings.{problem.code}", detail=problem.detail))
    return ": ".join(part for part in parts if part)


def problems_words(texts: Texts, problems: Iterable[Problem]) -> str:
    """All of them, a line each."""
    return "\n".join(problem_words(texts, problem) for problem in problems)
