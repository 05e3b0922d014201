"""The tray app as a process of its own, in a session with a panel, a keychain and notifications."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest

from tests.desktop.laptop import Laptop, soon
from tests.desktop.tray_icon import TrayIcon, icon_appears, icons, says

pytestmark = [pytest.mark.desktop, pytest.mark.slow]

VISIT, DENTIST = "訪問 青木商事", "Dentist"


def busy(laptop: Laptop) -> tuple[subprocess.Popen[bytes], TrayIcon]:
    """The running app, signed in, with one meeting to carry each way."""
    laptop.was_signed_in()
    laptop.services.visit(VISIT, 10)
    laptop.services.appointment(DENTIST, 15)
    laptop.session.start_panel()
    process = laptop.start()
    return process, icon_appears(laptop.session)


def quit_app(process: subprocess.Popen[bytes], icon: TrayIcon) -> None:
    asked = time.monotonic()
    icon.press("Quit")
    assert process.wait(60) == 0
    assert time.monotonic() - asked < 15


def test_the_icon_appears_the_first_sync_runs_and_the_menu_works(laptop: Laptop) -> None:
    process, icon = busy(laptop)
    soon(lambda: laptop.services.in_step(VISIT, DENTIST))
    # The run's report gives way to the time of the last change with the next run, which on a slow machine comes first.
    soon(lambda: says(icon, "Everything is in step") and (says(icon, "2 created") or says(icon, "Last change")))
    assert "Soroe" not in laptop.windows()
    laptop.services.visit("Next visit", 11)
    icon.press("Sync now")
    soon(lambda: laptop.services.in_step(VISIT, DENTIST, "Next visit"))
    icon.press("Until I resume")
    soon(lambda: says(icon, "Paused"))
    laptop.services.visit("Paused visit", 12)
    icon.press("Resume")
    soon(lambda: laptop.services.in_step(VISIT, DENTIST, "Next visit", "Paused visit"))
    assert laptop.session.shown() == 0, "ordinary success notifies nobody"
    icon.press("Open Soroe")
    soon(lambda: "Soroe" in laptop.windows())
    quit_app(process, icon)


def test_a_second_start_raises_the_running_one_and_ends(laptop: Laptop) -> None:
    process, icon = busy(laptop)
    soon(lambda: laptop.services.in_step(VISIT, DENTIST))
    assert laptop.start().wait(60) == 0
    soon(lambda: "Soroe" in laptop.windows())
    assert len(icons(laptop.session)) == 1
    quit_app(process, icon)


def test_without_a_tray_the_window_opens_and_a_tray_that_comes_later_gets_the_icon(laptop: Laptop) -> None:
    laptop.was_signed_in()
    process = laptop.start()
    soon(lambda: "Soroe" in laptop.windows())
    laptop.session.start_panel()
    quit_app(process, icon_appears(laptop.session))


def test_a_killed_app_starts_again_where_it_was_and_doubles_nothing(laptop: Laptop) -> None:
    process, _ = busy(laptop)
    soon(lambda: DENTIST in laptop.services.in_crm() or VISIT in laptop.services.in_calendar())
    process.kill()
    process.wait()
    soon(lambda: icons(laptop.session) == [])
    laptop.services.visit("While it was dead", 11)
    again = laptop.start()
    icon = icon_appears(laptop.session)
    soon(lambda: laptop.services.in_step(VISIT, DENTIST, "While it was dead"))
    soon(lambda: says(icon, "Everything is in step"))
    icon.press("Sync now")
    quit_app(again, icon)
    assert laptop.services.in_step(VISIT, DENTIST, "While it was dead")


def test_the_end_of_the_session_ends_the_app_in_good_order(laptop: Laptop) -> None:
    process, _ = busy(laptop)
    soon(lambda: laptop.services.in_step(VISIT, DENTIST))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_an_app_that_has_nothing_to_do_sleeps(laptop: Laptop) -> None:
    process, icon = busy(laptop)
    soon(lambda: laptop.services.in_step(VISIT, DENTIST))
    soon(lambda: says(icon, "Everything is in step"))

    def sleeps() -> bool:
        before = laptop.wake_ups(process)
        time.sleep(8)
        return laptop.wake_ups(process) - before <= 16

    time.sleep(3)
    soon(sleeps)  # on a busy machine it takes longer until all is done that follows a start
    quit_app(process, icon)
