"""Every word of the program, in each language, without Qt: the window and the commands say the same."""

from __future__ import annotations

from .accounts import (
    HealthWords,
    NoticeWords,
    ending_notice,
    forecast_words,
    health_words,
    mend_words,
    notice_words,
    refusal_words,
)
from .catalogue import Language, Texts, language_of, load
from .diagnosis import Diagnosis, code_words, diagnose, diagnosis_of, permission_name, service_code
from .findings import FindingWords, action_done, action_name, finding_words, kind_name, severity_name
from .items import FieldPair, field_name, field_value, side_by_side, side_name, title_words
from .message_for_it import MessageForIt, Subject, message_for_it
from .reasons import Cause, Standing, cause_of, explanation, standing, standing_name, why_sentence
from .runs import (
    action_line,
    change_state,
    command_result,
    foreseen_words,
    leg_words,
    progress_words,
    refused_words,
    run_kind,
    run_report,
    status_words,
    support_file_words,
    verb_words,
)
from .settings import problem_words, problems_words

__all__ = [
    "Cause",
    "Diagnosis",
    "FieldPair",
    "FindingWords",
    "HealthWords",
    "Language",
    "MessageForIt",
    "NoticeWords",
    "Standing",
    "Subject",
    "Texts",
    "action_done",
    "action_line",
    "action_name",
    "cause_of",
    "change_state",
    "code_words",
    "command_result",
    "diagnose",
    "diagnosis_of",
    "ending_notice",
    "explanation",
    "field_name",
    "field_value",
    "finding_words",
    "forecast_words",
    "foreseen_words",
    "health_words",
    "kind_name",
    "language_of",
    "leg_words",
    "load",
    "mend_words",
    "message_for_it",
    "notice_words",
    "permission_name",
    "problem_words",
    "problems_words",
    "progress_words",
    "refusal_words",
    "refused_words",
    "run_kind",
    "run_report",
    "service_code",
    "severity_name",
    "side_by_side",
    "side_name",
    "standing",
    "standing_name",
    "status_words",
    "support_file_words",
    "title_words",
    "verb_words",
    "why_sentence",
]
