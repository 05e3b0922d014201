"""An Oracle account in the program: signed in with a password, tested, synced and mirrored over one session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from soroe.bootstrap.commands import CommandProgram
from soroe.bootstrap.sign_ins import SignIns
from soroe.core.route import SyncName
from soroe.engine.accounts import AccountTrouble, HealthBook
from soroe.engine.health import Health, after_error
from soroe.engine.run import Run, RunResult
from soroe.ports.errors import SignInRequired
from soroe.sandbox.oracle import FOR_PRACTICE, OracleSandbox
from soroe.settings.model import OracleAccount
from soroe.settings.ways import Way
from tests.end_to_end.crms import OracleCrm, tomorrow
from tests.end_to_end.homes import Installation, World

Install = Callable[..., Installation]
ORACLE = pytest.mark.parametrize("world", ["oracle"], indirect=True)
MIRROR = SyncName("mirror")


def box_of(world: World) -> tuple[OracleSandbox, OracleCrm]:
    assert isinstance(world.side, OracleCrm)
    return world.side.box, world.side


def account_of(laptop: Installation) -> OracleAccount:
    account = laptop.program.settings().account("crm")
    assert isinstance(account, OracleAccount)
    return account


def mirrored(laptop: Installation) -> RunResult:
    return Run(laptop.syncs.open(MIRROR)).carry_out()


def with_mirror(laptop: Installation, more: str = "") -> None:
    """Give the laptop a second sync, which joins the CRM account with itself."""
    file = laptop.program.homes.config_file
    file.write_text(file.read_text("utf-8") + f'\n[syncs.mirror]\ncrm = "crm"\ncalendar = "crm"\n{more}', "utf-8")


@ORACLE
def test_od_2_mirror_and_calendar_come_into_step_over_one_session(world: World, install: Install) -> None:
    box, side = box_of(world)
    box.show_events(False)
    laptop = install()
    with_mirror(laptop, "backfill_from = 2000-01-01")
    start = tomorrow(10) + timedelta(days=3)
    box.user_creates_event(side.user, "Symposium", start, start + timedelta(hours=2), Location="Marriott")
    for _ in range(3):
        assert mirrored(laptop).trouble is None
        assert laptop.run().trouble is None
    assert side.titles() == ["Symposium"] and world.calendar_titles() == ["Symposium (Marriott)"]
    assert mirrored(laptop).converged and laptop.run().converged
    assert box.open_sessions == 1
    laptop.syncs.close()
    assert box.open_sessions == 0


@ORACLE
def test_a_password_that_was_refused_is_not_sent_by_the_next_start_either(world: World, install: Install) -> None:
    box, side = box_of(world)
    laptop = install()
    laptop.keychain.set("crm", "sign-in", "wrong")
    with pytest.raises(AccountTrouble):
        laptop.joint()
    assert box.wrong_passwords(side.user) == 1
    refused = after_error(Health(), SignInRequired("password_refused"), tomorrow(0))
    HealthBook(laptop.store, lambda: tomorrow(0), lambda _change: None).set("crm", refused)
    laptop.close()
    laptop.open()
    with pytest.raises(AccountTrouble):
        laptop.joint()
    assert box.wrong_passwords(side.user) == 1
    signs = SignIns(laptop.program, laptop.store, lambda _address: None)
    assert signs.way(account_of(laptop)) is Way.PASSWORD
    assert signs.with_password(account_of(laptop), FOR_PRACTICE).key == side.user.id
    assert laptop.run().trouble is None


@ORACLE
def test_the_test_of_an_account_says_which_setting_of_its_times_to_turn(world: World, install: Install) -> None:
    box, _ = box_of(world)
    laptop = install()
    tests = CommandProgram(laptop.program)
    assert tests.try_endpoint(account_of(laptop), may_write=True) == []
    assert box.appointments() == []
    box.tell_true_utc()
    (fault,) = tests.try_endpoint(account_of(laptop), may_write=False) or ()
    assert (fault.point, fault.problem) == ("times", "times_are_utc")
