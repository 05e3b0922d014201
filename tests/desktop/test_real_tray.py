"""The tray icon in a real panel: shown, read and clicked from the panel's side of the bus."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]  # it publishes no types
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types
from jeepney.wrappers import DBusErrorResponse, unwrap_msg  # type: ignore[import-untyped]  # it publishes no types

from tests.desktop.desktop_session import Session, missing, wait_until

ROOT = Path(__file__).parents[2]
PROPERTIES = "org.freedesktop.DBus.Properties"
WATCHER = "org.kde.StatusNotifierWatcher"
MENU = "com.canonical.dbusmenu"
OLDER_TRAYS = [[name, *size] for name, *size in (("trayer", "--width", "20"), ("stalonetray",)) if not missing(name)]
SETTINGS_DAEMONS = sorted(Path("/usr/lib").glob("*/xfce4/xfconf/xfconfd"))

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(bool(missing("xfce4-panel", "Xvfb")), reason="xfce4-panel or Xvfb is not installed"),
    pytest.mark.skipif(not SETTINGS_DAEMONS, reason="xfconfd is not installed"),
]

Say = Callable[[], dict[str, Any]]


def start_panel(session: Session) -> None:
    """A panel whose standard layout holds a tray of the newer kind (StatusNotifier)."""
    session.start(str(SETTINGS_DAEMONS[0]))
    wait_until(lambda: session.owns("org.xfce.Xfconf"))
    session.start("xfce4-panel", "--disable-wm-check", extra={"DISPLAY": session.start_display()})
    wait_until(lambda: session.owns(WATCHER))


def start_program(session: Session, *arguments: str) -> Say:
    """Our program in the session; returns what it tells of itself."""
    report = session.folder / "report.json"
    shown = {"DISPLAY": session.start_display(), "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": f"{ROOT}:{ROOT / 'app'}"}
    session.start(sys.executable, "-m", "tests.desktop.tray_program", str(report), *arguments, extra=shown)
    wait_until(report.exists)

    def say() -> dict[str, Any]:
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return told

    return say


def ask(
    session: Session, owner: str, path: str, interface: str, member: str, signature: str, body: tuple[Any, ...]
) -> Any:
    address = DBusAddress(path, owner, interface)
    with open_dbus_connection(bus=session.bus) as connection:
        return unwrap_msg(connection.send_and_get_reply(new_method_call(address, member, signature, body), timeout=30))


def items(session: Session) -> list[tuple[str, str]]:
    """The icons that the panel knows: whose they are, and where they answer."""
    body = (WATCHER, "RegisteredStatusNotifierItems")
    ((_, found),) = ask(session, WATCHER, "/StatusNotifierWatcher", PROPERTIES, "Get", "ss", body)
    return [(owner, f"/{path}") for owner, _, path in (str(item).partition("/") for item in found)]


def has_icon(session: Session) -> bool:
    """Whether our icon is in the panel, and its menu answers."""
    try:
        return len(items(session)) == 1 and "Sync now" in menu(session)
    except DBusErrorResponse:
        return False  # it has a name, and is not yet there


def shown(session: Session, name: str) -> Any:
    """A property of our icon."""
    ((owner, path),) = items(session)
    ((_, value),) = ask(session, owner, path, PROPERTIES, "Get", "ss", ("org.kde.StatusNotifierItem", name))
    return value


def menu(session: Session) -> dict[str, int]:
    """The lines of our menu as the panel gets them, with the numbers to click them by; submenus included."""
    ((owner, _),) = items(session)
    _, layout = ask(session, owner, str(shown(session, "Menu")), MENU, "GetLayout", "iias", (0, -1, []))
    found: dict[str, int] = {}

    def walk(entry: Any) -> None:
        number, properties, below = entry
        if "label" in properties:
            found[str(properties["label"][1]).replace("_", "")] = number
        for _, child in below:
            walk(child)

    walk(layout)
    return found


def click(session: Session, line: str) -> None:
    """Click a line of our menu, as the panel does."""
    ((owner, _),) = items(session)
    event = (menu(session)[line], "clicked", ("s", ""), 0)
    ask(session, owner, str(shown(session, "Menu")), MENU, "Event", "isvu", event)


def test_the_icon_stands_in_the_panel_and_its_menu_acts(session: Session) -> None:
    start_panel(session)
    say = start_program(session)
    wait_until(lambda: has_icon(session))
    wait_until(lambda: say()["tray"])
    assert say()["windows"] == 0
    lines = menu(session)
    assert {"8 findings to look at", "Sync now", "Pause", "For 1 hour", "Open Soroe", "Quit"} <= set(lines)
    assert not [line for line in lines if "Reconnect" in line]
    click(session, "Sync now")
    wait_until(lambda: say()["sent"] == ["SyncNow"])
    click(session, "Open Soroe")
    wait_until(lambda: say()["windows"] == 1)


def test_pausing_from_the_panel_changes_the_icon_and_offers_to_resume(session: Session) -> None:
    start_panel(session)
    start_program(session)
    wait_until(lambda: has_icon(session))
    before = shown(session, "IconPixmap")
    click(session, "Until I resume")
    wait_until(lambda: "Resume" in menu(session))
    wait_until(lambda: bool(shown(session, "IconPixmap") != before))
    click(session, "Resume")
    wait_until(lambda: "Resume" not in menu(session))
    wait_until(lambda: bool(shown(session, "IconPixmap") == before))


def test_a_failing_connection_has_its_line_in_the_menu(session: Session) -> None:
    start_panel(session)
    say = start_program(session, "failing")
    wait_until(lambda: has_icon(session))
    click(session, "Reconnect Google …")
    wait_until(lambda: say()["reconnected"] == ["Google"])


def test_without_a_tray_the_window_opens_and_a_tray_that_comes_late_is_used(session: Session) -> None:
    say = start_program(session)
    wait_until(lambda: say()["windows"] == 1)
    assert not say()["tray"]
    start_panel(session)
    wait_until(lambda: has_icon(session))
    wait_until(lambda: say()["tray"])
    assert "Sync now" in menu(session)


def test_a_panel_that_is_started_anew_gets_the_icon_again(session: Session) -> None:
    start_panel(session)
    start_program(session)
    wait_until(lambda: has_icon(session))
    panel = session.start("xfce4-panel", "--quit", extra={"DISPLAY": session.start_display()})
    panel.wait(60)
    wait_until(lambda: not session.owns(WATCHER))
    wait_until(lambda: not session.owns("org.xfce.Panel"))  # a panel that finds another one running ends at once
    session.start("xfce4-panel", "--disable-wm-check", extra={"DISPLAY": session.start_display()})
    wait_until(lambda: session.owns(WATCHER))
    wait_until(lambda: has_icon(session))


@pytest.mark.skipif(not OLDER_TRAYS, reason="neither trayer nor stalonetray is installed")
def test_a_tray_of_the_older_kind_shows_the_icon_too(session: Session) -> None:
    session.start(*OLDER_TRAYS[0], extra={"DISPLAY": session.start_display()})
    say = start_program(session)
    wait_until(lambda: say()["tray"])
    wait_until(lambda: say()["width"] > 0)
