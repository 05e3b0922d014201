"""Where a mailbox is, as people write it down."""

from __future__ import annotations

import pytest

from soroe.adapters.exchange.settings import ExchangeSettings, is_online_address, is_online_host


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ({}, ""),
        ({"server": "mail.example.com"}, "https://mail.example.com/EWS/Exchange.asmx"),
        ({"server": " mail.example.com/ "}, "https://mail.example.com/EWS/Exchange.asmx"),
        ({"endpoint": "mail.example.com:8443"}, "https://mail.example.com:8443/EWS/Exchange.asmx"),
        ({"server": "https://mail.example.com"}, "https://mail.example.com/EWS/Exchange.asmx"),
        ({"endpoint": "https://mail.example.com/ews/exchange.asmx"}, "https://mail.example.com/ews/exchange.asmx"),
        ({"endpoint": "https://["}, "https://["),
        ({"endpoint": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080/EWS/Exchange.asmx"),
    ],
)
def test_a_server_is_understood_as_people_write_it(told: dict[str, str], meant: str) -> None:
    assert (
        ExchangeSettings("sato@example.com", endpoint=told.get("endpoint", ""), server=told.get("server", "")).address
        == meant
    )


def test_the_login_is_the_mail_address_unless_another_is_given() -> None:
    assert ExchangeSettings("sato@example.com").login == "sato@example.com"
    assert ExchangeSettings("sato@example.com", "EXAMPLE\\sato").login == "EXAMPLE\\sato"
    assert ExchangeSettings("Sato@Example.COM").domain == "example.com"


def test_microsofts_cloud_is_known_by_its_names_and_nobody_elses() -> None:
    assert is_online_address("https://outlook.office365.com/EWS/Exchange.asmx") and is_online_host("Hotmail.com.")
    assert not is_online_host("notoutlook.com") and not is_online_address("https://outlook.example.com/")
    assert not is_online_address("https://[") and not is_online_host("")
