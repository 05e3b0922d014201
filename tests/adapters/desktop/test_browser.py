"""Opening the user's own browser, and nothing else."""

from __future__ import annotations

import sys

import pytest

from soroe.adapters.desktop.browser import SystemBrowser, browser_environment, check_page
from soroe.ports.errors import LocalTrouble

PAGE = "https://accounts.google.com/o/oauth2/v2/auth?client_id=a&state=b"


@pytest.mark.parametrize("url", [PAGE, "http://127.0.0.1:8080/x", "http://localhost/", "http://[::1]:1/"])
def test_secure_pages_and_pages_of_this_computer_are_opened(url: str) -> None:
    assert check_page(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "--new-window",
        "https://",
        "https://[",
        "https://a.example/ --x",
        "https://a.example/\n",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(LocalTrouble) as caught:
        check_page(url)
    assert caught.value.code == "page_refused"


def test_the_first_opener_that_is_installed_gets_the_page() -> None:
    started: list[list[str]] = []
    installed = {"gio": "/usr/bin/gio", "firefox": "/usr/bin/firefox"}
    browser = SystemBrowser({}, installed.get, lambda command, _: started.append(command), "linux")
    browser.open(PAGE)
    assert started == [["/usr/bin/gio", "open", PAGE]]


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_use_their_own(platform: str) -> None:
    started: list[list[str]] = []
    SystemBrowser({}, lambda _: None, lambda command, _: started.append(command), platform).open(PAGE)
    assert started[0][-1] == PAGE


def test_no_browser_is_local_trouble() -> None:
    with pytest.raises(LocalTrouble) as caught:
        SystemBrowser({}, lambda _: None, lambda *_: None, "linux").open(PAGE)
    assert caught.value.code == "no_browser"


def test_a_browser_that_cannot_be_started_is_local_trouble() -> None:
    with pytest.raises(LocalTrouble):
        SystemBrowser({}, lambda _: "/no/such/browser", platform="linux").open(PAGE)


def test_a_frozen_program_gives_the_browser_the_users_libraries_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"LD_LIBRARY_PATH": "/opt/soroe/lib", "QT_PLUGIN_PATH": "/opt/soroe/plugins", "HOME": "/home/sato"}
    assert browser_environment(ours) == ours
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert browser_environment(ours) == {"HOME": "/home/sato"}
    assert browser_environment(ours | {"LD_LIBRARY_PATH_ORIG": "/usr/local/lib"}) == {
        "HOME": "/home/sato",
        "LD_LIBRARY_PATH": "/usr/local/lib",
    }
