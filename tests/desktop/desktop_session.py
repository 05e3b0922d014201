"""A desktop session of its own for a test: a private bus, keychain and notification daemons, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>
</busconfig>
"""
"""No service folders: nothing on this bus is started by anyone but the test."""


class Session:
    """Everything started in it is stopped with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runtime = folder / "run"
        self.runtime.mkdir(mode=0o700)
        for name in ("data", "config", "cache"):
            (folder / name).mkdir()
        self._running: list[subprocess.Popen[bytes]] = []
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

    def start(self, *command: str, stdin: bytes = b"", extra: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a program in this session."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment | (extra or {}),
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
        process = self.start("dbus-daemon", "--nofork", f"--config-file={config}")
        wait_until((self.runtime / "bus").exists)
        return process

    def start_keyring(self, password: str | None) -> subprocess.Popen[bytes]:
        """gnome-keyring, unlocked with a password, or locked (None)."""
        unlock = ("--unlock",) if password is not None else ()
        command = ("gnome-keyring-daemon", "--foreground", "--components=secrets", *unlock)
        process = self.start(*command, stdin=(password or "").encode())
        wait_until(lambda: self.owns("org.freedesktop.secrets"))
        return process

    def owns(self, name: str) -> bool:
        """Whether somebody on the bus answers to a name."""
        from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]  # it publishes no types
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types

        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with open_dbus_connection(bus=self.bus) as connection:
            reply = connection.send_and_get_reply(new_method_call(bus, "NameHasOwner", "s", (name,)))
        return bool(reply.body[0])

    def close(self) -> None:
        """Stop everything, the last first."""
        for process in reversed(list(self._running)):
            self.stop(process)


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition; fail the test when it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)


def missing(*programs: str) -> str:
    """Which of the programs are not installed, for the reason of a skip."""
    return ", ".join(program for program in programs if shutil.which(program) is None)
