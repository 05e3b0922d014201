"""`soroe doctor`: everything that the program depends on, each checked, with what mends it."""

from __future__ import annotations

from argparse import ArgumentParser

from soroe.ui.texts import MessageForIt, code_words, diagnose, diagnosis_of

from .accounts_check import for_it, message_document
from .console import table
from .context import Answer, Context
from .exits import Exit
from .ports import Check
from .usage import Words

MARKS = {"ok": "✓", "warning": "!", "error": "✗", "skipped": "·"}


def arguments(_parser: ArgumentParser, _texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe doctor`."""


def run(context: Context) -> Answer:
    """Look at everything."""
    checks = context.program.doctor()
    messages = [_for_it(context, check) for check in checks]
    documents = [
        {
            "check": check.check,
            "subject": check.subject,
            "state": check.state,
            "code": check.code,
            "detail": check.detail,
            "message": _message(context, check),
            "mend": _mend(context, check),
            "message_for_it": message_document(message),
        }
        for check, message in zip(checks, messages, strict=True)
    ]
    rows = [
        [MARKS[check.state], context.texts(f"doctor.{check.check}"), check.subject, _message(context, check)]
        for check in checks
    ]
    lines = []
    for check, line in zip(checks, table(rows), strict=True):
        mend = _mend(context, check)
        lines += [line, f"    → {mend}"] if mend else [line]
    for message in messages:
        lines += ["", message.text] if message is not None else []
    bad = any(check.state == "error" for check in checks)
    return Answer({"ok": not bad, "checks": documents}, lines, Exit.FAILURES if bad else Exit.DONE)


def _for_it(context: Context, check: Check) -> MessageForIt | None:
    """The message for IT about an account that they do not let in (PD-11)."""
    if check.trouble is None:
        return None
    return for_it(context.program, context.texts, context.account(check.subject), check.trouble)


def _message(context: Context, check: Check) -> str:
    texts = context.texts
    if check.trouble is not None and diagnosis_of(check.trouble.code) is not None:
        server = context.program.about(context.account(check.subject)).server
        return diagnose(texts, check.trouble, context.now, context.zone, server).what
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
