"""Waking, running on battery, and the network coming back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from soroe.adapters.desktop.network import QtNetwork, network_signal
from soroe.adapters.desktop.power import TICK_SECONDS, SleepWatch, linux_on_battery, wake_signal
from soroe.adapters.desktop.routes import RouteWatch, leads_out


def test_a_wall_clock_that_ran_on_is_a_wake() -> None:
    walls = iter([0.0, TICK_SECONDS, 2 * TICK_SECONDS + 5, 4_000.0, 4_000.0 + TICK_SECONDS, 3_000.0, 3_030.0])
    waits = iter([False] * 6 + [True])
    woken: list[str] = []
    SleepWatch(lambda: next(walls), lambda: woken.append("woke"), lambda _: next(waits)).watch()
    assert woken == ["woke"]


def test_the_watch_ends_when_it_is_told_to() -> None:
    watch = SleepWatch(lambda: 0.0, lambda: None)
    watch.start()
    watch.close()


def test_falling_asleep_is_no_wake() -> None:
    woken: list[str] = []
    signal = wake_signal(lambda: woken.append("woke"))
    signal.heard((True,))
    assert woken == []
    signal.heard((False,))
    assert woken == ["woke"]


def supply(folder: Path, name: str, **told: str) -> None:
    (folder / name).mkdir()
    for key, value in told.items():
        (folder / name / key).write_text(value + "\n")


@pytest.mark.parametrize(
    ("plugged", "status", "expected"),
    [("0", "Discharging", True), ("1", "Discharging", False), ("1", "Charging", False), ("0", "Full", False)],
)
def test_a_battery_in_use_is_seen(tmp_path: Path, plugged: str, status: str, expected: bool) -> None:
    supply(tmp_path, "AC", type="Mains", online=plugged)
    supply(tmp_path, "BAT0", type="Battery", status=status)
    assert linux_on_battery(tmp_path) is expected


def test_the_battery_of_a_mouse_does_not_count(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp_battery_0", type="Battery", status="Discharging", scope="Device")
    assert not linux_on_battery(tmp_path)
    assert not linux_on_battery(tmp_path / "none")


def test_only_a_return_of_the_network_is_passed_on() -> None:
    returns: list[str] = []
    signal = network_signal(lambda: returns.append("back"))
    for state in (70, 50, 60, 70, 20, 40, 70, "odd", 70):
        signal.heard((state,))
    signal.heard(())
    assert returns == ["back", "back"]


def test_qts_word_counts_the_same() -> None:
    returns: list[str] = []
    network = QtNetwork(lambda: returns.append("back"))
    for connected in (True, False, False, True, True):
        network.told(connected=connected)
    assert returns == ["back"]


def test_the_kernels_word_counts_the_same(qtbot: QtBot) -> None:
    returns: list[str] = []
    watch = RouteWatch(lambda: returns.append("back"))
    for connected in (True, False, False, True, True):
        watch.told(connected=connected)
    assert returns == ["back"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's routes are Linux's")
def test_the_kernel_is_listened_to_until_the_watch_is_closed(qtbot: QtBot) -> None:
    watch = RouteWatch(lambda: None)
    assert watch.start()
    watch.close()
    watch.close()


FOUR = "eth0 {to} 010200C0 0003 0 0 0 {mask} 0 0 0\n"
SIX = "{to} {bits} {none} 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003 {device}\n"
NONE = "0" * 32


@pytest.mark.parametrize(
    ("four", "six", "expected"),
    [
        (FOUR.format(to="00000000", mask="00000000"), None, True),
        (FOUR.format(to="000200C0", mask="00FFFFFF"), None, False),
        ("", SIX.format(to=NONE, bits="00", none=NONE, device="wlan0"), True),
        ("", SIX.format(to=NONE, bits="00", none=NONE, device="lo"), False),
        ("", SIX.format(to="fe80" + "0" * 28, bits="40", none=NONE, device="wlan0"), False),
        ("", "", False),
    ],
)
def test_only_a_route_to_everywhere_leads_out(tmp_path: Path, four: str, six: str | None, expected: bool) -> None:
    (tmp_path / "route").write_text("Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n" + four)
    if six is not None:
        (tmp_path / "ipv6_route").write_text(six)
    assert leads_out(tmp_path) is expected
