"""Reading config.toml: what is right is understood, what is wrong is named with file, line and key."""

from __future__ import annotations

from datetime import date

import pytest

from soroe.core.dialect import DIALECTS, NO_TITLE
from soroe.core.guard import Limits
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy
from soroe.settings.accounts import AVAILABLE_KINDS
from soroe.settings.model import (
    CALENDAR_KINDS,
    CRM_KINDS,
    KINDS,
    LOCATION_KINDS,
    AccountName,
    CrmAuth,
    ExchangeAccount,
    ExchangeAuth,
    GoogleAccount,
    Guests,
    Language,
    PipedriveAccount,
    RestAccount,
    Settings,
)
from soroe.settings.parse import parse
from soroe.settings.problems import Problem, SettingsError

DOCUMENTED = """\
[accounts.calendar]
kind = "google"
email = "sato@example.com"
client_id = "client"
api_endpoint = "https://www.googleapis.com/calendar/v3/"
authorization_endpoint = "https://accounts.google.com/o/oauth2/v2/auth"
token_endpoint = "https://oauth2.googleapis.com/token"

[accounts.exchange]
kind = "exchange"
server = "https://mail.example.com/EWS/Exchange.asmx"
username = "EXAMPLE\\\\sato"
auth = "ntlm"

[accounts.crm]
kind = "rest"
base_url = "https://crm.example.com/api"
profile = "generic"

[syncs.work]
crm = "crm"
calendar = "calendar"
calendars = ["primary"]
direction = "two-way"
activity_types = ["call", "meeting"]
incoming_type = "meeting"
dialect = "generic"
privacy = "block"
conflicts = "newest-field"
past_days = 7
future_days = 1095
"""

PAIR = """\
[accounts.crm]
kind = "rest"
base_url = "https://crm.example.com/api"
[accounts.calendar]
kind = "google"
"""

SYNC = '[syncs.work]\ncrm = "crm"\ncalendar = "calendar"\n'

EVERY_KIND = frozenset(KINDS.values())


def read(text: str) -> Settings:
    return parse(text, available=EVERY_KIND)


def problems(text: str) -> list[Problem]:
    with pytest.raises(SettingsError) as caught:
        read(text)
    return list(caught.value.problems)


def test_the_documented_example_is_understood() -> None:
    settings = read(DOCUMENTED)
    assert settings.account("calendar") == GoogleAccount(
        AccountName("calendar"), email="sato@example.com", client_id="client"
    )
    exchange = settings.account("exchange")
    assert isinstance(exchange, ExchangeAccount)
    assert (exchange.username, exchange.auth) == ("EXAMPLE\\sato", ExchangeAuth.NTLM)
    crm = settings.account("crm")
    assert isinstance(crm, RestAccount)
    assert crm.auth is None
    sync = settings.sync("work")
    assert sync is not None
    assert (sync.crm, sync.calendar, sync.dialect.name) == ("crm", "calendar", "generic")
    assert sync.activity_types == ("call", "meeting")
    assert (sync.direction, sync.privacy, sync.conflicts) == (
        Direction.TWO_WAY,
        PrivacyPolicy.BLOCK,
        ConflictPolicy.NEWEST_FIELD,
    )


def test_an_empty_file_is_valid() -> None:
    assert read("") == Settings()


def test_every_further_key_of_a_sync_is_understood() -> None:
    sync = read(
        PAIR
        + SYNC
        + 'zone = "Asia/Tokyo"\nprivate_title = "Besetzt"\nguests = "to-crm"\nnew_items_only = true\n'
        + "backfill_from = 2026-04-01\npoll_seconds = 300\n"
        + "guard = { deletes = 3, delete_percent = 5, rewrites = 7, rewrite_percent = 25 }\n"
        + '[app]\nlanguage = "ja"\nstart_at_login = true\nnotifications = false\n'
    ).syncs[0]
    assert (sync.zone, sync.private_title, sync.guests) == ("Asia/Tokyo", "Besetzt", Guests.TO_CRM)
    assert (sync.guests_to_crm, sync.guests_to_calendar) == (True, False)
    assert (sync.new_items_only, sync.backfill_from, sync.poll_seconds) == (True, date(2026, 4, 1), 300)
    assert sync.guard == Limits(deletes=3, delete_share=0.05, rewrites=7, rewrite_share=0.25)


def test_esm_i2_a_sync_says_what_the_crm_gets_for_a_meeting_without_a_title() -> None:
    assert read(PAIR + SYNC).syncs[0].dialect.empty_title == NO_TITLE
    assert read(PAIR + SYNC + 'empty_title = "(件名なし)"\n').syncs[0].dialect.empty_title == "(件名なし)"


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_esm_g2_sf_3_a_dialect_turns_on_what_its_own_product_does(name: str) -> None:
    sync = read(PAIR + SYNC + f'dialect = "{name}"\n').syncs[0]
    assert (sync.privacy, sync.conflicts) == (DIALECTS[name].privacy, DIALECTS[name].conflicts)


def test_the_app_section_is_understood() -> None:
    app = read('[app]\nlanguage = "ja"\nstart_at_login = true\nnotifications = false\n').app
    assert (app.language, app.start_at_login, app.notifications) == (Language.JAPANESE, True, False)


def test_pipedrive_takes_new_items_only_unless_told_otherwise() -> None:
    pair = PAIR.replace('"rest"', '"pipedrive"')
    assert read(pair + SYNC).syncs[0].new_items_only
    assert not read(pair + SYNC + "new_items_only = false\n").syncs[0].new_items_only
    assert read(pair + SYNC).syncs[0].dialect.name == "pipedrive"
    crm = read(pair).account("crm")
    assert isinstance(crm, PipedriveAccount)
    assert crm.auth is CrmAuth.API_KEY


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:1", "[::1]:9"])
def test_plain_http_is_accepted_for_this_computer(host: str) -> None:
    assert read(f'[accounts.crm]\nkind = "rest"\nbase_url = "http://{host}/api"\n')


def account(kind: str, rest: str) -> str:
    return f'[accounts.crm]\nkind = "{kind}"\n{rest}\n'


WRONG = [
    ("a typing error", PAIR + SYNC + "past_day = 7\n", 9, "syncs.work.past_day", "unknown_key"),
    ("an unknown section", "[account.crm]\n", 1, "account", "unknown_key"),
    ("a text for a number", PAIR + SYNC + 'past_days = "7"\n', 9, "syncs.work.past_days", "not_number"),
    ("true for a number", PAIR + SYNC + "past_days = true\n", 9, "syncs.work.past_days", "not_number"),
    ("a negative window", PAIR + SYNC + "future_days = -1\n", 9, "syncs.work.future_days", "too_small"),
    ("an endless window", PAIR + SYNC + "future_days = 99999\n", 9, "syncs.work.future_days", "too_large"),
    ("polling without a pause", PAIR + SYNC + "poll_seconds = 0\n", 9, "syncs.work.poll_seconds", "too_small"),
    ("a text for a list", PAIR + SYNC + 'calendars = "primary"\n', 9, "syncs.work.calendars", "not_list"),
    ("an empty list", PAIR + SYNC + "calendars = []\n", 9, "syncs.work.calendars", "empty"),
    ("a calendar twice", PAIR + SYNC + 'calendars = ["a", "a"]\n', 9, "syncs.work.calendars", "not_list"),
    ("an unknown direction", PAIR + SYNC + 'direction = "both"\n', 9, "syncs.work.direction", "not_choice"),
    ("an unknown dialect", PAIR + SYNC + 'dialect = "sugar"\n', 9, "syncs.work.dialect", "unknown_dialect"),
    ("an unknown zone", PAIR + SYNC + 'zone = "Tokyo Standard"\n', 9, "syncs.work.zone", "not_zone"),
    ("a zone that is a path", PAIR + SYNC + 'zone = "../../etc/passwd"\n', 9, "syncs.work.zone", "not_zone"),
    ("a date that is none", PAIR + SYNC + 'backfill_from = "soon"\n', 9, "syncs.work.backfill_from", "not_date"),
    (
        "a backfill that changes nothing",
        PAIR + SYNC + "backfill_from = 2026-04-01\n",
        9,
        "syncs.work.backfill_from",
        "backfill_without_new_items_only",
    ),
    ("an unknown limit", PAIR + SYNC + "guard = { deleted = 3 }\n", 9, "syncs.work.guard.deleted", "unknown_key"),
    ("a limit beyond all", PAIR + SYNC + "guard = { delete_percent = 101 }\n", 9, "syncs.work.guard.delete_percent",
     "too_large"),
    ("a missing account", PAIR + '[syncs.work]\ncrm = "acme"\ncalendar = "calendar"\n', 7, "syncs.work.crm",
     "no_such_account"),
    ("a calendar as CRM", PAIR + '[syncs.work]\ncrm = "calendar"\ncalendar = "calendar"\n', 7, "syncs.work.crm",
     "not_a_crm"),
    ("a CRM as calendar", PAIR + '[syncs.work]\ncrm = "crm"\ncalendar = "crm"\n', 8, "syncs.work.calendar",
     "not_a_calendar"),
    ("a sync without CRM", PAIR + '[syncs.work]\ncalendar = "calendar"\n', 6, "syncs.work.crm", "missing_key"),
    ("full privacy without a flag", PAIR.replace('"rest"', '"pipedrive"') + SYNC + 'privacy = "full"\n', 9,
     "syncs.work.privacy", "no_privacy_flag"),
    ("a dialect of another kind", PAIR.replace('"rest"', '"pipedrive"') + SYNC + 'dialect = "generic"\n', 9,
     "syncs.work.dialect", "dialect_of_other_kind"),
    ("the same pair twice", PAIR + SYNC + SYNC.replace("work", "again"), 9, "syncs.again", "same_pair_twice"),
    ("an unknown kind", account("outlook", ""), 2, "accounts.crm.kind", "unknown_kind"),
    ("no kind", '[accounts.crm]\nbase_url = "https://a.example"\n', 1, "accounts.crm.kind", "missing_key"),
    ("a CRM without address", account("rest", ""), 1, "accounts.crm.base_url", "missing_key"),
    ("plain http", account("rest", 'base_url = "http://crm.example.com"'), 3, "accounts.crm.base_url", "plain_http"),
    ("http that looks local", account("rest", 'base_url = "http://127.0.0.1.example.com"'), 3,
     "accounts.crm.base_url", "plain_http"),
    ("a file for an address", account("rest", 'base_url = "file:///etc/passwd"'), 3, "accounts.crm.base_url",
     "not_address"),
    ("a broken address", account("rest", 'base_url = "https://[::1"'), 3, "accounts.crm.base_url", "not_address"),
    ("a password in an address", account("rest", 'base_url = "https://me:pw@crm.example.com"'), 3,
     "accounts.crm.base_url", "address_with_secret"),
    ("neither server nor autodiscover", account("exchange", 'username = "x"'), 1, "accounts.crm.server",
     "server_or_autodiscover"),
    ("oauth2 without client", account("pipedrive", 'base_url = "https://a.pipedrive.com"\nauth = "oauth2"'), 1,
     "accounts.crm.client_id", "oauth2_without_client_id"),
    ("a secret in the file", account("rest", 'base_url = "https://a.example"\npassword = "x"'), 4,
     "accounts.crm.password", "unknown_key"),
    ("a name with a slash", '[accounts."a/b"]\nkind = "google"\n', 1, "accounts.a/b", "bad_name"),
    ("a value for a table", "accounts = 3\n", 1, "accounts", "not_table"),
    ("a value for an account", "[accounts]\ncrm = 3\n", 2, "accounts.crm", "not_table"),
    ("an unknown language", '[app]\nlanguage = "de"\n', 2, "app.language", "not_choice"),
    ("broken TOML", '[accounts.crm]\nkind = "rest\n', 2, "", "syntax"),
    ("a table twice", PAIR + PAIR, 6, "", "syntax"),
]  # fmt: skip # short values, several a line


@pytest.mark.parametrize(("text", "line", "key", "code"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_mistake_is_named_with_its_line_and_key(text: str, line: int, key: str, code: str) -> None:
    found = problems(text)
    assert (line, key, code) in [(problem.line, problem.key, problem.code) for problem in found]
    assert all(problem.file == "config.toml" for problem in found)


@pytest.mark.parametrize("case", WRONG, ids=[case[0] for case in WRONG])
def test_every_mistake_has_an_english_sentence(case: tuple[str, str, int, str, str]) -> None:
    for problem in problems(case[1]):
        assert str(problem).startswith("config.toml:")


def test_a_typing_error_is_answered_with_the_right_word() -> None:
    assert "past_days" in str(problems(PAIR + SYNC + "past_day = 7\n")[0])


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    found = problems(
        '[accounts.crm]\nkind = "rest"\nbase_url = "http://crm.example.com"\n'
        '[accounts.old]\nkind = "lotus"\n'
        '[syncs.work]\ncrm = "crm"\ncalendar = "nobody"\npast_days = -3\n[app]\nlanguage = 3\n'
    )
    assert [(problem.line, problem.code) for problem in found] == [
        (3, "plain_http"),
        (5, "unknown_kind"),
        (8, "no_such_account"),
        (9, "too_small"),
        (11, "not_choice"),
    ]


def test_a_faulty_account_is_not_reported_a_second_time_by_its_syncs() -> None:
    found = problems(PAIR.replace("https://", "ftp://") + SYNC)
    assert [problem.code for problem in found] == ["not_address"]


@pytest.mark.parametrize("kind", ["salesforce", "zoom"])
def test_a_kind_that_cannot_be_connected_yet_is_refused_by_name(kind: str) -> None:
    text = f'[accounts.crm]\nkind = "{kind}"\n'
    with pytest.raises(SettingsError) as caught:
        parse(text, available=AVAILABLE_KINDS - {kind})
    refused = [problem for problem in caught.value.problems if problem.code == "kind_not_available"]
    assert [(problem.line, problem.key, problem.detail) for problem in refused] == [(2, "accounts.crm.kind", kind)]
    assert kind in str(refused[0])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('# first\n\n[accounts.crm] # here\nkind = "rest"\nbase_url = """\nhttps://a.example"""\nwrong = 1\n', 7),
        ('accounts.crm.kind = "rest"\naccounts.crm.base_url = "https://a.example"\naccounts.crm.wrong = 1\n', 3),
        ('[accounts]\ncrm = { kind = "rest", base_url = "https://a.example", wrong = 1 }\n', 2),
        (
            '[accounts."crm"]\nkind = "rest"\nbase_url = "https://a.example" # [x]\n"wrong" = [\n "[accounts.y]",\n]\n',
            4,
        ),
    ],
)
def test_lines_are_right_in_every_way_of_writing(text: str, line: int) -> None:
    assert [(problem.line, problem.key) for problem in problems(text)] == [(line, "accounts.crm.wrong")]


def test_no_problem_repeats_what_was_typed() -> None:
    text = account("rest", 'base_url = "https://user:canary-pw@crm.example.com"\ntoken = "canary-token"')
    assert not any("canary" in f"{problem}{problem!r}" for problem in problems(text))


def test_every_kind_belongs_to_one_side() -> None:
    assert sorted((*CALENDAR_KINDS, *CRM_KINDS, *LOCATION_KINDS)) == sorted(EVERY_KIND)
