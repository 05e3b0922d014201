"""Every setting that IT can set for its people, in one table: policy files, templates and the guide follow it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy

from . import checks
from .model import CrmAuth, ExchangeAuth, Guests, Language

Plain = str | bool | int | list[str]
"""A value as config.toml and the policy files hold it."""


class Form(StrEnum):
    """What a policy's value looks like."""

    TEXT = "text"
    ADDRESS = "address"
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: its name in policy files, and the key it sets in config.toml.

    `target` is "app", "syncs" (every sync) or "accounts.<kind>" (every account of a kind). `closed` is used in place
    of a managed value that is broken; None is the built-in default. Numbers lie between `least` and `most`.
    """

    name: str
    target: str
    key: str
    form: Form
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    closed: Plain | None = None

    def check(self, value: object) -> Plain:
        """The value if it is of the right form; raises `BadValue`. The registry's 0 and 1 count as false and true."""
        match self.form:
            case Form.TEXT:
                return checks.full_text(value)
            case Form.ADDRESS:
                return checks.address(value)
            case Form.FLAG:
                return checks.flag(bool(value) if type(value) is int and value in {0, 1} else value)
            case Form.NUMBER:
                return checks.number(value, self.least, self.most)
            case Form.CHOICE:
                if not isinstance(value, str) or value not in self.choices:
                    raise checks.BadValue("not_choice", checks.listed(self.choices))
                return value
            case Form.TEXTS:
                return list(checks.texts(value))
            case _:
                assert_never(self.form)


def _text(name: str, target: str, key: str) -> Policy:
    return Policy(name, target, key, Form.TEXT)


def _address(name: str, target: str, key: str) -> Policy:
    return Policy(name, target, key, Form.ADDRESS)


def _choice(name: str, target: str, key: str, kind: Iterable[StrEnum], closed: str | None = None) -> Policy:
    return Policy(name, target, key, Form.CHOICE, choices=tuple(member.value for member in kind), closed=closed)


def _number(name: str, key: str, least: int, most: int) -> Policy:
    return Policy(name, "syncs", key, Form.NUMBER, least=least, most=most)


POLICIES: tuple[Policy, ...] = (
    _text("GoogleClientId", "accounts.google", "client_id"),
    _text("GoogleClientSecret", "accounts.google", "client_secret"),
    _address("GoogleApiEndpoint", "accounts.google", "api_endpoint"),
    _address("GoogleAuthorizationEndpoint", "accounts.google", "authorization_endpoint"),
    _address("GoogleTokenEndpoint", "accounts.google", "token_endpoint"),
    _address("ExchangeServer", "accounts.exchange", "server"),
    _choice("ExchangeAuth", "accounts.exchange", "auth", ExchangeAuth),
    _text("Microsoft365ClientId", "accounts.microsoft365", "client_id"),
    _text("Microsoft365Tenant", "accounts.microsoft365", "tenant"),
    _address("CrmBaseUrl", "accounts.rest", "base_url"),
    _text("CrmProfile", "accounts.rest", "profile"),
    _choice("CrmAuth", "accounts.rest", "auth", CrmAuth),
    _text("CrmClientId", "accounts.rest", "client_id"),
    _text("EsalesTenant", "accounts.esales", "tenant"),
    _text("EsalesProfile", "accounts.esales", "profile"),
    _address("EsalesBaseUrl", "accounts.esales", "base_url"),
    _address("PipedriveBaseUrl", "accounts.pipedrive", "base_url"),
    _text("PipedriveClientId", "accounts.pipedrive", "client_id"),
    _text("ZoomClientId", "accounts.zoom", "client_id"),
    _text("TeamsClientId", "accounts.teams", "client_id"),
    _text("TeamsTenant", "accounts.teams", "tenant"),
    _text("SalesforceClientId", "accounts.salesforce", "client_id"),
    _address("SalesforceLoginUrl", "accounts.salesforce", "login_url"),
    _text("SalesforceStampField", "accounts.salesforce", "stamp_field"),
    _address("OracleBaseUrl", "accounts.oracle", "base_url"),
    _choice("Direction", "syncs", "direction", Direction),
    _choice("Privacy", "syncs", "privacy", PrivacyPolicy, closed=PrivacyPolicy.BLOCK.value),
    _choice("Conflicts", "syncs", "conflicts", ConflictPolicy),
    _choice("Guests", "syncs", "guests", Guests, closed=Guests.NONE.value),
    Policy("ActivityTypes", "syncs", "activity_types", Form.TEXTS),
    _text("IncomingType", "syncs", "incoming_type"),
    _number("PastDays", "past_days", 0, 3_660),
    _number("FutureDays", "future_days", 0, 3_660),
    _number("PollSeconds", "poll_seconds", 10, 86_400),
    _choice("Language", "app", "language", Language),
    Policy("StartAtLogin", "app", "start_at_login", Form.FLAG),
    Policy("Notifications", "app", "notifications", Form.FLAG),
)
