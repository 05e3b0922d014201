"""A desktop session of its own for a test: a private bus, keychain and notification daemons, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]  # it publishes no types
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types
from jeepney.wrappers import unwrap_msg  # type: ignore[import-untyped]  # it publishes no types

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>
</busconfig>
"""
"""No service folders: nothing on this bus is started by anyone but the test."""

PANEL_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0"><property name="configver" type="int" value="2"/>
<property name="panels" type="array"><value type="int" value="1"/><property name="panel-1" type="empty">
<property name="position" type="string" value="p=6;x=0;y=0"/><property name="length" type="uint" value="100"/>
<property name="position-locked" type="bool" value="true"/><property name="size" type="uint" value="28"/>
<property name="plugin-ids" type="array"><value type="int" value="1"/></property></property></property>
<property name="plugins" type="empty"><property name="plugin-1" type="string" value="systray"/></property></channel>
"""
SECRETS = "org.freedesktop.secrets"
COLLECTION = "/org/freedesktop/secrets/collection/login"
TRAY_HOST = "org.kde.StatusNotifierWatcher"


class Session:
    """Everything started in it is stopped with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runtime = folder / "run"
        self.runtime.mkdir(mode=0o700)
        for name in ("data", "config", "cache"):
            (folder / name).mkdir()
        self._running: list[subprocess.Popen[bytes]] = []
        self._display = ""
        self.bus = f"unix:path={self.runtime / 'bus'}"

    @property
    def environment(self) -> dict[str, str]:
        """What a program of this session sees."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return kept | {
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "DBUS_SESSION_BUS_ADDRESS": self.bus,
        }

    def start(
        self,
        *command: str,
        stdin: bytes = b"",
        extra: dict[str, str] | None = None,
        keep: tuple[int, ...] = (),
        said: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program in this session; what it says goes to the file `said`, if one is named."""
        with Path(said or os.devnull).open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=self.environment | (extra or {}),
                pass_fds=keep,
            )
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        self._running.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End one program of this session."""
        process.kill()
        process.wait()
        self._running.remove(process)

    def start_bus(self) -> subprocess.Popen[bytes]:
        """A message bus that starts nothing by itself."""
        config = self.folder / "bus.conf"
        config.write_text(BUS_CONFIG.format(socket=self.runtime / "bus"))
        command = ("dbus-daemon", "--nofork", f"--config-file={config}", "--print-address")
        process, address = self._start_announced(*command)
        assert address, "the bus ended before it took connections"
        return process

    def start_keyring(self, password: str | None) -> subprocess.Popen[bytes]:
        """gnome-keyring, unlocked with a password, or locked (None)."""
        unlock = ("--unlock",) if password is not None else ()
        command = ("gnome-keyring-daemon", "--foreground", "--components=secrets", *unlock)
        process = self.start(*command, stdin=(password or "").encode())
        wait_until(lambda: self.owns(SECRETS))
        return process

    def lock_keyring(self) -> None:
        """Lock the keychain, as happens when the computer is locked."""
        with open_dbus_connection(bus=self.bus) as connection:
            message = new_method_call(_secrets("org.freedesktop.Secret.Service"), "Lock", "ao", ([COLLECTION],))
            unwrap_msg(connection.send_and_get_reply(message))

    def unlock_keyring(self, password: str) -> None:
        """Unlock the running keychain with its password, as the desktop's dialog does."""
        with open_dbus_connection(bus=self.bus) as connection:
            service = _secrets("org.freedesktop.Secret.Service")
            opened = new_method_call(service, "OpenSession", "sv", ("plain", ("s", "")))
            _, dialogue = unwrap_msg(connection.send_and_get_reply(opened))
            secret = (dialogue, b"", password.encode(), "text/plain")
            inside = _secrets("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
            unlock = new_method_call(inside, "UnlockWithMasterPassword", "o(oayays)", (COLLECTION, secret))
            unwrap_msg(connection.send_and_get_reply(unlock))

    def start_display(self) -> str:
        """A display that nobody sees; the same one for the whole session."""
        if not self._display:
            command = ("Xvfb", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-displayfd")
            _, number = self._start_announced(*command)
            assert number, "the display ended before it took connections"
            self._display = f":{number}"
        return self._display

    def _start_announced(self, *command: str) -> tuple[subprocess.Popen[bytes], str]:
        """Start a program whose last option takes a file descriptor, and wait for what it says there once it is ready.

        A socket's file is no sign of it: a program makes the file first and listens a moment later.
        """
        reading, writing = os.pipe()
        process = self.start(*command, str(writing), keep=(writing,))
        os.close(writing)
        with os.fdopen(reading) as answer:
            return process, answer.readline().strip()

    def start_panel(self) -> subprocess.Popen[bytes]:
        """A panel with a place for tray icons (StatusNotifier)."""
        if not self.owns("org.xfce.Xfconf"):
            settings = self.folder / "config" / "xfce4" / "xfconf" / "xfce-perchannel-xml"
            settings.mkdir(parents=True, exist_ok=True)
            (settings / "xfce4-panel.xml").write_text(PANEL_SETTINGS)
            self.start(_xfconfd())
            wait_until(lambda: self.owns("org.xfce.Xfconf"))
        process = self.start("xfce4-panel", "--disable-wm-check", extra={"DISPLAY": self.start_display()})
        wait_until(lambda: self.owns(TRAY_HOST))
        return process

    def start_notifications(self) -> subprocess.Popen[bytes]:
        """dunst, on a display of its own; what its menu of actions would ask a person is answered from a file."""
        menu = self.folder / "menu"
        menu.write_text(f'#!/bin/sh\nexec grep -m1 -e "^#$(cat {self.folder}/wanted) "\n')
        menu.chmod(0o700)
        config = self.folder / "dunstrc"
        config.write_text(f'[global]\ndmenu = "{menu}"\n')
        process = self.start("dunst", "-conf", str(config), extra={"DISPLAY": self.start_display()})
        wait_until(lambda: self.owns("org.freedesktop.Notifications"))
        return process

    def shown(self) -> int:
        """How many notifications are on the display."""
        interface = "org.freedesktop.DBus.Properties"
        reply = self._notifications(interface, "Get", "ss", ("org.dunstproject.cmd0", "displayedLength"))
        return int(reply[0][1])

    def bodies(self) -> list[str]:
        """The texts of the notifications that are on the display; they are closed by this."""
        count = self.shown()
        self._notifications("org.dunstproject.cmd0", "NotificationCloseAll")
        wait_until(lambda: self.shown() == 0)
        (history,) = self._notifications("org.dunstproject.cmd0", "NotificationListHistory")
        return [entry["body"][1] for entry in history[:count]]

    def press(self, button: str) -> None:
        """Press the button with this text in the notification on the display, as a person would."""
        (self.folder / "wanted").write_text(button)
        self._notifications("org.dunstproject.cmd0", "ContextMenuCall")

    def click(self) -> None:
        """Click the notification itself."""
        self._notifications("org.dunstproject.cmd0", "NotificationAction", "u", (0,))

    def _notifications(self, interface: str, member: str, signature: str = "", body: tuple[object, ...] = ()) -> Any:

        address = DBusAddress("/org/freedesktop/Notifications", "org.freedesktop.Notifications", interface)
        with open_dbus_connection(bus=self.bus) as connection:
            reply = connection.send_and_get_reply(new_method_call(address, member, signature or None, body))
        return unwrap_msg(reply)

    def restart_bus(self) -> None:
        """The session's bus goes down with everything on it, and comes back under the same address."""
        for process in reversed(self._running[:]):
            self.stop(process)
        self._display = ""
        (self.runtime / "bus").unlink(missing_ok=True)
        self.start_bus()

    def owns(self, name: str) -> bool:
        """Whether somebody on the bus answers to a name."""

        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with open_dbus_connection(bus=self.bus) as connection:
            reply = connection.send_and_get_reply(new_method_call(bus, "NameHasOwner", "s", (name,)))
        return bool(reply.body[0])

    def close(self) -> None:
        """Stop everything, the last first."""
        for process in reversed(list(self._running)):
            self.stop(process)


def _secrets(interface: str) -> DBusAddress:
    return DBusAddress("/org/freedesktop/secrets", SECRETS, interface)


def _xfconfd() -> str:
    """Where the distribution put the panel's settings daemon; it is outside PATH."""
    found = sorted(Path("/usr").glob("lib*/**/xfconf/xfconfd"))
    assert found, "xfconfd is not installed"
    return str(found[0])


def wait_until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    """Wait for a condition; fail the test when it does not come. The limit is for a machine that does much else."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)


def missing(*programs: str) -> str:
    """Which of the programs are not installed, for the reason of a skip."""
    return ", ".join(program for program in programs if shutil.which(program) is None)
