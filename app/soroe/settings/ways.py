"""How each account is signed in to."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

from .model import (
    Account,
    CrmAuth,
    ExchangeAccount,
    ExchangeAuth,
    GoogleAccount,
    Microsoft365Account,
    OracleAccount,
    PipedriveAccount,
    RestAccount,
    SalesforceAccount,
    TeamsAccount,
    ZoomAccount,
)


class Way(StrEnum):
    """How an account is signed in to: what Reconnect opens."""

    BROWSER = "browser"
    PASSWORD = "password"  # noqa: S105  # the name of a way, no secret
    KEY = "key"
    SYSTEM = "system"


def way_of(account: Account, method: Callable[[RestAccount | PipedriveAccount], CrmAuth]) -> Way:
    """What a sign-in to an account asks for; `method` tells it of CRMs that offer several, by the CRM's profile."""
    match account:
        case GoogleAccount() | Microsoft365Account() | SalesforceAccount() | ZoomAccount() | TeamsAccount():
            return Way.BROWSER
        case RestAccount() | PipedriveAccount():
            return Way.BROWSER if method(account) is CrmAuth.OAUTH2 else Way.KEY
        case ExchangeAccount():
            return _exchange(account.auth)
        case OracleAccount():
            return Way.PASSWORD
        case _:
            assert_never(account)


def _exchange(auth: ExchangeAuth) -> Way:
    match auth:
        case ExchangeAuth.NTLM | ExchangeAuth.BASIC:
            return Way.PASSWORD
        case ExchangeAuth.KERBEROS:
            return Way.SYSTEM
        case ExchangeAuth.OAUTH2:
            return Way.BROWSER
        case _:
            assert_never(auth)
