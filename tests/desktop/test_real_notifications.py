"""Notifications shown by a real daemon, with a button pressed in it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from soroe.adapters.desktop.notifications import DesktopNotifications
from soroe.ports.desktop import CLICKED, Notifier
from tests.desktop.desktop_session import Session, missing, wait_until
from tests.desktop.notification_daemon import CarelessDaemon

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(bool(missing("dunst", "dunstctl", "Xvfb")), reason="dunst or Xvfb is not installed"),
]

BUTTONS = [("reconnect", "Reconnect"), ("later", "Later")]


@pytest.fixture
def notifications() -> Iterator[DesktopNotifications]:
    shown = DesktopNotifications("Soroe")
    yield shown
    shown.close()


def show(
    notifications: DesktopNotifications, pressed: queue.Queue[str], key: str = "work", body: str = "Sign in again"
) -> bool:
    return notifications.show(key, "Google", body, BUTTONS, pressed.put).result(60)


def test_a_pressed_button_is_heard_once(session: Session, notifications: DesktopNotifications) -> None:
    session.start_notifications()
    pressed: queue.Queue[str] = queue.Queue()
    assert show(notifications, pressed)
    wait_until(lambda: session.shown() == 1)
    session.press("Reconnect")
    assert pressed.get(timeout=60) == "reconnect"
    wait_until(lambda: session.shown() == 0)  # dunst itself leaves the notification where it is
    with pytest.raises(queue.Empty):
        pressed.get(timeout=0.3)


def test_the_second_button_and_the_text_itself_are_told_apart(
    session: Session, notifications: DesktopNotifications
) -> None:
    session.start_notifications()
    pressed: queue.Queue[str] = queue.Queue()
    show(notifications, pressed)
    wait_until(lambda: session.shown() == 1)
    session.press("Later")
    assert pressed.get(timeout=60) == "later"
    show(notifications, pressed)
    wait_until(lambda: session.shown() == 1)
    session.click()
    assert pressed.get(timeout=60) == CLICKED


def test_a_notification_with_the_same_key_replaces_the_first(
    session: Session, notifications: DesktopNotifications
) -> None:
    session.start_notifications()
    pressed: queue.Queue[str] = queue.Queue()
    show(notifications, pressed, body="first")
    show(notifications, pressed, key="home", body="other account")
    show(notifications, pressed, body="second")
    wait_until(lambda: session.shown() == 2)
    assert sorted(session.bodies()) == ["other account", "second"]


def test_a_withdrawn_notification_disappears(session: Session, notifications: DesktopNotifications) -> None:
    session.start_notifications()
    show(notifications, queue.Queue())
    wait_until(lambda: session.shown() == 1)
    notifications.withdraw("work")
    notifications.withdraw("never shown")
    wait_until(lambda: session.shown() == 0)


def test_names_with_angle_brackets_are_shown_as_they_are(session: Session, notifications: DesktopNotifications) -> None:
    session.start_notifications()
    show(notifications, queue.Queue(), body="<b>A & B</b>")
    wait_until(lambda: session.shown() == 1)
    assert session.bodies() == ["&lt;b&gt;A &amp; B&lt;/b&gt;"]


def test_words_about_old_and_foreign_bubbles_are_not_listened_to(
    session: Session, notifications: DesktopNotifications
) -> None:
    daemon = CarelessDaemon(session.bus)
    pressed: queue.Queue[str] = queue.Queue()
    show(notifications, pressed, body="first")
    show(notifications, pressed, body="second")
    assert (daemon.closed, daemon.shown) == ([1], {2: "second"})
    for number, action in ((1, "reconnect"), (99, "reconnect"), (2, "unknown"), (1, "default")):
        daemon.invoke(number, action)
    show(notifications, pressed, body="third")
    daemon.invoke(2, "later")
    daemon.invoke(3, "reconnect")
    daemon.invoke(3, "reconnect")
    assert pressed.get(timeout=60) == "reconnect"
    with pytest.raises(queue.Empty):
        pressed.get(timeout=0.3)


def test_without_a_daemon_the_answer_is_no(session: Session, notifications: DesktopNotifications) -> None:
    assert not show(notifications, queue.Queue())
    assert not notifications.works()


def test_a_daemon_that_is_started_later_is_found(session: Session, notifications: DesktopNotifications) -> None:
    assert not show(notifications, queue.Queue())
    session.start_notifications()
    assert notifications.works()
    assert show(notifications, queue.Queue())


def test_a_daemon_that_is_restarted_goes_on(session: Session, notifications: DesktopNotifications) -> None:
    daemon = session.start_notifications()
    pressed: queue.Queue[str] = queue.Queue()
    show(notifications, pressed)
    session.stop(daemon)
    session.start_notifications()
    assert show(notifications, pressed, body="again")
    wait_until(lambda: session.shown() == 1)
    session.press("Reconnect")
    assert pressed.get(timeout=60) == "reconnect"


def test_without_a_bus_the_answer_is_no(
    session: Session, notifications: DesktopNotifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={session.runtime / 'no-such-bus'}")
    assert not show(notifications, queue.Queue())


def test_a_session_bus_that_is_restarted_is_found_again(session: Session, notifications: DesktopNotifications) -> None:
    session.start_notifications()
    assert show(notifications, queue.Queue())
    session.restart_bus()
    session.start_notifications()
    assert show(notifications, queue.Queue(), body="again")


def test_closing_ends_the_thread_and_nothing_is_started_before_it_is_needed(session: Session) -> None:
    before = threading.active_count()
    notifications: Notifier = DesktopNotifications("Soroe")
    assert threading.active_count() == before
    session.start_notifications()
    notifications.notify("work", "Google", "Sign in again", BUTTONS, print)
    assert isinstance(notifications, DesktopNotifications)
    notifications.close()
    assert threading.active_count() == before
