"""What is asked for a new account of each kind, and how the answers become its table in config.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from soroe.adapters.net.address import UnsafeAddress, check_address
from soroe.settings.accounts import AVAILABLE_KINDS
from soroe.settings.edit import Value
from soroe.settings.model import ExchangeAuth, OracleTimes
from soroe.settings.overlay import Overlay
from soroe.ui.ports import AccountKind, FieldKind, FormField, Refused

NAME = FormField("name")
SECRETS = frozenset({"token", "password"})
"""Fields that go into the keychain and never into a file."""
FORMS: dict[AccountKind, tuple[FormField, ...]] = {
    AccountKind.GOOGLE: (
        NAME,
        FormField("email", required=False),
        FormField("client_id"),
        FormField("client_secret", required=False),
    ),
    AccountKind.MICROSOFT365: (
        NAME,
        FormField("email", required=False),
        FormField("client_id"),
        FormField("tenant", required=False),
    ),
    AccountKind.EXCHANGE: (
        NAME,
        FormField("email"),
        FormField("username"),
        FormField("password", FieldKind.SECRET, required=False),
        FormField("server", required=False),
        FormField("autodiscover", FieldKind.SWITCH, required=False),
        FormField("auth", required=False, value=ExchangeAuth.NTLM.value, choices=tuple(way for way in ExchangeAuth)),
    ),
    AccountKind.REST: (NAME, FormField("base_url"), FormField("token", FieldKind.SECRET, required=False)),
    AccountKind.ESALES: (NAME, FormField("tenant"), FormField("email"), FormField("token", FieldKind.SECRET)),
    AccountKind.PIPEDRIVE: (NAME, FormField("base_url"), FormField("token", FieldKind.SECRET)),
    AccountKind.ORACLE: (
        NAME,
        FormField("base_url"),
        FormField("username"),
        FormField("password", FieldKind.SECRET, required=False),
        FormField("zone", required=False),
        FormField("times", required=False, value=OracleTimes.USER.value, choices=tuple(OracleTimes)),
    ),
    AccountKind.SALESFORCE: (
        NAME,
        FormField("email", required=False),
        FormField("client_id"),
        FormField("login_url", value="https://login.salesforce.com/"),
        FormField("stamp_field", required=False),
    ),
    AccountKind.ZOOM: (NAME, FormField("email", required=False), FormField("client_id")),
    AccountKind.TEAMS: (
        NAME,
        FormField("email", required=False),
        FormField("client_id"),
        FormField("tenant", required=False),
    ),
}
ADDRESSES = ("base_url", "login_url", "server")


def kinds() -> tuple[AccountKind, ...]:
    """The services that an account can be added for: those that can be connected and have a form."""
    return tuple(kind for kind in FORMS if kind.value in AVAILABLE_KINDS)


def form_of(kind: AccountKind, policy: Overlay) -> tuple[FormField, ...]:
    """The form of a kind; what IT has set is filled in, and locked where they say so."""
    return tuple(_filled_in(kind, field, policy) for field in FORMS[kind])


def _filled_in(kind: AccountKind, field: FormField, policy: Overlay) -> FormField:
    for set_ in policy.values:
        if (set_.policy.target, set_.policy.key) != (f"accounts.{kind.value}", field.name):
            continue
        if isinstance(set_.value, bool):
            return replace(field, value=str(set_.value).lower(), locked=set_.locked)
        if isinstance(set_.value, str):
            return replace(field, value=set_.value, locked=set_.locked)
    return field


def check(kind: AccountKind, given: Mapping[str, str]) -> None:
    """Raises `Refused` for a value that cannot be used, before anything is written."""
    for field in FORMS[kind]:
        if field.required and field.name not in {"name", *SECRETS} and not given.get(field.name):
            raise Refused(field.name, "required")
    for name in ADDRESSES:
        address = given.get(name)
        if address:
            try:
                check_address(address)
            except UnsafeAddress as error:
                raise Refused(name, "not_https") from error


def table_of(kind: AccountKind, given: Mapping[str, str], form: Sequence[FormField]) -> dict[str, Value | None]:
    """The account's table for config.toml, without the name and any secret; what IT has set is not written again."""
    usual = {field.name: field.value for field in FORMS[kind]}
    set_by_it = [field for field in form if field.locked or field.value != usual[field.name]]
    by_it = {field.name for field in set_by_it if field.locked or field.value == given.get(field.name)}
    table: dict[str, Value | None] = {"kind": kind.value}
    switches = {field.name for field in form if field.kind is FieldKind.SWITCH}
    for key, value in given.items():
        if key in by_it or key in SECRETS or key == "name":
            continue
        if key in switches:
            table[key] = True if value == "true" else None
        else:
            table[key] = value or None
    if kind is AccountKind.ESALES:
        table["auth"] = "api_key"
    if kind is AccountKind.REST:
        table["auth"] = "api_key" if given.get("token") else "oauth2"
    return table
