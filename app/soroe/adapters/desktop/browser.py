"""Opening a page in the user's own browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from soroe.ports.errors import LocalTrouble

if TYPE_CHECKING:
    import subprocess

LINUX_OPENERS = ("xdg-open", "gio", "x-www-browser", "sensible-browser", "firefox", "chromium", "google-chrome")

_OURS = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH")
_SWAPPED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def browser_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a browser should see: the frozen program's own library paths taken out, the user's put back.

    The bundler keeps the user's value of a variable under its name with _ORIG; without that, in a frozen program, the
    variable was not set.
    """
    clean = dict(environment)
    for name in _SWAPPED:
        before = clean.pop(f"{name}_ORIG", None)
        if before is not None:
            clean[name] = before
        elif getattr(sys, "frozen", False):
            clean.pop(name, None)
    if getattr(sys, "frozen", False):
        for name in _OURS:
            clean.pop(name, None)
    return clean


def check_page(url: str) -> str:
    """The address itself if a browser may open it: https, or http on this computer; anything else is `LocalTrouble`."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise LocalTrouble("page_refused") from error
    if not host or not url.isprintable() or any(character.isspace() for character in url):
        raise LocalTrouble("page_refused")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_this_computer(host)):
        return url
    raise LocalTrouble("page_refused")


def _is_this_computer(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class SystemBrowser:
    """Opens pages in the user's browser. `find` tells where a program lies; `run` starts one without waiting for it."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        find: Callable[[str], str | None] | None = None,
        run: Callable[[list[str], dict[str, str]], None] | None = None,
        platform: str = sys.platform,
    ) -> None:
        self._environment = environment
        self._find = find or _which
        self._run = run or _start
        self._platform = platform

    def open(self, url: str) -> None:
        """Open a page; raises `LocalTrouble`: `page_refused` (a forbidden address) or `no_browser`."""
        page = check_page(url)
        environment = browser_environment(os.environ if self._environment is None else self._environment)
        try:
            if self._platform == "win32":
                self._run(["rundll32", "url.dll,FileProtocolHandler", page], environment)
                return
            if self._platform == "darwin":
                self._run(["/usr/bin/open", page], environment)
                return
            for opener in LINUX_OPENERS:
                found = self._find(opener)
                if found is not None:
                    self._run([found, "open", page] if opener == "gio" else [found, page], environment)
                    return
        except OSError as error:
            raise LocalTrouble("no_browser") from error
        raise LocalTrouble("no_browser")


def _which(program: str) -> str | None:
    import shutil  # not before a page is opened: an idle tray stays small (P-7)

    return shutil.which(program)


def _start(command: list[str], environment: dict[str, str]) -> None:
    import subprocess  # as above

    process = subprocess.Popen(  # noqa: S603  # a fixed program; the address is checked and never goes through a shell
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _reap_later(process)


def _reap_later(process: subprocess.Popen[bytes]) -> None:
    """Wait for the opener on a thread of its own: some browsers run on in it, and nobody should be left a zombie."""
    import threading

    threading.Thread(target=process.wait, name="browser", daemon=True).start()
