"""Every word of the program, in each language, without Qt: the window and the commands say the same."""

from __future__ import annotations

from .accounts import HealthWords, NoticeWords, code_words, health_words, notice_words
from .catalogue import Language, Texts, language_of, load
from .findings import FindingWords, action_done, action_name, finding_words, kind_name, severity_name
from .items import FieldPair, field_name, field_value, side_by_side, side_name, title_words
from .reasons import Cause, Standing, cause_of, explanation, standing, standing_name, why_sentence
from .runs import (
    action_line,
    change_state,
    command_result,
    leg_words,
    progress_words,
    run_kind,
    run_report,
    status_words,
    verb_words,
)

__all__ = [
    "Cause",
    "FieldPair",
    "FindingWords",
    "HealthWords",
    "Language",
    "NoticeWords",
    "Standing",
    "Texts",
    "action_done",
    "action_line",
    "action_name",
    "cause_of",
    "change_state",
    "code_words",
    "command_result",
    "explanation",
    "field_name",
    "field_value",
    "finding_words",
    "health_words",
    "kind_name",
    "language_of",
    "leg_words",
    "load",
    "notice_words",
    "progress_words",
    "run_kind",
    "run_report",
    "severity_name",
    "side_by_side",
    "side_name",
    "standing",
    "standing_name",
    "status_words",
    "title_words",
    "verb_words",
    "why_sentence",
]
