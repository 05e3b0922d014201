"""Oracle accounts, and the sync that joins one with itself."""

from __future__ import annotations

import pytest

from soroe.core.guard import Limits
from soroe.core.mirror import MIRROR
from soroe.settings.model import AccountName, OracleAccount, OracleTimes
from soroe.settings.parse import parse
from soroe.settings.problems import SettingsError

ACCOUNT = """\
[accounts.crm]
kind = "oracle"
base_url = "https://secure-x.example.com/"
username = "aoki/sato"
"""
FULL = """\
zone = "Asia/Tokyo"
times = "utc"
show_events = false
fields = ["Appointments.Subject = Topic", "Events.Name=Title"]
requests_per_minute = 20
"""
MIRROR_SYNC = '[syncs.mirror]\ncrm = "crm"\ncalendar = "crm"\n'


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(SettingsError) as caught:
        parse(text)
    return [(problem.key, problem.code) for problem in caught.value.problems]


def test_an_account_is_described_by_its_address_and_its_user_name() -> None:
    (account,) = parse(ACCOUNT).accounts
    assert account == OracleAccount(AccountName("crm"), "https://secure-x.example.com/", "aoki/sato")


def test_everything_about_an_account_can_be_said() -> None:
    (account,) = parse(ACCOUNT + FULL).accounts
    assert isinstance(account, OracleAccount)
    assert (account.zone, account.times, account.show_events) == ("Asia/Tokyo", OracleTimes.UTC, False)
    assert account.fields == (("Appointments.Subject", "Topic"), ("Events.Name", "Title"))
    assert account.requests_per_minute == 20


@pytest.mark.parametrize(
    "pair", ["Subject=Topic", "Tasks.Subject=Topic", "Appointments.Subject", "Appointments.=x", "="]
)
def test_a_name_of_a_field_that_cannot_be_one_is_refused(pair: str) -> None:
    assert problems(ACCOUNT + f'fields = ["{pair}"]\n') == [("accounts.crm.fields", "not_field_name")]


def test_a_sync_of_an_account_with_itself_is_its_mirror() -> None:
    """OD-5, OD-7: only what changes from now on is mirrored, and both are deleted together."""
    (sync,) = parse(ACCOUNT + MIRROR_SYNC).syncs
    assert sync.mirrors and sync.dialect == MIRROR and sync.new_items_only and sync.deletes_events
    assert sync.guard == Limits()


def test_a_sync_with_a_calendar_asks_before_an_event_is_deleted_unless_it_is_allowed() -> None:
    """OD-7."""
    calendar = '[accounts.mine]\nkind = "google"\n[syncs.work]\ncrm = "crm"\ncalendar = "mine"\n'
    (sync,) = parse(ACCOUNT + calendar).syncs
    assert not sync.mirrors and not sync.deletes_events and sync.dialect.name == "oracle"
    (sync,) = parse(ACCOUNT + calendar + "deletes_events = true\n").syncs
    assert sync.deletes_events


def test_no_other_kind_of_crm_can_be_joined_with_itself() -> None:
    other = '[accounts.crm]\nkind = "pipedrive"\nbase_url = "https://x.pipedrive.com"\n'
    assert problems(other + MIRROR_SYNC) == [("syncs.mirror.calendar", "not_a_calendar")]
