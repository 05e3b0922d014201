"""`soroe doctor`: everything that the program depends on, each checked, with what mends it."""

from __future__ import annotations

from argparse import ArgumentParser

from soroe.ui.texts import code_words

from .console import table
from .context import Answer, Context
from .exits import Exit
from .main import Words
from .ports import Check

MARKS = {"ok": "✓", "warning": "!", "error": "✗", "skipped": "·"}


def arguments(_parser: ArgumentParser, _texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe doctor`."""


def run(context: Context) -> Answer:
    """Look at everything."""
    checks = context.program.doctor()
    documents = [
        {
            "check": check.check,
            "subject": check.subject,
            "state": check.state,
            "code": check.code,
            "detail": check.detail,
            "message": _message(context, check),
            "mend": _mend(context, check),
        }
        for check in checks
    ]
    rows = [
        [MARKS[check.state], context.texts(f"doctor.{check.check}"), check.subject, _message(context, check)]
        for check in checks
    ]
    lines = []
    for check, line in zip(checks, table(rows), strict=True):
        mend = _mend(context, check)
        lines += [line, f"    → {mend}"] if mend else [line]
    bad = any(check.state == "error" for check in checks)
    return Answer({"ok": not bad, "checks": documents}, lines, Exit.FAILURES if bad else Exit.DONE)


def _message(context: Context, check: Check) -> str:
    texts = context.texts
    for key in (f"doctor.{check.check}.{check.code}", f"doctor.code.{check.code}"):
        if texts.has(key):
            return texts(key, detail=check.detail, subject=check.subject)
    words = code_words(texts, check.code)
    return f"{words} ({check.detail})" if check.detail else words


def _mend(context: Context, check: Check) -> str:
    if check.state in {"ok", "skipped"}:
        return ""
    texts = context.texts
    keys = (f"doctor.{check.check}.{check.code}.mend", f"doctor.code.{check.code}.mend", f"doctor.{check.check}.mend")
    key = next((key for key in keys if texts.has(key)), None)
    return "" if key is None else texts(key, detail=check.detail, subject=check.subject)
