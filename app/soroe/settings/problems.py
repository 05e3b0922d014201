"""What is wrong with the settings: where, and why, as codes that can be worded in every language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ENGLISH = {
    "syntax": "this is not TOML: {detail}",
    "unknown_key": "there is no such key here{detail}",
    "missing_key": "this key is needed",
    "not_text": "this must be text in quotes",
    "not_bool": "this must be true or false",
    "not_number": "this must be a whole number",
    "not_date": "this must be a date such as 2026-04-01",
    "not_list": "this must be a list of texts, each once",
    "not_table": "this must be a table",
    "empty": "this must not be empty",
    "too_small": "this must be at least {detail}",
    "too_large": "this must be at most {detail}",
    "not_choice": "this must be one of: {detail}",
    "not_address": "this must be a web address that starts with https://",
    "not_a_tenant": "this must be the company's name in the login address: letters, digits, dots, dashes, underscores",
    "plain_http": "plain http is accepted for this computer only (127.0.0.1, ::1, localhost): use https",
    "address_with_secret": "an address must not hold a user name or a password",
    "not_zone": "this is not a time zone such as Asia/Tokyo",
    "bad_name": "a name has 1 to 64 letters, digits, spaces, dots, dashes or underscores",
    "unknown_kind": "this must be one of: {detail}",
    "kind_not_available": "accounts of the kind {detail} cannot be connected yet",
    "unknown_dialect": "this must be one of: {detail}",
    "dialect_not_available": "the dialect {detail} is not available yet",
    "dialect_of_other_kind": "this dialect does not go with the CRM account, which is of the kind {detail}",
    "no_such_account": "there is no account named {detail}",
    "not_a_crm": "this account is a calendar ({detail}); a CRM account is needed here",
    "not_a_calendar": "this account is a CRM ({detail}); a calendar account is needed here",
    "no_privacy_flag": "the dialect {detail} cannot mark items as private: choose skip or block",
    "server_or_autodiscover": "set either server, or autodiscover = true",
    "backfill_without_new_items_only": "backfill_from needs new_items_only = true",
    "same_pair_twice": "the sync {detail} joins the same two accounts and calendars already",
    "autodiscover_without_email": "autodiscover needs the e-mail address",
    "not_field_name": "this must be a usual name and your company's own, such as Appointments.Subject=Topic",
    "oauth2_without_client_id": "signing in with oauth2 needs client_id",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: in which file (or policy), at which line (0: unknown), at which key.

    `code` says what, `detail` holds names and limits for the wording. Values of settings are never repeated.
    """

    file: str
    line: int
    key: str
    code: str
    detail: str = ""

    def __str__(self) -> str:
        """One line in plain English, as the commands print it."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        text = _ENGLISH[self.code].format(detail=self.detail)
        return f"{where}: {self.key}: {text}" if self.key else f"{where}: {text}"


class SettingsError(Exception):
    """The settings cannot be used as they are; `problems` holds all that is wrong, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.key)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
