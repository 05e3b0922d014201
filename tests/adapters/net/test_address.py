"""Which addresses are this machine, which may be asked, and by which proxy."""

from __future__ import annotations

import pytest

from soroe.adapters.net.address import UnsafeAddress, check_address, is_loopback
from soroe.adapters.net.proxy import system_proxy


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]", "LOCALHOST."])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_loopback(host)
    check_address(f"http://{host}:8080/x")


@pytest.mark.parametrize("host", ["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "0.0.0.0", ""])
def test_others_are_not_taken_for_this_machine(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(UnsafeAddress):
        check_address(f"http://{host}/x")


def test_the_systems_proxy_is_asked_and_this_machine_never_proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", "intra.example")
    assert system_proxy("https://calendar.example/x") == "http://proxy.example:3128"
    assert system_proxy("https://intra.example/x") is None
    assert system_proxy("https://127.0.0.1/x") is None
    assert system_proxy("https://localhost/x") is None
