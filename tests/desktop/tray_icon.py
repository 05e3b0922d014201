"""A tray icon, seen and pressed over the bus of the session as a panel does it (StatusNotifierItem, dbusmenu)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, Properties, new_method_call  # type: ignore[import-untyped]  # it publishes no types
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types
from jeepney.wrappers import DBusErrorResponse, unwrap_msg  # type: ignore[import-untyped]  # it publishes no types

from tests.desktop.desktop_session import Session, wait_until

WATCHER = DBusAddress("/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")
MENU = "com.canonical.dbusmenu"
ITEM = "org.kde.StatusNotifierItem"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a menu; `lines` are those of its submenu."""

    number: int
    text: str
    enabled: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TrayIcon:
    """The one icon in the session's panel."""

    session: Session
    owner: str

    @property
    def tooltip(self) -> str:
        """What hovering tells."""
        _, _, title, text = self._property("ToolTip")
        return f"{title}\n{text}"

    @property
    def picture(self) -> bytes:
        """The icon itself, as the panel gets it."""
        sizes: list[tuple[int, int, bytes]] = self._property("IconPixmap")
        return max(sizes)[2]

    def menu(self) -> tuple[Line, ...]:
        """The lines of the menu, as they are now."""
        address = DBusAddress("/MenuBar", self.owner, MENU)
        _, layout = self._ask(new_method_call(address, "GetLayout", "iias", (0, -1, [])))
        return _line(layout).lines

    def line(self, text: str) -> Line:
        """The line with this text, in the menu or a submenu."""
        found = [line for line in _all(self.menu()) if line.text == text]
        assert found, f"no line {text!r} in {[line.text for line in _all(self.menu())]}"
        return found[0]

    def press(self, text: str) -> None:
        """Press a line of the menu."""
        line = self.line(text)
        assert line.enabled, f"{text!r} cannot be pressed"
        address = DBusAddress("/MenuBar", self.owner, MENU)
        self._ask(new_method_call(address, "Event", "isvu", (line.number, "clicked", ("s", ""), 0)))

    def click(self) -> None:
        """Click the icon itself."""
        address = DBusAddress("/StatusNotifierItem", self.owner, ITEM)
        self._ask(new_method_call(address, "Activate", "ii", (0, 0)))

    def _property(self, name: str) -> Any:
        address = DBusAddress("/StatusNotifierItem", self.owner, ITEM)
        return self._ask(Properties(address).get(name))[0][1]

    def _ask(self, message: Any) -> Any:
        with open_dbus_connection(bus=self.session.bus) as connection:
            return unwrap_msg(connection.send_and_get_reply(message, timeout=30))


def icons(session: Session) -> list[TrayIcon]:
    """Every icon that is in the session's panel now."""
    with open_dbus_connection(bus=session.bus) as connection:
        reply = connection.send_and_get_reply(Properties(WATCHER).get("RegisteredStatusNotifierItems"), timeout=30)
    return [TrayIcon(session, name.partition("/")[0]) for name in unwrap_msg(reply)[0][1]]


def icon_appears(session: Session) -> TrayIcon:
    """Wait for the one icon in the panel, until it answers."""
    wait_until(lambda: [says(icon, "") for icon in icons(session)] == [True])
    return icons(session)[0]


def says(icon: TrayIcon, words: str) -> bool:
    """Whether the icon's hint contains these words by now."""
    try:
        return words in icon.tooltip
    except DBusErrorResponse:
        return False  # the icon is just being made again


def _line(layout: Any) -> Line:
    number, properties, children = layout
    told = {name: value[1] for name, value in properties.items()}
    text = str(told.get("label", "")).replace("__", "\0").replace("_", "").replace("\0", "_")
    return Line(number, text, bool(told.get("enabled", True)), tuple(_line(child[1]) for child in children))


def _all(lines: tuple[Line, ...]) -> list[Line]:
    return [found for line in lines for found in (line, *_all(line.lines))]
