"""What several syncs, threads and reconnects do to one account; and what nobody may see of it."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from exchangelib.util import BytesGeneratorIO  # type: ignore[import-untyped]  # it publishes no types

from soroe.adapters.exchange.calendar import ExchangeCalendar
from soroe.adapters.exchange.library import Whole
from soroe.adapters.exchange.settings import Auth, ExchangeSecret, ExchangeSettings
from soroe.adapters.net.transport import Limits, Network
from soroe.core.event import ContainerId
from soroe.ports.errors import LocalTrouble, RetryLater, ServiceFault, SignInRequired
from soroe.sandbox.faults import Delay, DropAfterProcessing, DropConnectionBefore, HugeBody
from tests.contracts.exchange_stand import PASSWORD, SATO, ExchangeStand
from tests.contracts.stand import WINDOW, at, meeting

from .conftest import NOW

APP = Path(__file__).parents[3] / "app"
LAZY = ("exchangelib", "requests", "lxml", "dateutil", "tzlocal")


def opened(
    office: ExchangeStand, *, auth: Auth = Auth.BASIC, password: str = PASSWORD, **more: Any
) -> ExchangeCalendar:
    """Another calendar of the same mailbox."""
    settings = ExchangeSettings(SATO, endpoint=office.sandbox.ews_url, auth=auth, zone=more.pop("zone", "Asia/Tokyo"))
    secret = ExchangeSecret(password, office.sandbox.ews_url, auth, "15.2.1544.4", SATO)
    return ExchangeCalendar(settings, secret.text, now=office.clock, **more)


def test_an_answer_that_was_read_can_be_closed() -> None:
    """Python 3.14 tells of every file that cannot be on standard error; before, nobody heard of it."""
    answer = BytesGeneratorIO(Whole(b"<answer/>").iter_content())
    assert answer.read() == b"<answer/>"
    answer.close()
    assert answer.closed


def test_importing_loads_nothing_that_only_an_open_account_needs() -> None:
    lines = "import sys, soroe.adapters.exchange.calendar, soroe.adapters.exchange.sign_in"
    told = subprocess.run(
        [sys.executable, "-c", f"{lines}; print([one for one in {LAZY} if one in sys.modules])"],
        env={"PYTHONPATH": str(APP)}, capture_output=True, text=True, check=True,
    )  # fmt: skip # short values, several a line
    assert told.stdout.strip() == "[]"


def test_two_syncs_share_a_mailbox_from_threads_of_their_own(office: ExchangeStand) -> None:
    calendars = [opened(office), opened(office)]
    with ThreadPoolExecutor(4) as pool:
        writes = [office.creating(meeting(f"Visit {number}"), f"{number}") for number in range(12)]
        list(pool.map(lambda pair: calendars[pair[0] % 2].writer.write([pair[1]]), enumerate(writes)))
    assert sum(one.requests_sent for one in calendars) == len(office.sandbox.operations()) == 24
    assert len(office.titles()) == 12
    for calendar in calendars:
        calendar.close()


def test_a_reconnect_with_other_settings_uses_nothing_of_the_old_one(office: ExchangeStand) -> None:
    wrong = opened(office, password="wrong")
    with pytest.raises(SignInRequired):
        wrong.identity()
    right = opened(office, zone="Europe/Berlin", auth=Auth.NTLM)
    assert right.identity().key == SATO and right.containers()[0].zone == "Europe/Berlin"
    with pytest.raises(SignInRequired):
        wrong.identity()
    right.close()


def test_a_closed_calendar_opens_again(office: ExchangeStand) -> None:
    calendar = opened(office)
    for _ in range(2):
        assert calendar.identity().key == SATO
        calendar.close()
        calendar.close()


def test_closing_does_not_wait_for_a_server_that_does_not_answer(office: ExchangeStand) -> None:
    calendar = opened(office)
    calendar.identity()
    office.sandbox.operation_faults.add(Delay(1.5), path="GetFolder")
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(calendar.identity)
        while office.sandbox.operation_faults.pending():
            time.sleep(0.005)
        calendar.close()
        assert not reading.done()
        assert reading.result().key == SATO
    calendar.close()


@pytest.mark.parametrize("auth", [Auth.NTLM, Auth.BASIC])
def test_a_whole_day_of_work_goes_through_either_sign_in(office: ExchangeStand, auth: Auth) -> None:
    calendar = opened(office, auth=auth)
    (entry,) = calendar.containers()
    (made,) = calendar.writer.write([office.creating()])
    pages = list(calendar.changes(entry.id, None, WINDOW))
    assert len(pages) == 1 and len(pages[0].seen) == 1 and made
    calendar.close()


@pytest.mark.parametrize("effect", [DropAfterProcessing(), DropConnectionBefore()])
def test_a_connection_that_breaks_is_offline_for_a_reader(office: ExchangeStand, effect: Any) -> None:
    office.reader.identity()
    office.sandbox.operation_faults.add(effect, path="GetFolder")
    with pytest.raises(RetryLater) as raised:
        office.reader.identity()
    assert not raised.value.outcome_unknown
    assert office.reader.identity().key == SATO


def test_an_answer_larger_than_allowed_is_not_taken(office: ExchangeStand) -> None:
    calendar = opened(office, network=Network(Limits(body=200_000)))
    office.sandbox.operation_faults.add(HugeBody(2_000_000), path="GetFolder")
    with pytest.raises(ServiceFault, match="answer_too_large"):
        calendar.identity()
    assert calendar.identity().key == SATO
    calendar.close()


def test_a_server_that_does_not_answer_is_given_up(office: ExchangeStand) -> None:
    calendar = opened(office, network=Network(Limits(connect=30, read=1)))
    office.sandbox.operation_faults.add(Delay(1.5), path="CreateItem")
    (result,) = calendar.writer.write([office.creating()])
    error: Any = getattr(result, "error", None)
    assert isinstance(error, RetryLater) and error.outcome_unknown
    calendar.close()


def test_a_proxy_that_is_not_there_is_offline(office: ExchangeStand) -> None:
    calendar = opened(office, network=Network(proxy=lambda _url: "http://127.0.0.1:9"))
    with pytest.raises(RetryLater) as raised:
        calendar.identity()
    assert raised.value.reason == "offline"


def test_logs_hold_no_titles_and_no_passwords(office: ExchangeStand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    office.creates(meeting("Top secret", at(9), description="Nobody knows"))
    office.sandbox.operation_faults.add(DropAfterProcessing(), path="CreateItem")
    office.write(office.creating(meeting("Top secret"), "again"))
    office.sandbox.change_password(SATO, "another")
    office.reader.requests_sent  # noqa: B018 - nothing is sent by looking
    for line in caplog.messages:
        assert "secret" not in line and PASSWORD not in line and "Nobody" not in line


def test_a_zone_of_the_user_that_windows_does_not_know_is_told_before_anything_is_sent(office: ExchangeStand) -> None:
    calendar = opened(office, zone="Moon/Base")
    with pytest.raises(LocalTrouble, match="unknown_time_zone"):
        calendar.identity()
    assert calendar.requests_sent == 0
    assert ZoneInfo("Asia/Tokyo").key == office.reader.containers()[0].zone


def test_an_unsafe_address_in_the_keychain_is_not_used() -> None:
    for address in (
        "http://mail.example.com/EWS/Exchange.asmx",
        "ftp://mail.example.com/",
        "https://u@mail.example.com/",
    ):
        secret = ExchangeSecret(PASSWORD, address, Auth.BASIC).text()
        calendar = ExchangeCalendar(ExchangeSettings(SATO), lambda text=secret: text, now=lambda: NOW)  # type: ignore[misc] # mypy knows no lambda with a default
        with pytest.raises(ServiceFault, match="unsafe_address"):
            list(calendar.changes(ContainerId("x"), None, WINDOW))
